//! `glacier treehash`: prints and checks tree hashes of files, as sha256sum does.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use glacier_core::hash::LeafPairHasher;
use glacier_core::{LEAF_SIZE, TreeHash};

use crate::args::OutputFormat;
use crate::output::{Stdout, WriteError, escape, parse, print_stderr};
use crate::run::{CommandError, check_input, code, describe, is_standard_input};

#[derive(Debug, Args)]
pub(super) struct TreehashArgs {
    /// Read hashes from the files and check them
    #[arg(short, long)]
    check: bool,
    /// Files; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &TreehashArgs, stdout: &mut Stdout) -> Result<(), CommandError> {
    if args.files.iter().any(|file| is_standard_input(file)) {
        check_input()?;
    }
    let mut all_good = true;
    for file in &args.files {
        all_good &= if args.check { check_list(file, stdout)? } else { print_hash(file, stdout)? };
        // Files may be large, so each line is printed as soon as it is known.
        stdout.flush()?;
    }
    // What failed was reported where it failed.
    if all_good { Ok(()) } else { Err(CommandError::new(code::SOME_FAILED, "")) }
}

/// Prints the hash of a file; `false` when it cannot be read.
fn print_hash(path: &Path, stdout: &mut Stdout) -> Result<bool, CommandError> {
    let hash = match hash(path) {
        Ok(hash) => hash,
        Err(error) => return Ok(complain(path, &describe(&error))),
    };
    match stdout.format {
        OutputFormat::Text => {
            let (mark, name) = escape(path.as_os_str());
            stdout.bytes(format!("{mark}{hash}  ").as_bytes())?;
            stdout.bytes(&name)?;
            stdout.bytes(b"\n")?;
        }
        OutputFormat::Json => {
            stdout.object(&serde_json::json!({ "path": path.to_string_lossy(), "SHA256TreeHash": hash.to_string() }))?;
        }
    }
    Ok(true)
}

/// Checks the files of a list; `false` when one cannot be read or differs, or the list is not valid.
fn check_list(list: &Path, stdout: &mut Stdout) -> Result<bool, CommandError> {
    let mut lines = match open(list) {
        Ok(file) => BufReader::new(file),
        Err(error) => return Ok(complain(list, &describe(&error))),
    };
    let (mut good, mut malformed, mut unreadable, mut different) = (0u64, 0u64, 0u64, 0u64);
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return Ok(complain(list, &describe(&error))),
        }
        if number == 1
            && let Some(problem) = unreadable_text(&line)
        {
            return Ok(complain(
                list,
                &format!("{problem}, and a checksum list is UTF-8 text with a line for each file: convert it first"),
            ));
        }
        let bare = line.strip_suffix(b"\n").unwrap_or(&line);
        // Editors of Windows write a byte order mark.
        let bare = bare.strip_prefix(BYTE_ORDER_MARK).filter(|_| number == 1).unwrap_or(bare);
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
                complain(Path::new(&name), &describe(&error));
                "FAILED open or read"
            }
        };
        print_verdict(&name, verdict, stdout)?;
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
            print_stderr(format_args!("{name}: WARNING: {count} {what}"));
        }
    }
    Ok(unreadable + different == 0)
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Why the first line cannot be one of a checksum list, when it is text of another form.
fn unreadable_text(line: &[u8]) -> Option<&'static str> {
    let without_end = line.strip_suffix(b"\n").unwrap_or(line);
    let without_end = without_end.strip_suffix(b"\r").unwrap_or(without_end);
    match without_end {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("it is in UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("it is in UTF-16"),
        // Neither a hash nor a file name holds this byte; UTF-16 without a byte order mark does.
        line if line.contains(&0) => Some("it holds null bytes, as text in UTF-16 does"),
        // In a name, it would have been escaped.
        line if line.contains(&b'\r') => Some("its lines end in a carriage return alone"),
        _ => None,
    }
}

fn print_verdict(name: &OsStr, verdict: &str, stdout: &mut Stdout) -> Result<(), WriteError> {
    match stdout.format {
        OutputFormat::Text => {
            // As sha256sum does: in a verdict a backslash alone is not escaped.
            let has_break = name.as_encoded_bytes().iter().any(|byte| matches!(byte, b'\n' | b'\r'));
            let (mark, name) = if has_break { escape(name) } else { ("", name.as_encoded_bytes().into()) };
            stdout.bytes(mark.as_bytes())?;
            stdout.bytes(&name)?;
            stdout.line(format_args!(": {verdict}"))
        }
        OutputFormat::Json => stdout.object(&serde_json::json!({ "path": name.to_string_lossy(), "result": verdict })),
    }
}

/// Reports a file that failed; returns that it is not good.
fn complain(path: &Path, what: &str) -> bool {
    print_stderr(format_args!("{}: {what}", path.display()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_another_form_is_named() {
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
        let line = "e3b0  a\r\n";
        for (bytes, problem) in [
            (utf16(&format!("\u{feff}{line}"), u16::to_le_bytes), "UTF-16"),
            (utf16(&format!("\u{feff}{line}"), u16::to_be_bytes), "UTF-16"),
            (utf16(line, u16::to_le_bytes), "null bytes"),
            ("\u{feff}e3".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(), "UTF-32"),
            (b"e3b0  a\re3b0  b\r".to_vec(), "carriage return"),
        ] {
            assert!(unreadable_text(&bytes).is_some_and(|found| found.contains(problem)), "{problem}");
        }
        for line in ["", "\n", "\r\n", "e3b0  a\r\n", "\u{feff}e3b0  a\n", "\\e3b0  a\\rb\n"] {
            assert_eq!(unreadable_text(line.as_bytes()), None, "{line:?}");
        }
    }
}
