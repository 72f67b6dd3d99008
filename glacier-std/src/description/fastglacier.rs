//! The formats of FastGlacier: elements that look like XML, the name in Base64.
//!
//! Source: "FastGlacier metadata format", fastglacier.com. Version 1 is as other tools' parsers know it.

use super::stored_name::{Damage, Details, Original, Problem, StoredName};
use super::{base64, time};

/// Reads `<m><v>4</v><p>...</p>...</m>` and `<ArchiveMetadata>`; `None` if the text does not carry the mark.
pub(super) fn read(text: &str) -> Option<Result<StoredName, Damage>> {
    if text.starts_with("<m>") && text.ends_with("</m>") {
        let path = element(text, "p")?;
        return Some(name(path).map(|name| details(name, text)));
    }
    if text.starts_with("<ArchiveMetadata>") && text.ends_with("</ArchiveMetadata>") {
        let path = element(text, "Path")?;
        return Some(name(path).map(|name| StoredName::new(name, Details::FastGlacier { version: Some(1), original: None })));
    }
    None
}

fn name(path: &str) -> Result<String, Damage> {
    let digits: String = path.split_ascii_whitespace().collect();
    String::from_utf8(base64::decode(&digits).ok_or(Damage::Base64)?).map_err(|_| Damage::Utf8)
}

fn details(name: String, text: &str) -> StoredName {
    let mut stored = StoredName::new(name, Details::None);
    // An empty element says as much as none.
    let part = |name| element(text, name).map(str::trim).filter(|text| !text.is_empty());
    stored.mtime = part("lm").and_then(|text| stored.take(time::parse(text), Problem::Mtime));
    let original = element(text, "ce").and_then(|text| stored.take(original(text.trim()), Problem::Original));
    let version = part("v").filter(|text| text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit()));
    let version = version.and_then(|digits| digits.parse().ok());
    if !matches!(version, Some(2..=4)) {
        stored.problems.push(Problem::Version);
    }
    stored.details = Details::FastGlacier { version, original };
    stored
}

/// The text from the first `<name>` to the next `</name>`.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

/// `compressed:encrypted:MD5:size`, the size since version 4.
fn original(text: &str) -> Option<Original> {
    let mut parts = text.split(':');
    let mut flag = || match parts.next()? {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    let (compressed, encrypted) = (flag()?, flag()?);
    let md5 = parts.next().filter(|text| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let size = match parts.next() {
        None => None,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
    };
    parts.next().is_none().then(|| Original { compressed, encrypted, md5: md5.to_ascii_lowercase(), size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original() {
        let md5 = "9E107D9D372BB6826BD81D3542A419D6";
        let read = |text: String| original(&text);
        let expected = Original { compressed: true, encrypted: false, md5: md5.to_lowercase(), size: Some(7) };
        assert_eq!(read(format!("1:0:{md5}:7")), Some(expected));
        assert_eq!(read(format!("1:0:{md5}")).unwrap().size, None);
        for bad in
            ["1:1", "2:0:{md5}", "1:0:{md5}:", "1:0:{md5}:-1", "1:0:{md5}:18446744073709551616", "1:0:{md5}:1:1", "1:0:{md5}0", ""]
        {
            assert_eq!(read(bad.replace("{md5}", md5)), None, "{bad}");
        }
    }
}
