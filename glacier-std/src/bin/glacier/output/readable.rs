//! Values as people read them.

use std::fmt::Display;

/// A number of bytes: `17 B`, `5.5 MiB`.
pub(crate) fn readable(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match units.iter().find(|(_, shift)| bytes >> shift > 0) {
        Some((unit, shift)) => format!("{:.1} {unit}", bytes as f64 / (1u64 << shift) as f64),
        None => format!("{bytes} B"),
    }
}

/// A member of a response: `-` where the service left it out.
pub(crate) fn shown(member: Option<impl Display>) -> String {
    member.map_or("-".into(), |value| value.to_string().replace(char::is_control, " "))
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
    fn a_missing_member_is_a_hyphen_and_control_characters_are_spaces() {
        assert_eq!(shown(None::<u64>), "-");
        assert_eq!(shown(Some("a\nb")), "a b");
    }
}
