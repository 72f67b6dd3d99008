//! Whose vault, which vault: the first segments of every path.

use core::fmt;

use crate::wire::Path;

/// The account that owns the vault: twelve digits, or `-` for the account of the signing credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AccountId<'a>(&'a str);

impl AccountId<'_> {
    /// `-`: the account whose credentials sign the request.
    pub const SIGNER: AccountId<'static> = AccountId("-");
}

impl<'a> AccountId<'a> {
    /// The account as it stands in the path.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// Starts a path with the account.
    pub(crate) fn path(&self, path: &mut Path<'_>) {
        path.segment(&self.0);
    }
}

impl Default for AccountId<'_> {
    fn default() -> Self {
        AccountId::SIGNER
    }
}

impl<'a> TryFrom<&'a str> for AccountId<'a> {
    type Error = InvalidAccountId;

    fn try_from(text: &'a str) -> Result<Self, InvalidAccountId> {
        let digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if digits || text == "-" { Ok(AccountId(text)) } else { Err(InvalidAccountId) }
    }
}

/// The account id is neither `-` nor twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidAccountId;

impl fmt::Display for InvalidAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account id is 12 digits without hyphens, or a single - for the account of the credentials")
    }
}

impl core::error::Error for InvalidAccountId {}

/// A vault's name: 1 to 255 characters of `a-z A-Z 0-9 _ - .`, but neither `.` nor `..`.
///
/// The service would take the last two; every HTTP library rewrites a path that contains them, which breaks the signature or,
/// worse, names something else. This client refuses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VaultName<'a>(&'a str);

impl<'a> VaultName<'a> {
    /// The longest name, in characters.
    pub const MAX_LEN: usize = 255;

    /// The name.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl fmt::Display for VaultName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'a> TryFrom<&'a str> for VaultName<'a> {
    type Error = InvalidVaultName;

    fn try_from(text: &'a str) -> Result<Self, InvalidVaultName> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if text.is_empty() {
            return Err(InvalidVaultName::Empty);
        }
        if let Some((position, character)) = text.char_indices().find(|(_, c)| !legal(*c)) {
            return Err(InvalidVaultName::Character { character, position });
        }
        if text.len() > Self::MAX_LEN {
            return Err(InvalidVaultName::TooLong { length: text.len() });
        }
        if matches!(text, "." | "..") { Err(InvalidVaultName::Dots) } else { Ok(VaultName(text)) }
    }
}

/// Why a text is no vault name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidVaultName {
    /// There is nothing in it.
    Empty,
    /// It has more than 255 characters.
    TooLong {
        /// Characters in it.
        length: usize,
    },
    /// It has a character that vault names do not have.
    Character {
        /// The first such character.
        character: char,
        /// The byte at which it stands, from 0.
        position: usize,
    },
    /// It is `.` or `..`, which HTTP libraries rewrite.
    Dots,
}

impl fmt::Display for InvalidVaultName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a vault name has at least 1 character; this one is empty"),
            Self::TooLong { length } => {
                write!(f, "a vault name has at most 255 characters; this one has {length}: shorten it")
            }
            Self::Character { character, position } => {
                write!(f, "a vault name has only the characters a-z A-Z 0-9 _ - . ; this one has {character:?} at byte {position}")
            }
            Self::Dots => {
                f.write_str("the vault names . and .. are refused, as HTTP software rewrites such paths: use another name")
            }
        }
    }
}

impl core::error::Error for InvalidVaultName {}

/// One vault of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VaultRef<'a> {
    /// The account that owns it.
    pub account: AccountId<'a>,
    /// Its name, unique in account and region.
    pub name: VaultName<'a>,
}

impl VaultRef<'_> {
    /// `/{account}/vaults/{name}`.
    #[inline(never)]
    pub(crate) fn path(&self, path: &mut Path<'_>) {
        self.account.path(path);
        path.segment(&"vaults").segment(&self.name.0);
    }
}

/// A vault of the account whose credentials sign the request.
impl<'a> From<VaultName<'a>> for VaultRef<'a> {
    fn from(name: VaultName<'a>) -> Self {
        VaultRef { account: AccountId::SIGNER, name }
    }
}

/// A vault of the account whose credentials sign the request.
impl<'a> TryFrom<&'a str> for VaultRef<'a> {
    type Error = InvalidVaultName;

    fn try_from(name: &'a str) -> Result<Self, InvalidVaultName> {
        VaultName::try_from(name).map(VaultRef::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn vault_names() {
        let long = "x".repeat(256);
        assert!(VaultName::try_from(&long[..255]).is_ok());
        assert_eq!(VaultName::try_from(long.as_str()), Err(InvalidVaultName::TooLong { length: 256 }));
        assert_eq!(VaultName::try_from(""), Err(InvalidVaultName::Empty));
        assert_eq!(VaultName::try_from(".."), Err(InvalidVaultName::Dots));
        assert!(VaultName::try_from("-._...Z9").is_ok());
        let error = VaultName::try_from("ab/c").unwrap_err();
        assert_eq!(error, InvalidVaultName::Character { character: '/', position: 2 });
        assert!(error.to_string().contains("'/' at byte 2"));
    }

    #[test]
    fn accounts() {
        assert_eq!(AccountId::default().as_str(), "-");
        assert!(AccountId::try_from("111122223333").is_ok());
        for text in ["", "--", "1111-2222-3333", "11112222333", "1111222233334"] {
            assert_eq!(AccountId::try_from(text), Err(InvalidAccountId), "{text}");
        }
    }
}
