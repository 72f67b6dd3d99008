//! Pages of lists: how many items, and where to go on.

use super::check::number;
use super::refuse::Refused;
use super::routes::decode;

/// A query, its values decoded. Of a repeated name the first counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(query: &str) -> Result<Self, Refused> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| Ok((decode(name)?, decode(value)?))).collect::<Result<_, _>>().map(Query)
    }

    /// A value; `None` when it is absent or empty, which says the same.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The most items of a page: `limit`, from 1 to `most`, which is also the default.
    pub(super) fn limit(&self, most: usize) -> Result<usize, Refused> {
        let Some(text) = self.get("limit") else { return Ok(most) };
        let limit = number(text).and_then(|limit| usize::try_from(limit).ok()).filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| Refused::invalid(format!("Invalid limit: {text}. The limit must be between 1 and {most}")))
    }

    pub(super) fn marker(&self) -> Option<&str> {
        self.get("marker")
    }
}

/// The page's items, and the marker when there are more. `items` are those behind the last page's marker; it is asked for one more
/// than the page holds.
pub(super) fn page<T, R>(
    limit: usize,
    items: impl Iterator<Item = Result<T, Refused>>,
    marker: impl Fn(&T) -> String,
    show: impl Fn(T) -> R,
) -> Result<(Vec<R>, Option<String>), Refused> {
    let mut taken = items.take(limit + 1).collect::<Result<Vec<T>, Refused>>()?;
    let more = taken.len() > limit;
    taken.truncate(limit);
    let marker = taken.last().filter(|_| more).map(marker);
    Ok((taken.into_iter().map(show).collect(), marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let query = Query::parse("marker=arn%3Aaws%2Bx&limit=&a&marker=second").unwrap();
        assert_eq!(query.marker(), Some("arn:aws+x"));
        assert_eq!(query.limit(10), Ok(10));
        for (text, limit) in
            [("limit=1", Some(1)), ("limit=10", Some(10)), ("limit=0", None), ("limit=11", None), ("limit=+1", None)]
        {
            assert_eq!(Query::parse(text).unwrap().limit(10).ok(), limit, "{text}");
        }
    }

    #[test]
    fn a_full_last_page_has_no_marker() {
        let take = |limit| page(limit, (1..=4).map(Ok), |n| format!("m{n}"), |n| n).unwrap();
        assert_eq!(take(3), (vec![1, 2, 3], Some("m3".into())));
        assert_eq!(take(4), (vec![1, 2, 3, 4], None));
    }
}
