//! Finds the items and members of a long response, one at a time, in the part that is in the buffer.
//!
//! A response is an object with one member that is long, the list; the scanner finds the bytes of each item of the list and of each other
//! member, and leaves reading them to others. Its only state is its position in the grammar.

use core::ops::Range;

use super::text::Text;
use crate::wire::error::DecodeError;

/// Deeper nesting than any response of the service has.
const MAX_DEPTH: u8 = 16;

/// What was found; the ranges are positions in the bytes that were scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A member of the response that is not the list.
    Member { name: Range<usize>, value: Range<usize> },
    /// One item of the list; it has a name (between its quotes) when the list is a map.
    Item { name: Range<usize>, value: Range<usize> },
}

/// The result of a step; the first `consumed` bytes are no longer needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Found {
        event: Event,
        consumed: usize,
    },
    /// The bytes end in the middle of an item or member.
    NeedMore {
        consumed: usize,
    },
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    /// After `{`: a member or `}`.
    FirstMember,
    /// After the `,` of a member.
    Member,
    AfterMember,
    FirstItem,
    Item,
    AfterItem,
    /// Before the `[` of an array that is the whole text.
    Array,
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Scanner {
    list: &'static str,
    /// What the list begins with: `[`, or `{` for a map.
    opening: u8,
    state: State,
    /// The state after the list: among the members, or at the end of an array that is the whole text.
    after_list: State,
    /// Whether the scanner is inside a list that is a map, whose members are the items.
    in_map: bool,
    /// Whether the list was found; null is a list without items.
    found: bool,
}

/// The bytes end in the middle of a value.
struct Short;

impl Scanner {
    /// A scanner for a response whose list is the member `list`, an array or a map.
    pub(crate) const fn new(list: &'static str, is_map: bool) -> Self {
        let opening = if is_map { b'{' } else { b'[' };
        Scanner { list, opening, state: State::Start, after_list: State::AfterMember, in_map: false, found: false }
    }

    /// A scanner for a response that has no list.
    pub(crate) const fn without_list() -> Self {
        // A raw name contains no quote, so no member has this one.
        Scanner::new("\"", false)
    }

    /// A scanner for an array that is the whole text.
    pub(crate) const fn inside_list() -> Self {
        Scanner { list: "", opening: b'[', state: State::Array, after_list: State::End, in_map: false, found: false }
    }

    /// A scanner at the end.
    pub(crate) const fn at_end() -> Self {
        Scanner { list: "", opening: b'[', state: State::End, after_list: State::End, in_map: false, found: false }
    }

    /// An error unless the list was found: to be asked at the end.
    pub(crate) fn needs_list(&self) -> Result<(), DecodeError> {
        match self.state {
            _ if self.found => Ok(()),
            // There was nothing at all.
            State::Start => Err(DecodeError::EmptyBody(self.list)),
            _ => Err(DecodeError::MissingMember(self.list)),
        }
    }

    /// Scans the bytes that are in the buffer; `last` says that the response ends with them.
    pub(crate) fn step(&mut self, bytes: &[u8], last: bool) -> Result<Step, DecodeError> {
        let mut cursor = Cursor { bytes, at: 0 };
        loop {
            cursor.skip_space();
            let consumed = cursor.at;
            let Some(byte) = cursor.peek() else {
                return match (self.state, last) {
                    // An empty body is an object without members.
                    (State::Start | State::End, true) => Ok(Step::End),
                    (_, true) => Err(DecodeError::Truncated),
                    _ => Ok(Step::NeedMore { consumed }),
                };
            };
            let next = match (self.state, byte) {
                (State::Start, b'{') => State::FirstMember,
                (State::FirstMember | State::AfterMember, b'}') if self.in_map => {
                    self.in_map = false;
                    State::AfterMember
                }
                (State::FirstMember | State::AfterMember, b'}') => State::End,
                (State::AfterMember, b',') => State::Member,
                (State::FirstItem | State::AfterItem, b']') => self.after_list,
                (State::Array, b'[') => State::FirstItem,
                (State::AfterItem, b',') => State::Item,
                (State::FirstMember | State::Member, b'"') => match self.member(&mut cursor)? {
                    Ok(Some(event)) => return Ok(Step::Found { event, consumed: cursor.at }),
                    Ok(None) => continue,
                    Err(Short) if last => return Err(DecodeError::Truncated),
                    Err(Short) => return Ok(Step::NeedMore { consumed }),
                },
                (State::FirstItem | State::Item, _) => match cursor.value(last)? {
                    Ok(value) => {
                        self.state = State::AfterItem;
                        return Ok(Step::Found { event: Event::Item { name: 0..0, value }, consumed: cursor.at });
                    }
                    Err(Short) if last => return Err(DecodeError::Truncated),
                    Err(Short) => return Ok(Step::NeedMore { consumed }),
                },
                _ => return Err(DecodeError::Json),
            };
            cursor.at += 1;
            self.state = next;
        }
    }

