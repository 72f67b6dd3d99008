//! A multipart upload: initiated, acknowledged part by part, completed.

use glacier_core::ops::{CompleteMultipartUpload, InitiateMultipartUpload};
use glacier_core::{Error, KeepState, PartSize, PayloadHashes, ProvideCredentials, Transport};

use super::context::{UploadContext, upload_id};
use super::observer::{Event, Observer};
use super::options::CALL_BUFFER;
use super::parts::AcknowledgedParts;
use super::upload_error::UploadError;
use super::uploaded::UploadedArchive;

/// A multipart upload that was initiated.
pub(super) struct MultipartUpload {
    upload_id: String,
    /// How many parts there will be, if that is known.
    part_count: Option<u64>,
    parts: AcknowledgedParts,
}

impl MultipartUpload {
    fn new(upload_id: String, part_size: PartSize, part_count: Option<u64>) -> Self {
        MultipartUpload { upload_id, part_count, parts: AcknowledgedParts::new(part_size) }
    }

    /// Initiates an upload of `part_count` parts, if that is known.
    pub(super) async fn initiate<T: Transport, C: ProvideCredentials, K: KeepState, S>(
        context: &mut UploadContext<'_, T, C, K>,
        part_size: PartSize,
        part_count: Option<u64>,
    ) -> Result<Self, UploadError<T::Error, S>> {
        let UploadContext { client, vault, description, options, .. } = context;
        let operation = InitiateMultipartUpload { vault: *vault, part_size, description: *description };
        let mut buf = vec![0; CALL_BUFFER];
        let mut environment = options.environment().calling("InitiateMultipartUpload", None);
        let output = client.send_retrying(&operation, options.control, &mut environment, &mut buf).await;
        let upload_id = output.and_then(|output| Ok(output.upload_id()?.as_str().to_owned())).map_err(Error::widen)?;
        options.observer.note(Event::MultipartInitiated { upload_id: &upload_id, part_size, parts: part_count });
        Ok(MultipartUpload::new(upload_id, part_size, part_count))
    }

    pub(super) fn upload_id(&self) -> &str {
        &self.upload_id
    }

    /// Bytes in all acknowledged parts.
    pub(super) fn acknowledged(&self) -> u64 {
        self.parts.size()
    }

    /// The number of the part that begins at byte `first`, counted from 0.
    pub(super) fn index_of(&self, first: u64) -> u64 {
        first / self.parts.part_size().bytes()
    }

    /// The service has acknowledged the part that begins at byte `first`.
    pub(super) fn acknowledge(&mut self, first: u64, hashes: PayloadHashes, observer: &dyn Observer) {
        self.parts.add(first, hashes);
        observer.note(Event::PartUploaded { index: self.index_of(first), parts: self.part_count });
    }

    /// Makes the archive of the parts.
    pub(super) async fn complete<T: Transport, C: ProvideCredentials, K: KeepState, S>(
        &self,
        context: &mut UploadContext<'_, T, C, K>,
    ) -> Result<UploadedArchive, UploadError<T::Error, S>> {
        let (tree_hash, archive_size) = (self.parts.tree_hash().map_err(UploadError::Layout)?, self.parts.size());
        let operation =
            CompleteMultipartUpload { vault: context.vault, upload: upload_id(&self.upload_id)?, archive_size, tree_hash };
        let mut buf = vec![0; CALL_BUFFER];
        let mut environment = context.options.environment().calling("CompleteMultipartUpload", None);
        let output = match context.client.send_retrying(&operation, context.options.transfer, &mut environment, &mut buf).await {
            Ok(output) => output,
            Err(Error::TreeHashMismatch(mismatch)) => return Err(UploadError::Mismatch(mismatch)),
            // An upload that is gone after a retry: the attempt before may have made the archive.
            Err(error) if error.may_have_acted() => return Err(UploadError::MayExist(error.widen())),
            Err(error) => return Err(UploadError::Call(error.widen())),
        };
        UploadedArchive::new(&output, tree_hash, archive_size).map_err(|error| UploadError::MayExist(error.into()))
    }

    /// What `cause` means for the upload, which is left at the service.
    pub(super) fn unfinished<T, S>(&self, cause: UploadError<T, S>) -> UploadError<T, S> {
        match cause {
            // There is an archive, and no upload any more.
            UploadError::Mismatch { .. } => cause,
            cause => {
                UploadError::Unfinished { upload_id: self.upload_id.clone(), sent: self.acknowledged(), cause: Box::new(cause) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::context::UploadProgress;
    use crate::transfer::part::upload_part;
    use crate::transfer::test_support::{
        ChangingBody, EventLog, PART, archive, client, error, initiated, lost, part_stored, tree_hash,
    };
    use crate::transfer::{TransferOptions, UploadRequest};
    use glacier_core::testing::{Reply, ScriptedTransport};

    /// Uploads a body as the only part of an upload, the last request of which gets these replies.
    async fn upload(completion: impl IntoIterator<Item = Reply>) -> Result<UploadedArchive, String> {
        let transport = ScriptedTransport::new([initiated("-U"), part_stored()].into_iter().chain(completion));
        let (mut client, log) = (client(transport), EventLog::default());
        let progress = UploadProgress::new(&log);
        let upload = UploadRequest::new("v".try_into().unwrap());
        let mut context = UploadContext::new(&mut client, &upload, TransferOptions::new(&log), &progress);
        let mut multipart =
            MultipartUpload::initiate::<_, _, _, std::io::Error>(&mut context, PartSize::MIN, Some(1)).await.unwrap();
        let hashes = upload_part(&mut context, "-U", (0, 0), &mut ChangingBody::new(99), None).await.unwrap();
        multipart.acknowledge(0, hashes, &log);
        let completed = multipart.complete::<_, _, _, std::io::Error>(&mut context).await;
        completed.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn the_parts_become_an_archive() {
        let archive = upload([archive("-A")]).await.unwrap();
        assert_eq!((archive.archive_id.as_str(), archive.checksum, archive.size), ("-A", tree_hash(&[1; PART]), PART as u64));
    }

    #[tokio::test]
    async fn an_archive_with_another_hash_is_an_error() {
        let other = upload([archive("-A").header("x-amz-sha256-tree-hash", &"0".repeat(64))]).await;
        assert!(other.unwrap_err().contains("delete the archive -A"));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_lost_response_to_the_last_request_the_archive_may_exist() {
        let gone = || error(404, "ResourceNotFoundException");
        let lost = upload([lost(), gone()]).await;
        assert!(lost.unwrap_err().contains("may exist all the same"));
        let gone = upload([gone()]).await;
        assert!(!gone.unwrap_err().contains("may exist"));
    }
}
