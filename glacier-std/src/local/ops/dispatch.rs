//! From an operation's name to the function that performs it.

use std::sync::Arc;

use embedded_io_async::Read;

use super::authorize::check_account;
use super::context::{Handler, OperationContext, blocking};
use super::error::UploadError;
use super::{access_policy, archive, capacity, initiate_job, job, lock, multipart, notification, retrieval_policy, tag, vault};
use crate::local::model::ApiError;
use crate::local::request::ApiRequest;
use crate::local::response::LocalResponse;

/// The operations without a streamed body, as the file of each resource names them.
const HANDLERS: [&[(&str, Handler)]; 11] = [
    vault::HANDLERS,
    tag::HANDLERS,
    notification::HANDLERS,
    access_policy::HANDLERS,
    lock::HANDLERS,
    archive::HANDLERS,
    multipart::HANDLERS,
    initiate_job::HANDLERS,
    job::HANDLERS,
    retrieval_policy::HANDLERS,
    capacity::HANDLERS,
];

/// Performs the operation that the request names; `size` and `body` are those of an upload.
pub(crate) async fn perform<B: Read>(
    context: &Arc<OperationContext>,
    request: ApiRequest,
    size: Option<u64>,
    body: &mut B,
) -> Result<LocalResponse, UploadError<B::Error>> {
    check_account(&request)?;
    let request = Arc::new(request);
    match request.operation.name {
        "UploadArchive" => archive::upload(context, request, size, body).await,
        "UploadMultipartPart" => multipart::upload_part(context, request, size, body).await,
        name => {
            let handler = HANDLERS.iter().copied().flatten().find(|(of, _)| *of == name).map(|(_, handler)| handler);
            let handler = *handler.ok_or_else(|| ApiError::not_implemented(name))?;
            Ok(blocking(context, &request, handler).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ops::catalogue::{BodyKind, OPERATIONS, OperationInfo};

    #[test]
    fn every_operation_is_implemented() {
        for operation in OPERATIONS.iter().filter(|operation| operation.body != BodyKind::Stream) {
            assert!(HANDLERS.into_iter().flatten().any(|(name, _)| *name == operation.name), "{}", operation.name);
        }
    }

    #[test]
    fn every_handler_is_of_one_operation_without_a_streamed_body() {
        for (name, _) in HANDLERS.into_iter().flatten() {
            assert!(OperationInfo::of(name).is_some_and(|operation| operation.body != BodyKind::Stream), "{name}");
            assert_eq!(HANDLERS.into_iter().flatten().filter(|(other, _)| other == name).count(), 1, "{name}");
        }
        let streamed = OPERATIONS.iter().filter(|operation| operation.body == BodyKind::Stream);
        assert_eq!(streamed.map(|operation| operation.name).collect::<Vec<_>>(), ["UploadArchive", "UploadMultipartPart"]);
    }
}
