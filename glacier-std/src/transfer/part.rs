//! Performs the steps of one part of a multipart upload.

use std::fmt;

use glacier_core::ops::UploadMultipartPart;
use glacier_core::transfer::{Part, Step};
use glacier_core::{Error, KeepState, PayloadHashes, ProvideCredentials, Transport};

use super::context::{UploadContext, has_changed, is_rejected_body, upload_id};
use super::multipart::MultipartUpload;
use super::observer::Event;
use super::options::CALL_BUFFER;
use super::progress::{CountedBody, ProgressCounter};
use super::upload_body::UploadBody;
use super::upload_error::UploadError;

/// Hashes or sends a part, whose bytes are `body`, and reports how it ended.
///
/// # Errors
/// What ends the upload: the service cannot be reached or rejects the part for good, or the source has changed.
pub(super) async fn perform<T: Transport, C: ProvideCredentials, K: KeepState, S: UploadBody>(
    context: &mut UploadContext<'_, T, C, K>,
    upload: &MultipartUpload,
    step: Step,
    body: &mut S,
) -> Result<(), UploadError<T::Error, S::Error>>
where
    S::Error: fmt::Display,
{
    match step {
        Step::Hash(part) => {
            let hashes = body.counted_hashes(&context.progress.hashed).await?;
            hashed(upload, part, hashes)
        }
        // These bytes are counted already.
        Step::Check(part) => {
            let hashes = body.counted_hashes(&ProgressCounter::new(Event::Hashed, &())).await?;
            hashed(upload, part, hashes)
        }
        Step::Send(part, hashes) => send(context, upload, part, hashes, body).await,
        // Not a step of a part.
        _ => Ok(()),
    }
}

/// Reports the hashes of a part.
pub(super) fn hashed<E, S>(upload: &MultipartUpload, part: Part, hashes: PayloadHashes) -> Result<(), UploadError<E, S>> {
    upload.report(|state| state.hashed(part.index, hashes)).map_err(|_| UploadError::Changed)
}

/// Sends a part until the service acknowledges it, or rejects its bytes.
async fn send<T: Transport, C: ProvideCredentials, K: KeepState, S: UploadBody>(
    context: &mut UploadContext<'_, T, C, K>,
    upload: &MultipartUpload,
    part: Part,
    hashes: PayloadHashes,
    body: &mut S,
) -> Result<(), UploadError<T::Error, S::Error>>
where
    S::Error: fmt::Display,
{
    let id = upload_id(upload.upload_id())?;
    let operation = UploadMultipartPart::new(context.vault, id, part.range.first(), hashes).map_err(|_| UploadError::Empty)?;
    let mut buf = vec![0; CALL_BUFFER];
    let mut environment = context.options.environment().calling("UploadMultipartPart", Some(part.index));
    let mut counted = CountedBody::new(body, &context.progress.sent);
    let policy = context.options.transfer;
    let error = match context.client.upload_retrying(&operation, &mut counted, policy, &mut environment, &mut buf).await {
        Ok(_) => return upload.acknowledge(part, context.options.observer).map_err(|_| UploadError::Changed),
        Err(error) => error,
    };
    counted.retract();
    let is_damaged = is_rejected_body(&error) || matches!(error, Error::TreeHashMismatch(_));
    if !is_damaged {
        return Err(error.into());
    }
    // Damaged on its way, or changed since it was hashed: the first time it is checked and sent once more.
    match upload.report(|state| state.rejected(part.index)) {
        Ok(()) => Ok(()),
        Err(_) if has_changed(body, &hashes).await? => Err(UploadError::Changed),
        Err(_) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::context::UploadProgress;
    use crate::transfer::test_support::{
        ChangingBody, EventLog, PART, client, error, first_byte, initiated, lost, part_stored, refused,
    };
    use crate::transfer::{TransferOptions, UploadRequest};
    use glacier_core::PartSize;
    use glacier_core::testing::{Reply, ScriptedTransport};
    use std::time::Duration;

    /// Uploads a body as a part, with ten attempts. Returns the error, if any, and the retries.
    async fn upload(replies: impl IntoIterator<Item = Reply>, changes_at: u32) -> (Result<(), String>, Vec<String>) {
        upload_for(Duration::ZERO, ScriptedTransport::new([initiated("U")].into_iter().chain(replies)), changes_at).await
    }

    async fn upload_for(outage: Duration, transport: ScriptedTransport, changes_at: u32) -> (Result<(), String>, Vec<String>) {
        let (mut client, log) = (client(transport), EventLog::default());
        let progress = UploadProgress::new(&log);
        let upload = UploadRequest::new("v".try_into().unwrap());
        let options = TransferOptions::new(&log).with_retry_for(outage);
        let mut context = UploadContext::new(&mut client, &upload, options, &progress);
        let size = Some(PART as u64);
        let multipart = MultipartUpload::initiate::<_, _, _, std::io::Error>(&mut context, PartSize::MIN, size, 1).await.unwrap();
        let mut body = ChangingBody::new(changes_at);
        let result = loop {
            match multipart.next().await {
                Step::Complete { .. } => break Ok(()),
                step => {
                    if let Err(error) = perform(&mut context, &multipart, step, &mut body).await {
                        break Err(error.to_string());
                    }
                }
            }
        };
        (result, log.retries())
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
            ScriptedTransport::from_fn(move |request| match first_byte(request) {
                None => initiated("U"),
                Some(_) if tokio::time::Instant::now() < end => refused(),
                Some(_) => part_stored(),
            })
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
