//! Why something was not done.

use core::fmt::{self, Display, Write};

use glacier_core::{DecodeError, Error};
use glacier_embedded::Step;

use crate::console::Quoted;
use crate::link::NetError;

/// The reason of the last failure, a sentence for the console.
///
/// It is kept in one place. An error has up to 300 bytes of the service's own words in it, and handed up from call to call it would be
/// on the stack once for each.
pub(crate) struct Why {
    /// The longest, a refusal with all its parts, has about 380 bytes.
    text: heapless::String<448>,
}

/// It was not done; [`Why`] has the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// What is tried next may go well.
    This,
    /// As before, but there may be an archive that nobody knows.
    MayExist,
    /// What is tried next would fail in the same way.
    All,
}

impl Why {
    pub(crate) const fn new() -> Self {
        Why { text: heapless::String::new() }
    }

    /// Takes down a reason that concerns what was tried, and nothing else.
    #[inline(never)]
    pub(crate) fn this(&mut self, reason: &dyn Display) -> Failed {
        self.text.clear();
        // It is never full for what this program's parts say; were it, the mark says so.
        if write!(Room(&mut self.text), "{reason}").is_err() {
            while self.text.len() > self.text.capacity() - MARK.len() {
                self.text.pop();
            }
            let _ = self.text.push_str(MARK);
        }
        Failed::This
    }

    /// Takes down a reason for which all else would fail too.
    pub(crate) fn all(&mut self, reason: &dyn Display) -> Failed {
        self.this(reason);
        Failed::All
    }

    /// Takes down what a card said.
    pub(crate) fn card<E: core::error::Error>(&mut self, error: embedded_sdmmc::Error<E>) -> Failed {
        self.all(&format_args!("the card: {error}"))
    }

    /// Takes down the failure of a call.
    pub(crate) fn call<S: Display>(&mut self, error: &Error<NetError, S>) -> Failed {
        self.this(error);
        let all = match error {
            Error::Encode(_) | Error::Credentials(_) | Error::ClockNotSet | Error::Service(_) => true,
            error => never_left(error),
        };
        if all { Failed::All } else { Failed::This }
    }

    /// Takes down the failure of the call that makes an archive.
    pub(crate) fn last_call<S: Display>(&mut self, error: &Error<NetError, S>) -> Failed {
        if !error.is_ambiguous() || never_left(error) {
            return self.call(error);
        }
        match error {
            // It does exist, and is not what was sent.
            Error::Decode(DecodeError::TreeHashMismatch) => self.this(error),
            error => self.this(&format_args!("{error}; the archive may exist all the same, so it is not sent again now")),
        };
        Failed::MayExist
    }
}

/// What stands for a text's end that had no room.
const MARK: &str = "...";

/// Takes a text as far as there is room for it.
struct Room<'t>(&'t mut heapless::String<448>);

impl Write for Room<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|character| self.0.push(character).map_err(|_| fmt::Error))
    }
}

/// Whether nothing was sent.
fn never_left<S>(error: &Error<NetError, S>) -> bool {
    use glacier_embedded::Error::{Connect, RequestTooLong, TimedOut};
    matches!(error, Error::Transport(Connect(_) | TimedOut(Step::Connect) | RequestTooLong))
}

/// As a value of the console.
impl Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Quoted(self.text.as_str()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;

    type E = Error<NetError, Infallible>;

    const RESET: embassy_net::tcp::Error = embassy_net::tcp::Error::ConnectionReset;

    #[test]
    fn a_lost_answer_may_have_made_an_archive() {
        let mut why = Why::new();
        let lost = E::Transport(glacier_embedded::Error::Network(RESET));
        assert_eq!(why.last_call(&lost), Failed::MayExist);
        assert!(why.to_string().contains("may exist all the same"), "{why}");
        assert_eq!(why.call(&lost), Failed::This);
        assert!(!why.to_string().contains("may exist"), "{why}");
    }

    #[test]
    fn without_a_connection_nothing_was_sent_and_nothing_else_will_be() {
        for error in [glacier_embedded::Error::Connect(RESET), glacier_embedded::Error::TimedOut(Step::Connect)] {
            assert_eq!(Why::new().last_call(&E::Transport(error)), Failed::All);
        }
        assert_eq!(Why::new().last_call(&E::ClockNotSet), Failed::All);
    }

    #[test]
    fn another_tree_hash_concerns_one_log() {
        let mut why = Why::new();
        assert_eq!(why.last_call(&E::Decode(DecodeError::TreeHashMismatch)), Failed::MayExist);
        assert!(why.to_string().contains("another tree hash"), "{why}");
    }

    #[test]
    fn a_long_reason_is_visibly_shortened() {
        let mut why = Why::new();
        why.this(&"é".repeat(300));
        assert!(why.to_string().ends_with("é...\""), "{why}");
        why.this(&"short");
        assert_eq!(why.to_string(), "\"short\"");
    }
}
