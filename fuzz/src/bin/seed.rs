//! Writes a corpus for every target from the golden vectors: `seed VECTORS CORPUS`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(vectors), Some(corpus)) = (arguments.next(), arguments.next()) else { panic!("usage: seed VECTORS CORPUS") };
    let mut seeds = Seeds { corpus, count: 0, texts: Vec::new(), shapes: BTreeSet::new() };
    walk(&vectors, &mut seeds);
    let texts = std::mem::take(&mut seeds.texts);
    for text in &texts {
        for target in ["names", "times", "policy"] {
            seeds.write(target, text.as_bytes());
        }
        // These targets read their strings from the end of the input.
        for target in ["ranges", "signing", "listing", "inventory_json", "inventory_csv", "heads"] {
            seeds.write(target, &[&[7; 24], text.as_bytes()].concat());
        }
    }
    println!("{} seeds of {} texts", seeds.count, texts.len());
}

struct Seeds {
    corpus: PathBuf,
    count: usize,
    /// The short texts of the vectors, one of each shape.
    texts: Vec<String>,
    shapes: BTreeSet<String>,
}

impl Seeds {
    fn write(&mut self, target: &str, bytes: &[u8]) {
        let folder = self.corpus.join(target);
        std::fs::create_dir_all(&folder).expect("the corpus can be written");
        std::fs::write(folder.join(format!("seed-{:05}", self.count)), bytes).expect("the corpus can be written");
        self.count += 1;
    }
}

fn walk(path: &Path, seeds: &mut Seeds) {
    let mut entries: Vec<PathBuf> = match std::fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| entry.expect("a readable folder").path()).collect(),
        Err(_) => return,
    };
    entries.sort();
    for entry in entries {
        if entry.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read(&entry).expect("a readable file");
            take(&serde_json::from_slice(&text).expect("a JSON file"), seeds);
        }
        walk(&entry, seeds);
    }
}

/// Writes responses as heads and bodies, bodies of inventories, and all texts.
fn take(value: &Value, seeds: &mut Seeds) {
    if let (Some(headers), Some(body)) = (value["headers"].as_object(), value["body"]["$text"].as_str()) {
        let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{}", value.as_str().unwrap_or(""))).collect();
        let response = format!("{}\n\n{body}", lines.join("\n"));
        seeds.write("responses", response.as_bytes());
        seeds.write("errors", response.as_bytes());
    }
    match value {
        Value::String(text) if text.len() < 1200 && seeds.shapes.insert(shape(text)) => seeds.texts.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|inner| take(inner, seeds)),
        Value::Object(map) => map.values().for_each(|inner| take(inner, seeds)),
        _ => {}
    }
}

/// The text with every run of letters as one letter and every run of digits as one digit: what the branches of a parser depend on.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    for character in text.chars() {
        let kind = match character {
            _ if character.is_ascii_digit() => '0',
            _ if character.is_alphabetic() => 'a',
            other => other,
        };
        if !(kind.is_alphanumeric() && shape.ends_with(kind)) {
            shape.push(kind);
        }
    }
    shape
}
