//! Where a name from a description may lead below a target folder. Names come from outside and are not trusted.

use super::stored_name::Format;

/// A path below the target folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestorePath {
    /// Components with `/` between them, at least one, none of them empty, `.` or `..`.
    pub path: String,
    /// It is a folder's.
    pub is_folder: bool,
}

/// The path for a name, or `None` when it leads nowhere or outside: the archive id names the file then.
///
/// Who creates the file follows no links below the target and replaces nothing unasked. On Windows backslashes, `:` and reserved names are
/// to be looked at too.
#[must_use]
pub fn restore_path(format: Format, name: &str) -> Option<RestorePath> {
    if name.contains('\0') || name.trim().is_empty() || name.split(['/', '\\']).any(|component| component == "..") {
        return None;
    }
    let drive = match name.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => name.get(2..),
        _ => None,
    };
    let is_of_windows = drive.is_some_and(|rest| rest.starts_with('\\')) || name.starts_with("\\\\");
    let name = match format {
        Format::Mt1 | Format::Mt2 | Format::Plain if !is_of_windows => name.to_owned(),
        _ => {
            let letter = if drive.is_some() { &name[..1] } else { "" };
            letter.to_owned() + &drive.unwrap_or(name).replace('\\', "/")
        }
    };
    let components: Vec<&str> = name.split('/').filter(|component| !matches!(*component, "" | ".")).collect();
    (!components.is_empty()).then(|| RestorePath { path: components.join("/"), is_folder: name.ends_with('/') })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_leads_outside(name in "([.]{0,3}[/\\\\:]{0,2}[a-c]{0,2}){0,6}", format in prop::sample::select(vec![
            Format::Mt1, Format::Mt2, Format::FastGlacier, Format::CloudBerry, Format::Json, Format::Plain,
        ])) {
            if let Some(RestorePath { path, .. }) = restore_path(format, &name) {
                let components: Vec<_> = std::path::Path::new(&path).components().collect();
                prop_assert!(!components.is_empty());
                prop_assert!(components.iter().all(|one| matches!(one, std::path::Component::Normal(_))), "{}", path);
            }
        }
    }
}