    /// The next member; `None` when it is the list, whose items come next.
    fn member(&mut self, cursor: &mut Cursor<'_>) -> Result<Result<Option<Event>, Short>, DecodeError> {
        let Ok(quoted) = cursor.value(false)? else { return Ok(Err(Short)) };
        let name = quoted.start + 1..quoted.end - 1;
        cursor.skip_space();
        match cursor.peek() {
            None => return Ok(Err(Short)),
            Some(b':') => cursor.at += 1,
            Some(_) => return Err(DecodeError::Json),
        }
        cursor.skip_space();
        if !self.in_map && is_named(cursor.bytes.get(name.clone()).unwrap_or_default(), self.list) {
            self.found = true;
            match cursor.peek() {
                None => return Ok(Err(Short)),
                Some(byte) if byte == self.opening => {
                    cursor.at += 1;
                    self.in_map = byte == b'{';
                    self.state = if self.in_map { State::FirstMember } else { State::FirstItem };
                    return Ok(Ok(None));
                }
                // Null is a list without items.
                Some(b'n') => {}
                Some(_) => return Err(DecodeError::Json),
            }
        }
        let Ok(value) = cursor.value(false)? else { return Ok(Err(Short)) };
        self.state = State::AfterMember;
        Ok(Ok(Some(if self.in_map { Event::Item { name, value } } else { Event::Member { name, value } })))
    }
}

/// Whether a raw member name is this one, also when it is written with escapes.
pub(crate) fn is_named(raw: &[u8], name: &str) -> bool {
    let unescaped = || Text::from_escaped(core::str::from_utf8(raw).ok()?);
    raw == name.as_bytes() || raw.contains(&b'\\') && unescaped().is_some_and(|text| text == name)
}

