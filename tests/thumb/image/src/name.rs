//! Demangled function names.

/// The demangled name with its generic arguments.
pub fn whole(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

/// The name without generic arguments, so that each function has one name: `<a::B<C>>::d::<E>` becomes `<a::B>::d`.
pub fn plain(name: &str) -> String {
    let mut plain = String::new();
    // For each open `<`: whether it encloses generic arguments, which are dropped.
    let mut open: Vec<bool> = Vec::new();
    let mut before = ' ';
    for character in name.chars() {
        match character {
            '<' => {
                let arguments = before.is_alphanumeric() || matches!(before, '_' | ':');
                if arguments && !open.contains(&true) && plain.ends_with("::") {
                    plain.truncate(plain.len() - 2);
                }
                open.push(arguments);
                if !open.contains(&true) {
                    plain.push('<');
                }
            }
            '>' if before != '-' => {
                if !open.contains(&true) {
                    plain.push('>');
                }
                open.pop();
            }
            _ if !open.contains(&true) => plain.push(character),
            _ => {}
        }
        before = character;
    }
    plain
}

/// Whether this is one of Rust's panicking functions.
pub fn is_panic(name: &str) -> bool {
    let name = name.trim_start_matches('<');
    let last = plain(name);
    let last = last.rsplit("::").find(|part| !matches!(*part, "runtime" | "do_panic")).unwrap_or_default();
    name.contains("rust_begin_unwind")
        || name.starts_with("core::panicking::")
        || name.starts_with("core::")
            && (last.ends_with("_fail") || last.ends_with("_failed") || last.ends_with("_fail_rt") || last.starts_with("panic_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_arguments_are_dropped() {
        assert_eq!(plain("<a::B<C, D<E>>>::f::<G>::{closure#0}"), "<a::B>::f::{closure#0}");
        assert_eq!(plain("<a::B<C> as d::E<F>>::g"), "<a::B as d::E>::g");
        assert_eq!(plain("a::f::<fn() -> u8>"), "a::f");
    }

    #[test]
    fn panicking_functions_are_recognized() {
        for name in [
            "core::panicking::panic_fmt",
            "core::panicking::assert_failed::<usize, usize>",
            "core::slice::index::slice_index_fail::do_panic::runtime",
            "core::option::unwrap_failed",
            "core::str::slice_error_fail_rt",
            "__rustc::rust_begin_unwind",
        ] {
            assert!(is_panic(name), "{name}");
        }
        assert!(!is_panic("core::str::converts::from_utf8"));
        assert!(!is_panic("panic_check::calls::all"));
    }
}
