//! `glacier treehash`: tree hashes of files, printed and checked as sha256sum does.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use glacier_core::hash::LeafPairHasher;
use glacier_core::{LEAF_SIZE, TreeHash};

use crate::args::{Form, TreehashArgs};
use crate::exit::{Failure, code, reason, say};
use crate::output::Output;

pub(crate) fn run(args: &TreehashArgs, output: &mut Output) -> Result<(), Failure> {
    let mut failed = 0;
    for file in &args.files {
        let done = if args.check { check_list(file, output)? } else { print_hash(file, output)? };
        failed += u64::from(!done);
        // Each line as soon as it is known: files may be large.
        output.flush()?;
    }
    match failed {
        0 => Ok(()),
        _ => Err(Failure::new(code::SOME_FAILED, "")),
    }
}

/// Prints the hash of a file; `false` when it cannot be read.
fn print_hash(path: &Path, output: &mut Output) -> Result<bool, Failure> {
    let hash = match hash(path) {
        Ok(hash) => hash,
        Err(error) => return Ok(complain(path, &reason(&error))),
    };
    match output.form {
        Form::Text => {
            let (mark, name) = escaped(path.as_os_str());
            output.bytes(format!("{mark}{hash}  ").as_bytes())?;
            output.bytes(&name)?;
            output.bytes(b"\n")?;
        }
        Form::Json => {
            output.object(&serde_json::json!({ "path": path.to_string_lossy(), "SHA256TreeHash": hash.to_string() }))?;
        }
    }
    Ok(true)
}

/// Checks what a list names; `false` when anything in it is not as it should be.
fn check_list(list: &Path, output: &mut Output) -> Result<bool, Failure> {
    let mut lines = match open(list) {
        Ok(file) => BufReader::new(file),
        Err(error) => return Ok(complain(list, &reason(&error))),
    };
    let (mut good, mut malformed, mut unreadable, mut different) = (0u64, 0u64, 0u64, 0u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return Ok(complain(list, &reason(&error))),
        }
        let bare = line.strip_suffix(b"\n").unwrap_or(&line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        if bare.is_empty() || bare.starts_with(b"#") {
            continue;
        }
        let Some((expected, name)) = parse(bare) else {
            malformed += 1;
            continue;
        };
        let verdict = match hash(Path::new(&name)) {
            Ok(hash) if hash == expected => {
                good += 1;
                "OK"
            }
            Ok(_) => {
                different += 1;
                "FAILED"
            }
            Err(error) => {
                unreadable += 1;
                complain(Path::new(&name), &reason(&error));
                "FAILED open or read"
            }
        };
        print_verdict(&name, verdict, output)?;
    }
    let name = list.display();
    if good + different + unreadable == 0 {
        return Ok(complain(list, "no properly formatted checksum lines found"));
    }
    for (count, what) in [
        (malformed, "lines are improperly formatted"),
        (unreadable, "listed files could not be read"),
        (different, "computed checksums did NOT match"),
    ] {
        if count > 0 {
            say(format_args!("{name}: WARNING: {count} {what}"));
        }
    }
    Ok(unreadable + different == 0)
}

fn print_verdict(name: &OsStr, verdict: &str, output: &mut Output) -> Result<(), Failure> {
    match output.form {
        Form::Text => {
            // As sha256sum does: here a backslash alone breaks nothing.
            let breaks = name.as_encoded_bytes().iter().any(|byte| matches!(byte, b'\n' | b'\r'));
            let (mark, name) = if breaks { escaped(name) } else { ("", name.as_encoded_bytes().into()) };
            output.bytes(mark.as_bytes())?;
            output.bytes(&name)?;
            output.line(format_args!(": {verdict}"))
        }
        Form::Json => output.object(&serde_json::json!({ "path": name.to_string_lossy(), "result": verdict })),
    }
}

fn complain(path: &Path, what: &str) -> bool {
    say(format_args!("{}: {what}", path.display()));
    false
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(Box::new(file)),
    }
}

fn hash(path: &Path) -> io::Result<TreeHash> {
    let mut file = open(path)?;
    let mut hasher = LeafPairHasher::new(vec![0; LEAF_SIZE as usize]);
    let mut buf = vec![0; 256 << 10];
    loop {
        match file.read(&mut buf) {
            Ok(0) => return hasher.finish().map_err(io::Error::other),
            Ok(got) => hasher.update(buf.get(..got).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A name on one line: with a backslash before the line, when backslashes and line breaks in it were escaped.
fn escaped(name: &OsStr) -> (&'static str, Vec<u8>) {
    let bytes = name.as_encoded_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'\\' | b'\n' | b'\r')) {
        return ("", bytes.into());
    }
    let mut out = Vec::with_capacity(bytes.len() + 2);
    for byte in bytes {
        match byte {
            b'\\' => out.extend(b"\\\\"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            byte => out.push(*byte),
        }
    }
    ("\\", out)
}

/// Reads `HASH  FILE` or `HASH *FILE`.
fn parse(line: &[u8]) -> Option<(TreeHash, OsString)> {
    let (line, is_escaped) = line.strip_prefix(b"\\").map_or((line, false), |rest| (rest, true));
    let (hash, name) = line.split_at_checked(64)?;
    let name = name.strip_prefix(b"  ").or_else(|| name.strip_prefix(b" *")).filter(|name| !name.is_empty())?;
    let hash = std::str::from_utf8(hash).ok()?.parse().ok()?;
    Some((hash, os_string(if is_escaped { unescaped(name)? } else { name.into() })?))
}

fn unescaped(name: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => *byte,
        });
    }
    Some(out)
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn names_with_line_breaks_and_backslashes_are_escaped_and_come_back() {
        for name in ["plain", "a\\b", "a\nb", "a\rb\\n", " * ", "ü"] {
            let (mark, shown) = escaped(OsStr::new(name));
            assert!(!shown.contains(&b'\n'), "{name:?}");
            for space in ["  ", " *"] {
                let line = [mark.as_bytes(), HASH.as_bytes(), space.as_bytes(), &shown].concat();
                assert_eq!(parse(&line), Some((HASH.parse().unwrap(), name.into())), "{name:?}");
            }
        }
        assert_eq!(escaped(OsStr::new("a\\b")), ("\\", b"a\\\\b".to_vec()));
    }

    #[test]
    fn lines_that_are_none() {
        let short = HASH.replace("e3", "e");
        for line in [
            "",
            HASH,
            &format!("{HASH} x"),
            &format!("{HASH}  "),
            &format!("{short}  x"),
            &format!("g{short}  x"),
            &format!("\\{HASH}  a\\x"),
            &format!("\\{HASH}  a\\"),
        ] {
            assert_eq!(parse(line.as_bytes()), None, "{line}");
        }
    }
}
