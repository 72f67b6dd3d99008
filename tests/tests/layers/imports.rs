//! The paths that a file names: what it imports, and what it calls by its whole path.

/// The text without comments, strings and test modules.
pub(crate) fn code(text: &str) -> String {
    let text = match text.find("#[cfg(test)]\nmod ") {
        Some(tests) => &text[..tests],
        None => text,
    };
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("r#\"") {
            rest.find("\"#").map_or(rest.len(), |end| end + 2)
        } else if next == '"' {
            string(rest)
        } else {
            0
        };
        if skipped > 0 {
            code.push(' ');
            rest = &rest[skipped..];
        } else if rest.starts_with("'\"'") {
            rest = &rest[3..];
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    code
}

/// The length of the string literal at the front.
fn string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// Every path of at least two segments, `use` trees spread out; of an import with `as` the original name.
pub(crate) fn paths(code: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut rest = code;
    while let Some((path, after)) = next_path(rest) {
        rest = after;
        if let Some(tree) = after.strip_prefix("::{") {
            let (inner, tail) = tree.split_at(end_of_tree(tree));
            spread(&path, inner, &mut all);
            rest = tail;
        } else if path.len() > 1 {
            all.push(path);
        }
    }
    all
}

/// The next path: names with `::` between them, the last of which may be a `*`.
fn next_path(code: &str) -> Option<(Vec<String>, &str)> {
    let mut rest = &code[code.find(is_name)?..];
    let mut path = Vec::new();
    loop {
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len()).max(1);
        path.push(rest[..end].to_string());
        rest = &rest[end..];
        match rest.strip_prefix("::").filter(|next| next.starts_with(|c| is_name(c) || c == '*')) {
            Some(next) => rest = next,
            None => return Some((path, rest)),
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the tree that has been opened is closed.
fn end_of_tree(tree: &str) -> usize {
    let mut depth = 1;
    for (at, c) in tree.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return at;
        }
    }
    tree.len()
}

/// The paths of a tree such as `a, b::{c, d}, self` after `prefix`.
fn spread(prefix: &[String], tree: &str, all: &mut Vec<Vec<String>>) {
    let mut rest = tree.trim_start_matches([',', ' ', '\n']);
    while !rest.is_empty() {
        let names_end = rest.find([',', '{']).unwrap_or(rest.len());
        let names = rest[..names_end].split(" as ").next().unwrap_or_default();
        let names = names.split("::").map(str::trim).filter(|name| !name.is_empty() && *name != "self");
        let path: Vec<String> = prefix.iter().cloned().chain(names.map(str::to_string)).collect();
        rest = &rest[names_end..];
        if let Some(inner) = rest.strip_prefix('{') {
            let end = end_of_tree(inner);
            spread(&path, &inner[..end], all);
            rest = inner[end..].trim_start_matches('}');
        } else {
            all.push(path);
        }
        rest = rest.trim_start_matches([',', ' ', '\n']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_spread() {
        let text = "use crate::{a, b::{c, self, d as e}, f::*};\nfn x() { super::g::h(1) } // crate::no\nlet s = \"crate::no\";";
        let found: Vec<String> = paths(&code(text)).into_iter().map(|path| path.join("::")).collect();
        assert_eq!(found, ["crate::a", "crate::b::c", "crate::b", "crate::b::d", "crate::f::*", "super::g::h"]);
    }
}
