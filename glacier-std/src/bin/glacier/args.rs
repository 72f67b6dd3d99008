//! The command line: what can be typed, and what the help says of it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::size::Size;

const EXIT_CODES: &str = "\
Results go to standard output, everything else to standard error.
Exit codes: 0 done; 1 some items failed; 75 not ready, run it again; 130 interrupted; 252 wrong usage;
253 configuration or credentials; 254 the service refused; 255 anything else.";

/// Archives files in Amazon Glacier vaults, or in a local folder that works the same, and brings them back verified.
#[derive(Debug, Parser)]
#[command(name = "glacier", version, after_help = EXIT_CODES, arg_required_else_help = false, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which service, and how to talk to it and to the user.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Use the vaults in this folder instead of a service: no server, account or credentials; made when it is not there
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "endpoint_url")]
    pub(crate) local: Option<PathBuf>,
    /// Call the service at this URL (or AWS_ENDPOINT_URL_GLACIER, AWS_ENDPOINT_URL)
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Call the service of this region (or AWS_REGION); there is no default
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Take credentials and settings from this profile (or AWS_PROFILE)
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The account that owns the vaults, 12 digits; the one of the credentials by default
    #[arg(long, global = true, value_name = "ACCOUNT", default_value = "-", hide_default_value = true, allow_hyphen_values = true)]
    pub(crate) account_id: String,
    /// How results are printed; json has the service's own member names
    #[arg(long, global = true, value_name = "FORM", value_enum, default_value_t = Form::Text)]
    pub(crate) output: Form,
    /// Trust the certificates in this PEM file, and no others (or AWS_CA_BUNDLE)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// Allow plain HTTP to an AWS host: whoever is on the way can read everything
    #[arg(long, global = true)]
    pub(crate) insecure_http: bool,
    /// Say more on standard error
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Show no progress and no notes
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Archive a file, or standard input; prints the archive's id
    Upload(UploadArgs),
    /// Retrieve an archive: begin a job, wait for it, download, verify, and put the file in place
    Restore(RestoreArgs),
    /// Create, list, show or delete vaults
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Delete archives
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Show retrieval and inventory jobs
    #[command(subcommand)]
    Job(JobCommand),
    /// Print the SHA-256 tree hash of files, or check them, as sha256sum does
    Treehash(TreehashArgs),
    /// Serve the vaults in a folder over HTTP, to this command and to any AWS SDK
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UploadArgs {
    /// The vault
    pub(crate) vault: String,
    /// The file, or - for standard input
    pub(crate) file: PathBuf,
    /// A text to keep with the archive: at most 1,024 printable ASCII characters
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) description: Option<String>,
    /// Upload in parts of this size: 1 MiB times a power of two, up to 4 GiB. A file up to one part goes up in one request.
    /// By default 64 MiB, and more when the file would need more than 10,000 parts
    #[arg(long, value_name = "SIZE")]
    pub(crate) part_size: Option<Size>,
    /// Parts of a file that are under way at once, each on a connection of its own; standard input goes up one part after the other
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) concurrency: u8,
    /// The most that standard input will give; it chooses the part size. Without it parts of 64 MiB reach 640,000 MiB
    #[arg(long, value_name = "SIZE")]
    pub(crate) expected_size: Option<Size>,
    /// Create the vault first; nothing happens when it is there
    #[arg(long)]
    pub(crate) create_vault: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The vault
    pub(crate) vault: String,
    /// The archive's id; it may begin with -
    #[arg(allow_hyphen_values = true)]
    pub(crate) archive_id: String,
    /// Where to put it. FILE is replaced when it is there, once the whole archive is verified. With - it goes to standard output while
    /// it arrives, and only exit code 0 says that it was verified. By default archive-ID in this folder, with the first 16 characters
    /// of the id, which must not be there yet
    #[arg(short, long, value_name = "FILE|-", verbatim_doc_comment)]
    pub(crate) output_file: Option<PathBuf>,
    /// How fast, and how dear: Expedited takes minutes, Standard 3 to 5 hours, Bulk 5 to 12
    #[arg(long, value_enum, ignore_case = true, value_name = "TIER")]
    pub(crate) tier: Option<Tier>,
    /// Go on with this job, which an earlier restore of the archive has begun, instead of paying for another
    #[arg(long, value_name = "JOB_ID", allow_hyphen_values = true, conflicts_with = "tier")]
    pub(crate) job: Option<String>,
    /// When the job is not finished, end with exit code 75 and say how to go on, instead of waiting
    #[arg(long)]
    pub(crate) no_wait: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tier {
    #[value(name = "Expedited")]
    Expedited,
    #[value(name = "Standard")]
    Standard,
    #[value(name = "Bulk")]
    Bulk,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Create a vault; nothing happens when it is there
    Create(VaultArgs),
    /// List the vaults of the account in the region
    List,
    /// Show a vault: its archives and bytes as of the last inventory
    Info(VaultArgs),
    /// Delete a vault that is empty
    Delete(VaultArgs),
}

