//! Jobs.

use std::error::Error;

use aws_sdk_glacier::types::{
    CannedAcl, CsvInput as SdkCsvInput, CsvOutput as SdkCsvOutput, Encryption as SdkEncryption, EncryptionType, ExpressionType,
    FileHeaderInfo, Grant as SdkGrant, Grantee as SdkGrantee, InputSerialization, InventoryRetrievalJobInput, JobParameters,
    OutputLocation, OutputSerialization, Permission, QuoteFields, S3Location as SdkS3Location,
    SelectParameters as SdkSelectParameters, StorageClass, Type,
};
use glacier_core::ops::{
    CsvInput, CsvMarks, CsvOutput, DescribeJob, Encryption, GetJobOutput, Grant, Grantee, InitiateJob, InventoryFilter,
    InventoryFormat, InventoryRetrieval, JobKind, ListJobs, S3Location, SelectJob, SelectParameters, StatusCode, Tier,
};
use glacier_core::{ArchiveId, ByteRange, Description, JobId, Range};

use crate::pair::Pair;
use crate::{ID, VAULT, vault};

const DESCRIPTION: &str = "for \"Bob\"";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:a-topic";

pub(crate) async fn all(pair: &mut Pair) -> Result<(), Box<dyn Error>> {
    let (sdk, vault, job) = (pair.sdk.clone(), vault()?, JobId::try_from(ID)?);
    let initiate = |parameters| sdk.initiate_job().vault_name(VAULT).job_parameters(parameters).send();

    let parameters = JobParameters::builder()
        .r#type("archive-retrieval")
        .archive_id(ID)
        .description(DESCRIPTION)
        .sns_topic(TOPIC)
        .retrieval_byte_range("1048576-4194303")
        .tier("Bulk");
    let ours = InitiateJob {
        vault,
        kind: JobKind::Archive { id: ArchiveId::try_from(ID)?, range: Some(ByteRange::new(1_048_576, 4_194_303)?) },
        tier: Some(Tier::Bulk),
        description: Some(Description::try_from(DESCRIPTION)?),
        sns_topic: Some(TOPIC),
    };
    pair.operation("InitiateJob", initiate(parameters.build()), &ours).await;

    let filter = InventoryRetrievalJobInput::builder()
        .start_date("2012-05-25T00:24:53Z")
        .end_date("2013-05-25T00:24:53Z")
        .limit("10000")
        .marker(ID);
    let parameters =
        JobParameters::builder().r#type("inventory-retrieval").format("CSV").inventory_retrieval_parameters(filter.build());
    let filter = InventoryFilter {
        start_date: Some("2012-05-25T00:24:53Z"),
        end_date: Some("2013-05-25T00:24:53Z"),
        limit: Some(10_000),
        marker: Some(ID),
    };
    let ours = InitiateJob {
        vault,
        kind: JobKind::Inventory(InventoryRetrieval { format: Some(InventoryFormat::Csv), filter: Some(filter) }),
        tier: None,
        description: None,
        sns_topic: None,
    };
    pair.operation("InitiateJob (inventory)", initiate(parameters.build()), &ours).await;

    let parameters = JobParameters::builder().r#type("select").archive_id(ID).tier("Expedited");
    let parameters = parameters.select_parameters(their_query()).output_location(their_location()?);
    let select = SelectJob { id: ArchiveId::try_from(ID)?, parameters: our_query(), output: our_location() };
    let kind = JobKind::Select((&select).into());
    let ours = InitiateJob { vault, kind, tier: Some(Tier::Expedited), description: None, sns_topic: None };
    pair.operation("InitiateJob (select)", initiate(parameters.build()), &ours).await;

    pair.operation("DescribeJob", sdk.describe_job().vault_name(VAULT).job_id(ID).send(), &DescribeJob { vault, job }).await;

    let theirs = sdk.list_jobs().vault_name(VAULT).completed("false").limit(7).marker(ID).statuscode("InProgress").send();
    let ours = ListJobs { vault, completed: Some(false), limit: Some(7), marker: Some(ID), status: Some(StatusCode::InProgress) };
    pair.list("ListJobs", theirs, &ours).await;

    let theirs = sdk.get_job_output().vault_name(VAULT).job_id(ID).range("bytes=0-1048575").send();
    let ours = GetJobOutput { vault, job, range: Some(Range::Bytes(ByteRange::new(0, 1_048_575)?)) };
    pair.fetch("GetJobOutput", theirs, &ours).await;
    Ok(())
}

