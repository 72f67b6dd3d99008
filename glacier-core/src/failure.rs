//! What a failure means for the next try: asked of the error, not guessed by callers.

use crate::error::{DecodeError, Error};
use crate::refusal::{Code, Refusal};
use crate::search::contains;

/// Other words for slowing down, of what may stand before the service ("Retry behavior", AWS SDKs and tools reference guide).
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

impl Refusal {
    /// Whether the service said to slow down.
    pub fn is_throttling(&self) -> bool {
        self.code == Code::Throttling || self.status == 429 || THROTTLING.contains(&self.name.as_str())
    }

    /// Whether the same request may succeed a little later.
    ///
    /// Not so for `LimitExceeded`, a fixed quota, nor for `InsufficientCapacity`, where another tier or another hour is the caller's choice.
    pub fn is_retryable(&self) -> bool {
        match self.code {
            Code::LimitExceeded | Code::InsufficientCapacity => false,
            Code::RequestTimeout => true,
            _ if matches!(self.name.as_str(), "RequestTimeout" | "PriorRequestNotComplete") => true,
            _ => self.is_throttling() || matches!(self.status, 500 | 502 | 503 | 504),
        }
    }

    /// Whether the clock that signed the request is off. [`Refusal::date`] tells the right time.
    pub fn is_clock_skew(&self) -> bool {
        let known = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"];
        let text = self.message.as_str();
        known.contains(&self.name.as_str())
            || self.code == Code::InvalidSignature
                && (contains(text, "Signature expired") || contains(text, "Signature not yet current"))
    }

    /// Whether newer credentials are needed.
    pub fn is_expired_token(&self) -> bool {
        self.code == Code::ExpiredToken
    }

    /// Whether the service may have acted all the same: a server error that is not the service's own word.
    pub fn is_ambiguous(&self) -> bool {
        self.status >= 500 && !matches!(self.code, Code::ServiceUnavailable | Code::InsufficientCapacity | Code::Throttling)
    }
}

impl<T, S> Error<T, S> {
    /// The service's refusal, when it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Service(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the same request may succeed a little later. Whether it may be sent again is another question: see [`is_ambiguous`](Error::is_ambiguous).
    pub fn is_retryable(&self) -> bool {
        match self {
            Error::Transport(_) | Error::Decode(DecodeError::Truncated | DecodeError::DownloadLength { .. }) => true,
            Error::Service(refusal) => refusal.is_retryable(),
            _ => false,
        }
    }

    /// Whether the service said to slow down.
    pub fn is_throttling(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_throttling)
    }

    /// Whether the clock that signed the request is off.
    pub fn is_clock_skew(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_clock_skew)
    }

    /// Whether the service may have acted although there is an error: the answer was lost, unreadable, or not the service's own.
    ///
    /// After such an error an operation that is not idempotent must not be sent again without a look at what it did.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Error::Transport(_) | Error::Decode(_) => true,
            Error::Service(refusal) => refusal.is_ambiguous(),
            Error::Encode(_) | Error::Credentials(_) | Error::ClockNotSet | Error::Source(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Head;
    use crate::time::Timestamp;

    fn refusal(status: u16, code: &str, message: &str) -> Refusal {
        let mut arena = [0; 128];
        let mut head = Head::new(&mut arena);
        head.start(status);
        head.push("date", b"Fri, 25 May 2012 01:24:53 GMT").unwrap();
        let body = std::format!(r#"{{"code":"{code}","message":"{message}"}}"#);
        Refusal::from_response(&head.with_body(body.as_bytes()))
    }

    #[test]
    fn the_code_counts_and_not_the_status() {
        assert!(refusal(400, "ThrottlingException", "").is_throttling());
        assert!(refusal(403, "ThrottlingException", "").is_retryable());
        assert!(refusal(408, "RequestTimeoutException", "").is_retryable());
        assert!(!refusal(400, "LimitExceededException", "").is_retryable());
        assert!(!refusal(503, "InsufficientCapacityException", "").is_retryable());
        assert!(!refusal(501, "", "").is_retryable());
        assert!(refusal(502, "", "").is_ambiguous());
        assert!(!refusal(500, "ServiceUnavailableException", "").is_ambiguous());
    }

    #[test]
    fn clocks() {
        let skewed = refusal(403, "InvalidSignatureException", "Signature expired: 20120525T002453Z is now earlier than ...");
        assert!(skewed.is_clock_skew());
        assert!(!refusal(403, "InvalidSignatureException", "does not match").is_clock_skew());
        assert_eq!(skewed.date, Timestamp::parse_iso("20120525T012453Z"));
    }
}
