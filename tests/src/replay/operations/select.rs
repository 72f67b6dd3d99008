//! Select jobs: the deepest input of the model.

use glacier_core::ops::{CsvInput, CsvMarks, CsvOutput, Encryption, Grant, Grantee, S3Location, SelectJob, SelectParameters};
use serde_json::Value;

use super::super::params::{Built, Params, missing};
use super::{inexpressible, vault};

/// The lists of an output location, which the operation borrows.
#[derive(Default)]
pub(super) struct Lists<'a> {
    grants: Option<Vec<Grant<'a>>>,
    tagging: Option<Vec<(&'a str, &'a str)>>,
    metadata: Option<Vec<(&'a str, &'a str)>>,
}

impl<'a> Lists<'a> {
    /// Those of a job's parameters, when it has an output location.
    pub(super) fn new(job: &Params<'a>) -> Built<Self> {
        let Some(s3) = job.object("OutputLocation")?.map(|location| location.object("S3")).transpose()?.flatten() else {
            return Ok(Lists::default());
        };
        let grants = match s3.value("AccessControlList") {
            None => None,
            Some(Value::Array(list)) => Some(list.iter().map(grant).collect::<Built<Vec<_>>>()?),
            Some(other) => return Err(inexpressible("AccessControlList", other)),
        };
        Ok(Lists {
            grants,
            tagging: s3.map("Tagging")?.map(vault::pairs).transpose()?,
            metadata: s3.map("UserMetadata")?.map(vault::pairs).transpose()?,
        })
    }
}

pub(super) fn job<'a>(job: &Params<'a>, lists: &'a Lists<'a>) -> Built<SelectJob<'a>> {
    let query = job.object("SelectParameters")?.ok_or_else(|| missing("SelectParameters"))?;
    let output = job.object("OutputLocation")?.ok_or_else(|| missing("OutputLocation"))?;
    Ok(SelectJob { id: job.id("ArchiveId")?, parameters: parameters(&query)?, output: location(&output, lists)? })
}

fn parameters<'a>(p: &Params<'a>) -> Built<SelectParameters<'a>> {
    let input = csv(p, "InputSerialization")?.map(|csv| input(&csv)).transpose()?;
    let output = csv(p, "OutputSerialization")?.map(|csv| output(&csv)).transpose()?;
    let built = SelectParameters { input, expression_type: p.text("ExpressionType")?, expression: p.text("Expression")?, output };
    p.finish(|_| false)?;
    Ok(built)
}

fn csv<'a>(p: &Params<'a>, name: &str) -> Built<Option<Params<'a>>> {
    let Some(serialization) = p.object(name)? else { return Ok(None) };
    let csv = serialization.object("csv")?;
    serialization.finish(|_| false)?;
    // csv is the only kind of serialization, so it must be there.
    csv.map(Some).ok_or_else(|| inexpressible(name, "{}"))
}

fn input<'a>(csv: &Params<'a>) -> Built<CsvInput<'a>> {
    let built = CsvInput { file_header_info: csv.text("FileHeaderInfo")?, comments: csv.text("Comments")?, marks: marks(csv)? };
    csv.finish(|_| false)?;
    Ok(built)
}

fn output<'a>(csv: &Params<'a>) -> Built<CsvOutput<'a>> {
    let built = CsvOutput { quote_fields: csv.text("QuoteFields")?, marks: marks(csv)? };
    csv.finish(|_| false)?;
    Ok(built)
}

fn marks<'a>(csv: &Params<'a>) -> Built<CsvMarks<'a>> {
    Ok(CsvMarks {
        quote_escape_character: csv.text("QuoteEscapeCharacter")?,
        record_delimiter: csv.text("RecordDelimiter")?,
        field_delimiter: csv.text("FieldDelimiter")?,
        quote_character: csv.text("QuoteCharacter")?,
    })
}

fn location<'a>(location: &Params<'a>, lists: &'a Lists<'a>) -> Built<S3Location<'a>> {
    let s3 = location.object("S3")?.ok_or_else(|| missing("S3"))?;
    location.finish(|_| false)?;
    let encryption = s3.object("Encryption")?.map(|inner| encryption(&inner)).transpose()?;
    for name in ["AccessControlList", "Tagging", "UserMetadata"] {
        s3.value(name);
    }
    let built = S3Location {
        bucket_name: s3.text("BucketName")?,
        prefix: s3.text("Prefix")?,
        encryption,
        canned_acl: s3.text("CannedACL")?,
        access_control_list: lists.grants.as_deref(),
        tagging: lists.tagging.as_deref(),
        user_metadata: lists.metadata.as_deref(),
        storage_class: s3.text("StorageClass")?,
    };
    s3.finish(|_| false)?;
    Ok(built)
}

fn encryption<'a>(p: &Params<'a>) -> Built<Encryption<'a>> {
    let built = Encryption {
        encryption_type: p.text("EncryptionType")?,
        kms_key_id: p.text("KMSKeyId")?,
        kms_context: p.text("KMSContext")?,
    };
    p.finish(|_| false)?;
    Ok(built)
}

fn grant(value: &Value) -> Built<Grant<'_>> {
    let p = Params::new(value.as_object().ok_or_else(|| inexpressible("AccessControlList", value))?);
    let grantee = p.object("Grantee")?.map(|inner| grantee(&inner)).transpose()?;
    let built = Grant { grantee, permission: p.text("Permission")? };
    p.finish(|_| false)?;
    Ok(built)
}

fn grantee<'a>(p: &Params<'a>) -> Built<Grantee<'a>> {
    let built = Grantee {
        grantee_type: p.required("Type")?,
        display_name: p.text("DisplayName")?,
        uri: p.text("URI")?,
        id: p.text("ID")?,
        email_address: p.text("EmailAddress")?,
    };
    p.finish(|_| false)?;
    Ok(built)
}
