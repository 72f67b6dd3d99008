//! The service's errors: code, message, request id.

use core::fmt;

use super::header::Header;
use super::response::Response;
use crate::values::Timestamp;
use crate::wire::json::{FromJson, Text, Value};
use crate::wire::{DecodeError, Truncated, decimal, json, rsplit_once, split_once};

/// The codes of the service's errors (section 2 of the API reference).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErrorCode {
    /// A policy forbids it, or the account in the path is not the signer's.
    AccessDenied,
    /// The request cannot be processed.
    BadRequest,
    /// The session token has expired: get new credentials.
    ExpiredToken,
    /// No capacity for expedited retrievals now: wait, or use the Standard tier.
    InsufficientCapacity,
    /// A parameter is wrong; also a checksum mismatch, a job that is not finished, a vault that is not empty.
    InvalidParameterValue,
    /// The signature does not match: wrong secret, wrong region, wrong clock.
    InvalidSignature,
    /// A quota of the account is reached.
    LimitExceeded,
    /// The request was not signed.
    MissingAuthenticationToken,
    /// A required parameter is absent.
    MissingParameterValue,
    /// This account has no Glacier storage, and the service takes no new customers.
    NoLongerSupported,
    /// The account's data retrieval policy does not allow the job.
    PolicyEnforced,
    /// The body arrived too slowly: send it again.
    RequestTimeout,
    /// The vault, archive, upload or job does not exist.
    ResourceNotFound,
    /// The JSON body is malformed.
    Serialization,
    /// The service cannot do it now: try again.
    ServiceUnavailable,
    /// Too many requests: slow down.
    Throttling,
    /// The access key or token is unknown.
    UnrecognizedClient,
    /// A code that is not in this list, or none; [`ServiceError::name`] has its text.
    Unknown,
}

const CODES: [(ErrorCode, &str); 17] = [
    (ErrorCode::AccessDenied, "AccessDeniedException"),
    (ErrorCode::BadRequest, "BadRequest"),
    (ErrorCode::ExpiredToken, "ExpiredTokenException"),
    (ErrorCode::InsufficientCapacity, "InsufficientCapacityException"),
    (ErrorCode::InvalidParameterValue, "InvalidParameterValueException"),
    (ErrorCode::InvalidSignature, "InvalidSignatureException"),
    (ErrorCode::LimitExceeded, "LimitExceededException"),
    (ErrorCode::MissingAuthenticationToken, "MissingAuthenticationTokenException"),
    (ErrorCode::MissingParameterValue, "MissingParameterValueException"),
    (ErrorCode::NoLongerSupported, "NoLongerSupportedException"),
    (ErrorCode::PolicyEnforced, "PolicyEnforcedException"),
    (ErrorCode::RequestTimeout, "RequestTimeoutException"),
    (ErrorCode::ResourceNotFound, "ResourceNotFoundException"),
    (ErrorCode::Serialization, "SerializationException"),
    (ErrorCode::ServiceUnavailable, "ServiceUnavailableException"),
    (ErrorCode::Throttling, "ThrottlingException"),
    (ErrorCode::UnrecognizedClient, "UnrecognizedClientException"),
];

impl ErrorCode {
    /// The code with this name; [`ErrorCode::Unknown`] for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> ErrorCode {
        CODES.iter().find(|(_, known)| *known == name).map_or(ErrorCode::Unknown, |(code, _)| *code)
    }

    /// The code's name on the wire; `None` for [`ErrorCode::Unknown`].
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        CODES.iter().find(|(code, _)| *code == self).map(|(_, name)| *name)
    }
}

/// An error of the service; long texts are visibly truncated, but with the feature `std` the message is kept whole.
/// [`ServiceErrorText`] has the whole texts while the response is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ServiceError {
    /// The HTTP status.
    pub status: u16,
    /// The code, from the body or the `x-amzn-ErrorType` header, never guessed from the status.
    pub code: ErrorCode,
    /// The code's text; empty when the response had none.
    pub name: Truncated<48>,
    /// The beginning of the service's message; [`whole_message`](ServiceError::whole_message) is all that there is of it.
    pub message: Truncated<160>,
    /// The whole message, when it is longer than that.
    #[cfg(feature = "std")]
    #[cfg_attr(feature = "defmt", defmt(Debug2Format))]
    pub(crate) whole: Option<std::sync::Arc<str>>,
    /// The id that the service gave the request; empty when the response had none.
    pub request_id: Truncated<64>,
    /// The service's time; `None` when the response was undated or came from a cache.
    pub date: Option<Timestamp>,
    /// How long the service asks to wait before the next try, in milliseconds.
    pub retry_after_ms: Option<u32>,
    /// Whether the response to an earlier attempt of the same call was lost, so that the service may have acted then.
    pub after_lost_response: bool,
}

