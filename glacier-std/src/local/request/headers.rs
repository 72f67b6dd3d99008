//! The headers of a request.

use std::fmt;

use glacier_core::Request;

use crate::local::model::ApiError;

/// A request's headers: names in lower case, values without white space around them.
#[derive(Default)]
pub(crate) struct RequestHeaders(Vec<(String, String)>);

impl RequestHeaders {
    pub(crate) fn new(headers: &[(&str, &str)]) -> Self {
        RequestHeaders(headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect())
    }

    pub(crate) fn of(request: &Request<'_>) -> Self {
        RequestHeaders::new(request.headers)
    }

    /// A header's value; the first one when it is repeated.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of a header that must not be absent or empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| ApiError::missing(name))
    }
}

/// Shows names only: a value may be a signature or a session token.
impl fmt::Debug for RequestHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_case_insensitive_and_values_stay_out_of_debug() {
        let headers = RequestHeaders::new(&[("X-Amz-Security-Token", " tick "), ("empty", "")]);
        assert_eq!(headers.get("x-amz-security-token"), Some("tick"));
        assert_eq!(headers.required("empty"), Err(ApiError::missing("empty")));
        let shown = format!("{headers:?}");
        assert!(shown.contains("x-amz-security-token") && !shown.contains("tick"), "{shown}");
    }
}
