//! A multipart upload at the service: initiated, driven step by step, completed. What the steps are is decided by
//! [`UploadState`](glacier_core::transfer::UploadState).

use std::sync::{Mutex, MutexGuard, PoisonError};

use glacier_core::ops::{CompleteMultipartUpload, InitiateMultipartUpload};
use glacier_core::transfer::{Part, SourceIdentity, Step, UploadFailure, UploadState};
use glacier_core::{Error, KeepState, PartSize, ProvideCredentials, Transport, TreeHash};
use tokio::sync::Notify;

use super::context::{UploadContext, upload_id};
use super::observer::{Event, Observer};
use super::options::CALL_BUFFER;
use super::upload_error::UploadError;
use super::uploaded::UploadedArchive;

/// A multipart upload that was initiated, shared by those who perform its steps.
pub(super) struct MultipartUpload {
    upload_id: String,
    /// How many parts there will be, if that is known.
    part_count: Option<u64>,
    state: Mutex<UploadState>,
    /// A step has ended.
    changed: Notify,
}

impl MultipartUpload {
    /// Initiates an upload of `size` bytes, if that is known, and of `part_count` parts then.
    ///
    /// # Errors
    /// [`UploadError`]; nothing was initiated, or it is not known.
    pub(super) async fn initiate<T: Transport, C: ProvideCredentials, K: KeepState, S>(
        context: &mut UploadContext<'_, T, C, K>,
        part_size: PartSize,
        size: Option<u64>,
        limit: usize,
    ) -> Result<Self, UploadError<T::Error, S>> {
        let mut state = UploadState::new(SourceIdentity::UNKNOWN, size, part_size)?;
        state.set_limit(limit);
        let UploadContext { client, vault, description, options, .. } = context;
        let operation = InitiateMultipartUpload { vault: *vault, part_size, description: *description };
        let mut buf = vec![0; CALL_BUFFER];
        let mut environment = options.environment().calling("InitiateMultipartUpload", None);
        // The first step of each upload.
        state.next();
        let output = client.send_retrying(&operation, options.control, &mut environment, &mut buf).await;
        let upload_id = output.and_then(|output| Ok(output.upload_id()?.as_str().to_owned())).map_err(Error::widen)?;
        // An id that is too long for a ticket is good for this process.
        let _ = state.initiated(self::upload_id(&upload_id)?);
        let part_count = size.map(|size| size.div_ceil(part_size.bytes()));
        options.observer.note(Event::MultipartInitiated { upload_id: &upload_id, part_size, parts: part_count });
        Ok(MultipartUpload { upload_id, part_count, state: Mutex::new(state), changed: Notify::new() })
    }

    pub(super) fn upload_id(&self) -> &str {
        &self.upload_id
    }

    /// The next step, once there is one: a part is to be hashed, checked or sent, the end of the source to be looked for, or the upload to be
    /// completed. It is handed out once.
    pub(super) async fn next(&self) -> Step {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            // Not in the match: there the lock would be held while this waits.
            let step = self.state().next();
            match step {
                Step::Wait => changed.await,
                step => return step,
            }
        }
    }

    /// Reports how a step ended, and lets others look for the next.
    pub(super) fn report<R>(&self, end: impl FnOnce(&mut UploadState) -> R) -> R {
        let reported = end(&mut self.state());
        self.changed.notify_waiters();
        reported
    }

    /// The service has acknowledged a part with the tree hash that it was sent with.
    pub(super) fn acknowledge(&self, part: Part, observer: &dyn Observer) -> Result<(), UploadFailure> {
        self.report(|state| state.acknowledged(part.index))?;
        observer.note(Event::PartUploaded { index: part.index, parts: self.part_count });
        Ok(())
    }

    /// What is locked here is consistent between any two statements, so it is usable after a panic.
    fn state(&self) -> MutexGuard<'_, UploadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the archive of the parts.
    pub(super) async fn complete<T: Transport, C: ProvideCredentials, K: KeepState, S>(
        &self,
        context: &mut UploadContext<'_, T, C, K>,
        (archive_size, tree_hash): (u64, TreeHash),
    ) -> Result<UploadedArchive, UploadError<T::Error, S>> {
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
        self.report(UploadState::completed);
        UploadedArchive::new(&output, tree_hash, archive_size).map_err(|error| UploadError::MayExist(error.into()))
    }

    /// What `cause` means for the upload, which is left at the service.
    pub(super) fn unfinished<T, S>(&self, cause: UploadError<T, S>) -> UploadError<T, S> {
        match cause {
            // There is an archive, and no upload any more.
            UploadError::Mismatch { .. } => cause,
            cause => {
                let (upload_id, sent) = (self.upload_id.clone(), self.state().parts().size());
                UploadError::Unfinished { upload_id, sent, cause: Box::new(cause) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::context::UploadProgress;
    use crate::transfer::part::perform;
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
        let multipart =
            MultipartUpload::initiate::<_, _, _, std::io::Error>(&mut context, PartSize::MIN, Some(PART as u64), 1).await.unwrap();
        let archive = loop {
            match multipart.next().await {
                Step::Complete { size, tree_hash } => break (size, tree_hash),
                step => perform(&mut context, &multipart, step, &mut ChangingBody::new(99)).await.unwrap(),
            }
        };
        let completed = multipart.complete::<_, _, _, std::io::Error>(&mut context, archive).await;
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
