//! The catalogue of operations agrees with what botocore sends, with the operations' own code, and with ARCHITECTURE.md.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use glacier_core::ops::catalogue::{BodyKind, OPERATIONS, OperationInfo, OutputKind};
use glacier_tests::vectors;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Whether a path ends with an account and the segments of a template, in which a name in braces stands for any one segment.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.rsplit('/').filter(|known| !known.is_empty()), path.rsplit('/'));
    let ends_so = template.all(|known| path.next().is_some_and(|segment| known == segment || known.starts_with('{')));
    ends_so && path.next().is_some_and(|account| account == "-" || account.bytes().all(|byte| byte.is_ascii_digit()))
}

#[test]
fn every_operation_is_sent_as_botocore_sends_it() {
    let folder = vectors::folder().join("requests");
    let files: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().to_str().unwrap().trim_end_matches(".json").to_string())
        .collect();
    assert_eq!(files, OPERATIONS.iter().map(|operation| operation.name.to_string()).collect());
    for operation in &OPERATIONS {
        let cases = vectors::read(&folder.join(format!("{}.json", operation.name))).unwrap();
        let cases = cases.as_array().unwrap();
        assert!(!cases.is_empty(), "{}", operation.name);
        for request in cases.iter().map(|case| &case["request"]) {
            let (path, query) = (request["path"].as_str().unwrap(), request["query"].as_str().unwrap_or_default());
            assert_eq!(request["method"], operation.method.as_str(), "{}", operation.name);
            assert!(fits(operation.path, path), "{}: {path}", operation.name);
            assert!(query.contains(operation.query), "{}: {query}", operation.name);
            // Among the operations with this method and path only its query distinguishes it.
            let like = OPERATIONS.iter().filter(|other| other.method == operation.method && other.path == operation.path);
            assert_eq!(like.filter(|other| query.contains(other.query)).count(), 1, "{}", operation.name);
        }
    }
}

/// The `impl` block of a trait for an operation, in the file of its resource.
fn block(sources: &[String], header: &str) -> Option<String> {
    sources.iter().find_map(|source| {
        let start = source.match_indices(header).find(|(at, _)| source[at + header.len()..].starts_with(['<', ' ']))?.0;
        source[start..].split_once("\n}\n").map(|(block, _)| block.to_string())
    })
}

fn sources() -> Vec<String> {
    let folder = repository().join("glacier-core/src/ops");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn every_operation_is_what_its_code_says() {
    let sources = sources();
    let encoded: usize = sources.iter().map(|source| source.matches("\nimpl Encode for ").count()).sum();
    assert_eq!(encoded, OPERATIONS.len(), "an operation is not in the catalogue");
    for OperationInfo { name, method, body, output, idempotent, .. } in OPERATIONS {
        let encode = block(&sources, &format!("impl Encode for {name}")).unwrap_or_else(|| panic!("{name} is not encoded"));
        assert!(encode.contains(&format!("Method::{method:?}")), "{name}: {method:?}");
        let says = |text: &str| encode.contains(text);
        let written = match (says("Payload::Json"), says("Payload::Stream")) {
            (true, false) => BodyKind::Json,
            (false, true) => BodyKind::Stream,
            _ => BodyKind::Empty,
        };
        assert_eq!(written, body, "{name}");
        assert_eq!(!says("fn is_idempotent"), idempotent, "{name}");
        let is = |kind: &str| block(&sources, &format!("impl {kind} for {name}"));
        match (is("Operation"), is("Upload"), is("List"), is("Fetch")) {
            (Some(block), None, None, None) => {
                let empty = block.contains("type Output<'b> = ();");
                assert_eq!(empty, output == OutputKind::Empty, "{name}");
                assert!(matches!(output, OutputKind::Empty | OutputKind::Headers | OutputKind::Object), "{name}");
            }
            (None, Some(_), None, None) => assert_eq!(output, OutputKind::Headers, "{name}"),
            (None, None, Some(_), None) => assert_eq!(output, OutputKind::List, "{name}"),
            (None, None, None, _) => assert_eq!(output, OutputKind::Stream, "{name}"),
            kinds => panic!("{name} is of several kinds: {kinds:?}"),
        }
    }
}

#[test]
fn every_operation_links_its_page_of_the_api_reference() {
    let sources = sources();
    let mut pages = BTreeSet::new();
    for OperationInfo { name, .. } in OPERATIONS {
        let declaration = format!("pub struct {name}<");
        let docs = sources.iter().find_map(|source| source.split_once(&declaration)).expect("its type").0;
        let own = docs.rsplit_once("\n\n").map_or(docs, |(_, own)| own);
        let page = own.split_once("https://docs.aws.amazon.com/amazonglacier/latest/dev/api-").map(|(_, rest)| rest);
        let page = page.and_then(|rest| rest.split_once(".html")).unwrap_or_else(|| panic!("{name} links no page")).0;
        assert!(pages.insert(page.to_string()), "{name} links the page of another operation: {page}");
    }
}

#[test]
fn names_of_the_aws_cli_are_in_kebab_case() {
    for OperationInfo { name, cli_name, .. } in OPERATIONS {
        let words: String = cli_name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        assert_eq!(words, name);
        assert_eq!(OperationInfo::of(name).map(|found| found.cli_name), Some(cli_name));
    }
    assert_eq!(OperationInfo::of("MeltVault"), None);
}

#[test]
fn the_table_of_the_architecture_is_the_catalogue() {
    let text = std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|row| row.first().is_some_and(|name| OperationInfo::of(name).is_some()))
        .collect();
    assert_eq!(rows.len(), OPERATIONS.len());
    for (row, OperationInfo { name, method, path, query, output, .. }) in rows.into_iter().zip(OPERATIONS) {
        let mark = if query.is_empty() { "" } else { "?" };
        let kind = match output {
            OutputKind::Empty => "()",
            OutputKind::Headers => "headers",
            OutputKind::Object => "object",
            OutputKind::List => "list",
            _ => "stream",
        };
        assert_eq!(row[..3], [name, &format!("{} {path}{mark}{query}", method.as_str()), kind], "{name}");
        let file = repository().join(format!("glacier-core/src/ops/{}.rs", row[3]));
        let source = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(source.contains(&format!("impl Encode for {name}")), "{name} is not in {}", file.display());
    }
}
