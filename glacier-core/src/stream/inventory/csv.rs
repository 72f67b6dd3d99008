//! Inventories in CSV, with the quoting of the service.
//!
//! A field may be in double quotes, and one with a comma or a double quote is. Inside, a double quote is written `\\"`, but a
//! backslash is not escaped, so `"a\\"` may end in a backslash or in a quote. Therefore a record cannot be parsed character by
//! character. But descriptions are printable ASCII, so a record is a line; and only the description can contain commas, so the other
//! fields are split off at both ends of the line, and the rest is the description.
//!
//! Files that went through other programs are read too: with doubled quotes (RFC 4180), which the service never writes, with a byte order
//! mark, and with any line ends.

use embedded_io_async::Read;

use super::item::{Field, InventoryItem};
use crate::error::Error;
use crate::stream::listing::BYTE_ORDER_MARK;
use crate::stream::read_buffer::ReadBuffer;
use crate::wire::{DecodeError, decimal, rsplit_once, split, split_once};

/// The known columns. Others are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    ArchiveId,
    Description,
    CreationDate,
    Size,
    TreeHash,
    Unknown,
}

impl Column {
    fn named(name: &str) -> Self {
        match unquoted(name) {
            "ArchiveId" => Column::ArchiveId,
            "ArchiveDescription" => Column::Description,
            "CreationDate" => Column::CreationDate,
            "Size" => Column::Size,
            "SHA256TreeHash" => Column::TreeHash,
            _ => Column::Unknown,
        }
    }
}

/// The most columns; the service has five.
const MAX_COLUMNS: usize = 16;

/// An inventory in CSV, while it is read.
#[derive(Debug)]
pub struct CsvInventory<'b, B> {
    buffer: ReadBuffer<'b, B>,
    columns: heapless::Vec<Column, MAX_COLUMNS>,
    /// Records so far.
    records: u64,
}

impl<'b, B: Read> CsvInventory<'b, B> {
    /// Reads an inventory from `body` through `buf`, which must hold the longest line: 1.5 KiB today.
    pub fn new(body: B, buf: &'b mut [u8]) -> Self {
        CsvInventory { buffer: ReadBuffer::new(body, buf), columns: heapless::Vec::new(), records: 0 }
    }

    /// The next archive, which lives until the next call; `None` after the last. A future that is dropped loses nothing.
    ///
    /// # Errors
    /// [`DecodeError::Csv`] for what is not an inventory, [`DecodeError::Item`] for a line longer than the buffer, [`Error::Transport`] when
    /// reading fails. After [`DecodeError::InvalidItem`] the next call returns the archive after the invalid line.
    pub async fn next(&mut self) -> Result<Option<InventoryItem<'_>>, Error<B::Error>> {
        if self.columns.is_empty() {
            let Some(line) = self.line().await? else { return Err(DecodeError::Csv.into()) };
            self.columns = read_columns(self.buffer.bytes(line))?;
        }
        let Some(line) = self.line().await? else { return Ok(None) };
        self.records += 1;
        match read_record(&self.columns, self.buffer.bytes(line)) {
            Some(item) => Ok(Some(item)),
            None => Err(DecodeError::InvalidItem { number: self.records }.into()),
        }
    }

    /// The range of the next line that is not empty, without its line end: CR, LF or both.
    async fn line(&mut self) -> Result<Option<core::ops::Range<usize>>, Error<B::Error>> {
        loop {
            let start = self.buffer.start();
            let unread = self.buffer.unread();
            // The LF after a CR ends an empty line.
            let length = match unread.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                Some(length) => length,
                None if self.buffer.is_last() && unread.is_empty() => return Ok(None),
                None if self.buffer.is_last() => unread.len(),
                None => {
                    self.buffer.fill().await?;
                    continue;
                }
            };
            self.buffer.consume(length.saturating_add(1));
            if length > 0 {
                return Ok(Some(start..start.saturating_add(length)));
            }
        }
    }
}

fn read_columns(line: &[u8]) -> Result<heapless::Vec<Column, MAX_COLUMNS>, DecodeError> {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let line = core::str::from_utf8(line).map_err(|_| DecodeError::Csv)?;
    let mut columns = heapless::Vec::new();
    for name in split(line, |byte| byte == b',') {
        columns.push(Column::named(name)).map_err(|_| DecodeError::Csv)?;
    }
    let has = |column| columns.iter().filter(|c| **c == column).count() == 1;
    if has(Column::ArchiveId) && has(Column::Description) { Ok(columns) } else { Err(DecodeError::Csv) }
}

/// `None` when the line is not a record of these columns.
fn read_record<'b>(columns: &[Column], line: &'b [u8]) -> Option<InventoryItem<'b>> {
    let mut rest = core::str::from_utf8(line).ok()?;
    let mut item = InventoryItem::default();
    let mut before_and_after = columns.split(|column| *column == Column::Description);
    let (before, after) = (before_and_after.next().unwrap_or_default(), before_and_after.next().unwrap_or_default());
    for column in before {
        let (field, tail) = split_once(rest, ",")?;
        set(&mut item, *column, field)?;
        rest = tail;
    }
    for column in after.iter().rev() {
        let (head, field) = rsplit_once(rest, ",")?;
        set(&mut item, *column, field)?;
        rest = head;
    }
    set(&mut item, Column::Description, rest)?;
    Some(item)
}