struct Cursor<'w> {
    bytes: &'w [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Skips a value of any kind. Whether a number is valid is checked when it is read.
    fn value(&mut self, last: bool) -> Result<Result<Range<usize>, Short>, DecodeError> {
        let start = self.at;
        let (mut depth, mut in_string, mut escaped) = (0u8, false, false);
        let mut at = start;
        while let Some(byte) = self.bytes.get(at).copied() {
            let mut closed = false;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => {
                    in_string = !in_string;
                    closed = !in_string;
                }
                _ if in_string => {}
                b'{' | b'[' => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(DecodeError::TooDeep);
                    }
                }
                // A number, true, false or null ends before the next of these.
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => {
                    self.at = at;
                    return if at > start { Ok(Ok(start..at)) } else { Err(DecodeError::Json) };
                }
                b'}' | b']' => {
                    depth -= 1;
                    closed = true;
                }
                _ => {}
            }
            at += 1;
            if closed && depth == 0 {
                self.at = at;
                return Ok(Ok(start..at));
            }
        }
        if last && depth == 0 && !in_string && at > start {
            self.at = at;
            return Ok(Ok(start..at));
        }
        Ok(Err(Short))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn events(json: &str, chunk: usize) -> Result<Vec<String>, DecodeError> {
        events_of(Scanner::new("List", false), json, chunk)
    }

    fn map_events(json: &str, chunk: usize) -> Result<Vec<String>, DecodeError> {
        events_of(Scanner::new("List", true), json, chunk)
    }

    /// All events of `json` as text, from a buffer that grows by `chunk` bytes.
    fn events_of(mut scanner: Scanner, json: &str, chunk: usize) -> Result<Vec<String>, DecodeError> {
        let (mut start, mut end, mut found) = (0, 0, Vec::new());
        loop {
            let bytes = &json.as_bytes()[start..end];
            let text = |range: Range<usize>| String::from_utf8(bytes[range].to_vec()).unwrap();
            match scanner.step(bytes, end == json.len())? {
                Step::End => return Ok(found),
                Step::NeedMore { consumed } => {
                    start += consumed;
                    end = json.len().min(end + chunk);
                }
                Step::Found { event, consumed } => {
                    found.push(match event {
                        Event::Member { name, value } => std::format!("{}={}", text(name), text(value)),
                        Event::Item { name, value } if name.is_empty() => text(value),
                        Event::Item { name, value } => std::format!("{}:{}", text(name), text(value)),
                    });
                    start += consumed;
                }
            }
        }
    }

    #[test]
    fn finds_items_and_members_in_any_order_and_any_pieces() {
        let json = r#" {"Marker": null, "List" : [ {"a":"]}\"","b":[1,{}]} ,5, "x" ],"Other":{"List":[1]}, "n":-1.5e3}"#;
        let expected = ["Marker=null", r#"{"a":"]}\"","b":[1,{}]}"#, "5", "\"x\"", r#"Other={"List":[1]}"#, "n=-1.5e3"];
        for chunk in 1..json.len() {
            assert_eq!(events(json, chunk).unwrap(), expected, "{chunk}");
        }
    }

    #[test]
    fn a_map_is_a_list_of_named_items() {
        let json = r#"{"a":{"List":1},"List":{"k":"v" , "List":{"x":[]}},"z":2}"#;
        for chunk in 1..json.len() {
            assert_eq!(map_events(json, chunk).unwrap(), [r#"a={"List":1}"#, "k:\"v\"", r#"List:{"x":[]}"#, "z=2"]);
        }
        assert_eq!(map_events(r#"{"List":{}}"#, 1).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn names_may_be_written_with_escapes() {
        assert_eq!(events(r#"{"\u004cist":[1],"\u004cis":2}"#, 1).unwrap(), ["1", r"\u004cis=2"]);
        assert!(is_named(br"\u004dark\u0065r", "Marker") && !is_named(br"Marker\", "Marker"));
    }

    #[test]
    fn a_value_that_is_not_a_list_is_rejected() {
        for json in [r#"{"List":5}"#, r#"{"List":"x"}"#, r#"{"List":true}"#, r#"{"List":{}}"#] {
            assert_eq!(events(json, 3), Err(DecodeError::Json), "{json}");
        }
        assert_eq!(map_events(r#"{"List":[]}"#, 3), Err(DecodeError::Json));
    }

    #[test]
    fn empty_and_absent_lists() {
        assert_eq!(events("{}", 1).unwrap(), Vec::<String>::new());
        assert_eq!(events(" ", 1).unwrap(), Vec::<String>::new());
        assert_eq!(events(r#"{"List":[]}"#, 1).unwrap(), Vec::<String>::new());
        assert_eq!(events(r#"{"List":null}"#, 1).unwrap(), ["List=null"]);
    }

    #[test]
    fn malformed_json_is_rejected() {
        for json in [
            "[]",
            "x",
            r#"{,"a":1}"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{"List":[,1]}"#,
            r#"{"List":[1,]}"#,
            r#"{"List":[1 2]}"#,
            r#"{"List":[1}}"#,
            "{}x",
            r#"{"a":}"#,
        ] {
            assert_eq!(events(json, 3), Err(DecodeError::Json), "{json}");
        }
        for json in ["{", r#"{"a"#, r#"{"a":"b"#, r#"{"List":["#, r#"{"List":[1"#, r#"{"List":[1]"#] {
            assert_eq!(events(json, 3), Err(DecodeError::Truncated), "{json}");
        }
        let deep = std::format!("{{\"List\":[{}", "[".repeat(100));
        assert_eq!(events(&deep, 7), Err(DecodeError::TooDeep));
    }
}
