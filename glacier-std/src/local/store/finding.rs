//! What is found in a folder of vaults that its owner should know: when it is opened, and while it is served.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Something about the folder. Displayed, it is one sentence without a period that says what to do, if there is anything.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Files that an unclean end left and that belong to nothing: of uploads that were not acknowledged, and of archives that were
    /// deleted. They were removed.
    Removed {
        /// How many.
        files: u64,
    },
    /// The records are not those of the last use: an older copy of their file was put in its place, or it is damaged. It is said at each opening
    /// until something is changed.
    WentBack {
        /// The file.
        index: PathBuf,
        /// How many changes it lacks, if that is known.
        changes: Option<u64>,
    },
    /// A file that holds bytes and that no record names, as after an older index was put back. It is not deleted.
    Unnamed {
        /// Where it is now: in `lost+found`.
        file: PathBuf,
        /// Why it could not be moved there, if it is still where it was.
        error: Option<String>,
    },
    /// A file from `lost+found` that a record names. It was put back where it belongs.
    PutBack {
        /// The file.
        file: PathBuf,
    },
    /// A file that a record names and that is absent.
    Missing {
        /// The file.
        file: PathBuf,
        /// The vault and the archive that it has bytes of; `None` for a part of an open upload, and for an inventory.
        archive: Option<(String, String)>,
    },
    /// A file whose bytes are not those that were uploaded, found while it was read.
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// A file in `blobs` that no record names, or one in `lost+found`; found by a check that changes nothing.
    Stray {
        /// The file.
        file: PathBuf,
    },
    /// A damaged file was moved to `lost+found`.
    MovedAside {
        /// Where it is now.
        file: PathBuf,
    },
    /// An archive that cannot be restored.
    Archive {
        /// Its vault.
        vault: String,
        /// Its id.
        archive: String,
        /// What is wrong.
        problem: String,
    },
    /// Records contradict each other.
    Records {
        /// In what.
        problem: String,
    },
    /// The store failed, so that a request got an error: the disk is full or fails, or the records are gone. It is told once until something
    /// is stored again.
    Failed {
        /// What failed, and what to do.
        reason: String,
    },
    /// The file of notifications cannot be written. What it lacks is kept and written later. It is told once until something is written again.
    NotNotified {
        /// The file.
        file: PathBuf,
        /// Why.
        error: String,
    },
    /// Other users of the machine could read the folder. It is closed to them now.
    Closed {
        /// The folder.
        folder: PathBuf,
        /// The mode that it had.
        mode: u32,
    },
    /// Other users of the machine can read the folder, and its mode cannot be changed.
    Open {
        /// The folder.
        folder: PathBuf,
        /// Its mode.
        mode: u32,
        /// Why it cannot be changed.
        error: String,
    },
}

/// Called with what is found while the folder is served, on the thread that found it; it should return soon.
pub type FindingObserver = Arc<dyn Fn(&Finding) + Send + Sync>;

impl Finding {
    /// Whether there is something for the owner of the folder to do. What is not was mended, and is only told.
    #[must_use]
    pub fn needs_action(&self) -> bool {
        match self {
            Finding::Removed { .. } | Finding::PutBack { .. } | Finding::Closed { .. } => false,
            Finding::Unnamed { .. } | Finding::Missing { .. } | Finding::Damaged { .. } | Finding::Open { .. } => true,
            Finding::WentBack { .. } | Finding::Failed { .. } | Finding::Stray { .. } | Finding::MovedAside { .. } => true,
            Finding::Archive { .. } | Finding::Records { .. } | Finding::NotNotified { .. } => true,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Removed { files } => write!(
                f,
                "{files} files of uploads that were not acknowledged, or of deleted archives, were left by an unclean end and are removed"
            ),
            Finding::WentBack { index, changes } => {
                write!(f, "{} is not the one that was used last: ", index.display())?;
                match changes {
                    Some(1) => f.write_str("the last change is missing")?,
                    Some(changes) => write!(f, "the last {changes} changes are missing")?,
                    None => f.write_str("it lacks changes")?,
                }
                f.write_str("; if an older copy was put back, stop and put back the newer one")
            }
            Finding::Unnamed { file, error: None } => write!(
                f,
                "{}: no record names this file, so it was moved there: if an older index was put back, stop and put back the newer one",
                file.display()
            ),
            Finding::Unnamed { file, error: Some(error) } => {
                write!(f, "{}: no record names this file, and it cannot be moved to lost+found: {error}", file.display())
            }
            Finding::PutBack { file } => write!(f, "{}: put back from lost+found, as a record names it", file.display()),
            Finding::Missing { file, archive: Some((vault, archive)) } => write!(
                f,
                "{} is missing: the archive {archive} in the vault {vault} cannot be restored without it; put it back from a copy",
                file.display()
            ),
            Finding::Missing { file, archive: None } => {
                write!(f, "{} is missing: it has a part of an open upload, or an inventory", file.display())
            }
            Finding::Damaged { file } => {
                write!(f, "{} is damaged: its bytes are not those that were uploaded; put it back from a copy", file.display())
            }
            Finding::Stray { file } => write!(
                f,
                "{}: no record names this file: if an older index was put back, put back the newer one; `glacier fsck --repair` moves it out of \
                 the way, and back once a record names it",
                file.display()
            ),
            Finding::MovedAside { file } => {
                write!(f, "{}: the damaged file was moved there; put one from a copy in its place", file.display())
            }
            Finding::Archive { vault, archive, problem } => write!(f, "the archive {archive} in the vault {vault}: {problem}"),
            Finding::Records { problem } => {
                write!(f, "the records contradict each other: {problem}; put back glacier.redb from a copy")
            }
            Finding::Failed { reason } => f.write_str(reason),
            Finding::NotNotified { file, error } => write!(
                f,
                "{}: notifications cannot be written there ({error}); they are kept until they can: make room for it, or give another file",
                file.display()
            ),
            Finding::Closed { folder, mode } => {
                write!(f, "{}: other users could read it (mode {mode:04o}); it is closed to them now", folder.display())
            }
            Finding::Open { folder, mode, error } => write!(
                f,
                "{}: other users can read it (mode {mode:04o}), and the mode cannot be changed ({error}): use a folder of your own",
                folder.display()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_the_file_and_says_what_to_do() {
        let file = PathBuf::from("/data/blobs/07");
        for (finding, words, to_do) in [
            (
                Finding::Missing { file: file.clone(), archive: Some(("v".into(), "a-1".into())) },
                ["/data/blobs/07", "archive a-1 in the vault v"],
                true,
            ),
            (Finding::Damaged { file: file.clone() }, ["/data/blobs/07 is damaged", "from a copy"], true),
            (Finding::Unnamed { file: file.clone(), error: None }, ["/data/blobs/07", "put back the newer one"], true),
            (
                Finding::WentBack { index: "/data/glacier.redb".into(), changes: Some(3) },
                ["/data/glacier.redb is not", "the last 3 changes are missing"],
                true,
            ),
            (
                Finding::WentBack { index: "/data/glacier.redb".into(), changes: None },
                ["lacks changes", "put back the newer"],
                true,
            ),
            (Finding::PutBack { file }, ["/data/blobs/07", "put back"], false),
            (Finding::Closed { folder: "/data".into(), mode: 0o755 }, ["/data", "0755"], false),
        ] {
            let text = finding.to_string();
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
            assert_eq!(finding.needs_action(), to_do, "{text}");
        }
    }
}
