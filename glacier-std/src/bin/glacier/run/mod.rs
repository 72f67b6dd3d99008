//! What a running command needs: the service, the user's files, signals, progress, and an error with its exit code.
//! What a single command does is in `commands/`; how results look is in `output/`.

mod call;
mod context;
mod descriptors;
mod destination;
mod error;
mod given_id;
mod input;
mod invocation;
mod list;
mod named_descriptor;
mod operation_name;
mod progress;
mod settings;
mod signals;
mod target;
mod unfinished;
mod watch;

pub(crate) use context::{CALL_BUFFER, Context, SharedClient};
pub(crate) use descriptors::{check_input, check_output};
pub(crate) use destination::Destination;
pub(crate) use error::{CommandError, code, describe};
pub(crate) use given_id::given_id;
pub(crate) use input::Input;
pub(crate) use invocation::{CommandLine, other_command, remember, this_command};
pub(crate) use list::print_list;
pub(crate) use named_descriptor::is_standard_input;
pub(crate) use progress::Progress;
pub(crate) use settings::{control_retries, load_config, output_format};
pub(crate) use signals::{Signals, report_file_size_limit};
pub(crate) use target::{http_client, local_client, print_found, vault_settings};
pub(crate) use unfinished::{remains, unfinished_upload};
pub(crate) use watch::{SignalWatch, interrupted};