impl ServiceError {
    /// Reads any response that is not a success. It never fails: what cannot be read stays empty.
    #[must_use]
    pub fn from_response(response: &Response<'_>) -> Self {
        let full = ServiceErrorText::from_response(response);
        let name = full.code.map_or(Truncated::default(), |code| Truncated::new(&code));
        let error = ServiceError {
            status: response.status(),
            code: full.code.map_or(ErrorCode::Unknown, |_| ErrorCode::from_name(name.as_str())),
            name,
            message: match full.message {
                Message::Json(text) => Truncated::new(&text),
                Message::Raw(text) => Truncated::new(&text),
            },
            #[cfg(feature = "std")]
            whole: None,
            request_id: Truncated::new(&response.request_id().unwrap_or_default()),
            date: response.date(),
            retry_after_ms: retry_after_ms(response),
            after_lost_response: false,
        };
        #[cfg(feature = "std")]
        let error = match error.message.is_whole() {
            true => error,
            false => ServiceError { whole: full.message.in_words(), ..error },
        };
        error
    }

    /// The service's message: the whole of it with the feature `std`, unless it is a page of HTML; otherwise its beginning.
    #[must_use]
    pub fn whole_message(&self) -> &str {
        #[cfg(feature = "std")]
        if let Some(whole) = &self.whole {
            return whole;
        }
        self.message.as_str()
    }
}

/// `x-amz-retry-after` in milliseconds, or `Retry-After` in seconds. Its other form, a date, is not used by the service.
fn retry_after_ms(response: &Response<'_>) -> Option<u32> {
    let milliseconds = response.header(Header::AmzRetryAfter).and_then(decimal);
    let seconds = response.header(Header::RetryAfter).and_then(decimal).map(|seconds| seconds.saturating_mul(1000));
    milliseconds.or(seconds).map(|wait| u32::try_from(wait).unwrap_or(u32::MAX))
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service returned {}", self.status)?;
        for (before, text) in [(" ", self.name.as_str()), (": ", self.whole_message())] {
            if !text.is_empty() {
                write!(f, "{before}{text}")?;
            }
        }
        match self.request_id.as_str() {
            "" => Ok(()),
            id => write!(f, " (request id {id})"),
        }
    }
}

impl core::error::Error for ServiceError {}

/// The whole texts of a service error, borrowed from the response.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ServiceErrorText<'b> {
    /// The code, without the namespace before `#` and what follows `:`; `None` when the response has none.
    pub code: Option<Text<'b>>,
    /// The message.
    pub message: Message<'b>,
}

/// Where the message comes from.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Message<'b> {
    /// The body's `message` member.
    Json(Text<'b>),
    /// The body itself, which is not JSON: a proxy's page, for instance.
    Raw(&'b str),
}

#[cfg(feature = "std")]
impl Message<'_> {
    /// The message, unless it is a page made for browsers.
    fn in_words(&self) -> Option<std::sync::Arc<str>> {
        use std::string::ToString;
        match self {
            Message::Json(text) => Some(text.to_string().into()),
            Message::Raw(page) if page.trim_ascii_start().starts_with('<') => None,
            Message::Raw(text) => Some((*text).into()),
        }
    }
}

#[derive(Default)]
struct Body<'b> {
    code: Option<Text<'b>>,
    type_name: Option<Text<'b>>,
    message: Option<Text<'b>>,
}

impl<'b> FromJson<'b> for Body<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        // The service writes lower case; other spellings come from proxies in front of it, and count where the usual one is absent.
        // A member that is not a string is ignored, so that it does not hide the others.
        let text = || if value.raw().starts_with(b"\"") { value.text() } else { Ok(None) };
        match name {
            "code" => self.code = text()?.or(self.code),
            "Code" => self.code = self.code.or(text()?),
            "__type" => self.type_name = text()?,
            "message" => self.message = text()?.or(self.message),
            "Message" => self.message = self.message.or(text()?),
            _ => {}
        }
        Ok(())
    }
}

impl<'b> ServiceErrorText<'b> {
    /// Reads any response that is not a success.
    pub fn from_response(response: &Response<'b>) -> Self {
        let header = response.header(Header::ErrorType).and_then(Text::from_plain).filter(|code| !code.is_empty());
        let (code, message) = match json::object::<Body<'b>>(response.body) {
            Ok(body) if !response.body.trim_ascii().is_empty() => {
                (body.code.or(body.type_name), Message::Json(body.message.unwrap_or_default()))
            }
            _ => (None, Message::Raw(core::str::from_utf8(response.body).unwrap_or_default())),
        };
        ServiceErrorText { code: header.or(code).map(bare), message }
    }
}

