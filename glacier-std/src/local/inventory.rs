//! Inventories: the list of a vault's archives, as JSON or as CSV, written to a file row by row.

use std::io::{self, BufWriter, Write};

use glacier_core::Timestamp;
use serde::Serialize;

use super::Inner;
use super::call::Call;
use super::receive::Received;
use super::records::Archive;
use super::refuse::Refused;
use super::tables::{ARCHIVES, VAULTS, of_vault};
use super::vaults;

/// What an inventory is asked for. The dates are valid, and the limit at least 1.
pub(super) struct Wanted {
    /// `CSV` or `JSON`.
    pub(super) format: String,
    pub(super) start_date: Option<String>,
    pub(super) end_date: Option<String>,
    pub(super) limit: Option<u64>,
    /// The id of the last archive of the inventory before.
    pub(super) marker: Option<String>,
}

impl Wanted {
    fn includes(&self, archive: &Archive) -> bool {
        let millis = |date: &Option<String>| date.as_deref().and_then(Timestamp::parse_iso).map(|date| date.unix() * 1000);
        millis(&self.start_date).is_none_or(|start| archive.created.0 >= start)
            && millis(&self.end_date).is_none_or(|end| archive.created.0 < end)
    }
}

/// Writes the inventory into a staged file; also where the next one goes on, when this one ends at its limit.
pub(super) fn write(inner: &Inner, call: &Call, wanted: &Wanted) -> Result<(Received, Option<String>), Refused> {
    let staged = inner.blobs.stage()?;
    let mut out = Counted { out: BufWriter::with_capacity(64 << 10, staged), size: 0 };
    let next = inner.store.read(|transaction| {
        let vault = vaults::find(&transaction.open_table(VAULTS)?, call)?;
        let date = vault.written.unwrap_or(call.now).to_string();
        let mut form = Form::begin(&wanted.format, &call.arn(), &date, &mut out)?;
        let archives = transaction.open_table(ARCHIVES)?;
        let (mut count, mut last) = (0, String::new());
        for row in of_vault::<Archive>(&archives, &call.vault, wanted.marker.as_deref().unwrap_or_default())? {
            let (id, archive) = row?;
            if !wanted.includes(&archive) {
                continue;
            }
            if wanted.limit == Some(count) {
                form.end(&mut out)?;
                return Ok(Some(last));
            }
            form.row(&id, &archive, &mut out)?;
            (count, last) = (count + 1, id);
        }
        form.end(&mut out)?;
        Ok(None)
    })?;
    let staged = out.out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((Received::written(staged, out.size), next))
}

/// The two forms of an inventory.
enum Form {
    Json { first: bool },
    Csv,
}

impl Form {
    fn begin(format: &str, arn: &str, date: &str, out: &mut impl Write) -> io::Result<Self> {
        if format == "CSV" {
            out.write_all(b"ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n")?;
            return Ok(Form::Csv);
        }
        // The names and dates of this service need no escapes.
        write!(out, r#"{{"VaultARN":"{arn}","InventoryDate":"{date}","ArchiveList":["#)?;
        Ok(Form::Json { first: true })
    }

    fn row(&mut self, id: &str, archive: &Archive, out: &mut impl Write) -> io::Result<()> {
        let (description, created, size, tree) = (&archive.description, archive.created, archive.size, archive.tree);
        match self {
            Form::Csv => write!(out, "{id},{},{created},{size},{tree}\r\n", quoted(description)),
            Form::Json { first } => {
                if !std::mem::take(first) {
                    out.write_all(b",")?;
                }
                let (created, tree) = (created.to_string(), tree.to_string());
                Ok(serde_json::to_writer(out, &Row { id, description, created, size, tree })?)
            }
        }
    }

    fn end(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Form::Csv => Ok(()),
            Form::Json { .. } => out.write_all(b"]}"),
        }
    }
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(rename = "ArchiveId")]
    id: &'a str,
    #[serde(rename = "ArchiveDescription")]
    description: &'a str,
    #[serde(rename = "CreationDate")]
    created: String,
    #[serde(rename = "Size")]
    size: u64,
    #[serde(rename = "SHA256TreeHash")]
    tree: String,
}

/// The service's own quoting: a field with a comma or a quote stands in quotes, a quote within becomes `\"`, and a backslash stays as
/// it is. That is not RFC 4180.
fn quoted(field: &str) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\\\"")) } else { field.to_owned() }
}

/// Counts what passes through.
struct Counted<W> {
    out: W,
    size: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the developer guide, "Output of an inventory job": the description on the left is spelled as on the right.
    #[test]
    fn quotes_as_the_guide_says() {
        for (field, spelled) in [
            ("", ""),
            ("my archive description", "my archive description"),
            ("my archive description,1", r#""my archive description,1""#),
            (r#"my archive description,1"2"#, r#""my archive description,1\"2""#),
            (r#"my archive description,1\"2"#, r#""my archive description,1\\"2""#),
            (r"a\b", r"a\b"),
        ] {
            assert_eq!(quoted(field), spelled);
        }
    }
}
