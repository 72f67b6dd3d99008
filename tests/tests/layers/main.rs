//! The floors of ARCHITECTURE.md hold: the imports of every crate run downwards, in no circle, and never where they are forbidden.

mod imports;
mod rules;
mod tree;

use std::path::{Path, PathBuf};

use rules::Rules;
use tree::Tree;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn rules() -> Rules {
    Rules::read(&std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap())
}

#[test]
fn imports_run_downwards() {
    let rules = rules();
    let mut wrong = Vec::new();
    for root in rules.crates() {
        let tree = Tree::read(&repository(), root);
        assert!(tree.files().count() > 3 && tree.arrows().count() > 3, "{root}: too little was read");
        wrong.extend(rules.check(&tree));
    }
    assert!(wrong.is_empty(), "{} imports break ARCHITECTURE.md:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_crate_has_floors() {
    let rules = rules();
    let crates: Vec<&str> = rules.crates().collect();
    for root in [
        "glacier-core/src",
        "glacier-std/src",
        "glacier-std/src/bin/glacier",
        "glacier-embedded/src",
        "glacier-embedded/firmware/app/src",
    ] {
        assert!(crates.contains(&root), "{root} is not in ARCHITECTURE.md");
    }
}

const FLOORS: &str = "```floors a/src\nhigh, high_too\nlow\n```\n```forbidden\na/src/low: std::fs\n```\n";

/// What the rules say of a crate made of these files.
fn checked(files: &[(&str, &str)]) -> Vec<String> {
    Rules::read(FLOORS).check(&Tree::of("a/src", files.iter().map(|(path, text)| (path.to_string(), text.to_string()))))
}

#[test]
fn what_is_right_is_accepted() {
    let files = [
        ("lib.rs", "mod high;\nmod low;\n"),
        ("low/mod.rs", "//! Two sentences. No more.\nmod a;\nmod b;\npub use a::A;\n"),
        ("low/a.rs", "use super::b::B;\npub struct A(B);\n"),
        (
            "low/b.rs",
            "// use super::a::A; in a comment\nconst TEXT: &str = \"crate::high\";\n#[cfg(test)]\nmod tests { use crate::high::X; }\n",
        ),
        ("high.rs", "use crate::low::{A};\nfn f() { crate::low::g() }\n"),
    ];
    assert_eq!(checked(&files), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_found() {
    let found = |files: &[(&str, &str)], what: &str| {
        let wrong = checked(files);
        assert!(wrong.len() == 1 && wrong[0].contains(what), "{what}: {wrong:?}");
    };
    found(&[("low.rs", "use crate::high::X;"), ("high.rs", "")], "low.rs -> high.rs runs up");
    found(&[("low.rs", "fn f() { crate::high::g() }"), ("high.rs", "")], "low.rs -> high.rs runs up");
    found(
        &[("high.rs", "use crate::{low::{a, b}, high_too};"), ("high_too.rs", ""), ("low.rs", "")],
        "high.rs -> high_too.rs runs up",
    );
    found(&[("low/mod.rs", "mod a;\nmod b;"), ("low/a.rs", "use super::b::B;"), ("low/b.rs", "use super::a::A;")], "circle");
    found(
        &[
            ("low/mod.rs", "mod a;\nmod b;\npub use a::A;"),
            ("low/a.rs", "use super::b::B;"),
            // Through the name that the mod.rs gives it.
            ("low/b.rs", "use super::A;"),
        ],
        "circle",
    );
    found(&[("low/mod.rs", "mod a;\npub struct S;"), ("low/a.rs", "")], "low/mod.rs defines struct S");
    found(&[("low.rs", "use std::fs::File;")], "forbidden");
    found(&[("attic.rs", "")], "attic has no floor");
}
