//! The clock: unset until somebody sets it, then running on embassy's.

use core::cell::Cell;
use core::fmt;

use embassy_time::Instant;
use glacier_core::Timestamp;

use crate::console::Console;

/// The time since 1970, once it is known.
pub(crate) struct Clock {
    console: Console,
    /// Milliseconds since 1970 at embassy's beginning.
    beginning_ms: Cell<Option<u64>>,
}

/// Who told the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Host,
    Sntp,
    Date,
    Set,
}

impl Clock {
    pub(crate) fn new(console: Console) -> Self {
        Clock { console, beginning_ms: Cell::new(None) }
    }

    /// Sets it.
    pub(crate) fn set(&self, origin: Origin, now: Timestamp) {
        let now_ms = now.unix().saturating_mul(1000);
        self.beginning_ms.set(Some(now_ms.saturating_sub(Instant::now().as_millis())));
        self.announce(origin, now);
    }

    /// Says on the console that the time was set or corrected.
    pub(crate) fn announce(&self, origin: Origin, now: Timestamp) {
        self.console.line(format_args!("clock from={origin} time={}", Basic(now)));
    }

    pub(crate) fn now_ms(&self) -> Option<u64> {
        self.beginning_ms.get().map(|beginning| beginning.saturating_add(Instant::now().as_millis()))
    }

    pub(crate) fn now(&self) -> Option<Timestamp> {
        self.now_ms().map(|now| Timestamp::from_unix(now / 1000))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Host => "host",
            Origin::Sntp => "sntp",
            Origin::Date => "date",
            Origin::Set => "set",
        })
    }
}

/// A time in ISO 8601's basic form, `20261125T221000Z`.
pub(crate) struct Basic(pub(crate) Timestamp);

impl fmt::Display for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        struct Plain<'a, 'f>(&'a mut fmt::Formatter<'f>);
        impl fmt::Write for Plain<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                text.split(['-', ':']).try_for_each(|piece| self.0.write_str(piece))
            }
        }
        write!(Plain(f), "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_form() {
        assert_eq!(Basic(Timestamp::parse_iso("2026-11-25T22:10:00Z").unwrap()).to_string(), "20261125T221000Z");
    }
}
