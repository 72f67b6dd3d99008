//! The headers of a request.

use glacier_core::Request;

use crate::local::model::ApiError;

/// A request's headers: names in lower case, values without white space around them.
#[derive(Debug, Default)]
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
