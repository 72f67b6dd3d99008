//! What several commands accept on the command line: the global options, output formats, sizes, common arguments.
//! Arguments of a single command are in its file in `commands/`; nothing here acts on what was typed.

mod common;
mod duration;
mod global;
mod listen;
mod secret;
mod size;

pub(crate) use common::VaultArgs;
pub(crate) use global::{GlobalArgs, OutputFormat, ProgressFormat};
pub(crate) use listen::ListenAddress;
pub(crate) use secret::SecretText;
pub(crate) use size::{SIZE_HELP, Size};
