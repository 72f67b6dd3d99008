//! How vault time passes: the time of every date in a record or a body, as opposed to the wall time that signatures are judged by.

use std::fmt;
use std::str::FromStr;

/// How vault time passes, and how long what takes time takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeMode {
    /// Vault time is real time. Jobs are done the next time anything is asked for, and the last inventory is always of the present.
    #[default]
    Instant,
    /// Vault time is real time. A job takes as long as in the service: minutes to half a day by its tier; an inventory is made about daily.
    Real,
    /// As `Real`, and vault time passes faster by a factor. It stands still while the vaults are not open.
    Scaled(TimeFactor),
    /// As `Real`, and vault time passes only when it is [advanced](super::super::Vaults::advance).
    Manual,
}

/// By how much vault time is faster than real time: 1 to 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeFactor(u32);

impl TimeFactor {
    const MAX: u32 = 1_000_000;

    /// A factor; `None` unless it is from 1 to 1,000,000.
    #[must_use]
    pub const fn new(factor: u32) -> Option<Self> {
        if factor >= 1 && factor <= TimeFactor::MAX { Some(TimeFactor(factor)) } else { None }
    }

    /// The factor.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TimeMode {
    /// Whether jobs and inventories take no time.
    pub(crate) fn is_instant(self) -> bool {
        self == TimeMode::Instant
    }
}

/// `instant`, `real`, `scaled:N` or `manual`.
impl fmt::Display for TimeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeMode::Instant => f.write_str("instant"),
            TimeMode::Real => f.write_str("real"),
            TimeMode::Scaled(factor) => write!(f, "scaled:{}", factor.get()),
            TimeMode::Manual => f.write_str("manual"),
        }
    }
}

impl FromStr for TimeMode {
    type Err = TimeModeError;

    fn from_str(text: &str) -> Result<Self, TimeModeError> {
        match text {
            "instant" => Ok(TimeMode::Instant),
            "real" => Ok(TimeMode::Real),
            "manual" => Ok(TimeMode::Manual),
            _ => {
                let digits = text.strip_prefix("scaled:").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
                digits.and_then(|digits| TimeFactor::new(digits.parse().ok()?)).map(TimeMode::Scaled).ok_or(TimeModeError)
            }
        }
    }
}

/// A text is no [`TimeMode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeModeError;

impl fmt::Display for TimeModeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("use instant, real, manual, or scaled:N with N from 1 to 1000000, such as scaled:4000")
    }
}

impl std::error::Error for TimeModeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_have_one_spelling() {
        for text in ["instant", "real", "manual", "scaled:1", "scaled:4000", "scaled:1000000"] {
            assert_eq!(text.parse::<TimeMode>().unwrap().to_string(), text);
        }
        for text in
            ["", "Instant", "scaled", "scaled:", "scaled:0", "scaled:+5", "scaled:1000001", "scaled:1.5", "scaled:99999999999"]
        {
            assert_eq!(text.parse::<TimeMode>(), Err(TimeModeError), "{text}");
        }
    }
}
