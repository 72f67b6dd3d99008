//! Inspects a linked program: `image ELF LIST` reports allocator symbols and panics in it, and compares the panics with the list of
//! allowed ones.
//!
//! Every Rust panic ends in a function of `core::panicking`. The relocations that the linker kept show where each of them is called, and
//! the line tables show the function before inlining. Calls between such functions are part of a panic; all other calls are findings. A
//! panicking function with an unknown name is therefore still found, at its call into `core::panicking`.

mod list;
mod name;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget, SymbolKind};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

type Lines<'f> = Context<EndianSlice<'f, LittleEndian>>;

/// One panic: the panicking function and its caller.
pub type Finding = (String, String);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, image, list] = &arguments[..] else {
        eprintln!("usage: image ELF LIST");
        return ExitCode::FAILURE;
    };
    match check(Path::new(image), Path::new(list)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{image}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(image: &Path, list: &Path) -> Outcome<bool> {
    let data = std::fs::read(image)?;
    let file = object::File::parse(&*data)?;
    println!("text {} bytes, constants {} bytes", size(&file, ".text"), size(&file, ".rodata"));

    let heap = heap(&file);
    for symbol in &heap {
        println!("FAIL a heap: {symbol}");
    }

    let findings = panics(&file, &lines(&data, &file)?)?;
    let listed = list::read(list)?;
    let unlisted: Vec<_> = findings.iter().filter(|(finding, _)| !listed.iter().any(|entry| entry.covers(finding))).collect();
    for ((panic, caller), lines) in &unlisted {
        println!("FAIL a panic that is not listed: {panic} | {caller} | at {}", Vec::from_iter(lines.iter().cloned()).join(", "));
    }
    let (there, gone): (Vec<_>, Vec<_>) = listed.iter().partition(|entry| findings.keys().any(|finding| entry.covers(finding)));
    for entry in &gone {
        println!("FAIL listed but no longer in the program, remove it: {} | {}", entry.panic, entry.caller);
    }
    for entry in there {
        let calls = findings.keys().filter(|finding| entry.covers(finding)).count();
        println!("listed: {} | {} | {} callers, {}", entry.panic, entry.caller, calls, entry.reason);
    }
    Ok(heap.is_empty() && unlisted.is_empty() && gone.is_empty())
}

/// The line tables. They are read without applying relocations, which the linker has already done.
fn lines<'f>(data: &'f [u8], file: &object::File<'f>) -> Outcome<Lines<'f>> {
    let section = |id: SectionId| -> Outcome<EndianSlice<'f, LittleEndian>> {
        let range = file.section_by_name(id.name()).and_then(|section| section.file_range());
        let bytes = range.and_then(|(start, size)| data.get(start as usize..(start + size) as usize)).unwrap_or_default();
        Ok(EndianSlice::new(bytes, LittleEndian))
    };
    Ok(Context::from_dwarf(Dwarf::load(section)?)?)
}

fn size(file: &object::File<'_>, section: &str) -> u64 {
    file.section_by_name(section).map_or(0, |section| section.size())
}

/// Symbols of allocators, defined or referenced.
fn heap(file: &object::File<'_>) -> BTreeSet<String> {
    const C: [&str; 6] = ["malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign"];
    let names = file.symbols().filter_map(|symbol| symbol.name().ok().map(name::whole));
    names
        .filter(|name| {
            C.contains(&&**name)
                || name.contains("__rust_")
                || name.contains("__rdl_")
                || name.contains("__rg_")
                || name.contains("alloc::alloc::")
        })
        .collect()
}

/// The panics, with the source lines of their calls.
fn panics(file: &object::File<'_>, lines: &Lines<'_>) -> Outcome<BTreeMap<Finding, BTreeSet<String>>> {
    let functions = functions(file);
    let mut findings: BTreeMap<Finding, BTreeSet<String>> = BTreeMap::new();
    for section in file.sections() {
        if section.name().is_ok_and(|name| name.starts_with(".debug") || name.starts_with(".ARM.exidx")) {
            continue;
        }
        for (address, relocation) in section.relocations() {
            let RelocationTarget::Symbol(index) = relocation.target() else { continue };
            let called = name::whole(file.symbol_by_index(index)?.name()?);
            if !name::is_panic(&called) {
                continue;
            }
            let function = functions.range(..=address).next_back().filter(|(start, (size, _))| address < *start + size);
            let (caller, line) = match function {
                Some((_, (_, function))) if name::is_panic(function) => continue,
                Some((_, (_, function))) => caller_of(lines, address, function)?,
                None => (format!("data in {}", section.name()?), format!("{address:#x}")),
            };
            findings.entry((name::plain(&called), caller)).or_default().insert(line);
        }
    }
    Ok(findings)
}

/// Size and name of each function, by address.
fn functions(file: &object::File<'_>) -> BTreeMap<u64, (u64, String)> {
    let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0);
    // The lowest bit of an address marks Thumb code.
    functions.filter_map(|f| Some((f.address() & !1, (f.size(), name::whole(f.name().ok()?))))).collect()
}

/// Part of the path of every source file of the standard library.
const STANDARD_LIBRARY: &str = "/rustlib/src/rust/library/";

/// The caller: the innermost function, before inlining, that is not in the standard library. If all are, the source file of the outermost
/// one, because which of them are inlined differs from program to program.
fn caller_of(lines: &Lines<'_>, address: u64, function: &str) -> Outcome<Finding> {
    let mut frames = lines.find_frames(address).skip_all_loads()?;
    let mut outermost = (name::plain(function), String::new());
    while let Some(frame) = frames.next()? {
        let Some(function) = frame.function else { continue };
        let function = name::plain(&function.demangle()?);
        let (file, line) = frame.location.map_or(("?", 0), |at| (at.file.unwrap_or("?"), at.line.unwrap_or(0)));
        let place = format!("{file}:{line}");
        match file.split_once(STANDARD_LIBRARY) {
            None => return Ok((function, place)),
            // The definition of `assert!` is not a caller.
            Some((_, "core/src/macros/mod.rs")) => outermost = (function, place),
            Some((_, file)) => outermost = (file.to_owned(), place),
        }
    }
    Ok(outermost)
}
