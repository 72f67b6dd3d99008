//! The one handler: an encoded request in, an answer out. The in-process transport and the HTTP server are two ways to call it.

use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::hash::LinearHasher;
use glacier_core::{ErrorCode, LinearHash, Request, VaultName};
use tokio::task::spawn_blocking;

use super::answer::Answer;
use super::call::{Call, Headers};
use super::page::Query;
use super::phase::{Phase, Progress};
use super::receive::Failure;
use super::refuse::Refused;
use super::routes::{Operation, route};
use super::time::Moment;
use super::{Inner, Vaults, archives, check, ids, initiate_job, job_output, jobs, multipart, parts, uploads, vaults};

/// The largest body that is no archive.
const MAX_JSON: u64 = 64 << 10;

impl Vaults {
    /// Answers one request, whose body has `size` bytes when that is known.
    ///
    /// A refused request is answered as soon as that is clear; its body may then not have been read to the end. Dropping the future
    /// is allowed at any point: the request is then done whole or not at all.
    ///
    /// Needs a tokio runtime, as waiting for the disk is done on its blocking threads.
    ///
    /// # Errors
    /// The body's own, when it could not be read: nothing was stored then.
    pub async fn answer<B: Read>(&self, request: &Request<'_>, size: Option<u64>, body: &mut B) -> Result<Answer, B::Error> {
        let now = self.inner.now();
        let request_id = ids::request();
        let answer = match perform(&self.inner, request, size, body, now, &request_id).await {
            Ok(answer) => answer,
            Err(Failure::Refused(refused)) => Answer::refused(&refused),
            Err(Failure::Body(error)) => return Err(error),
        };
        Ok(answer.stamped(&request_id, now))
    }

    /// The answer to a request that could not even be read.
    #[cfg_attr(not(feature = "serve"), expect(dead_code))]
    pub(super) fn refuse(&self, refused: &Refused) -> Answer {
        Answer::refused(refused).stamped(&ids::request(), self.inner.now())
    }
}

async fn perform<B: Read>(
    inner: &Arc<Inner>,
    request: &Request<'_>,
    size: Option<u64>,
    body: &mut B,
    now: Moment,
    request_id: &str,
) -> Result<Answer, Failure<B::Error>> {
    let route = route(request.method, request.path);
    let headers = Headers::of(request);
    // What the signature covers: of an upload what it announces, of anything else the body itself.
    let is_upload = route.as_ref().is_ok_and(|route| route.operation.is_upload());
    let (payload, bytes) = if is_upload {
        (check::content_hash(&headers), Vec::new())
    } else {
        let bytes = small_body(size, body).await?;
        (Ok(hash(&bytes)), bytes)
    };
    let region = inner.verifier.verify(&inner.settings, request, payload, now)?;
    check::version(&headers)?;
    let route = route?;
    check::account(&route.account, &inner.settings.account)?;
    if !route.vault.is_empty() {
        VaultName::try_from(route.vault.as_str()).map_err(|error| Refused::invalid(format!("Invalid vault name: {error}")))?;
    }
    let call = Arc::new(Call {
        operation: route.operation,
        account: inner.settings.account.clone(),
        region: region.to_owned(),
        vault: route.vault,
        id: route.id,
        query: Query::parse(request.query)?,
        headers,
        body: bytes,
        now,
        request_id: request_id.to_owned(),
    });
    let work = match call.operation {
        Operation::UploadArchive => return archives::upload(inner, call, size, body).await,
        Operation::UploadMultipartPart => return parts::upload(inner, call, size, body).await,
        Operation::CreateVault => vaults::create,
        Operation::DescribeVault => vaults::describe,
        Operation::ListVaults => vaults::list,
        Operation::DeleteVault => vaults::delete,
        Operation::DeleteArchive => archives::delete,
        Operation::InitiateMultipartUpload => multipart::initiate,
        Operation::CompleteMultipartUpload => multipart::complete,
        Operation::AbortMultipartUpload => multipart::abort,
        Operation::ListMultipartUploads => uploads::list,
        Operation::ListParts => parts::list,
        Operation::InitiateJob => initiate_job::initiate,
        Operation::DescribeJob => jobs::describe,
        Operation::ListJobs => jobs::list,
        Operation::GetJobOutput => job_output::get,
    };
    Ok(blocking(inner, &call, work).await?)
}

/// A body that is held in memory.
async fn small_body<B: Read>(size: Option<u64>, body: &mut B) -> Result<Vec<u8>, Failure<B::Error>> {
    let too_large =
        || Refused::new(ErrorCode::BadRequest, format!("The body has more than the {MAX_JSON} bytes that such a request may have"));
    if size.is_some_and(|size| size > MAX_JSON) {
        return Err(too_large().into());
    }
    let mut bytes = Vec::new();
    let mut buf = [0; 4096];
    loop {
        let got = body.read(&mut buf).await.map_err(Failure::Body)?;
        let piece = buf.get(..got).unwrap_or_default();
        if piece.is_empty() {
            return Ok(bytes);
        }
        if (bytes.len() + piece.len()) as u64 > MAX_JSON {
            return Err(too_large().into());
        }
        bytes.extend_from_slice(piece);
    }
}

fn hash(bytes: &[u8]) -> LinearHash {
    let mut hasher = LinearHasher::new();
    hasher.update(bytes);
    hasher.finish()
}

/// Does work that waits for the disk on a thread where it stops nobody else. It is done to its end even when the wait is dropped.
pub(super) async fn blocking<T: Send + 'static>(
    inner: &Arc<Inner>,
    call: &Arc<Call>,
    work: impl FnOnce(&Inner, &Call) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let (inner, call) = (inner.clone(), call.clone());
    let done = spawn_blocking(move || work(&inner, &call)).await;
    done.unwrap_or_else(|_| Err(Refused::unavailable("The service failed while it did this: try again")))
}

impl Inner {
    fn now(&self) -> Moment {
        Moment(self.settings.clock.unix_millis())
    }

    /// Tells the observer where the request stands.
    pub(super) fn tell(&self, call: &Call, phase: Phase) {
        if let Some(observer) = &self.settings.observer {
            observer(Progress { request_id: &call.request_id, operation: call.operation.name(), phase });
        }
    }
}
