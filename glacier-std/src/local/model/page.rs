//! Pages of lists.

/// The items of a page, and the marker of the next one. `items` holds one more than the limit when there is a next page.
pub(crate) fn page<T>(limit: usize, mut items: Vec<T>, marker: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let marker = items.last().filter(|_| more).map(marker);
    (items, marker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_last_page_has_no_marker() {
        let marker = |n: &i32| format!("m{n}");
        assert_eq!(page(3, vec![1, 2, 3, 4], marker), (vec![1, 2, 3], Some("m3".into())));
        assert_eq!(page(4, vec![1, 2, 3, 4], marker), (vec![1, 2, 3, 4], None));
        assert_eq!(page(4, vec![], marker), (vec![], None));
    }
}
