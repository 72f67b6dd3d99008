//! The kinds of faults.

use serde::Serialize;

/// What goes wrong with a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// A service error, once the signature was verified; nothing is done.
    Error {
        /// The HTTP status, 300 to 599.
        status: u16,
        /// The error code: any text without spaces.
        code: String,
        /// The message; by default it says that a fault script asks for the error.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// 400 ThrottlingException, once the signature was verified; nothing is done.
    Throttle,
    /// The operation is performed after so many seconds of wall time, up to a day; a fraction is allowed.
    Delay {
        /// How long.
        seconds: f64,
    },
    /// Nothing is done and no response comes, for ever.
    Stall,
    /// The connection ends after so many bytes of the request's body, or at its end if it has fewer; nothing is done.
    CutRequest {
        /// How many.
        bytes: u64,
    },
    /// The operation is performed, and the connection ends after exactly so many bytes of the response's body. A response whose body has no
    /// more than that does not begin.
    CutResponse {
        /// How many.
        bytes: u64,
    },
    /// The connection is reset; nothing is done.
    Reset,
    /// The operation is performed, and the connection ends without a response.
    LoseReply,
    /// One bit of the response is wrong. A response without such a part stays as it is, and does not count as a hit.
    Corrupt {
        /// What of the response.
        r#where: CorruptedPart,
    },
    /// 403 ExpiredTokenException, once the signature was verified; nothing is done.
    ExpiredCredentials,
    /// InitiateJob only, to others nothing happens: the job is accepted, and is Failed when its time comes.
    JobFails {
        /// The job's StatusMessage; by default it says that a fault script asks for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// 503 InsufficientCapacityException, once the signature was verified; nothing is done.
    InsufficientCapacity,
    /// 400 NoLongerSupportedException, once the signature was verified; nothing is done.
    NoLongerSupported,
}

/// The part of a response that [`Fault::Corrupt`] changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorruptedPart {
    /// One bit of the body.
    Body,
    /// One hexadecimal digit of the header `x-amz-sha256-tree-hash`.
    TreeHash,
}

/// The operations whose responses have a tree hash.
const HASHED: [&str; 4] = ["UploadArchive", "UploadMultipartPart", "CompleteMultipartUpload", "GetJobOutput"];

/// The longest delay, a day.
const MAX_DELAY: f64 = 86_400.0;

impl Fault {
    /// All kinds, as scripts have them.
    pub const KINDS: [&str; 13] = [
        "error",
        "throttle",
        "delay",
        "stall",
        "cut-request",
        "cut-response",
        "reset",
        "lose-reply",
        "corrupt",
        "expired-credentials",
        "job-fails",
        "insufficient-capacity",
        "no-longer-supported",
    ];

    /// The kind, as a script has it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Fault::Error { .. } => "error",
            Fault::Throttle => "throttle",
            Fault::Delay { .. } => "delay",
            Fault::Stall => "stall",
            Fault::CutRequest { .. } => "cut-request",
            Fault::CutResponse { .. } => "cut-response",
            Fault::Reset => "reset",
            Fault::LoseReply => "lose-reply",
            Fault::Corrupt { .. } => "corrupt",
            Fault::ExpiredCredentials => "expired-credentials",
            Fault::JobFails { .. } => "job-fails",
            Fault::InsufficientCapacity => "insufficient-capacity",
            Fault::NoLongerSupported => "no-longer-supported",
        }
    }

    /// Whether the values are in range and the fault can happen to the operation, or `*`; otherwise the member, its value and what to do.
    pub(super) fn check(&self, operation: &str) -> Result<(), String> {
        match self {
            Fault::Error { status, .. } if !(300..=599).contains(status) => {
                Err(format!("status is {status}: use the HTTP status of an error, 300 to 599"))
            }
            Fault::Error { code, .. }
                if code.is_empty() || code.len() > 128 || !code.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Err(format!("code is {code:?}: use 1 to 128 visible ASCII characters, such as ServiceUnavailableException"))
            }
            Fault::Error { message: Some(message), .. } | Fault::JobFails { message: Some(message) } if message.len() > 1024 => {
                Err(format!("message has {} bytes: use up to 1024", message.len()))
            }
            Fault::Delay { seconds } if !(0.0..=MAX_DELAY).contains(seconds) => {
                Err(format!("seconds is {seconds}: use 0 to {MAX_DELAY}, fractions allowed"))
            }
            Fault::JobFails { .. } if operation != "InitiateJob" && operation != "*" => {
                Err(format!("kind is job-fails, which does not fit the operation {operation}: use InitiateJob"))
            }
            Fault::Corrupt { r#where: CorruptedPart::TreeHash } if operation != "*" && !HASHED.contains(&operation) => {
                Err(format!(
                    "where is tree-hash, which the response of {operation} does not have: use body, or one of {}",
                    HASHED.join(", ")
                ))
            }
            _ => Ok(()),
        }
    }
}
