//! The rules, as ARCHITECTURE.md states them in its blocks `floors` and `forbidden`.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::Tree;

#[derive(Default)]
pub(crate) struct Rules {
    /// By folder, the rooms of each floor, the highest floor first.
    floors: BTreeMap<String, Vec<Vec<String>>>,
    /// By folder, beginnings of paths that nothing below it names; `FOLDER except ROOM` spares one of its rooms.
    forbidden: Vec<(String, Vec<String>)>,
}

impl Rules {
    pub(crate) fn read(text: &str) -> Rules {
        let mut rules = Rules::default();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let block = lines.by_ref().take_while(|line| *line != "```");
            if let Some(folder) = line.strip_prefix("```floors ") {
                let rooms = |line: &str| line.split(',').map(|room| room.trim().to_string()).collect();
                rules.floors.insert(folder.to_string(), block.map(rooms).collect());
            } else if line == "```forbidden" {
                for line in block {
                    let (folder, paths) = line.split_once(':').expect("a folder, a colon, paths");
                    rules.forbidden.push((folder.to_string(), paths.split_whitespace().map(str::to_string).collect()));
                }
            }
        }
        rules
    }

    /// The folders with floors that are roots of crates.
    pub(crate) fn crates(&self) -> impl Iterator<Item = &str> {
        self.floors.keys().map(String::as_str).filter(|folder| folder.ends_with("/src") || folder.contains("/src/bin/"))
    }

    /// What breaks the rules, a line each.
    pub(crate) fn check(&self, tree: &Tree) -> Vec<String> {
        let mut wrong = self.without_floor(tree);
        wrong.extend(self.upward(tree));
        wrong.extend(self.named(tree));
        wrong.extend(definitions(tree));
        wrong.extend(circle(tree));
        wrong
    }

    /// The floors below a crate's root: the folder below it, and the floors.
    fn floors_of<'r>(&'r self, tree: &'r Tree) -> impl Iterator<Item = (&'r str, &'r Vec<Vec<String>>)> {
        self.floors.iter().filter_map(|(folder, floors)| {
            let below = folder.strip_prefix(&tree.root)?;
            (below.is_empty() || below.starts_with('/') && !below.starts_with("/bin/"))
                .then_some((below.trim_start_matches('/'), floors))
        })
    }

    fn without_floor(&self, tree: &Tree) -> Vec<String> {
        let mut wrong = BTreeSet::new();
        for (folder, floors) in self.floors_of(tree) {
            for room in tree.files().filter_map(|(path, _)| room(folder, path)) {
                if !floors.iter().flatten().any(|known| known == room) {
                    wrong.insert(format!("{}/{folder}: {room} has no floor", tree.root));
                }
            }
        }
        wrong.into_iter().collect()
    }

    fn upward(&self, tree: &Tree) -> Vec<String> {
        let mut wrong = BTreeSet::new();
        for (folder, floors) in self.floors_of(tree) {
            let floor = |path| floors.iter().position(|rooms| rooms.iter().any(|known| Some(known.as_str()) == room(folder, path)));
            for (from, to, written) in tree.arrows().filter(|(from, to, _)| room(folder, from) != room(folder, to)) {
                if let (Some(above), Some(below)) = (floor(from), floor(to))
                    && above >= below
                {
                    wrong.insert(format!("{}: {from} -> {to} runs up ({written})", tree.root));
                }
            }
        }
        wrong.into_iter().collect()
    }

    fn named(&self, tree: &Tree) -> Vec<String> {
        let mut wrong = Vec::new();
        for (folder, paths) in &self.forbidden {
            for (file, code) in tree.files() {
                let whole = format!("{}/{file}", tree.root);
                let (folder, spared) = folder.split_once(" except ").unwrap_or((folder, "-"));
                if whole.starts_with(&format!("{folder}/{spared}/"))
                    || !whole.starts_with(&format!("{folder}/")) && whole != format!("{folder}.rs")
                {
                    continue;
                }
                let named = crate::imports::paths(code).into_iter().map(|path| path.join("::"));
                let resolved = tree.arrows().filter(|(from, ..)| *from == file).map(|(_, to, _)| format!("{}/{to}", tree.root));
                for name in named.chain(resolved).collect::<BTreeSet<_>>() {
                    if paths.iter().any(|path| {
                        name == *path || name.starts_with(&format!("{path}::")) || name.starts_with(&format!("{path}/"))
                    }) {
                        wrong.push(format!("{whole}: {name} is forbidden here"));
                    }
                }
            }
        }
        wrong
    }
}

/// The room of a file in a folder: its first folder, or its own name. A `mod.rs` of the folder itself is in no room.
fn room<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    let below = if folder.is_empty() { path } else { path.strip_prefix(folder)?.strip_prefix('/')? };
    let room = below.split('/').next()?.trim_end_matches(".rs");
    (!matches!(room, "lib" | "main" | "mod")).then_some(room)
}

/// A `mod.rs` declares and re-exports.
fn definitions(tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, code) in tree.files().filter(|(path, _)| path.ends_with("mod.rs")) {
        for line in code.lines() {
            let mut words = line
                .trim_start_matches("pub(crate) ")
                .trim_start_matches("pub(super) ")
                .trim_start_matches("pub ")
                .split_whitespace();
            let (kind, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            if !line.starts_with(' ')
                && ["fn", "struct", "enum", "trait", "impl", "const", "static", "type", "macro_rules!"].contains(&kind)
            {
                wrong.push(
                    format!("{}/{path} defines {kind} {}", tree.root, name.trim_end_matches([';', '{'])).trim_end().to_string(),
                );
            }
        }
    }
    wrong
}

/// One circle of files, if there is any.
fn circle(tree: &Tree) -> Option<String> {
    let mut targets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to, _) in tree.arrows() {
        targets.entry(from).or_default().push(to);
    }
    let mut done = BTreeSet::new();
    for start in targets.keys() {
        let mut way = vec![(*start, 0)];
        while let Some((file, next)) = way.last_mut() {
            let Some(target) = targets.get(file).and_then(|targets| targets.get(*next)) else {
                done.insert(*file);
                way.pop();
                continue;
            };
            *next += 1;
            if let Some(at) = way.iter().position(|(file, _)| file == target) {
                let files: Vec<&str> = way[at..].iter().map(|(file, _)| *file).collect();
                return Some(format!("{}: a circle: {} -> {target}", tree.root, files.join(" -> ")));
            }
            if !done.contains(target) {
                way.push((target, 0));
            }
        }
    }
    None
}
