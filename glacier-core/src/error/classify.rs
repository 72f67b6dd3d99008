//! What an error means for the next attempt: decided here and not by callers.

use super::error::Error;
use crate::response::{ErrorCode, ServiceError};
use crate::wire::{DecodeError, contains};

/// Other codes for throttling, used by what may stand in front of the service ("Retry behavior", AWS SDKs and tools reference guide).
const THROTTLING: [&str; 12] = [
    "Throttling",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

impl ServiceError {
    /// Whether the request was throttled.
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        self.code == ErrorCode::Throttling || self.status == 429 || THROTTLING.contains(&self.name.as_str())
    }

    /// Whether the same request may succeed a little later.
    ///
    /// Not so for `LimitExceeded`, a fixed quota, nor for `InsufficientCapacity`, where another tier or another hour is the caller's choice.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.code {
            ErrorCode::LimitExceeded | ErrorCode::InsufficientCapacity => false,
            ErrorCode::RequestTimeout => true,
            _ if matches!(self.name.as_str(), "RequestTimeout" | "PriorRequestNotComplete") => true,
            _ => self.is_throttling() || matches!(self.status, 500 | 502 | 503 | 504),
        }
    }

    /// Whether the request was signed with a wrong time. [`ServiceError::date`] is the right one.
    #[must_use]
    pub fn is_clock_skew(&self) -> bool {
        let known = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"];
        let text = self.message.as_str();
        known.contains(&self.name.as_str())
            || self.code == ErrorCode::InvalidSignature
                && (contains(text, "Signature expired") || contains(text, "Signature not yet current"))
    }

    /// Whether newer credentials are needed.
    #[must_use]
    pub fn is_expired_token(&self) -> bool {
        self.code == ErrorCode::ExpiredToken
    }

    /// Whether the service may have acted nevertheless: a server error that was not written by the service itself.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        let own = matches!(self.code, ErrorCode::ServiceUnavailable | ErrorCode::InsufficientCapacity | ErrorCode::Throttling);
        self.after_lost_response || self.status >= 500 && !own
    }
}

impl<T, S> Error<T, S> {
    /// The service error, when it is one.
    pub fn service_error(&self) -> Option<&ServiceError> {
        match self {
            Error::Service(service_error) => Some(service_error),
            _ => None,
        }
    }

    /// The service may have acted on an earlier attempt, whatever has ended the last one.
    // A frame of its own, so that the calls have no room for a second error.
    #[inline(never)]
    pub(crate) fn set_may_have_acted(&mut self) {
        match self {
            Error::Service(error) => error.after_lost_response = true,
            Error::NotSent(_) => {
                if let Error::NotSent(error) = core::mem::replace(self, Error::ClockNotSet) {
                    *self = Error::Transport(error);
                }
            }
            Error::Credentials(_) => *self = Error::Decode(DecodeError::Lost),
            _ => {}
        }
    }

    /// Whether the same request may succeed a little later. Whether it may be sent again is another question: see
    /// [`may_have_acted`](Error::may_have_acted).
    pub fn is_retryable(&self) -> bool {
        match self {
            Error::NotSent(_)
            | Error::Transport(_)
            | Error::Decode(DecodeError::Truncated | DecodeError::DownloadLength { .. }) => true,
            Error::Service(service_error) => service_error.is_retryable(),
            _ => false,
        }
    }

    /// Whether the request was throttled.
    pub fn is_throttling(&self) -> bool {
        self.service_error().is_some_and(ServiceError::is_throttling)
    }

    /// Whether the request was signed with a wrong time.
    pub fn is_clock_skew(&self) -> bool {
        self.service_error().is_some_and(ServiceError::is_clock_skew)
    }

    /// Whether the service may have acted although there is an error: the response was lost, unreadable, or not the service's own. The
    /// error of a call with retries answers for all of its attempts.
    ///
    /// After such an error an operation that is not idempotent must not be sent again without checking what it did.
    pub fn may_have_acted(&self) -> bool {
        match self {
            Error::Transport(_) | Error::Decode(_) | Error::TreeHashMismatch(_) => true,
            Error::Service(error) => error.may_have_acted(),
            Error::Encode(_) | Error::Credentials(_) | Error::ClockNotSet | Error::Source(_) | Error::NotSent(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Head;
    use crate::values::Timestamp;

    fn service_error(status: u16, code: &str, message: &str) -> ServiceError {
        let mut arena = [0; 128];
        let mut head = Head::new(&mut arena);
        head.start(status);
        head.push("date", b"Fri, 25 May 2012 01:24:53 GMT").unwrap();
        let body = std::format!(r#"{{"code":"{code}","message":"{message}"}}"#);
        ServiceError::from_response(&head.with_body(body.as_bytes()))
    }

    #[test]
    fn errors_are_classified_by_code_and_not_by_status() {
        assert!(service_error(400, "ThrottlingException", "").is_throttling());
        assert!(service_error(403, "ThrottlingException", "").is_retryable());
        assert!(service_error(408, "RequestTimeoutException", "").is_retryable());
        assert!(!service_error(400, "LimitExceededException", "").is_retryable());
        assert!(!service_error(503, "InsufficientCapacityException", "").is_retryable());
        assert!(!service_error(501, "", "").is_retryable());
        assert!(service_error(502, "", "").may_have_acted());
        assert!(!service_error(500, "ServiceUnavailableException", "").may_have_acted());
    }

    #[test]
    fn clock_skew_is_recognized() {
        let skewed = service_error(403, "InvalidSignatureException", "Signature expired: 20120525T002453Z is now earlier than ...");
        assert!(skewed.is_clock_skew());
        assert!(!service_error(403, "InvalidSignatureException", "does not match").is_clock_skew());
        assert_eq!(skewed.date, Timestamp::parse_iso("20120525T012453Z"));
    }
}
