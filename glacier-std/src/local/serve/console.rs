//! The console: one page without data, which calls control. Everything it needs is in it, and its policy allows nothing else.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glacier_core::hash::LinearHasher;

use crate::local::response::LocalResponse;

/// The page, with two places for what follows.
const PAGE: &str = include_str!("console/page.html");
const STYLE: &str = include_str!("console/style.css");
/// The script, in the order in which its parts use each other.
const SCRIPTS: [&str; 7] = [
    include_str!("console/texts.js"),
    include_str!("console/elements.js"),
    include_str!("console/calls.js"),
    include_str!("console/vaults.js"),
    include_str!("console/faults.js"),
    include_str!("console/requests.js"),
    include_str!("console/page.js"),
];

/// The page as it is sent, and its content security policy.
static READY: LazyLock<(String, String)> = LazyLock::new(|| {
    let script = SCRIPTS.join("\n");
    let page = PAGE.replace("/* style */", STYLE).replace("/* scripts */", &script);
    // By their hashes nothing runs and nothing is drawn but what is in these files, whatever gets into the page.
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        sha256(&script),
        sha256(STYLE)
    );
    (page, policy)
});

/// The page.
pub(super) fn page() -> LocalResponse {
    let (page, policy) = &*READY;
    let length = page.len().to_string();
    LocalResponse::stream(200, "text/html; charset=utf-8", page.clone().into_bytes().into())
        .with("Content-Length", length)
        .with("Content-Security-Policy", policy)
        .with("Cache-Control", "no-store")
        .with("Referrer-Policy", "no-referrer")
        .with("X-Content-Type-Options", "nosniff")
}

fn sha256(text: &str) -> String {
    let mut hasher = LinearHasher::new();
    hasher.update(text.as_bytes());
    STANDARD.encode(hasher.finish().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_names_no_other_place() {
        let (page, policy) = &*READY;
        assert_eq!(page.matches(&format!("<style>{STYLE}</style>")).count(), 1);
        assert_eq!(page.matches(&format!("<script>{}</script>", SCRIPTS.join("\n"))).count(), 1);
        assert_eq!((page.matches("<script").count(), page.matches("<style").count()), (1, 1));
        for word in [
            "http://",
            "https://",
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            " style=\"",
            " onclick",
        ] {
            // The name of SVG's namespace is no address.
            assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(word), "{word}");
        }
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    }

    /// From `printf abc | openssl dgst -sha256 -binary | base64`.
    #[test]
    fn hashes_are_written_as_in_a_policy() {
        assert_eq!(sha256("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }
}
