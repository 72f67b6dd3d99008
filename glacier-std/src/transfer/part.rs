//! One part of a multipart upload: sent until the service has it as it was read, or until that is not to be had.

use std::fmt;

use glacier_core::ops::UploadMultipartPart;
use glacier_core::{DecodeError, Error, ErrorCode, PayloadHashes, ProvideCredentials, Transport, UploadId};

use super::body::Body;
use super::tally::Metered;
use super::upload_error::UploadError;
use super::way::{CALL, Way, has_changed};

/// Sends the part that begins at byte `first` of the archive. Returns its hashes once the service has acknowledged it with the same tree hash.
pub(super) async fn send<T: Transport, C: ProvideCredentials, S: Body>(
    way: &mut Way<'_, T, C>,
    upload_id: &str,
    first: u64,
    body: &mut S,
    hashes: Option<PayloadHashes>,
) -> Result<PayloadHashes, UploadError<T::Error, S::Error>>
where
    S::Error: fmt::Display,
{
    let hashes = way.hashes(body, hashes).await?;
    let operation = UploadMultipartPart::new(way.vault, id(upload_id)?, first, hashes).map_err(|_| UploadError::Empty)?;
    let mut buf = vec![0; CALL];
    let mut pace = way.manner.pace();
    let mut damaged_before = false;
    loop {
        let mut metered = Metered::new(body, &way.passes.sent);
        let error = match way.client.upload_retrying(&operation, &mut metered, way.manner.transfer, &mut pace, &mut buf).await {
            Ok(_) => return Ok(hashes),
            Err(error) => error,
        };
        let in_doubt = is_refused(&error) || matches!(error, Error::TreeHashMismatch(_));
        metered.forget();
        if in_doubt && has_changed(body, &hashes).await? {
            return Err(UploadError::Changed);
        }
        // What was damaged on the way is worth one more try.
        if !in_doubt || damaged_before {
            return Err(error.into());
        }
        damaged_before = true;
    }
}

/// The id of an upload that the service has named.
pub(super) fn id<T, S>(text: &str) -> Result<UploadId<'_>, UploadError<T, S>> {
    UploadId::try_from(text).map_err(|_| UploadError::Call(DecodeError::MissingHeader("x-amz-multipart-upload-id").into()))
}

/// Whether the service refused a body, as it does when the bytes do not have the hashes that were announced.
pub(super) fn is_refused<T, S>(error: &Error<T, S>) -> bool {
    match error {
        Error::Service(refusal) => match refusal.code {
            ErrorCode::InvalidParameterValue | ErrorCode::BadRequest | ErrorCode::InvalidSignature => true,
            _ => refusal.status == 400 && refusal.code == ErrorCode::Unknown,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::transfer::test_support::{Fickle, Log, PART, Script, client, refusal, tree_hash};
    use crate::transfer::way::{Archived, Passes, Way};
    use crate::transfer::{Manner, UploadError};
    use glacier_core::PartSize;

    /// Uploads a body as the only part of an upload; what came of it, and the repetitions.
    async fn upload(script: Script, turn: u32) -> (Result<Archived, String>, Vec<String>) {
        let (mut client, log) = (client(script), Log::default());
        let passes = Passes::new(&log);
        let (vault, manner) = ("v".try_into().unwrap(), Manner::new(&log));
        let mut way = Way { client: &mut client, vault, description: None, manner, passes: &passes };
        let mut parts = way.begin::<std::io::Error>(PartSize::MIN, Some(1)).await.unwrap();
        let sent = super::send(&mut way, parts.upload_id(), 0, &mut Fickle::new(turn), None).await;
        let result: Result<_, UploadError<_, std::io::Error>> = match sent {
            Ok(hashes) => {
                parts.acknowledge(0, hashes, &log);
                parts.complete(&mut way).await
            }
            Err(error) => Err(error),
        };
        let repeats = log.lines().into_iter().filter(|line| line.starts_with("repeating")).collect();
        (result.map_err(|error| error.to_string()), repeats)
    }

    fn begun() -> Script {
        Script::new().answer(201, &[("x-amz-multipart-upload-id", "-U")], "")
    }

    const ID: [(&str, &str); 1] = [("x-amz-archive-id", "-A")];

    #[tokio::test(start_paused = true)]
    async fn a_part_is_tried_ten_times() {
        let busy = refusal("ThrottlingException");
        let mut script = begun().broken().answer(500, &[], "").answer(429, &[], "").answer(400, &[], &busy);
        for _ in 0..5 {
            script = script.broken();
        }
        let (archived, repeats) = upload(script.takes(&[]).answer(201, &ID, ""), 99).await;
        assert_eq!(archived.unwrap().checksum, tree_hash(&[1; PART]));
        assert_eq!(repeats.len(), 9);
        let script = (0..10).fold(begun(), |script, _| script.broken());
        assert!(upload(script, 99).await.0.unwrap_err().contains("scripted"));
    }

    #[tokio::test]
    async fn a_refused_part_that_reads_otherwise_has_changed() {
        let mismatch = refusal("InvalidParameterValueException");
        // Hashed, then changed, then sent.
        let script = begun().answer(400, &[], &mismatch);
        assert!(upload(script, 2).await.0.unwrap_err().starts_with("it changed while"));
        let script = begun().answer(204, &[("x-amz-sha256-tree-hash", &"0".repeat(64))], "");
        assert!(upload(script, 2).await.0.unwrap_err().starts_with("it changed while"));
    }

    #[tokio::test]
    async fn a_part_that_was_damaged_on_the_way_is_sent_once_more() {
        let mismatch = refusal("InvalidParameterValueException");
        let script = begun().answer(400, &[], &mismatch).takes(&[]).answer(201, &ID, "");
        assert!(upload(script, 99).await.0.is_ok());
        let script = begun().answer(400, &[], &mismatch).answer(400, &[], &mismatch);
        assert!(upload(script, 99).await.0.unwrap_err().contains("400 InvalidParameterValueException"));
    }

    #[tokio::test]
    async fn an_archive_with_another_hash_is_no_success() {
        let whole = begun().takes(&[]).answer(201, &[ID[0], ("x-amz-sha256-tree-hash", &"0".repeat(64))], "");
        assert!(upload(whole, 9).await.0.unwrap_err().contains("delete the archive -A"));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_lost_answer_to_the_last_request_the_archive_may_exist() {
        let gone = refusal("ResourceNotFoundException");
        let (archived, _) = upload(begun().takes(&[]).broken().answer(404, &[], &gone), 99).await;
        assert!(archived.unwrap_err().contains("may exist all the same"));
        let (archived, _) = upload(begun().takes(&[]).answer(404, &[], &gone), 99).await;
        assert!(!archived.unwrap_err().contains("may exist"));
    }
}
