//! The query of a request.

use super::text::{decode, number};
use crate::local::model::ApiError;

/// Query parameters, decoded. Of a repeated name the first counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    pub(crate) fn parse(query: &str) -> Result<Self, ApiError> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| Ok((decode(name)?, decode(value)?))).collect::<Result<_, _>>().map(QueryParameters)
    }

    /// A value; `None` when it is absent or empty, which means the same.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The number of items on a page: `limit`, from 1 to `max`, which is also the default.
    pub(crate) fn limit(&self, max: usize) -> Result<usize, ApiError> {
        let Some(text) = self.get("limit") else { return Ok(max) };
        let limit = number(text).and_then(|limit| usize::try_from(limit).ok()).filter(|limit| (1..=max).contains(limit));
        limit.ok_or_else(|| ApiError::invalid(format!("Invalid limit: {text}. The limit must be between 1 and {max}")))
    }

    pub(crate) fn marker(&self) -> Option<&str> {
        self.get("marker")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let query = QueryParameters::parse("marker=arn%3Aaws%2Bx&limit=&a&marker=second").unwrap();
        assert_eq!(query.marker(), Some("arn:aws+x"));
        assert_eq!(query.limit(10), Ok(10));
        for (text, limit) in
            [("limit=1", Some(1)), ("limit=10", Some(10)), ("limit=0", None), ("limit=11", None), ("limit=+1", None)]
        {
            assert_eq!(QueryParameters::parse(text).unwrap().limit(10).ok(), limit, "{text}");
        }
    }
}
