//! What is on a simulated disk, now and after a loss of power: what was not synced is lost, kept, or in part kept, whatever its order.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::file_id::FileId;
use super::interface::{Entry, EntryKind};

/// Bytes that a disk writes at once.
const SECTOR: usize = 512;

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    /// The call that changes or syncs something, counted from 1, that fails once.
    pub(crate) fails_at: Option<(u64, ErrorKind)>,
    /// Syncs and renames of this kind say that they succeed, and do nothing.
    pub(crate) ignores: Option<String>,
}

/// The disk as a loss of power leaves it.
#[derive(Debug)]
pub(crate) struct Image {
    /// The call before which it happened.
    pub(crate) call: String,
    pub(super) state: State,
}

/// A disk, and what is done with it.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) state: State,
    pub(super) random: fastrand::Rng,
    /// Of a million calls, how many leave an image of the disk as a loss of power before them would leave it.
    pub(super) images_in_million: u32,
    pub(super) images: Vec<Image>,
    pub(super) ignored_renames: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, usize>,
    durable: BTreeMap<PathBuf, usize>,
    /// Changes of names that are not synced, in their order.
    unsynced: Vec<NameChange>,
    /// How often the names in a folder were changed.
    changes: BTreeMap<PathBuf, u64>,
    pub(super) fault: Fault,
    /// Calls so far that change or sync something.
    pub(super) calls: u64,
    /// The kinds of syncs and renames so far.
    pub(super) kinds: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct NameChange {
    path: PathBuf,
    /// The node that has the name now; none if nothing has it.
    node: Option<usize>,
    /// The call that made the change, for the kind of the sync that makes it last.
    by: String,
    /// The number of the call. What one call changes is lost or kept together, unless the folder of one change was synced.
    call: u64,
}

#[derive(Clone, Debug, Default)]
struct Node {
    is_folder: bool,
    now: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
    changes: u64,
    is_locked: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Change::Length(length) => to.resize(*length, 0),
            Change::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                to[*offset..end].copy_from_slice(bytes);
            }
        }
    }

    /// Some of the sectors of a write, or all up to some byte.
    fn torn(&self, random: &mut fastrand::Rng) -> Vec<Change> {
        let Change::Write { offset, bytes } = self else { return vec![self.clone()] };
        if random.bool() {
            let cut = random.usize(..=bytes.len());
            return vec![Change::Write { offset: *offset, bytes: bytes[..cut].to_vec() }];
        }
        let sectors = bytes.chunks(SECTOR).enumerate().filter(|_| random.bool());
        sectors.map(|(n, bytes)| Change::Write { offset: offset + n * SECTOR, bytes: bytes.to_vec() }).collect()
    }
}

impl Inner {
    /// Before each call that changes or syncs something.
    pub(super) fn before(&mut self, call: &str, path: &Path) -> io::Result<()> {
        if self.images_in_million > 0 && self.random.u32(..1_000_000) < self.images_in_million {
            let image = self.image(&format!("{call} {}", place(path)));
            self.images.push(image);
        }
        self.state.count()
    }

    pub(super) fn image(&mut self, call: &str) -> Image {
        Image { call: call.to_owned(), state: self.state.after_loss(&mut self.random) }
    }
}

/// A path without what differs between two runs: the names of bodies, and the folders above.
pub(super) fn place(path: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let general = |name: String| match name.as_str() {
        name if name.len() >= 32 && name.is_char_boundary(32) && name[..32].bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("BODY{}", &name[32..])
        }
        _ => name,
    };
    match path.parent().map(name) {
        Some(above) if ["staged", "blobs", "lost+found"].contains(&above.as_str()) => format!("{above}/{}", general(name(path))),
        _ => name(path),
    }
}

impl State {
    /// An empty disk.
    pub(super) fn with(fault: Fault) -> Self {
        State { fault, ..State::default() }
    }

    /// Counts a call that changes or syncs something, and fails if that is planned.
    pub(super) fn count(&mut self) -> io::Result<()> {
        self.calls += 1;
        match self.fault.fails_at {
            Some((call, kind)) if call == self.calls => Err(kind.into()),
            _ => Ok(()),
        }
    }

