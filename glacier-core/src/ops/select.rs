//! Select jobs: a query over an archive of comma-separated values, with its output in S3.
//!
//! The service has withdrawn them, but they are still in its model, and other endpoints may have them.

use crate::values::ArchiveId;
use crate::wire::Wire;
use crate::wire::json::Object;

/// A query over an archive, as a kind of job: `JobKind::Select((&job).into())`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SelectJob<'a> {
    /// The archive.
    pub id: ArchiveId<'a>,
    /// What to select.
    pub parameters: SelectParameters<'a>,
    /// Where the output goes.
    pub output: S3Location<'a>,
}

/// A [`SelectJob`] whose code is linked only by programs that create one: it would be three quarters of InitiateJob.
#[derive(Clone, Copy)]
pub struct Select<'a>(&'a (dyn Members + Sync));

impl<'a> From<&'a SelectJob<'a>> for Select<'a> {
    fn from(job: &'a SelectJob<'a>) -> Self {
        Select(job)
    }
}

impl Select<'_> {
    pub(super) fn json(&self, object: &mut Object<'_>) {
        self.0.json(object);
    }
}

/// Shows no members: that would link the code of all of them into every program.
impl core::fmt::Debug for Select<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Select")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Select<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Select");
    }
}

/// Writes members of an object.
trait Members {
    fn json(&self, object: &mut Object<'_>);
}

impl Members for SelectJob<'_> {
    fn json(&self, object: &mut Object<'_>) {
        object.text("Type", &"select").text("ArchiveId", &self.id);
        object.object("SelectParameters", &|inner| self.parameters.json(inner));
        object.object("OutputLocation", &|location| {
            location.object("S3", &|inner| self.output.json(inner));
        });
    }
}

/// What to select. All members are optional in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SelectParameters<'a> {
    /// The form of the archive.
    pub input: Option<CsvInput<'a>>,
    /// The language of the expression; `SQL`.
    pub expression_type: Option<&'a str>,
    /// The query.
    pub expression: Option<&'a str>,
    /// The form of the output.
    pub output: Option<CsvOutput<'a>>,
}

/// How to read comma-separated values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CsvInput<'a> {
    /// `USE`, `IGNORE` or `NONE`.
    pub file_header_info: Option<&'a str>,
    /// The character that starts a comment.
    pub comments: Option<&'a str>,
    /// The delimiters.
    pub marks: CsvMarks<'a>,
}

/// How to write comma-separated values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CsvOutput<'a> {
    /// `ALWAYS` or `ASNEEDED`.
    pub quote_fields: Option<&'a str>,
    /// The delimiters.
    pub marks: CsvMarks<'a>,
}

/// The delimiters of comma-separated values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CsvMarks<'a> {
    /// The character before a quote inside a value.
    pub quote_escape_character: Option<&'a str>,
    /// The end of a record.
    pub record_delimiter: Option<&'a str>,
    /// The character between values.
    pub field_delimiter: Option<&'a str>,
    /// The quote around a value.
    pub quote_character: Option<&'a str>,
}

/// Where in S3 the output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct S3Location<'a> {
    /// The bucket.
    pub bucket_name: Option<&'a str>,
    /// The prefix of the names of the output's objects.
    pub prefix: Option<&'a str>,
    /// How the output is encrypted.
    pub encryption: Option<Encryption<'a>>,
    /// A ready-made list of grants, such as `private`.
    pub canned_acl: Option<&'a str>,
    /// Grants.
    pub access_control_list: Option<&'a [Grant<'a>]>,
    /// Tags of the output's objects.
    pub tagging: Option<&'a [(&'a str, &'a str)]>,
    /// Metadata of the output's objects.
    pub user_metadata: Option<&'a [(&'a str, &'a str)]>,
    /// Their storage class.
    pub storage_class: Option<&'a str>,
}

