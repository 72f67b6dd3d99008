//! Durations on the command line: seconds, or a number with a unit.

use std::str::FromStr;
use std::time::Duration;

/// A duration of whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Duration);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("{text:?} is not a valid DURATION: use a whole number of seconds, or one with s, m, h or d");
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let seconds = match unit {
            "" | "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            "d" => 24 * 60 * 60,
            _ => return Err(invalid()),
        };
        if number.is_empty() {
            return Err(invalid());
        }
        let whole = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds));
        // The library counts in 32 bits; nobody waits for 136 years.
        let whole = whole.filter(|whole| u32::try_from(*whole).is_ok());
        whole
            .map(|whole| Seconds(Duration::from_secs(whole)))
            .ok_or_else(|| format!("{text:?} is not a valid DURATION: the maximum is {} seconds", u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_and_without_units() {
        for (text, seconds) in
            [("0", 0), ("90", 90), ("90s", 90), ("15m", 900), ("4h", 14_400), ("2d", 172_800), ("4294967295", 4_294_967_295)]
        {
            assert_eq!(text.parse(), Ok(Seconds(Duration::from_secs(seconds))), "{text}");
        }
    }

    #[test]
    fn invalid_durations_are_rejected() {
        for text in ["", "h", "-1", "+1", "1.5h", "4 h", "4H", "4h30m", "1w", "4294967296", "99999999999999999999d", "٣"] {
            let error = text.parse::<Seconds>().unwrap_err();
            assert!(error.contains("DURATION"), "{text}: {error}");
        }
    }
}
