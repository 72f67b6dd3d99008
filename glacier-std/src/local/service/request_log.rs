//! The last requests, in memory: what was asked for and what came of it, and why a signature failed. Never a signature or a token.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use glacier_core::ErrorCode;

use crate::local::model::{ApiError, Moment};
use crate::local::response::{LocalResponse, LoggedRequest};

/// Requests that are remembered.
const KEPT: usize = 1000;
/// Bytes of each text that are remembered: with these, all of them take 16 MiB at most.
const PATH: usize = 1 << 10;
const MESSAGE: usize = 4 << 10;
const PRINCIPAL: usize = 2 << 10;
const WHY: usize = 8 << 10;

/// The last requests, oldest first.
#[derive(Default)]
pub(super) struct RequestLog {
    requests: Mutex<VecDeque<LoggedRequest>>,
}

impl RequestLog {
    /// Remembers a request, and forgets the oldest if there are too many.
    pub(super) fn add(&self, request: LoggedRequest) {
        let mut requests = self.lock();
        while requests.len() >= KEPT {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    pub(super) fn clear(&self) {
        *self.lock() = VecDeque::new();
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<LoggedRequest> {
        self.lock().iter().cloned().collect()
    }

    /// Those after the one with this id; `None` if it is not remembered.
    #[cfg_attr(not(any(feature = "serve", test)), expect(dead_code))]
    pub(super) fn after(&self, request_id: &str) -> Option<Vec<LoggedRequest>> {
        let requests = self.lock();
        let place = requests.iter().rposition(|request| request.request_id == request_id)?;
        Some(requests.iter().skip(place + 1).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<LoggedRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is noted of a request while it is handled.
#[derive(Debug, Default)]
pub(super) struct Trace {
    operation: Option<&'static str>,
    /// Who signed it; none before that was verified.
    pub(super) principal: Option<String>,
    status: Option<u16>,
    error: Option<(String, String)>,
    why: Option<String>,
    fault: Option<&'static str>,
}

impl Trace {
    /// Of a request for this operation, if it is for one.
    pub(super) fn new(operation: Option<&'static str>) -> Self {
        Trace { operation, ..Trace::default() }
    }

    /// The request ends with this error.
    pub(super) fn failed(&mut self, error: &ApiError) {
        // Whoever is known has a signature that did not fail.
        if self.principal.is_none() {
            self.why = why(error);
        }
    }

    /// There is a response.
    pub(super) fn responded(&mut self, response: &LocalResponse) {
        (self.status, self.error) = (Some(response.status()), response.error_texts());
    }

    /// A fault happened; `is_answered` is whether there is a response all the same.
    pub(super) fn hit(&mut self, fault: &'static str, is_answered: bool) {
        self.fault = Some(fault);
        if !is_answered {
            self.status = None;
        }
    }

    /// The request, to be remembered.
    pub(super) fn into_request(self, at: Moment, request_id: &str, method: &str, path: &str) -> LoggedRequest {
        let (code, text) = self.error.unzip();
        let fault = self.fault.map(|kind| format!("fault: {kind}"));
        let message = match (text, fault) {
            (Some(text), Some(fault)) => Some(format!("{text} ({fault})")),
            (text, fault) => text.or(fault),
        };
        LoggedRequest {
            at: at.to_string(),
            request_id: request_id.to_owned(),
            operation: self.operation,
            method: shortened(method, PATH),
            path: shortened(path, PATH),
            status: self.status,
            code: code.map(|code| shortened(&code, PATH)),
            message: message.map(|message| shortened(&message, MESSAGE)),
            principal: self.principal.map(|principal| shortened(&principal, PRINCIPAL)),
            why: self.why.map(|why| shortened(&why, WHY)),
        }
    }
}

/// Why a signature failed, if that is what failed.
fn why(error: &ApiError) -> Option<String> {
    let why = match (&error.signed, error.code) {
        (Some(texts), _) => format!(
            "{}\n\nThe canonical request that this service signed:\n{}\n\nThe string to sign:\n{}",
            error.message, texts.canonical_request, texts.string_to_sign
        ),
        (None, ErrorCode::UnrecognizedClient) => {
            format!(
                "{} The access key is not one that this service accepts, or not with the session token that was sent.",
                error.message
            )
        }
        (None, ErrorCode::InvalidSignature | ErrorCode::MissingAuthenticationToken | ErrorCode::ExpiredToken) => {
            error.message.clone()
        }
        _ => return None,
    };
    Some(why)
}

/// A text of at most `limit` bytes, and how much of it is left out.
fn shortened(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit);
    let (kept, rest) = text.split_at(end);
    format!("{kept}… ({} more bytes)", rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::SignedTexts;

    fn request(id: &str) -> LoggedRequest {
        Trace::default().into_request(Moment(0), id, "GET", "/")
    }

    fn ids(requests: &[LoggedRequest]) -> Vec<&str> {
        requests.iter().map(|request| request.request_id.as_str()).collect()
    }

    #[test]
    fn the_last_thousand_oldest_first() {
        let log = RequestLog::default();
        for n in 0..KEPT + 2 {
            log.add(request(&n.to_string()));
        }
        let all = log.all();
        assert_eq!((all.len(), ids(&all)[0], ids(&all)[KEPT - 1]), (1000, "2", "1001"));
        assert_eq!(ids(&log.after("999").unwrap()), ["1000", "1001"]);
        assert_eq!(log.after("1001"), Some(vec![]));
        assert_eq!(log.after("1"), None, "forgotten");
        log.clear();
        assert_eq!((log.all(), log.after("1001")), (vec![], None));
    }

    #[test]
    fn what_is_remembered_of_a_request_is_bounded() {
        let long = "\u{1f9ca}".repeat(100_000);
        let mut trace = Trace { principal: Some(long.clone()), ..Trace::default() };
        trace.responded(&LocalResponse::error(&ApiError::invalid(long.as_str())));
        trace.why = Some(long.clone());
        let request = trace.into_request(Moment(0), "id", &long, &long);
        let bytes = serde_json::to_vec(&request).unwrap().len();
        assert!((WHY + MESSAGE..17 << 10).contains(&bytes), "{bytes}");
        assert!(request.path.ends_with("🧊… (398976 more bytes)"), "{}", request.path);
    }

    #[test]
    fn errors_and_faults() {
        let entry = |trace: Trace| trace.into_request(Moment(0), "id", "GET", "/");
        let error = LocalResponse::error(&ApiError::not_found("Vault not found"));
        let mut trace = Trace::default();
        trace.responded(&error);
        let noted = entry(trace);
        let texts = |noted: &LoggedRequest| (noted.status, noted.code.clone(), noted.message.clone());
        assert_eq!(texts(&noted), (Some(404), Some("ResourceNotFoundException".into()), Some("Vault not found".into())));
        let mut trace = Trace::default();
        trace.responded(&error);
        trace.hit("throttle", true);
        assert_eq!(entry(trace).message.as_deref(), Some("Vault not found (fault: throttle)"));
        let mut trace = Trace::default();
        trace.responded(&LocalResponse::empty(201));
        trace.hit("lose-reply", false);
        assert_eq!(texts(&entry(trace)), (None, None, Some("fault: lose-reply".into())));
    }

    #[test]
    fn only_signatures_that_failed_are_explained() {
        let noted = |principal: Option<&str>, error: &ApiError| {
            let mut trace = Trace { principal: principal.map(str::to_owned), ..Trace::default() };
            trace.failed(error);
            trace.into_request(Moment(0), "id", "GET", "/").why
        };
        let texts = SignedTexts { canonical_request: "GET\n/".into(), string_to_sign: "A\nB".into() };
        let mismatch = ApiError { signed: Some(Box::new(texts)), ..ApiError::new(ErrorCode::InvalidSignature, "No match.") };
        let why = noted(None, &mismatch).unwrap();
        assert!(why.starts_with("No match.") && why.contains("signed:\nGET\n/\n") && why.ends_with("sign:\nA\nB"), "{why}");
        for code in [ErrorCode::InvalidSignature, ErrorCode::UnrecognizedClient, ErrorCode::ExpiredToken] {
            assert!(noted(None, &ApiError::new(code, "Because.")).unwrap().starts_with("Because."));
        }
        assert_eq!(noted(None, &ApiError::invalid("x")), None);
        assert_eq!(noted(Some("arn"), &ApiError::new(ErrorCode::ExpiredToken, "A fault.")), None);
    }
}