    /// Whether a sync or rename of this kind does nothing.
    pub(super) fn is_ignored(&mut self, kind: &str) -> bool {
        self.kinds.insert(kind.to_owned());
        self.fault.ignores.as_deref() == Some(kind)
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }

    pub(super) fn find_file(&self, path: &Path) -> io::Result<usize> {
        let node = self.find(path)?;
        if self.nodes[node].is_folder { Err(ErrorKind::IsADirectory.into()) } else { Ok(node) }
    }

    pub(super) fn make(&mut self, path: &Path, is_folder: bool) -> io::Result<usize> {
        if is_root(path) || self.names.contains_key(path) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.above(path)?;
        self.nodes.push(Node { is_folder, ..Node::default() });
        let node = self.nodes.len() - 1;
        let by = format!("{} {}", if is_folder { "make" } else { "create" }, place(path));
        self.change_name(path, Some(node), &by);
        Ok(node)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let node = self.find_file(from)?;
        self.above(to)?;
        let by = format!("rename {} to {}", place(from), place(to));
        self.change_name(from, None, &by);
        self.change_name(to, Some(node), &by);
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.find_file(path)?;
        self.change_name(path, None, &format!("remove {}", place(path)));
        Ok(())
    }

    fn above(&self, path: &Path) -> io::Result<()> {
        match path.parent() {
            Some(above) if is_root(above) => Ok(()),
            Some(above) if self.nodes[self.find(above)?].is_folder => Ok(()),
            Some(_) => Err(ErrorKind::NotADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn change_name(&mut self, path: &Path, node: Option<usize>, by: &str) {
        match node {
            Some(node) => self.names.insert(path.into(), node),
            None => self.names.remove(path),
        };
        *self.changes.entry(path.parent().unwrap_or(path).into()).or_default() += 1;
        self.unsynced.push(NameChange { path: path.into(), node, by: by.to_owned(), call: self.calls });
    }

    /// Makes the changes in a folder last. What it does for the changes of each kind of call is a kind of its own.
    pub(super) fn sync_folder(&mut self, folder: &Path) {
        for change in std::mem::take(&mut self.unsynced) {
            let is_inside = change.path.parent() == Some(folder);
            if is_inside && !self.is_ignored(&format!("sync {} after {}", place(folder), change.by)) {
                apply(&change, &mut self.durable);
            } else {
                self.unsynced.push(change);
            }
        }
    }

    pub(super) fn entry(&self, path: &Path) -> io::Result<Entry> {
        let changed = self.changes.get(path).copied().unwrap_or_default();
        if is_root(path) {
            return Ok(Entry { kind: EntryKind::Folder, length: 0, id: FileId::new(0, 0), mode: Some(0o700), changed });
        }
        let number = self.find(path)?;
        let node = &self.nodes[number];
        let kind = if node.is_folder { EntryKind::Folder } else { EntryKind::File };
        let mode = if node.is_folder { 0o700 } else { 0o600 };
        let id = FileId::new(0, number as u64 + 1);
        Ok(Entry { kind, length: node.now.len() as u64, id, mode: Some(mode), changed: changed + node.changes })
    }

    pub(super) fn names(&self, folder: &Path) -> io::Result<Vec<(PathBuf, EntryKind)>> {
        if self.entry(folder)?.kind != EntryKind::Folder {
            return Err(ErrorKind::NotADirectory.into());
        }
        let inside = self.names.iter().filter(|(path, _)| path.parent() == Some(folder));
        let kind = |node: usize| if self.nodes[node].is_folder { EntryKind::Folder } else { EntryKind::File };
        Ok(inside.map(|(path, node)| (path.clone(), kind(*node))).collect())
    }

    pub(super) fn bytes(&self, node: usize) -> &[u8] {
        &self.nodes[node].now
    }

    pub(super) fn write(&mut self, node: usize, offset: usize, bytes: &[u8]) {
        self.change(node, Change::Write { offset, bytes: bytes.to_vec() });
    }

    pub(super) fn set_length(&mut self, node: usize, length: usize) {
        self.change(node, Change::Length(length));
    }

    fn change(&mut self, node: usize, change: Change) {
        let node = &mut self.nodes[node];
        change.apply(&mut node.now);
        node.changes += 1;
        node.unsynced.push(change);
    }

    pub(super) fn sync_file(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        for change in node.unsynced.drain(..) {
            change.apply(&mut node.durable);
        }
    }

    /// A sync that failed: the system takes what was not written for written, and forgets it.
    pub(super) fn lose_unsynced(&mut self, node: usize, random: &mut fastrand::Rng) {
        self.nodes[node].unsynced.retain(|_| random.bool());
    }

    pub(super) fn lock(&mut self, node: usize, lock: bool) -> bool {
        std::mem::replace(&mut self.nodes[node].is_locked, lock) != lock
    }

    /// The disk after a loss of power. Half of the time nothing or everything that was not synced is lost.
    pub(super) fn after_loss(&self, random: &mut fastrand::Rng) -> State {
        let (keeps_names, keeps_bytes) = (Keeps::any(random), Keeps::any(random));
        let mut names = self.durable.clone();
        let (mut call, mut is_kept) = (0, false);
        for change in &self.unsynced {
            if change.call != call {
                (call, is_kept) = (change.call, keeps_names.one(random));
            }
            if is_kept {
                apply(change, &mut names);
            }
        }
        let folders: BTreeSet<PathBuf> =
            names.iter().filter(|(_, node)| self.nodes[**node].is_folder).map(|(path, _)| path.clone()).collect();
        let is_within = |path: &Path| path.ancestors().skip(1).all(|above| is_root(above) || folders.contains(above));
        names.retain(|path, _| is_within(path));
        let kept: BTreeSet<usize> = names.values().copied().collect();
        let nodes = self.nodes.iter().enumerate().map(|(number, node)| {
            // What has no name any more is not needed.
            if kept.contains(&number) { node.after_loss(keeps_bytes, random) } else { Node::default() }
        });
        let nodes = nodes.collect();
        State { nodes, durable: names.clone(), names, changes: self.changes.clone(), ..State::default() }
    }

    /// Everything is synced.
    pub(super) fn settle(&mut self) {
        self.unsynced.clear();
        self.durable = self.names.clone();
        for node in &mut self.nodes {
            node.unsynced.clear();
            node.durable = node.now.clone();
        }
    }

    /// The disk as another process finds it when this one is killed: the system has everything.
    pub(super) fn after_kill(&self) -> State {
        let mut state = State { fault: Fault::default(), ..self.clone() };
        state.nodes.iter_mut().for_each(|node| node.is_locked = false);
        state
    }
}

impl Node {
    fn after_loss(&self, keeps: Keeps, random: &mut fastrand::Rng) -> Node {
        let mut now = self.durable.clone();
        for change in &self.unsynced {
            if keeps.one(random) {
                change.apply(&mut now);
            } else if keeps == Keeps::Some {
                change.torn(random).iter().for_each(|change| change.apply(&mut now));
            }
        }
        Node { is_folder: self.is_folder, durable: now.clone(), now, unsynced: Vec::new(), changes: self.changes, is_locked: false }
    }
}

/// How much of what was not synced is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Nothing,
    Some,
    Everything,
}

impl Keeps {
    fn any(random: &mut fastrand::Rng) -> Self {
        match random.u8(..4) {
            0 => Keeps::Nothing,
            1 => Keeps::Everything,
            _ => Keeps::Some,
        }
    }

    fn one(self, random: &mut fastrand::Rng) -> bool {
        self == Keeps::Everything || self == Keeps::Some && random.bool()
    }
}

fn apply(change: &NameChange, names: &mut BTreeMap<PathBuf, usize>) {
    match change.node {
        Some(node) => names.insert(change.path.clone(), node),
        None => names.remove(&change.path),
    };
}

fn is_root(path: &Path) -> bool {
    path.parent().is_none() || path.as_os_str().is_empty()
}