fn their_query() -> SdkSelectParameters {
    let input = SdkCsvInput::builder()
        .file_header_info(FileHeaderInfo::Use)
        .comments("#")
        .quote_escape_character("\\")
        .record_delimiter("\n")
        .field_delimiter(",")
        .quote_character("\"");
    let output = SdkCsvOutput::builder()
        .quote_fields(QuoteFields::AsNeeded)
        .quote_escape_character("\"")
        .record_delimiter("\r\n")
        .field_delimiter("\t")
        .quote_character("'");
    SdkSelectParameters::builder()
        .input_serialization(InputSerialization::builder().csv(input.build()).build())
        .expression_type(ExpressionType::Sql)
        .expression("SELECT * FROM archive WHERE a = 'b'")
        .output_serialization(OutputSerialization::builder().csv(output.build()).build())
        .build()
}

fn our_query() -> SelectParameters<'static> {
    let input = CsvInput {
        file_header_info: Some("USE"),
        comments: Some("#"),
        marks: CsvMarks {
            quote_escape_character: Some("\\"),
            record_delimiter: Some("\n"),
            field_delimiter: Some(","),
            quote_character: Some("\""),
        },
    };
    let output = CsvOutput {
        quote_fields: Some("ASNEEDED"),
        marks: CsvMarks {
            quote_escape_character: Some("\""),
            record_delimiter: Some("\r\n"),
            field_delimiter: Some("\t"),
            quote_character: Some("'"),
        },
    };
    SelectParameters {
        input: Some(input),
        expression_type: Some("SQL"),
        expression: Some("SELECT * FROM archive WHERE a = 'b'"),
        output: Some(output),
    }
}

fn their_location() -> Result<OutputLocation, Box<dyn Error>> {
    let encryption =
        SdkEncryption::builder().encryption_type(EncryptionType::Kms).kms_key_id("a-key").kms_context("a-context").build();
    let grantee = SdkGrantee::builder().r#type(Type::CanonicalUser).id("a-user").display_name("Z").email_address("z@example.com");
    let grantee = grantee.uri("http://example.com/group").build()?;
    let s3 = SdkS3Location::builder()
        .bucket_name("a-bucket")
        .prefix("a/prefix")
        .encryption(encryption)
        .canned_acl(CannedAcl::BucketOwnerFullControl)
        .access_control_list(SdkGrant::builder().grantee(grantee).permission(Permission::FullControl).build())
        .tagging("a", "b")
        .user_metadata("c", "d")
        .storage_class(StorageClass::StandardInfrequentAccess);
    Ok(OutputLocation::builder().s3(s3.build()).build())
}

fn our_location() -> S3Location<'static> {
    const GRANTEE: Grantee<'_> = Grantee {
        grantee_type: "CanonicalUser",
        display_name: Some("Z"),
        uri: Some("http://example.com/group"),
        id: Some("a-user"),
        email_address: Some("z@example.com"),
    };
    const GRANTS: &[Grant<'_>] = &[Grant { grantee: Some(GRANTEE), permission: Some("FULL_CONTROL") }];
    let encryption = Encryption { encryption_type: Some("aws:kms"), kms_key_id: Some("a-key"), kms_context: Some("a-context") };
    S3Location {
        bucket_name: Some("a-bucket"),
        prefix: Some("a/prefix"),
        encryption: Some(encryption),
        canned_acl: Some("bucket-owner-full-control"),
        access_control_list: Some(GRANTS),
        tagging: Some(&[("a", "b")]),
        user_metadata: Some(&[("c", "d")]),
        storage_class: Some("STANDARD_IA"),
    }
}
