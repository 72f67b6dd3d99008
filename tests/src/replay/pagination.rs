//! Lists of many pages: the requests sent, the items yielded, and the position at the end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glacier_core::Paginate;
use glacier_core::pages::{Pages, Position};
use glacier_core::testing::{RecordedRequest, block_on};
use glacier_core::{DecodeError, Encode, Error, Fetch, List, Marker, Operation, Upload};
use serde_json::{Value, json};

use super::caller::{NOW, ROOM, client};
use super::operations::{self, Visit};
use super::outputs::{Shape, ToModel};
use super::params::Params;
use super::recorded::{Event, RecordedResponse, transport};
use super::{NotPassed, Outcome, Rule, requests, rule, same, text};
use crate::vectors;

pub(super) fn replay(case: &Value) -> Outcome {
    let recorded = case["responses"].as_array().ok_or_else(|| "the case has no responses".to_string())?;
    let events = recorded.iter().map(|recorded| RecordedResponse::new(recorded).map(Event::Response)).collect::<Result<_, _>>()?;
    let config = &case["pagination_config"];
    let start = config["StartingToken"].as_str().map(position).transpose()?;
    let walk = Walk { events, start, page_size: whole(config, "PageSize")?, max_items: whole(config, "MaxItems")? };
    let mut input = case["params"].as_object().cloned().ok_or_else(|| "the case has no params".to_string())?;
    if walk.start.as_ref().is_some_and(|start| start.marker.is_none()) {
        // A token without a marker is a position in the very first page, whatever marker the input has.
        input.remove("marker");
    }
    let walked = match operations::with(text(case, "operation")?, &Params::new(&input), walk) {
        Ok(walked) => walked?,
        Err(not_built) => return requests::rejected(not_built),
    };
    compare(case, &walked)
}

/// A whole number, which botocore accepts as a string too.
fn whole(config: &Value, name: &str) -> Result<Option<u64>, NotPassed> {
    let value = &config[name];
    let read = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    if read.is_none() && !value.is_null() { Err(NotPassed::Failed(format!("{name} is not a number: {value}"))) } else { Ok(read) }
}

fn compare(case: &Value, walked: &Walked) -> Outcome {
    let result = &case["result"];
    if let Some(rule) = ended_by(case, walked) {
        return Ok(vec![rule]);
    }
    let requests: Vec<Value> = walked.requests.iter().map(request).collect();
    let expected: Vec<Value> = result["requests"].as_array().into_iter().flatten().map(sorted).collect();
    same("requests", requests, expected)?;

    let key = text(case, "result_key")?;
    let mut pages: Vec<Value> = result["pages"].as_array().into_iter().flatten().map(|page| list(page, key)).collect();
    // Null for an item is an item without members.
    let mut nulls = false;
    for item in pages.iter_mut().filter_map(Value::as_array_mut).flatten().filter(|item| item.is_null()) {
        (*item, nulls) = (json!({}), true);
    }
    let flat: Vec<&Value> = pages.iter().filter_map(Value::as_array).flatten().collect();
    same("items", walked.pages.iter().flatten().collect::<Vec<_>>(), flat)?;
    let ours: Vec<Value> = walked.pages.iter().map(|items| Value::Array(items.clone())).collect();
    same("pages", ours, pages)?;
    if let Some(full) = result.get("full_result").filter(|_| !nulls) {
        same("all items", Value::Array(walked.pages.concat()), list(full, key))?;
    }

    match (&walked.error, result.get("error")) {
        (None, None) => {
            let theirs = result["resume_token"].as_str().map(position).transpose()?;
            same("position", walked.position.clone(), theirs)?;
        }
        (Some(error), Some(expected)) => same_error(error, expected)?,
        (ours, theirs) => return Err(NotPassed::Failed(format!("error: ours {ours:?}, theirs {theirs:?}"))),
    }
    Ok(vec![Rule::Leniency; usize::from(nulls)])
}

/// The rule by which this client ends with an error where botocore goes on: after a page that is not JSON or has neither list nor marker,
/// and at a marker that its type cannot hold.
fn ended_by(case: &Value, walked: &Walked) -> Option<Rule> {
    let last = &case["responses"][walked.requests.len().checked_sub(1)?]["body"];
    let body = vectors::body(last).ok()??;
    let json = serde_json::from_slice::<Value>(&body);
    match walked.error.as_ref()? {
        WalkError::Unreadable if json.is_err() => Some(Rule::NotJson),
        // Nothing in such a page says that it comes from Glacier.
        WalkError::NoList => {
            let (json, key) = (json.ok()?, case["result_key"].as_str()?);
            (json.get(key).is_none() && json["Marker"].as_str().unwrap_or_default().is_empty()).then_some(Rule::Leniency)
        }
        WalkError::LongMarker => {
            json.ok()?["Marker"].as_str().filter(|marker| marker.len() > rule::LONGEST_MARKER).map(|_| Rule::Inexpressible)
        }
        _ => None,
    }
}

/// The list of a page, which may also be null or absent.
fn list(page: &Value, key: &str) -> Value {
    page.get(key).filter(|list| list.is_array()).cloned().unwrap_or_else(|| json!([]))
}

fn same_error(error: &WalkError, expected: &Value) -> Result<(), NotPassed> {
    match error {
        WalkError::Service(code) => same("error", code.as_str(), text(expected, "code")?),
        WalkError::MarkerRepeated => same("error", Some("PaginationError"), expected["exception"].as_str()),
        WalkError::Other(text) => Err(NotPassed::Failed(text.clone())),
        other => Err(NotPassed::Failed(format!("error: ours {other:?}, theirs {expected}"))),
    }
}

