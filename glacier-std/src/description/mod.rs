//! File names and times in archive descriptions, as the tools of twenty years have written them: reading all known formats, writing the
//! most common one, and where a name may lead on this machine. Pure: no input or output.
//!
//! The service stores no names, so tools hide name and time of a file in the description of its archive: at most 1,024 characters of
//! printable ASCII. The formats are those of mt-aws-glacier (`mt1`, `mt2`), FastGlacier, CloudBerry, and JSON of a NAS; what is none of
//! them is a name by itself.

mod base64;
mod fastglacier;
mod json;
mod mt;
mod read;
mod restore_path;
mod stored_name;
mod time;
mod utf7;
mod write;

pub use read::read;
pub use restore_path::{RestorePath, restore_path};
pub use stored_name::{Damage, Details, Format, Original, Problem, StoredName};
pub use write::{CannotWrite, write_mt2};
