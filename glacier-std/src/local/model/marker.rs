//! The markers of lists: where the next page begins, in a text that only this service can have issued for that list.

use glacier_core::hash::LinearHasher;

use super::api_error::ApiError;

/// Digits of the check.
const CHECK: usize = 16;

/// Issues the marker of a place in a list; `list` names the list, and the vault if it belongs to one.
pub(crate) fn issue(list: &str, place: &str) -> String {
    format!("{place}.{}", check(list, place))
}

/// The place that a marker of this list stands for.
pub(crate) fn place<'m>(list: &str, marker: &'m str) -> Result<&'m str, ApiError> {
    let issued = marker.rsplit_once('.').filter(|(place, found)| check(list, place) == *found).map(|(place, _)| place);
    issued.ok_or_else(|| {
        ApiError::invalid(format!(
            "Invalid marker: {marker}. Use the Marker of the previous page of this list, or none for the first"
        ))
    })
}

fn check(list: &str, place: &str) -> String {
    let mut hasher = LinearHasher::new();
    hasher.update(list.as_bytes());
    hasher.update(b"\0");
    hasher.update(place.as_bytes());
    let mut hash = hasher.finish().to_string();
    hash.truncate(CHECK);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_issued_for_the_list_is_a_marker() {
        let marker = issue("jobs 7", "12");
        assert_eq!(place("jobs 7", &marker), Ok("12"));
        for other in ["", "12", ".", "12.", "zz", "12.0123456789abcdef", &marker[1..], &marker[..marker.len() - 1]] {
            assert!(place("jobs 7", other).is_err(), "{other}");
        }
        assert!(place("jobs 8", &marker).is_err() && place("uploads 7", &marker).is_err());
    }
}
