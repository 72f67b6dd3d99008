//! Why something failed, and what that means for what comes next.

use core::fmt::{self, Display, Write};

use glacier_core::Error;

use super::net::NetError;
use crate::console::Quoted;

/// Bytes of the longest reason. A service error with all its fields has about 380.
const LONGEST: usize = 448;
/// Marks a reason that was cut.
const CUT: &str = "...";

/// The reason of the last failure, as a sentence for the console.
///
/// It is kept in one place: an error contains up to 300 bytes of the service's message, and returned from call to call it would be on the
/// stack once for each of them.
pub(crate) struct Reason {
    text: heapless::String<LONGEST>,
}

/// Something failed; [`Reason`] says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// This log or call; the next one may succeed.
    This,
    /// The same, but the archive may exist although the device does not know it.
    MayExist,
    /// The next one would fail in the same way.
    All,
}

impl Reason {
    pub(crate) const fn new() -> Self {
        Reason { text: heapless::String::new() }
    }

    /// Stores the reason of a failure that affects only what was tried.
    #[inline(never)]
    pub(crate) fn this(&mut self, reason: &dyn Display) -> Failed {
        self.text.clear();
        // Every reason of this program fits; should one not, it is visibly cut.
        if write!(UpToFull(&mut self.text), "{reason}").is_err() {
            while self.text.len() > self.text.capacity() - CUT.len() {
                self.text.pop();
            }
            let _ = self.text.push_str(CUT);
        }
        Failed::This
    }

    /// Stores the reason of a failure that everything else would meet too.
    pub(crate) fn all(&mut self, reason: &dyn Display) -> Failed {
        self.this(reason);
        Failed::All
    }

    /// Stores an error of the card.
    pub(crate) fn card<E: core::error::Error>(&mut self, error: embedded_sdmmc::Error<E>) -> Failed {
        self.all(&format_args!("the card: {error}"))
    }

    /// Stores the error of a call.
    pub(crate) fn call<S: Display>(&mut self, error: &Error<NetError, S>) -> Failed {
        self.this(error);
        let all =
            matches!(error, Error::Encode(_) | Error::Credentials(_) | Error::ClockNotSet | Error::Service(_) | Error::NotSent(_));
        if all { Failed::All } else { Failed::This }
    }

    /// Stores the error of a call that creates an archive.
    pub(crate) fn archive_call<S: Display>(&mut self, error: &Error<NetError, S>) -> Failed {
        if !error.may_have_acted() {
            return self.call(error);
        }
        match error {
            // It does exist, but is not what was sent.
            Error::TreeHashMismatch(_) => self.this(error),
            error => self.this(&format_args!("{error}; the archive may exist, so it is not sent again in this run")),
        };
        Failed::MayExist
    }
}

/// Takes text until the string is full.
struct UpToFull<'t>(&'t mut heapless::String<LONGEST>);

impl Write for UpToFull<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|character| self.0.push(character).map_err(|_| fmt::Error))
    }
}

/// As a value of the console.
impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Quoted(self.text.as_str()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;
    use glacier_core::{TreeHash, TreeHashMismatch};
    use glacier_embedded::Step;

    type E = Error<NetError, Infallible>;

    const RESET: embassy_net::tcp::Error = embassy_net::tcp::Error::ConnectionReset;

    #[test]
    fn an_archive_may_exist_after_a_lost_response() {
        let mut reason = Reason::new();
        let lost = E::Transport(glacier_embedded::Error::Network(RESET));
        assert_eq!(reason.archive_call(&lost), Failed::MayExist);
        assert!(reason.to_string().contains("the archive may exist"), "{reason}");
        assert_eq!(reason.call(&lost), Failed::This);
        assert!(!reason.to_string().contains("may exist"), "{reason}");
    }

    #[test]
    fn without_a_connection_no_archive_exists_and_the_next_call_fails_too() {
        for error in [glacier_embedded::Error::Connect(RESET), glacier_embedded::Error::TimedOut(Step::Connect)] {
            assert_eq!(Reason::new().archive_call(&E::NotSent(error)), Failed::All);
        }
        assert_eq!(Reason::new().archive_call(&E::ClockNotSet), Failed::All);
    }

    #[test]
    fn a_different_tree_hash_affects_one_log() {
        let mut reason = Reason::new();
        let (sent, stored) = (TreeHash::from_bytes([1; 32]), Some(TreeHash::from_bytes([2; 32])));
        let mismatch = TreeHashMismatch::check(sent, stored, None).unwrap_err();
        assert_eq!(reason.archive_call(&E::TreeHashMismatch(mismatch)), Failed::MayExist);
        assert!(reason.to_string().contains("tree hash"), "{reason}");
    }

    #[test]
    fn a_long_reason_is_visibly_cut() {
        let mut reason = Reason::new();
        reason.this(&"é".repeat(300));
        assert!(reason.to_string().ends_with("é...\""), "{reason}");
        reason.this(&"short");
        assert_eq!(reason.to_string(), "\"short\"");
    }
}
