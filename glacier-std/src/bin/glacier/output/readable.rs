//! Values as people read them.

use std::fmt::Display;
use std::time::Duration;

use super::printable::printable;

/// A number of bytes: `17 B`, `5.5 MiB`.
pub(crate) fn readable(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match units.iter().find(|(_, shift)| bytes >> shift > 0) {
        Some((unit, shift)) => format!("{:.1} {unit}", bytes as f64 / (1u64 << shift) as f64),
        None => format!("{bytes} B"),
    }
}

/// A time in hours, minutes and seconds: `0:07`, `12:34`, `1:02:03`.
pub(crate) fn readable_time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A member of a response: `-` where the service left it out. What a service says is safe to print wherever it goes.
pub(crate) fn shown(member: Option<impl Display>) -> String {
    member.map_or("-".into(), |value| printable(&value.to_string()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_largest_unit_that_fits() {
        for (bytes, text) in [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (11 << 19, "5.5 MiB"), (4 << 30, "4.0 GiB")] {
            assert_eq!(readable(bytes), text);
        }
    }

    #[test]
    fn times_have_hours_only_where_there_are_any() {
        for (seconds, text) in
            [(0, "0:00"), (7, "0:07"), (754, "12:34"), (3600, "1:00:00"), (3723, "1:02:03"), (360_000, "100:00:00")]
        {
            assert_eq!(readable_time(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_missing_member_is_a_hyphen_and_what_a_terminal_obeys_is_written_out() {
        assert_eq!(shown(None::<u64>), "-");
        assert_eq!(shown(Some("a\nb\u{9b}c")), r"a b\u{9b}c");
    }
}
