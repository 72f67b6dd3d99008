//! From an operation's name to the function that performs it.

use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::ErrorCode;

use super::context::{OperationContext, blocking};
use super::error::{OperationError, UploadError};
use super::{archive, initiate_job, job, multipart, vault};
use crate::local::model::ApiError;
use crate::local::request::ApiRequest;
use crate::local::response::LocalResponse;

/// Performs an operation without a streamed body.
type Handler = fn(&OperationContext, &ApiRequest) -> Result<LocalResponse, OperationError>;

/// The operations without a streamed body.
const HANDLERS: [(&str, Handler); 14] = [
    ("CreateVault", vault::create),
    ("DescribeVault", vault::describe),
    ("ListVaults", vault::list),
    ("DeleteVault", vault::delete),
    ("DeleteArchive", archive::delete),
    ("InitiateMultipartUpload", multipart::initiate),
    ("CompleteMultipartUpload", multipart::complete),
    ("AbortMultipartUpload", multipart::abort),
    ("ListMultipartUploads", multipart::list),
    ("ListParts", multipart::list_parts),
    ("InitiateJob", initiate_job::initiate),
    ("DescribeJob", job::describe),
    ("ListJobs", job::list),
    ("GetJobOutput", job::output),
];

/// Performs the operation that the request names; `size` and `body` are those of an upload.
pub(crate) async fn perform<B: Read>(
    context: &Arc<OperationContext>,
    request: ApiRequest,
    size: Option<u64>,
    body: &mut B,
) -> Result<LocalResponse, UploadError<B::Error>> {
    let request = Arc::new(request);
    match request.operation.name {
        "UploadArchive" => archive::upload(context, request, size, body).await,
        "UploadMultipartPart" => multipart::upload_part(context, request, size, body).await,
        name => {
            let handler = HANDLERS.iter().find(|(of, _)| *of == name).map(|(_, handler)| handler);
            let handler = *handler.ok_or_else(|| not_implemented(name))?;
            Ok(blocking(context, &request, handler).await?)
        }
    }
}

fn not_implemented(operation: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("{operation} is not implemented by this local vault"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ops::catalogue::{BodyKind, OPERATIONS, OperationInfo};

    #[test]
    fn every_handler_is_of_one_operation_without_a_streamed_body() {
        for (name, _) in HANDLERS {
            assert!(OperationInfo::of(name).is_some_and(|operation| operation.body != BodyKind::Stream), "{name}");
            assert_eq!(HANDLERS.iter().filter(|(other, _)| *other == name).count(), 1, "{name}");
        }
        let streamed = OPERATIONS.iter().filter(|operation| operation.body == BodyKind::Stream);
        assert_eq!(streamed.map(|operation| operation.name).collect::<Vec<_>>(), ["UploadArchive", "UploadMultipartPart"]);
    }
}
