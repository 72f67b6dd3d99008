//! An inventory, the list of a vault's archives, written row by row as JSON or CSV.

use std::io::{self, Write};

use serde::Serialize;

use crate::local::model::ArchiveRecord;

/// Writes an inventory.
pub(crate) struct InventoryWriter<W> {
    form: Form,
    out: W,
}

enum Form {
    Json { is_empty: bool },
    Csv,
}

impl<W: Write> InventoryWriter<W> {
    /// Begins an inventory in the format `CSV` or `JSON`.
    pub(crate) fn begin(format: &str, arn: &str, date: &str, mut out: W) -> io::Result<Self> {
        if format == "CSV" {
            out.write_all(b"ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n")?;
            return Ok(InventoryWriter { form: Form::Csv, out });
        }
        // The names and dates of this service need no escapes.
        write!(out, r#"{{"VaultARN":"{arn}","InventoryDate":"{date}","ArchiveList":["#)?;
        Ok(InventoryWriter { form: Form::Json { is_empty: true }, out })
    }

    /// Writes one archive.
    pub(crate) fn row(&mut self, id: &str, archive: &ArchiveRecord) -> io::Result<()> {
        let (description, created, size, tree) = (&archive.description, archive.created, archive.size, archive.tree);
        match &mut self.form {
            Form::Csv => write!(self.out, "{id},{},{created},{size},{tree}\r\n", quoted(description)),
            Form::Json { is_empty } => {
                if !std::mem::take(is_empty) {
                    self.out.write_all(b",")?;
                }
                let (created, tree) = (created.to_string(), tree.to_string());
                Ok(serde_json::to_writer(&mut self.out, &Row { id, description, created, size, tree })?)
            }
        }
    }

    /// Ends the inventory.
    pub(crate) fn end(mut self) -> io::Result<()> {
        match self.form {
            Form::Csv => Ok(()),
            Form::Json { .. } => self.out.write_all(b"]}"),
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

/// The service's own quoting, which is not that of RFC 4180: a field with a comma or a quotation mark stands in quotation marks, one
/// inside it becomes `\"`, and a backslash stays as it is.
fn quoted(field: &str) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\\\"")) } else { field.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the developer guide, "Output of an inventory job": the description on the left is written as on the right.
    #[test]
    fn quotes_as_the_guide_says() {
        for (field, written) in [
            ("", ""),
            ("my archive description", "my archive description"),
            ("my archive description,1", r#""my archive description,1""#),
            (r#"my archive description,1"2"#, r#""my archive description,1\"2""#),
            (r#"my archive description,1\"2"#, r#""my archive description,1\\"2""#),
            (r"a\b", r"a\b"),
        ] {
            assert_eq!(quoted(field), written);
        }
    }
}
