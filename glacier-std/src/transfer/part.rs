//! Uploads one part of a multipart upload, until the service acknowledges its tree hash.

use std::fmt;

use glacier_core::ops::UploadMultipartPart;
use glacier_core::{Error, KeepState, PayloadHashes, ProvideCredentials, Transport};

use super::context::{UploadContext, has_changed, is_rejected_body, upload_id};
use super::options::CALL_BUFFER;
use super::progress::CountedBody;
use super::upload_body::UploadBody;
use super::upload_error::UploadError;

/// Uploads the part of this number, counted from 0, that begins at byte `first` of the archive. Returns its hashes once the service has acknowledged it.
pub(super) async fn upload_part<T: Transport, C: ProvideCredentials, K: KeepState, S: UploadBody>(
    context: &mut UploadContext<'_, T, C, K>,
    upload: &str,
    (index, first): (u64, u64),
    body: &mut S,
    hashes: Option<PayloadHashes>,
) -> Result<PayloadHashes, UploadError<T::Error, S::Error>>
where
    S::Error: fmt::Display,
{
    let hashes = context.hashes(body, hashes).await?;
    let operation = UploadMultipartPart::new(context.vault, upload_id(upload)?, first, hashes).map_err(|_| UploadError::Empty)?;
    let mut buf = vec![0; CALL_BUFFER];
    let mut environment = context.options.environment().calling("UploadMultipartPart", Some(index));
    let mut damaged_before = false;
    loop {
        let mut counted = CountedBody::new(body, &context.progress.sent);
        let policy = context.options.transfer;
        let error = match context.client.upload_retrying(&operation, &mut counted, policy, &mut environment, &mut buf).await {
            Ok(_) => return Ok(hashes),
            Err(error) => error,
        };
        let is_damaged = is_rejected_body(&error) || matches!(error, Error::TreeHashMismatch(_));
        counted.retract();
        if is_damaged && has_changed(body, &hashes).await? {
            return Err(UploadError::Changed);
        }
        // A part that was damaged on its way gets one more attempt.
        if !is_damaged || damaged_before {
            return Err(error.into());
        }
        damaged_before = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::context::UploadProgress;
    use crate::transfer::test_support::{ChangingBody, EventLog, client, error, lost, part_stored, refused};
    use crate::transfer::{TransferOptions, UploadRequest};
    use glacier_core::testing::{Reply, ScriptedTransport};
    use std::time::Duration;

    /// Uploads a body as a part, with ten attempts. Returns the error, if any, and the retries.
    async fn upload(replies: impl IntoIterator<Item = Reply>, changes_at: u32) -> (Result<(), String>, Vec<String>) {
        upload_for(Duration::ZERO, ScriptedTransport::new(replies), changes_at).await
    }

    async fn upload_for(outage: Duration, transport: ScriptedTransport, changes_at: u32) -> (Result<(), String>, Vec<String>) {
        let (mut client, log) = (client(transport), EventLog::default());
        let progress = UploadProgress::new(&log);
        let upload = UploadRequest::new("v".try_into().unwrap());
        let options = TransferOptions::new(&log).with_retry_for(outage);
        let mut context = UploadContext::new(&mut client, &upload, options, &progress);
        let result = upload_part(&mut context, "U", (0, 0), &mut ChangingBody::new(changes_at), None).await;
        (result.map(|_| ()).map_err(|error| error.to_string()), log.retries())
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_is_attempted_ten_times() {
        let mut replies = vec![lost(), Reply::status(500), Reply::status(429), error(400, "ThrottlingException")];
        replies.extend((0..5).map(|_| lost()));
        replies.push(part_stored());
        let (uploaded, retries) = upload(replies, 99).await;
        assert_eq!((uploaded, retries.len()), (Ok(()), 9));
        assert!(upload((0..10).map(|_| lost()), 99).await.0.unwrap_err().contains("scripted"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_survives_an_outage_that_ends_in_time() {
        let outage = |hours: u64| {
            let end = tokio::time::Instant::now() + Duration::from_secs(hours * 3600);
            ScriptedTransport::from_fn(move |_| if tokio::time::Instant::now() < end { refused() } else { part_stored() })
        };
        let four = Duration::from_secs(4 * 3600);
        let (uploaded, retries) = upload_for(four, outage(3), u32::MAX).await;
        assert!(uploaded.is_ok() && retries.len() > 500, "{uploaded:?} after {} retries", retries.len());
        assert_eq!(retries[0], "UploadMultipartPart 0: 1 the request was not sent: scripted ConnectionRefused");
        let (uploaded, retries) = upload_for(four, outage(5), u32::MAX).await;
        assert!(uploaded.is_err() && retries.len() > 700, "{uploaded:?} after {} retries", retries.len());
    }

    #[tokio::test]
    async fn a_rejected_part_that_reads_differently_has_changed() {
        // Hashed, then changed, then sent.
        assert!(upload([error(400, "InvalidParameterValueException")], 2).await.0.unwrap_err().starts_with("it changed while"));
        let other_hash = Reply::status(204).header("x-amz-sha256-tree-hash", &"0".repeat(64));
        assert!(upload([other_hash], 2).await.0.unwrap_err().starts_with("it changed while"));
    }

    #[tokio::test]
    async fn a_part_that_was_damaged_on_its_way_is_sent_once_more() {
        let mismatch = || error(400, "InvalidParameterValueException");
        assert!(upload([mismatch(), part_stored()], 99).await.0.is_ok());
        assert!(upload([mismatch(), mismatch()], 99).await.0.unwrap_err().contains("400 InvalidParameterValueException"));
    }
}
