//! Inventories in CSV, with the quoting of the service.
//!
//! A field may be in double quotes, and one with a comma or a double quote is. Inside, a double quote is written `\\"`, but a
//! backslash is not escaped, so `"a\\"` may end in a backslash or in a quote. Therefore a record cannot be parsed character by
//! character. But descriptions are printable ASCII, so a record is a line; and only the description can contain commas, so the other
//! fields are split off at both ends of the line, and the rest is the description.

use embedded_io_async::Read;

use super::item::{Field, InventoryItem};
use crate::error::Error;
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
}

impl<'b, B: Read> CsvInventory<'b, B> {
    /// Reads an inventory from `body` through `buf`, which must hold the longest line: 1.5 KiB today.
    pub fn new(body: B, buf: &'b mut [u8]) -> Self {
        CsvInventory { buffer: ReadBuffer::new(body, buf), columns: heapless::Vec::new() }
    }

    /// The next archive, which lives until the next call; `None` after the last. A future that is dropped loses nothing.
    ///
    /// # Errors
    /// [`DecodeError::Csv`] for what is not an inventory, [`DecodeError::Item`] for a line longer than the buffer, [`Error::Transport`] when
    /// reading fails.
    pub async fn next(&mut self) -> Result<Option<InventoryItem<'_>>, Error<B::Error>> {
        if self.columns.is_empty() {
            let Some(line) = self.line().await? else { return Err(DecodeError::Csv.into()) };
            self.columns = read_columns(self.buffer.bytes(line))?;
        }
        match self.line().await? {
            None => Ok(None),
            Some(line) => Ok(Some(read_record(&self.columns, self.buffer.bytes(line))?)),
        }
    }

    /// The range of the next line that is not empty, without its line end.
    async fn line(&mut self) -> Result<Option<core::ops::Range<usize>>, Error<B::Error>> {
        loop {
            let start = self.buffer.start();
            let unread = self.buffer.unread();
            let length = match unread.iter().position(|byte| *byte == b'\n') {
                Some(length) => length,
                None if self.buffer.is_last() && unread.is_empty() => return Ok(None),
                None if self.buffer.is_last() => unread.len(),
                None => {
                    self.buffer.fill().await?;
                    continue;
                }
            };
            let line = unread.get(..length).unwrap_or_default();
            let kept = line.strip_suffix(b"\r").unwrap_or(line).len();
            self.buffer.consume(length.saturating_add(1));
            if kept > 0 {
                return Ok(Some(start..start.saturating_add(kept)));
            }
        }
    }
}

fn read_columns(line: &[u8]) -> Result<heapless::Vec<Column, MAX_COLUMNS>, DecodeError> {
    let line = core::str::from_utf8(line).map_err(|_| DecodeError::Csv)?;
    let mut columns = heapless::Vec::new();
    for name in split(line, |byte| byte == b',') {
        columns.push(Column::named(name)).map_err(|_| DecodeError::Csv)?;
    }
    let has = |column| columns.iter().filter(|c| **c == column).count() == 1;
    if has(Column::ArchiveId) && has(Column::Description) { Ok(columns) } else { Err(DecodeError::Csv) }
}

fn read_record<'b>(columns: &[Column], line: &'b [u8]) -> Result<InventoryItem<'b>, DecodeError> {
    let mut rest = core::str::from_utf8(line).map_err(|_| DecodeError::Csv)?;
    let mut item = InventoryItem::default();
    let mut before_and_after = columns.split(|column| *column == Column::Description);
    let (before, after) = (before_and_after.next().unwrap_or_default(), before_and_after.next().unwrap_or_default());
    for column in before {
        let (field, tail) = split_once(rest, ",").ok_or(DecodeError::Csv)?;
        set(&mut item, *column, field)?;
        rest = tail;
    }
    for column in after.iter().rev() {
        let (head, field) = rsplit_once(rest, ",").ok_or(DecodeError::Csv)?;
        set(&mut item, *column, field)?;
        rest = head;
    }
    set(&mut item, Column::Description, rest)?;
    Ok(item)
}

fn set<'b>(item: &mut InventoryItem<'b>, column: Column, field: &'b str) -> Result<(), DecodeError> {
    let text = unquoted(field);
    match column {
        Column::ArchiveId => item.archive_id = Some(Field::Csv(text)),
        Column::Description => item.description = Some(Field::Csv(text)),
        Column::CreationDate => item.creation_date = Some(Field::Csv(text)),
        Column::Size => item.size = Some(decimal(text).ok_or(DecodeError::Csv)?),
        Column::TreeHash => item.sha256_tree_hash = Some(Field::Csv(text)),
        Column::Unknown => {}
    }
    Ok(())
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
        ] {
            for end in ["\r\n", "\n", ""] {
                let csv = std::format!("{HEAD}id,{written},2012,5,ab{end}");
                assert_eq!(descriptions(&csv, 128).unwrap(), [read], "{written}");
            }
        }
    }

    #[test]
    fn columns_are_found_by_name() {
        let csv = "Size,\"ArchiveId\",New,ArchiveDescription\n7,id,x,a,b\n\n8,ie,y,c\n";
        assert_eq!(descriptions(csv, 64).unwrap(), ["a,b", "c"]);
    }

    #[test]
    fn a_body_that_is_not_an_inventory_is_rejected() {
        for csv in ["", "ArchiveId,Size\n", "<html>", &std::format!("{HEAD}id,d,2012,x,ab"), &std::format!("{HEAD}id,d\n")] {
            assert_eq!(descriptions(csv, 128), Err(Error::Decode(DecodeError::Csv)), "{csv}");
        }
        assert!(matches!(descriptions(&HEAD.repeat(3), 16), Err(Error::Decode(DecodeError::Item(_)))));
    }
}