#[derive(Debug, Args)]
pub(crate) struct VaultArgs {
    /// The vault
    pub(crate) vault: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Delete an archive for good; nothing happens when it is not there
    Delete {
        /// The vault
        vault: String,
        /// The archive's id; it may begin with -
        #[arg(allow_hyphen_values = true)]
        archive_id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List the jobs of a vault
    List(VaultArgs),
    /// Show a job
    Info {
        /// The vault
        vault: String,
        /// The job's id; it may begin with -
        #[arg(allow_hyphen_values = true)]
        job_id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TreehashArgs {
    /// Read hashes from the files and check what they name
    #[arg(short, long)]
    pub(crate) check: bool,
    /// The files; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The folder with the vaults; made when it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Where to listen; with port 0 a free one is taken, and told
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4566")]
    pub(crate) listen: SocketAddr,
    /// Serve TLS 1.3 with this certificate chain, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's key, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Accept this access key instead of "test"; its secret is read from GLACIER_SERVE_SECRET_KEY when --secret-key is not given
    #[arg(long, value_name = "ID", verbatim_doc_comment)]
    pub(crate) access_key: Option<String>,
    /// The secret of --access-key. Other users of the machine can see it here; the environment variable hides it
    #[arg(long, value_name = "SECRET", requires = "access_key")]
    pub(crate) secret_key: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn restore(line: &[&str]) -> (RestoreArgs, Global) {
        let cli = Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        match cli.command {
            Command::Restore(args) => (args, cli.global),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn ids_may_begin_with_anything() {
        let tail = "jxYz0_-abcdefghijklmnopqrstuvwxyz".repeat(4);
        for start in ["-", "--", "---", "_", "-o", "-v", "-h", "--o", "--tier", "--help", "-q"] {
            let id = format!("{start}{tail}");
            let archive = |line: &[&str]| restore(line).0.archive_id;
            assert_eq!(archive(&["glacier", "restore", "v", &id]), id);
            assert_eq!(archive(&["glacier", "restore", "v", "--", &id]), id);
            let (args, global) =
                restore(&["glacier", "restore", "v", &id, "-o", "out", "--tier", "Bulk", "-v", "--output", "json"]);
            assert_eq!((args.archive_id, args.tier, global.verbose, global.output), (id.clone(), Some(Tier::Bulk), 1, Form::Json));
            assert_eq!(args.output_file, Some("out".into()));
            let (args, _) = restore(&["glacier", "restore", "-o", "out", "v", &id, "--job", &id]);
            assert_eq!(
                (args.archive_id.as_str(), args.job.as_deref(), args.output_file),
                (id.as_str(), Some(id.as_str()), Some("out".into()))
            );
            let (args, _) = restore(&["glacier", "restore", "v", "-o", "out", "--tier", "bulk", &id]);
            assert_eq!((args.archive_id, args.output_file), (id.clone(), Some("out".into())));
            for line in [["archive", "delete", "v", id.as_str()], ["job", "info", "v", id.as_str()]] {
                let cli =
                    Cli::try_parse_from(["glacier", "--local", "d"].iter().chain(&line).chain(&["--output", "json"])).unwrap();
                assert_eq!(cli.global.output, Form::Json);
                let (Command::Archive(ArchiveCommand::Delete { archive_id: got, .. })
                | Command::Job(JobCommand::Info { job_id: got, .. })) = cli.command
                else {
                    panic!("{line:?}")
                };
                assert_eq!(got, id);
            }
        }
    }

    #[test]
    fn a_mistyped_option_is_not_taken_for_a_vault_or_file() {
        for line in [
            &["glacier", "upload", "--descripton", "x", "v", "f"][..],
            &["glacier", "upload", "v", "f", "-x"],
            &["glacier", "vault", "info", "--nosuch"],
            &["glacier", "--local", "d", "--endpoint-url", "http://x", "vault", "list"],
            &["glacier", "serve", "--data", "d", "--tls-cert", "c"],
            &["glacier", "restore", "v", "id", "--tier", "slow"],
        ] {
            assert!(Cli::try_parse_from(line).is_err(), "{line:?}");
        }
    }
}
