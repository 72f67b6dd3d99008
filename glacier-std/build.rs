//! Tells the `glacier` command what `glacier --version` prints: the commit, the target and the features that it is built from.
//! The same commit gives the same text on every machine, and neither git nor a repository is needed to build.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What `cargo package` puts into every published crate.
const PACKAGED: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_else(|_| "unknown".into());
    println!("cargo::rustc-env=GLACIER_TARGET={target}");
    println!("cargo::rustc-env=GLACIER_FEATURES={}", features());
    // Of the whole package only the command prints it.
    let commit = env::var_os("CARGO_FEATURE_CLI").and_then(|_| packaged_commit().or_else(checked_out_commit));
    println!("cargo::rustc-env=GLACIER_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

/// The features that are on, in alphabetical order.
fn features() -> String {
    let variables = env::vars().filter_map(|(name, _)| name.strip_prefix("CARGO_FEATURE_").map(str::to_string));
    let mut features: Vec<String> = variables.map(|name| name.to_lowercase().replace('_', "-")).collect();
    features.retain(|name| name != "default");
    features.sort();
    features.join(", ")
}

/// The commit that a published crate was made from.
fn packaged_commit() -> Option<String> {
    if Path::new(PACKAGED).exists() {
        println!("cargo::rerun-if-changed={PACKAGED}");
    }
    let text = fs::read_to_string(PACKAGED).ok()?;
    let value = text.split("\"sha1\"").nth(1)?.split('"').nth(1)?;
    is_commit(value).then(|| value.to_string())
}

/// The commit of the repository that this folder belongs to, unless that is someone else's, into which this crate was copied.
fn checked_out_commit() -> Option<String> {
    let shown = git(&["rev-parse", "--show-prefix", "HEAD"])?;
    let (prefix, commit) = shown.split_once('\n')?;
    // Both change with each commit and each checkout; of a fresh clone the second may be missing.
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let is_ours = prefix == "glacier-std/" && Path::new("../glacier-core/Cargo.toml").exists();
    (is_ours && is_commit(commit)).then(|| commit.to_string())
}

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).env_remove("GIT_DIR").output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim_end().to_string())
}

fn is_commit(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
