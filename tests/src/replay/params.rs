//! The input of a case, read member by member into the typed API, and rejected where that cannot hold it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;

use glacier_core::values::ids::{Id, Kind};
use glacier_core::{AccountId, ByteRange, Description, PayloadHasher, PayloadHashes, TreeHash, VaultName, VaultRef};
use serde_json::{Map, Value};

use super::{Rule, members, rule};
use crate::vectors;

/// Why an operation was not built of a case's input.
#[derive(Debug)]
pub(super) enum NotBuilt {
    /// The typed API rejects it, which this rule justifies.
    Rejected(Rule, String),
    /// It rejects what is valid, or ignores what it should send.
    Wrong(String),
    /// There is no operation of this name.
    Unknown(String),
}

pub(super) type Built<T> = Result<T, NotBuilt>;

/// The members of an input, or of an object in it.
pub(super) struct Params<'a> {
    members: &'a Map<String, Value>,
    used: RefCell<BTreeSet<String>>,
    empties: RefCell<usize>,
}

impl<'a> Params<'a> {
    pub(super) fn new(members: &'a Map<String, Value>) -> Self {
        Params { members, used: RefCell::default(), empties: RefCell::default() }
    }

    /// A member's value, as it is.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.used.borrow_mut().insert(name.to_string());
        self.members.get(name)
    }

    /// A text, an empty one included.
    pub(super) fn any_text(&self, name: &str) -> Built<Option<&'a str>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(NotBuilt::Rejected(Rule::Inexpressible, format!("{name} is not a string: {other}"))),
        }
    }

    /// An optional text; an empty one counts as absent.
    pub(super) fn text(&self, name: &str) -> Built<Option<&'a str>> {
        let text = self.any_text(name)?;
        if text == Some("") {
            *self.empties.borrow_mut() += 1;
            return Ok(None);
        }
        Ok(text)
    }

    /// A text that the operation cannot do without.
    pub(super) fn required(&self, name: &str) -> Built<&'a str> {
        self.any_text(name)?.ok_or_else(|| missing(name))
    }

    /// A whole number, which travels as a text.
    pub(super) fn number(&self, name: &str) -> Built<Option<u64>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => Ok(Some(number)),
            _ => Err(NotBuilt::Rejected(Rule::Inexpressible, format!("{name} is not a number: {text}"))),
        }
    }

    /// A map of any keys.
    pub(super) fn map(&self, name: &str) -> Built<Option<&'a Map<String, Value>>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(NotBuilt::Rejected(Rule::Inexpressible, format!("{name} is not an object: {other}"))),
        }
    }

    /// An object, whose members are then read.
    pub(super) fn object(&self, name: &str) -> Built<Option<Params<'a>>> {
        Ok(self.map(name)?.map(Params::new))
    }

    /// Null stands for absent here, as in botocore.
    pub(super) fn account(&self) -> Built<AccountId<'a>> {
        if self.value("accountId").is_some_and(Value::is_null) {
            return Ok(AccountId::default());
        }
        match self.any_text("accountId")? {
            None => Ok(AccountId::default()),
            Some(text) => typed("account id", AccountId::try_from(text), rule::account(text)),
        }
    }

    pub(super) fn vault(&self) -> Built<VaultRef<'a>> {
        let name = self.required("vaultName")?;
        let name = typed("vault name", VaultName::try_from(name), rule::vault_name(name))?;
        Ok(VaultRef { account: self.account()?, name })
    }

    pub(super) fn id<K: Kind>(&self, name: &str) -> Built<Id<'a, K>> {
        let text = self.required(name)?;
        typed(name, Id::try_from(text), rule::id(text))
    }

    pub(super) fn description(&self, name: &str) -> Built<Option<Description<'a>>> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => typed(name, Description::try_from(text), rule::description(text)).map(Some),
        }
    }

    /// The bytes of `body`.
    pub(super) fn body(&self) -> Built<Vec<u8>> {
        let value = self.value("body").ok_or_else(|| missing("body"))?;
        let body = vectors::body(value).map_err(|text| NotBuilt::Rejected(Rule::Inexpressible, text))?;
        body.ok_or_else(|| missing("body"))
    }

    /// The hashes of a body, its tree hash replaced by `checksum` where the caller gives one.
    pub(super) fn hashes(&self, body: &[u8]) -> Built<PayloadHashes> {
        let mut hasher = PayloadHasher::new();
        hasher.update(body);
        let hashes = hasher.finish().map_err(|error| NotBuilt::Wrong(error.to_string()))?;
        match self.text("checksum")? {
            None => Ok(hashes),
            Some(text) => Ok(PayloadHashes::from_parts(hashes.linear, tree_hash(text)?, hashes.size)),
        }
    }

    /// How many empty strings were treated as absent.
    pub(super) fn empties(&self) -> usize {
        *self.empties.borrow()
    }

    /// Rejects members that were not read: those that the model does not have cannot be expressed, the others should have been.
    pub(super) fn finish(&self, known: impl Fn(&str) -> bool) -> Built<()> {
        let used = self.used.borrow();
        let mut unread = self.members.keys().filter(|name| !used.contains(*name));
        if let Some(name) = unread.next() {
            let inexpressible = NotBuilt::Rejected(Rule::Inexpressible, format!("there is no member {name}"));
            return Err(if known(name) { NotBuilt::Wrong(format!("the member {name} is ignored")) } else { inexpressible });
        }
        Ok(())
    }

    /// As [`finish`](Params::finish), with the members that the model gives the operation.
    pub(super) fn finish_operation(&self, operation: &str) -> Built<()> {
        self.finish(|name| members::of(operation).is_some_and(|members| members.contains(&name)))
    }
}

/// A typed value, or an error that is checked against the rule.
pub(super) fn typed<T, E: Debug>(what: &str, result: Result<T, E>, broken: Option<Rule>) -> Built<T> {
    result.map_err(|error| match broken {
        Some(rule) => NotBuilt::Rejected(rule, format!("{what}: {error:?}")),
        None => NotBuilt::Wrong(format!("{what} is valid and was rejected: {error:?}")),
    })
}

/// A tree hash in the digits that it is written with.
pub(super) fn tree_hash(text: &str) -> Built<TreeHash> {
    let hash: TreeHash = typed("checksum", text.parse(), rule::tree_hash(text))?;
    let same = hash.to_string() == text;
    if same { Ok(hash) } else { Err(NotBuilt::Rejected(Rule::Inexpressible, format!("a hash in upper case: {text}"))) }
}

/// `A-B`, as it is written.
pub(super) fn byte_range(text: &str) -> Option<ByteRange> {
    text.parse::<ByteRange>().ok().filter(|range| range.to_string() == text)
}

pub(super) fn missing(name: &str) -> NotBuilt {
    NotBuilt::Rejected(Rule::Required, format!("{name} is missing"))
}