/// `namespace#ErrorCode:detail` is `ErrorCode`.
fn bare(code: Text<'_>) -> Text<'_> {
    let raw = code.raw();
    let raw = split_once(raw, ":").map_or(raw, |(before, _)| before);
    let raw = rsplit_once(raw, "#").map_or(raw, |(_, after)| after);
    Text::from_plain(raw).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::head::Head;
    use std::string::ToString;

    fn service_error(status: u16, headers: &[(&str, &str)], body: &str) -> ServiceError {
        let mut arena = [0; 256];
        let mut head = Head::new(&mut arena);
        head.start(status);
        for (name, value) in headers {
            head.push(name, value.as_bytes()).unwrap();
        }
        ServiceError::from_response(&head.with_body(body.as_bytes()))
    }

    #[test]
    fn reads_the_usual_form() {
        let body = r#"{"code":"ResourceNotFoundException","message":"Vault not found: \"a\"","type":"Client"}"#;
        let service_error = service_error(404, &[("x-amzn-RequestId", "AAA")], body);
        assert_eq!(service_error.code, ErrorCode::ResourceNotFound);
        assert_eq!(
            service_error.to_string(),
            "the service returned 404 ResourceNotFoundException: Vault not found: \"a\" (request id AAA)"
        );
    }

    #[test]
    fn reads_the_other_forms() {
        let typed = service_error(400, &[], r#"{"__type":"com.amazon#ThrottlingException:http","Message":"slow"}"#);
        assert_eq!((typed.code, typed.message.as_str()), (ErrorCode::Throttling, "slow"));
        let header = service_error(400, &[("x-amzn-ErrorType", "InvalidSignatureException:x")], "{}");
        assert_eq!(header.code, ErrorCode::InvalidSignature);
        let empty = service_error(400, &[("x-amzn-ErrorType", "")], r#"{"code":"BadRequest"}"#);
        assert_eq!(empty.code, ErrorCode::BadRequest);
        for message in ["5", "{}", "[\"x\"]", "null"] {
            let odd = service_error(400, &[], &std::format!(r#"{{"code":"BadRequest","message":{message}}}"#));
            assert_eq!((odd.code, odd.message.as_str()), (ErrorCode::BadRequest, ""), "{message}");
        }
    }

    /// The reason is at the end of such a message: which user, which action, which resource, and why.
    #[cfg(feature = "std")]
    #[test]
    fn a_host_keeps_the_whole_message() {
        let arn = "arn:aws:glacier:eu-west-1:111122223333:vaults/a-vault-with-a-long-name-for-the-backups-of-2026";
        let reason = "with an explicit deny in a service control policy";
        let message = std::format!(
            "User: arn:aws:sts::111122223333:assumed-role/Backup/host-17 is not authorized to perform: glacier:UploadArchive on resource: {arn} {reason}"
        );
        let body = std::format!(r#"{{"code":"AccessDeniedException","message":"{message}"}}"#);
        let denied = service_error(403, &[], &body);
        assert!(message.len() > 240 && !denied.message.is_whole());
        assert_eq!(denied.whole_message(), message);
        assert_eq!(denied.to_string(), std::format!("the service returned 403 AccessDeniedException: {message}"));
        assert_eq!(denied.clone(), denied);
        // A short one is kept once, and a page for browsers is noise.
        assert_eq!(service_error(400, &[], r#"{"message":"a \"b\""}"#).whole_message(), "a \"b\"");
        let page = std::format!(" <html>{}</html>", "x".repeat(1000));
        assert_eq!(service_error(502, &[], &page).whole_message().len(), 160);
        let words = "no such tunnel: ".repeat(40);
        assert_eq!(service_error(502, &[], &words).whole_message(), words);
    }

    #[test]
    fn keeps_the_status_of_what_it_cannot_read() {
        let page = service_error(502, &[], "<html>Bad gateway</html>");
        assert_eq!((page.status, page.code, page.name.as_str()), (502, ErrorCode::Unknown, ""));
        assert_eq!(page.message.as_str(), "<html>Bad gateway</html>");
        assert_eq!(service_error(503, &[], "").to_string(), "the service returned 503");
        let new = service_error(418, &[], r#"{"code":"TeapotException"}"#);
        assert_eq!((new.code, new.name.as_str()), (ErrorCode::Unknown, "TeapotException"));
    }
}
