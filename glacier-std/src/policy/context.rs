//! What the conditions of a policy can ask of a request.

/// The condition keys of a request with their values. What is not set is absent, which is not the same as empty.
#[derive(Clone, Debug, Default)]
pub struct ConditionContext {
    // In lower case: keys ignore case.
    keys: Vec<(String, Vec<String>)>,
}

impl ConditionContext {
    /// A context without any key.
    #[must_use]
    pub fn new() -> Self {
        ConditionContext::default()
    }

    /// The same with `values` for `key`, such as `aws:SecureTransport`; replaces former values. Case in the key does not matter.
    #[must_use]
    pub fn with<V: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        let key = key.to_lowercase();
        self.keys.retain(|(name, _)| *name != key);
        self.keys.push((key, values.into_iter().map(Into::into).collect()));
        self
    }

    /// The values of a key, given in lower case.
    pub(super) fn values(&self, key: &str) -> Option<&[String]> {
        self.keys.iter().find(|(name, _)| name == key).map(|(_, values)| values.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ignore_case_and_absent_is_not_empty() {
        let context = ConditionContext::new().with("aws:TagKeys", ["a"]).with("AWS:tagkeys", Vec::<String>::new());
        assert_eq!(context.values("aws:tagkeys"), Some(&[][..]));
        assert_eq!(context.values("aws:sourceip"), None);
    }
}
