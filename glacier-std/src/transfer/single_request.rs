//! An archive that is uploaded in one request.

use std::fmt;

use glacier_core::ops::{BodyHashes, UploadArchive};
use glacier_core::{KeepState, PayloadHashes, ProvideCredentials, Transport};

use super::context::{UploadContext, has_changed, is_rejected_body};
use super::options::CALL_BUFFER;
use super::progress::CountedBody;
use super::upload_body::UploadBody;
use super::upload_error::UploadError;
use super::uploaded::UploadedArchive;

/// Uploads all of `body` in one request.
pub(super) async fn upload_archive<T: Transport, C: ProvideCredentials, K: KeepState, S: UploadBody>(
    context: &mut UploadContext<'_, T, C, K>,
    body: &mut S,
    hashes: Option<PayloadHashes>,
) -> Result<UploadedArchive, UploadError<T::Error, S::Error>>
where
    S::Error: fmt::Display,
{
    let hashes = context.hashes(body, hashes).await?;
    // This fails for an empty body and for one beyond 4 GiB, and the part size keeps the latter away.
    let body_hashes = BodyHashes::try_from(hashes).map_err(|_| UploadError::Empty)?;
    let operation = UploadArchive { vault: context.vault, description: context.description, body: body_hashes };
    let mut buf = vec![0; CALL_BUFFER];
    let mut counted = CountedBody::new(body, &context.progress.sent);
    let mut environment = context.options.environment().calling("UploadArchive", None);
    // Nothing was ever asked of the service, so its address may be wrong.
    let policy = context.options.transfer.on_first_contact();
    match context.client.upload_retrying(&operation, &mut counted, policy, &mut environment, &mut buf).await {
        Ok(output) => {
            let archive = UploadedArchive::new(&output, hashes.tree, hashes.size);
            archive.map_err(|error| UploadError::MayExist(error.into()))
        }
        Err(error) if is_rejected_body(&error) && has_changed(body, &hashes).await? => Err(UploadError::Changed),
        Err(error) => Err(UploadError::of_last_request(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::context::UploadProgress;
    use crate::transfer::test_support::{ChangingBody, EventLog, PART, archive, client, error, lost, refused, tree_hash};
    use crate::transfer::{TransferOptions, UploadRequest};
    use glacier_core::testing::{Reply, ScriptedTransport};

    /// Uploads a body in one request. Returns the result and the retries.
    async fn upload(replies: impl IntoIterator<Item = Reply>, changes_at: u32) -> (Result<UploadedArchive, String>, Vec<String>) {
        let (mut client, log) = (client(ScriptedTransport::new(replies)), EventLog::default());
        let progress = UploadProgress::new(&log);
        let upload = UploadRequest::new("v".try_into().unwrap());
        let mut context = UploadContext::new(&mut client, &upload, TransferOptions::new(&log), &progress);
        let result = upload_archive(&mut context, &mut ChangingBody::new(changes_at), None).await;
        (result.map_err(|error| error.to_string()), log.retries())
    }

    fn stored() -> Reply {
        archive("-A").header("location", "/x").with_tree_hash()
    }

    #[tokio::test]
    async fn one_request_makes_an_archive() {
        let (uploaded, _) = upload([stored()], 9).await;
        let checksum = tree_hash(&[1; PART]);
        let expected = UploadedArchive { archive_id: "-A".into(), checksum, location: Some("/x".into()), size: PART as u64 };
        assert_eq!(uploaded, Ok(expected));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_may_have_made_an_archive_is_not_retried() {
        let (uploaded, retries) = upload([lost()], 9).await;
        assert!(uploaded.unwrap_err().contains("may exist all the same"));
        assert!(retries.is_empty());
        // A refused connection is retried, up to ten attempts in all: nothing was sent.
        let (uploaded, retries) = upload([refused(), stored()], 9).await;
        assert_eq!((uploaded.unwrap().archive_id.as_str(), retries.len()), ("-A", 1));
        assert!(retries[0] == "UploadArchive: 1 the request was not sent: scripted ConnectionRefused", "{retries:?}");
        let (uploaded, retries) = upload((0..10).map(|_| refused()), 9).await;
        assert!(!uploaded.unwrap_err().contains("may exist"), "there was no connection");
        assert_eq!(retries.len(), 9);
        let (uploaded, retries) =
            upload((0..99).map(|_| error(503, "ServiceUnavailableException")).chain([stored()]), u32::MAX).await;
        assert_eq!((uploaded.unwrap().archive_id.as_str(), retries.len()), ("-A", 99), "the service responds");
        let (uploaded, retries) = upload([error(408, "RequestTimeoutException"), stored()], 9).await;
        assert_eq!((uploaded.unwrap().archive_id.as_str(), retries.len()), ("-A", 1));
    }

    #[tokio::test]
    async fn a_response_without_an_id_or_with_another_hash_is_an_error() {
        let none = upload([Reply::status(201).with_tree_hash()], 9).await.0.unwrap_err();
        assert!(none.contains("x-amz-archive-id") && none.contains("may exist"), "{none}");
        let other = upload([archive("-A").header("x-amz-sha256-tree-hash", &"0".repeat(64))], 9).await;
        assert!(other.0.unwrap_err().contains("delete the archive -A"));
    }

    #[tokio::test]
    async fn a_rejected_body_that_reads_differently_has_changed() {
        // Hashed, then changed, then sent.
        assert!(upload([error(400, "InvalidParameterValueException")], 2).await.0.unwrap_err().starts_with("it changed while"));
        assert!(
            upload([error(400, "InvalidParameterValueException")], 99)
                .await
                .0
                .unwrap_err()
                .contains("400 InvalidParameterValueException")
        );
    }
}