/// A resume token in botocore's present or former form (`marker___skip`), or a marker.
fn position(token: &str) -> Result<Position, NotPassed> {
    let decoded = STANDARD.decode(token).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let (marker, skip) = match (&decoded, token.split_once("___").map(|(marker, skip)| (marker, skip.parse()))) {
        (Some(inside), _) => (inside["marker"].as_str(), inside["boto_truncate_amount"].as_u64().unwrap_or(0)),
        (None, Some((marker, Ok(skip)))) => (Some(marker), skip),
        (None, _) => (Some(token), 0),
    };
    let marker = marker.filter(|marker| *marker != "None" || decoded.is_some());
    let marker = marker.map(Marker::try_from).transpose().map_err(|error| error.to_string())?;
    Ok(Position { marker, skip })
}

fn request(request: &RecordedRequest) -> Value {
    sorted(&json!({ "method": request.method.as_str(), "path": request.path, "query": request.query }))
}

/// A request with its query as a sorted list.
fn sorted(request: &Value) -> Value {
    let mut pairs: Vec<&str> = request["query"].as_str().unwrap_or_default().split('&').collect();
    pairs.sort_unstable();
    json!({ "method": request["method"], "path": request["path"], "query": pairs })
}

struct Walked {
    pages: Vec<Vec<Value>>,
    requests: Vec<RecordedRequest>,
    position: Option<Position>,
    error: Option<WalkError>,
}

#[derive(Debug)]
enum WalkError {
    Service(String),
    MarkerRepeated,
    Unreadable,
    NoList,
    LongMarker,
    Other(String),
}

impl<T: std::fmt::Debug> From<Error<T>> for WalkError {
    fn from(error: Error<T>) -> Self {
        match error {
            // Without a code botocore gives the status in its place.
            Error::Service(service_error) if service_error.name.as_str().is_empty() => {
                WalkError::Service(service_error.status.to_string())
            }
            Error::Service(service_error) => WalkError::Service(service_error.name.as_str().to_string()),
            Error::Decode(DecodeError::Json | DecodeError::Truncated) => WalkError::Unreadable,
            Error::Decode(DecodeError::MissingMember(_) | DecodeError::EmptyBody(_)) => WalkError::NoList,
            Error::Decode(DecodeError::Marker(_)) => WalkError::LongMarker,
            Error::Decode(DecodeError::MarkerRepeated) => WalkError::MarkerRepeated,
            other => WalkError::Other(format!("{other:?}")),
        }
    }
}

struct Walk {
    events: Vec<Event>,
    start: Option<Position>,
    page_size: Option<u64>,
    max_items: Option<u64>,
}

impl Visit for Walk {
    type Out = Result<Walked, NotPassed>;

    fn pages<L>(self, operation: &L, _: Shape) -> Self::Out
    where
        L: Paginate + Sync,
        for<'b> L::Item<'b>: ToModel,
    {
        let mut pages = Pages::new(operation);
        if let Some(items) = self.page_size {
            pages = pages.page_size(items);
        }
        if let Some(items) = self.max_items {
            pages = pages.max_items(items);
        }
        if let Some(start) = self.start {
            pages = pages.from_position(start);
        }
        let transport = transport(self.events);
        let mut client = client(&transport);
        let mut buf = vec![0; ROOM];
        let mut yielded: Vec<Vec<Value>> = Vec::new();
        let mut walk = async || {
            while let Some(mut page) = pages.next(&mut client, NOW, &mut buf).await? {
                yielded.push(Vec::new());
                while let Some(item) = page.next().await? {
                    let item = item.to_model()?;
                    if let Some(items) = yielded.last_mut() {
                        items.push(item);
                    }
                }
            }
            Ok::<_, Error<_>>(())
        };
        let error = block_on(walk()).err().map(WalkError::from);
        let position = pages.position().cloned();
        Ok(Walked { pages: yielded, requests: transport.requests(), position, error })
    }

    fn list<L>(self, _: &L, _: Shape) -> Self::Out
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: ToModel,
    {
        Err(no_pages())
    }
    fn operation<O>(self, _: &O) -> Self::Out
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        Err(no_pages())
    }
    fn upload<O>(self, _: &O, _: &[u8]) -> Self::Out
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        Err(no_pages())
    }
    fn fetch<O: Fetch + Sync>(self, _: &O) -> Self::Out {
        Err(no_pages())
    }
}

fn no_pages() -> NotPassed {
    NotPassed::Failed("the operation has no pages".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens were made with `base64`.
    #[test]
    fn tokens_of_every_form() {
        let read = |token: &str| {
            let Position { marker, skip } = position(token).unwrap();
            (marker.map(|marker| marker.as_str().to_string()), skip)
        };
        assert_eq!(read("eyJtYXJrZXIiOiAibSJ9"), (Some("m".into()), 0));
        assert_eq!(read("eyJtYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAyfQ=="), (None, 2));
        for (raw, marker) in [("1001", "1001"), ("a___b", "a___b"), ("arn:x", "arn:x")] {
            assert_eq!(read(raw), (Some(marker.into()), 0), "{raw}");
        }
        assert_eq!((read("m___3"), read("None___3"), read("None")), ((Some("m".into()), 3), (None, 3), (None, 0)));
    }
}
