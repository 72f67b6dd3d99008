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
        for target in ["names", "times", "policy", "vault_policy", "fault_script"] {
            seeds.write(target, text.as_bytes());
        }
        seeds.write("signing", format!("\x07\x07\x07\x07secret\nhost\n/{text}\n{text}\nx-amz-date:{text}\nA:{text}").as_bytes());
        // These targets read their strings from the end of the input.
        for target in ["ranges", "listing", "inventory_json", "inventory_csv", "heads"] {
            seeds.write(target, &[&[7; 24], text.as_bytes()].concat());
        }
    }
    long(&mut seeds);
    sequences(&mut seeds);
    fault_scripts(&mut seeds);
    println!("{} seeds of {} texts", seeds.count, texts.len());
}

/// What a short run would not find: long inputs, in the patterns that take a bad algorithm longest.
fn long(seeds: &mut Seeds) {
    const LENGTH: usize = 32 << 10;
    let filled = |pattern: &str| pattern.repeat(LENGTH / pattern.len());
    let descending: Vec<String> = (0..LENGTH / 6).rev().map(|n| format!("{n:05}")).collect();
    let queries = [filled("b&a&"), filled("b=1&a=2&"), descending.join("&")];
    let paths = [filled("/a"), filled("/a") + "/..", filled("/a/.."), filled("/a/b/.."), filled("//"), filled("/%2F")];
    let headers = [filled("b:1\na:2\n"), filled("x-amz-a:1\n"), descending.join(":\n"), format!("a:{}", filled(" "))];
    for (path, query, headers) in queries
        .iter()
        .map(|query| ("/-/vaults", query.as_str(), ""))
        .chain(paths.iter().map(|path| (path.as_str(), "", "")))
        .chain(headers.iter().map(|headers| ("/-/vaults", "", headers.as_str())))
    {
        seeds.write("signing", format!("\x07\x07\x07\x07secret\nhost\n{path}\n{query}\n{headers}").as_bytes());
        for how in ["\x01", "\x02"] {
            seeds.write("service", format!("{how}GET\n{path}\n{query}\n{headers}\n\n").as_bytes());
        }
        let lines = headers.replace('\n', "\r\n");
        seeds.write("service", format!("\0GET {path}?{query} HTTP/1.1\r\nHost: h\r\n{lines}\r\n\r\n").as_bytes());
    }
    let json = [filled("["), filled("{\"a\":"), filled("\\\\"), filled("{},"), filled("\"\\u0041"), filled("1e")];
    for text in json {
        seeds.write(
            "service",
            format!("\x02POST\n/-/vaults/examplevault/jobs\n\nx-amz-glacier-version:2012-06-01\n\n{text}").as_bytes(),
        );
    }
}

/// Beginnings of sequences of requests, in numbers that are all over the place but the same every time.
fn sequences(seeds: &mut Seeds) {
    let mut state = 1u64;
    for _ in 0..200 {
        let mut bytes = vec![3];
        for _ in 0..300 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Every other one is small: requests that are right say little.
            let byte = (state >> 56) as u8;
            bytes.push(if state & (1 << 40) == 0 { byte } else { byte % 40 });
        }
        seeds.write("service", &bytes);
    }
}

/// A script with each kind of fault, and one with each member of a rule.
fn fault_scripts(seeds: &mut Seeds) {
    for fault in [
        r#""error","status":500,"code":"ServiceUnavailableException","message":"m""#,
        r#""delay","seconds":0.5"#,
        r#""cut-request","bytes":1"#,
        r#""cut-response","bytes":1"#,
        r#""corrupt","where":"body""#,
        r#""corrupt","where":"tree-hash""#,
        r#""job-fails","message":"m""#,
        r#""throttle""#,
        r#""stall""#,
        r#""reset""#,
        r#""lose-reply""#,
        r#""expired-credentials""#,
        r#""insufficient-capacity""#,
        r#""no-longer-supported""#,
    ] {
        let rule =
            format!(r#"{{"operation":"InitiateJob","vault":"v","nth":2,"times":1,"percent":30,"fault":{{"kind":{fault}}}}}"#);
        seeds.write("fault_script", format!(r#"{{"seed":7,"rules":[{rule},{rule}]}}"#).as_bytes());
    }
}

/// A recorded request, in the form of the target `service`; what is in its path exists or not.
fn service_seed(seeds: &mut Seeds, request: &Value) {
    let (Some(method), Some(path), Some(headers)) =
        (request["method"].as_str(), request["path"].as_str(), request["headers"].as_object())
    else {
        return;
    };
    let mut lines = vec![method.to_owned(), path.to_owned(), request["query"].as_str().unwrap_or("").to_owned()];
    let signed =
        |name: &str| name.eq_ignore_ascii_case("range") || name.eq_ignore_ascii_case("content-range") || name.starts_with("x-amz-");
    lines.extend(
        headers.iter().filter(|(name, _)| signed(name)).map(|(name, value)| format!("{name}:{}", value.as_str().unwrap_or(""))),
    );
    let body = request["body"]["$text"].as_str().unwrap_or("");
    seeds.write("service", format!("\x02{}\n\n{body}", lines.join("\n")).as_bytes());
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
    service_seed(seeds, &value["request"]);
    for policy in ["accessPolicy", "lockPolicy"].map(|name| &value[name]).into_iter().filter(|policy| policy.is_object()) {
        seeds.write("vault_policy", policy.to_string().as_bytes());
    }
    if let Some(text) = value["policyText"].as_str() {
        seeds.write("vault_policy", text.as_bytes());
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
