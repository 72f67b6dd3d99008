//! What a description says.

use std::fmt;

/// How a description is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// mt-aws-glacier until January 2013.
    Mt1,
    /// mt-aws-glacier since then; what [`write_mt2`](super::write_mt2) writes.
    Mt2,
    /// FastGlacier, and tools that write as it does.
    FastGlacier,
    /// CloudBerry Backup.
    CloudBerry,
    /// JSON with a path, as a NAS writes it.
    Json,
    /// None of these: the description is the name.
    Plain,
}

/// The name of a file, as found in a description. It may be anything: see [`restore_path`](super::restore_path) before a file is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredName {
    /// The name, verbatim.
    pub name: String,
    /// When the file was last modified, in seconds since 1970. Some tools store the time of the upload, or local time called UTC.
    pub mtime: Option<i64>,
    /// What else the format says.
    pub details: Details,
    /// What could not be read and is left out. The name stands.
    pub problems: Vec<Problem>,
}

impl StoredName {
    pub(super) fn new(name: String, details: Details) -> Self {
        StoredName { name, mtime: None, details, problems: Vec::new() }
    }

    /// Takes what could be read; `None` is a problem.
    pub(super) fn take<V>(&mut self, value: Option<V>, problem: Problem) -> Option<V> {
        if value.is_none() {
            self.problems.push(problem);
        }
        value
    }
}

/// What a format says beyond name and time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Details {
    /// Nothing.
    None,
    /// FastGlacier.
    FastGlacier {
        /// The version of the format, 1 to 4 or unknown.
        version: Option<u32>,
        /// How the file was changed before it was uploaded. It has to be decrypted and decompressed with FastGlacier.
        original: Option<Original>,
    },
    /// CloudBerry.
    CloudBerry {
        /// 1 compressed, 2 encrypted, 3 both.
        flags: Option<u32>,
    },
    /// JSON.
    Json {
        /// `file` or `folder`, if it says so.
        kind: Option<String>,
    },
}

/// The file before FastGlacier compressed or encrypted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The archive is compressed.
    pub compressed: bool,
    /// The archive is encrypted.
    pub encrypted: bool,
    /// MD5 of the original, in small hexadecimal digits.
    pub md5: String,
    /// Bytes of the original.
    pub size: Option<u64>,
}

/// A part of a description that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The compression and encryption of FastGlacier.
    Original,
    /// The flags of CloudBerry.
    Flags,
    /// The time.
    Mtime,
    /// The name is not the UTF-7 that CloudBerry writes, and kept as it stands.
    Utf7,
    /// The version of FastGlacier's format.
    Version,
}

/// The payload of a description that carries a format's mark is damaged: name the file by its archive id, and show the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Damage {
    /// Not Base64.
    Base64,
    /// Not UTF-8.
    Utf8,
    /// Not JSON.
    Json,
    /// JSON without a file name.
    Field,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::Base64 => "the name in the description is not Base64",
            Damage::Utf8 => "the name in the description is not UTF-8",
            Damage::Json => "the description's payload is not JSON",
            Damage::Field => "the description's payload has no file name",
        })
    }
}

impl std::error::Error for Damage {}
