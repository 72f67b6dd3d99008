//! What a command that ends now leaves behind: its temporary files, which are removed, and a job or upload at the service, of which the
//! user is told how to go on. It is kept apart from the command, whose own thread may be held by a write.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::invocation::this_command;

struct Unfinished {
    files: Vec<PathBuf>,
    at_the_service: Option<String>,
}

static UNFINISHED: Mutex<Unfinished> = Mutex::new(Unfinished { files: Vec::new(), at_the_service: None });

/// It is consistent between any two statements, so a panicked holder left it good.
fn unfinished() -> MutexGuard<'static, Unfinished> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file to remove when the process is ended from outside.
pub(super) fn remove_on_exit(path: &Path) {
    unfinished().files.push(path.to_owned());
}

/// Removes the files, as far as they are still there.
pub(super) fn remove_files() {
    for file in unfinished().files.drain(..) {
        let _ = std::fs::remove_file(file);
    }
}

/// What is at the service now, and how to go on with it.
pub(crate) fn remains(advice: String) {
    unfinished().at_the_service = Some(advice);
}

/// What to say of a multipart upload that is not completed.
pub(crate) fn unfinished_upload(what: &str, upload_id: &str) -> String {
    let again = this_command();
    let input = if again.value("file").is_some_and(|file| file == "-") { ", its input from the beginning" } else { "" };
    format!(
        "{what} are in multipart upload {upload_id}, which is not billed and expires after a day: start again{input} with: {again}"
    )
}

pub(super) fn at_the_service() -> Option<String> {
    unfinished().at_the_service.clone()
}
