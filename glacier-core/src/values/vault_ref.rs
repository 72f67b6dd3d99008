//! The vault of a request: its account and its name, with which almost every path begins.

use core::fmt;

use crate::wire::{Path, split_once};

/// The account that owns the vault: twelve digits, or `-` for the account of the signing credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AccountId<'a>(&'a str);

impl AccountId<'_> {
    /// `-`: the account whose credentials sign the request.
    pub const SIGNER: AccountId<'static> = AccountId("-");
}

impl<'a> AccountId<'a> {
    /// The account as it is written in the path.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// Writes the first segment of a path: the account.
    pub(crate) fn path(&self, path: &mut Path<'_>) {
        path.segment(&self.0);
    }
}

/// [`AccountId::SIGNER`].
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

impl fmt::Display for AccountId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// An account id that is neither `-` nor twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidAccountId;

impl fmt::Display for InvalidAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account ID is 12 digits without hyphens, or a single - for the account of the credentials")
    }
}

impl core::error::Error for InvalidAccountId {}

/// The name of a vault: 1 to 255 characters of `a-z A-Z 0-9 _ - .`, except `.` and `..`.
///
/// The service would allow these two, but HTTP software rewrites a path that contains them, so that the signature no longer matches or,
/// worse, the path names something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VaultName<'a>(&'a str);

impl<'a> VaultName<'a> {
    /// The longest name, in characters.
    pub const MAX_LEN: usize = 255;

    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// The name in an ARN (`arn:aws:glacier:us-east-1:111122223333:vaults/NAME`) or in a path (`/111122223333/vaults/NAME`), to tell users
    /// who gave one in place of a name.
    #[must_use]
    pub fn within(text: &'a str) -> Option<Self> {
        let (_, name) = split_once(text, "vaults/")?;
        let name = split_once(name, "/").map_or(name, |(name, _)| name);
        VaultName::try_from(name).ok()
    }
}

impl fmt::Display for VaultName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
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

/// Why a text is not a valid vault name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidVaultName {
    /// It is empty.
    Empty,
    /// It has more than 255 characters.
    TooLong {
        /// The characters in it.
        length: usize,
    },
    /// It has a character that vault names cannot have.
    Character {
        /// The first such character.
        character: char,
        /// Its byte offset.
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
                f.write_str("the vault names . and .. are not allowed, as HTTP software rewrites such paths: use another name")
            }
        }
    }
}

impl core::error::Error for InvalidVaultName {}

/// One vault of one account.
///
/// ```
/// use glacier_core::{AccountId, VaultRef};
///
/// let own = VaultRef::try_from("photos")?;
/// let other = VaultRef { account: AccountId::try_from("111122223333")?, ..own };
/// assert_eq!((own.to_string(), other.to_string()), ("-/vaults/photos".into(), "111122223333/vaults/photos".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VaultRef<'a> {
    /// The account that owns it.
    pub account: AccountId<'a>,
    /// Its name, unique within the account and region.
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

/// As in the paths of the service: `-/vaults/photos`.
impl fmt::Display for VaultRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/vaults/{}", self.account, self.name)
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
    fn the_name_in_an_arn_or_a_path_is_found() {
        for text in [
            "arn:aws:glacier:us-east-1:111122223333:vaults/photos",
            "/111122223333/vaults/photos",
            "-/vaults/photos",
            "vaults/photos",
            "https://glacier.us-east-1.amazonaws.com/-/vaults/photos/archives/abc",
        ] {
            assert!(VaultName::try_from(text).is_err(), "{text}");
            assert_eq!(VaultName::within(text).map(|name| name.0), Some("photos"), "{text}");
        }
        for text in ["a/b", "/vaults/", "/-/vaults/é", "/-/vaults/..", "arn:aws:s3:::bucket", "vaults", ""] {
            assert_eq!(VaultName::within(text), None, "{text}");
        }
    }

    #[test]
    fn pasted_blanks_line_ends_and_quotes_are_named() {
        for (text, named) in [
            (" photos", "' ' at byte 0"),
            ("photos\r", r"'\r' at byte 6"),
            ("photos\n", r"'\n' at byte 6"),
            ("\"photos\"", "'\"' at byte 0"),
        ] {
            let error = VaultName::try_from(text).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
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
