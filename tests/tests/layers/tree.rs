//! The files of a crate, and which of them imports which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::imports;

/// A crate's files by their path below its root, such as `wire/json/mod.rs`.
pub(crate) struct Tree {
    pub(crate) root: String,
    files: BTreeMap<String, String>,
    /// Source file, target file, and the path as it is written.
    arrows: Vec<(String, String, String)>,
}

impl Tree {
    /// Reads a crate; `bin/`, which holds crates of its own, is left out.
    pub(crate) fn read(repository: &Path, root: &str) -> Tree {
        fn walk(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
            let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
            entries.sort_by_key(|entry| entry.file_name());
            for entry in entries {
                let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
                if entry.file_type().unwrap().is_dir() && name != "bin" {
                    walk(&entry.path(), &format!("{name}/"), files);
                } else if name.ends_with(".rs") {
                    files.push((name, std::fs::read_to_string(entry.path()).unwrap()));
                }
            }
        }
        let mut files = Vec::new();
        walk(&repository.join(root), "", &mut files);
        Tree::of(root, files)
    }

    pub(crate) fn of(root: &str, files: impl IntoIterator<Item = (String, String)>) -> Tree {
        let files: BTreeMap<String, String> = files.into_iter().map(|(path, text)| (path, imports::code(&text))).collect();
        let mut tree = Tree { root: root.to_string(), files, arrows: Vec::new() };
        let mut arrows = BTreeSet::new();
        for (path, code) in &tree.files {
            if is_root(path) {
                continue;
            }
            for written in imports::paths(code) {
                let target = tree.absolute(path, &written).and_then(|module| tree.file_of(&module));
                if let Some(target) = target.filter(|target| target != path && !is_root(target)) {
                    arrows.insert((path.clone(), target, written.join("::")));
                }
            }
        }
        // A mod.rs that declares and re-exports its children imports nothing of them.
        arrows.retain(|(from, to, _)| !(from.ends_with("mod.rs") && to.starts_with(from.trim_end_matches("mod.rs"))));
        tree.arrows = arrows.into_iter().collect();
        tree
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, code)| (path.as_str(), code.as_str()))
    }

    pub(crate) fn arrows(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.arrows.iter().map(|(from, to, path)| (from.as_str(), to.as_str(), path.as_str()))
    }

    /// A path from the crate's root on; `None` for other crates and for names that are not modules of this one.
    fn absolute(&self, file: &str, path: &[String]) -> Option<Vec<String>> {
        let mut module = module_of(file);
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => module.clear(),
            "self" => {}
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    module.pop()?;
                    rest = &rest[1..];
                }
                return Some(module.into_iter().chain(rest.iter().cloned()).collect());
            }
            // A child that is named without `self`.
            first => {
                let child: Vec<String> = module.iter().cloned().chain([first.to_string()]).collect();
                let (file, folder) = (format!("{}.rs", child.join("/")), format!("{}/mod.rs", child.join("/")));
                return (self.files.contains_key(&file) || self.files.contains_key(&folder))
                    .then(|| module.into_iter().chain(path.iter().cloned()).collect());
            }
        }
        Some(module.into_iter().chain(rest[1..].iter().cloned()).collect())
    }

    /// The file that defines what a path names: the longest run of modules, and where that is a `mod.rs`, the child whose name it
    /// re-exports.
    fn file_of(&self, path: &[String]) -> Option<String> {
        for length in (1..=path.len()).rev() {
            let module = path[..length].join("/");
            if self.files.contains_key(&format!("{module}.rs")) {
                return Some(format!("{module}.rs"));
            }
            let folder = format!("{module}/mod.rs");
            if let Some(code) = self.files.get(&folder) {
                let named = path.get(length).and_then(|name| self.re_exported(&module, code, name));
                return Some(named.unwrap_or(folder));
            }
        }
        None
    }

    /// The child of a module from which its `mod.rs` takes a name.
    fn re_exported(&self, module: &str, code: &str, name: &str) -> Option<String> {
        let paths = imports::paths(code);
        let from = paths.iter().find(|path| path.len() > 1 && path.last().is_some_and(|last| last == name))?;
        let whole: Vec<String> = module.split('/').map(str::to_string).chain(from.iter().cloned()).collect();
        self.file_of(&whole)
    }
}

/// The root of a crate stands above all floors: it declares rooms and says what is public.
fn is_root(path: &str) -> bool {
    matches!(path, "lib.rs" | "main.rs")
}

fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').map(str::to_string).collect()
}
