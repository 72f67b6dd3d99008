//! What faults do to requests: before their signature is verified, instead of what they ask for, and to the response.

use std::time::Duration;

use embedded_io_async::Read;
use glacier_core::ErrorCode;
use tokio::time::sleep;

use super::outcome::Outcome;
use super::vaults::Vaults;
use crate::local::faults::{CorruptedPart, Drawn, Fault, FaultReport, FaultScript};
use crate::local::model::ApiError;
use crate::local::response::LocalResponse;

impl Vaults {
    /// Obeys this fault script from now on, in place of any other; an empty one takes all faults away. All counters begin at 0.
    pub fn set_faults(&self, script: FaultScript) {
        self.inner.faults.set(script);
    }

    /// The fault script that is obeyed, with how often each of its rules has hit.
    #[must_use]
    pub fn faults(&self) -> FaultReport {
        self.inner.faults.report()
    }
}

/// The end of the request, if the fault ends it before it is looked at.
pub(super) async fn before<B: Read>(drawn: &Drawn, body: &mut B) -> Result<Option<Outcome>, B::Error> {
    let outcome = match drawn.fault {
        Fault::Stall => Outcome::Stall,
        Fault::Reset => Outcome::Reset,
        Fault::CutRequest { bytes } => {
            receive(bytes, body).await?;
            Outcome::Ended
        }
        _ => return Ok(None),
    };
    drawn.hit();
    Ok(Some(outcome))
}

/// Receives so many bytes, or all if there are fewer.
async fn receive<B: Read>(bytes: u64, body: &mut B) -> Result<(), B::Error> {
    let mut buf = [0; 4096];
    let mut left = bytes;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        match body.read(buf.get_mut(..most).unwrap_or_default()).await? {
            0 => break,
            got => left -= got as u64,
        }
    }
    Ok(())
}

/// The response instead of that of the operation, if the fault is a service error. A delay passes here.
pub(super) async fn instead(drawn: &Drawn) -> Option<LocalResponse> {
    let error = |code, message: &str| LocalResponse::error(&ApiError::new(code, message));
    let response = match &drawn.fault {
        Fault::Error { status, code, message } => {
            let message = message.as_deref().unwrap_or("The fault script asks for this error.");
            LocalResponse::other_error(*status, code, message)
        }
        Fault::Throttle => error(ErrorCode::Throttling, "Rate exceeded"),
        Fault::ExpiredCredentials => error(ErrorCode::ExpiredToken, "The security token included in the request is expired"),
        Fault::InsufficientCapacity => {
            error(ErrorCode::InsufficientCapacity, "There is insufficient capacity to process this expedited request.")
        }
        Fault::NoLongerSupported => error(ErrorCode::NoLongerSupported, "Amazon Glacier is no longer available to new customers."),
        Fault::Delay { seconds } => {
            drawn.hit();
            // The script has checked it.
            sleep(Duration::try_from_secs_f64(*seconds).unwrap_or_default()).await;
            return None;
        }
        _ => return None,
    };
    drawn.hit();
    Some(response)
}

/// Why the job that the request initiates is to fail, if it is.
pub(super) fn job_failure(drawn: &Drawn) -> Option<String> {
    match &drawn.fault {
        Fault::JobFails { message } => {
            Some(message.clone().unwrap_or_else(|| "The fault script asks for this job to fail.".to_owned()))
        }
        _ => None,
    }
}

/// What becomes of the response.
pub(super) fn after(drawn: &Drawn, mut response: LocalResponse) -> Outcome {
    let hit = match drawn.fault {
        Fault::LoseReply => {
            drawn.hit();
            return Outcome::Ended;
        }
        Fault::CutResponse { bytes } => {
            drawn.hit();
            if response.length() <= bytes {
                return Outcome::Ended;
            }
            response.cut(bytes);
            false
        }
        Fault::Corrupt { r#where: CorruptedPart::Body } => {
            let (at, bit) = drawn.position(response.length());
            response.corrupt_body(at, bit)
        }
        Fault::Corrupt { r#where: CorruptedPart::TreeHash } => response.corrupt_tree_hash(|length| drawn.position(length)),
        Fault::JobFails { .. } => response.status() == 202,
        _ => false,
    };
    if hit {
        drawn.hit();
    }
    Outcome::Response(response)
}