/// How an output is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Encryption<'a> {
    /// `aws:kms` or `AES256`.
    pub encryption_type: Option<&'a str>,
    /// The key.
    pub kms_key_id: Option<&'a str>,
    /// The key's context.
    pub kms_context: Option<&'a str>,
}

/// A permission on the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Grant<'a> {
    /// The grantee.
    pub grantee: Option<Grantee<'a>>,
    /// The permission: `FULL_CONTROL`, `WRITE`, `WRITE_ACP`, `READ` or `READ_ACP`.
    pub permission: Option<&'a str>,
}

/// The grantee of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Grantee<'a> {
    /// `AmazonCustomerByEmail`, `CanonicalUser` or `Group`; required.
    pub grantee_type: &'a str,
    /// The display name.
    pub display_name: Option<&'a str>,
    /// A group's URI.
    pub uri: Option<&'a str>,
    /// A user's id.
    pub id: Option<&'a str>,
    /// A customer's address.
    pub email_address: Option<&'a str>,
}

/// Writes the members that are given.
fn texts(object: &mut Object<'_>, members: &[(&str, Option<&str>)]) {
    for (name, value) in members {
        object.text_opt(name, value.as_ref().map(|value| value as &dyn Wire));
    }
}

impl SelectParameters<'_> {
    pub(super) fn json(&self, object: &mut Object<'_>) {
        if let Some(input) = &self.input {
            object.object("InputSerialization", &|serialization| {
                serialization.object("csv", &|csv| {
                    texts(csv, &[("FileHeaderInfo", input.file_header_info), ("Comments", input.comments)]);
                    input.marks.json(csv);
                });
            });
        }
        texts(object, &[("ExpressionType", self.expression_type), ("Expression", self.expression)]);
        if let Some(output) = &self.output {
            object.object("OutputSerialization", &|serialization| {
                serialization.object("csv", &|csv| {
                    texts(csv, &[("QuoteFields", output.quote_fields)]);
                    output.marks.json(csv);
                });
            });
        }
    }
}

impl CsvMarks<'_> {
    fn json(&self, object: &mut Object<'_>) {
        let members = [
            ("QuoteEscapeCharacter", self.quote_escape_character),
            ("RecordDelimiter", self.record_delimiter),
            ("FieldDelimiter", self.field_delimiter),
            ("QuoteCharacter", self.quote_character),
        ];
        texts(object, &members);
    }
}

impl S3Location<'_> {
    pub(super) fn json(&self, object: &mut Object<'_>) {
        texts(object, &[("BucketName", self.bucket_name), ("Prefix", self.prefix)]);
        if let Some(encryption) = &self.encryption {
            object.object("Encryption", &|inner| {
                let Encryption { encryption_type, kms_key_id, kms_context } = *encryption;
                let members = [("EncryptionType", encryption_type), ("KMSKeyId", kms_key_id), ("KMSContext", kms_context)];
                texts(inner, &members);
            });
        }
        texts(object, &[("CannedACL", self.canned_acl), ("StorageClass", self.storage_class)]);
        if let Some(grants) = self.access_control_list {
            object.objects("AccessControlList", grants, &|grant, inner| grant.json(inner));
        }
        for (name, pairs) in [("Tagging", self.tagging), ("UserMetadata", self.user_metadata)] {
            if let Some(pairs) = pairs {
                object.map(name, pairs);
            }
        }
    }
}

impl Grant<'_> {
    fn json(&self, object: &mut Object<'_>) {
        if let Some(grantee) = &self.grantee {
            object.object("Grantee", &|inner| {
                let members = [
                    ("Type", Some(grantee.grantee_type)),
                    ("DisplayName", grantee.display_name),
                    ("URI", grantee.uri),
                    ("ID", grantee.id),
                    ("EmailAddress", grantee.email_address),
                ];
                texts(inner, &members);
            });
        }
        texts(object, &[("Permission", self.permission)]);
    }
}
