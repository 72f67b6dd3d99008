//! A secret that was given as an argument. It is not shown where arguments are.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A secret.
#[derive(Clone)]
pub(crate) struct SecretText(String);

impl SecretText {
    /// The secret of this option, or else of this environment variable; one that is empty is none.
    pub(crate) fn of(option: Option<&SecretText>, variable: &str) -> Option<String> {
        let secret = option.map(|secret| secret.0.clone()).or_else(|| std::env::var(variable).ok());
        secret.filter(|secret| !secret.is_empty())
    }
}

impl FromStr for SecretText {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(SecretText(text.to_owned()))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_shown_and_none_if_empty() {
        let secret = |text: &str| text.parse::<SecretText>().unwrap();
        assert!(!format!("{:?}", secret("hush")).contains("hush"));
        let of = |text: &str| SecretText::of(Some(&secret(text)), "GLACIER_TEST_NO_SUCH_VARIABLE");
        assert_eq!((of("hush").as_deref(), of("")), (Some("hush"), None));
        assert_eq!(SecretText::of(None, "GLACIER_TEST_NO_SUCH_VARIABLE"), None);
    }
}
