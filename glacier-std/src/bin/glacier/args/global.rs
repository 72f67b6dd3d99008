//! The options of every command.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use glacier_std::local::TimeMode;

use super::duration::Seconds;

/// Which service to call, and how to report.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Use the vaults in this directory instead of a service: no account, server or credentials needed. Created if missing
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "endpoint_url")]
    pub(crate) local: Option<PathBuf>,
    /// How time passes for --local and serve. instant: jobs are done at the next look and inventories are of the present; real: as long
    /// as in the service; scaled:N: N times faster, up to 1000000; manual: it stands still [default: instant]
    #[arg(long, global = true, value_name = "MODE")]
    pub(crate) time: Option<TimeMode>,
    /// Send requests to this URL [env: AWS_ENDPOINT_URL_GLACIER, AWS_ENDPOINT_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// AWS Region; there is no default [env: AWS_REGION]
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Profile with credentials and settings [env: AWS_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Account that owns the vaults, 12 digits [default: the account of the credentials]
    #[arg(long, global = true, value_name = "ACCOUNT", default_value = "-", hide_default_value = true, allow_hyphen_values = true)]
    pub(crate) account_id: String,
    /// Output format; json uses the member names of the Glacier API [default: text] [env: AWS_DEFAULT_OUTPUT]
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub(crate) output: Option<OutputFormat>,
    /// Trust only the CA certificates in this PEM file [env: AWS_CA_BUNDLE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// Allow plain HTTP to an AWS host: anyone on the network path can read everything
    #[arg(long, global = true)]
    pub(crate) insecure_http: bool,
    /// Progress on standard error. auto: a line that is redrawn on a terminal, elsewhere one after a minute and then every 5
    /// minutes; json: one object a line, every second and for every event; none: no progress
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t = ProgressFormat::Auto)]
    pub(crate) progress: ProgressFormat,
    /// How long an outage of network or service may last: parts, checks of a job and downloads are tried again for this long after a
    /// failure, at least nine times. DURATION is a number with s, m, h or d
    #[arg(long, global = true, value_name = "DURATION", default_value = "4h")]
    pub(crate) retry_for: Seconds,
    /// Print details to standard error: endpoint, credentials, every part and retry; -vv also the phases of a local vault's writes
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Print neither progress nor notes nor the summary of a transfer
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// How progress is shown; the objects of `Json` are documented in `run/progress/json_event.rs` and in the README.
// Documented variants would switch every help text to clap's long layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressFormat {
    Auto,
    Json,
    None,
}

/// How results are printed: `Text` for people, `Json` for programs.
// Documented variants would switch every help text to clap's long layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    Text,
    Json,
}