/// `None` when the field is not as its column requires.
fn set<'b>(item: &mut InventoryItem<'b>, column: Column, field: &'b str) -> Option<()> {
    let text = unquoted(field);
    match column {
        Column::ArchiveId => item.archive_id = Some(Field::Csv(text)),
        Column::Description => item.description = Some(Field::Csv(text)),
        Column::CreationDate => item.creation_date = Some(Field::Csv(text)),
        Column::Size => item.size = Some(decimal(text)?),
        Column::TreeHash => item.sha256_tree_hash = Some(Field::Csv(text)),
        Column::Unknown => {}
    }
    Some(())
}

/// The field without the double quotes around it, if it has them.
fn unquoted(field: &str) -> &str {
    field.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::block_on;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn descriptions(csv: &str, room: usize) -> Result<Vec<String>, Error<core::convert::Infallible>> {
        let mut buf = std::vec![0; room];
        let mut inventory = CsvInventory::new(csv.as_bytes(), &mut buf);
        let mut all = Vec::new();
        block_on(async {
            while let Some(item) = inventory.next().await? {
                all.push(item.description.unwrap().to_string());
            }
            Ok(all)
        })
    }

    const HEAD: &str = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n";

    #[test]
    fn quotes_of_the_service_are_decoded() {
        for (written, read) in [
            ("plain", "plain"),
            ("\"a,b,c\"", "a,b,c"),
            (r#""1\\"2""#, r#"1\"2"#),
            (r#""a,b\""#, r#"a,b\"#),
            (r#""\",\"""#, r#"",""#),
            (r"ends with \", r"ends with \"),
            ("", ""),
            ("\"\"", ""),
            (r#""\"\"""#, r#""""#),
            (r#""\\"""#, r#"\""#),
        ] {
            for end in ["\r\n", "\n", "\r", ""] {
                let csv = std::format!("{HEAD}id,{written},2012,5,ab{end}");
                assert_eq!(descriptions(&csv, 128).unwrap(), [read], "{written}");
            }
        }
    }

    #[test]
    fn doubled_quotes_of_other_programs_are_decoded() {
        for (written, read) in [
            (r#""a ""b"" c""#, r#"a "b" c"#),
            (r#""""""#, r#"""#),
            (r#""""a,"",""#, r#""a,","#),
            // A backslash before a doubled quote is a character: the service writes a backslash before the second quote too.
            (r#""a\""b""#, r#"a\"b"#),
            (r#""C:\a\""#, r"C:\a\"),
        ] {
            let csv = std::format!("{HEAD}id,{written},2012,5,ab\r\n");
            assert_eq!(descriptions(&csv, 128).unwrap(), [read], "{written}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_any_line_ends() {
        let csv = std::format!("{HEAD}a,x,2012,5,ab\r\nb,y,2012,6,cd\r\n");
        for csv in [csv.clone(), csv.replace("\r\n", "\r"), csv.replace("\r\n", "\n"), csv.replace("\r\n", "\n\r")] {
            assert_eq!(descriptions(&csv, 128).unwrap(), ["x", "y"], "{csv:?}");
            assert_eq!(descriptions(&std::format!("\u{feff}{csv}"), 128).unwrap(), ["x", "y"], "{csv:?}");
        }
        let quoted = "\u{feff}\"ArchiveId\",\"ArchiveDescription\"\ra,b\r";
        assert_eq!(descriptions(quoted, 128).unwrap(), ["b"]);
    }

    #[test]
    fn an_invalid_line_is_named_by_its_number_and_the_others_are_read() {
        let csv = std::format!("{HEAD}a,x,2012,5,ab\r\n\r\nb,y,2012,five,cd\r\nc,z\r\nd,w,2012,7,ef");
        let mut buf = [0; 128];
        let mut inventory = CsvInventory::new(csv.as_bytes(), &mut buf);
        block_on(async {
            assert_eq!(inventory.next().await.unwrap().unwrap().archive_id.unwrap().to_string(), "a");
            for number in [2, 3] {
                assert_eq!(inventory.next().await.unwrap_err(), Error::Decode(DecodeError::InvalidItem { number }));
            }
            assert_eq!(inventory.next().await.unwrap().unwrap().archive_id.unwrap().to_string(), "d");
            assert!(inventory.next().await.unwrap().is_none());
        });
    }

    #[test]
    fn columns_are_found_by_name() {
        let csv = "Size,\"ArchiveId\",New,ArchiveDescription\n7,id,x,a,b\n\n8,ie,y,c\n";
        assert_eq!(descriptions(csv, 64).unwrap(), ["a,b", "c"]);
    }

    #[test]
    fn a_body_that_is_not_an_inventory_is_rejected() {
        for csv in ["", "\u{feff}", "ArchiveId,Size\n", "<html>"] {
            assert_eq!(descriptions(csv, 128), Err(Error::Decode(DecodeError::Csv)), "{csv}");
        }
        assert!(matches!(descriptions(&HEAD.repeat(3), 16), Err(Error::Decode(DecodeError::Item(_)))));
    }
}
