//! The whole command line.

use clap::Parser;

use super::command::Command;
use crate::args::GlobalArgs;

const AFTER_HELP: &str = "\
Results go to standard output, everything else to standard error.

Exit codes:
  0         success
  1         some items failed
  74        done, but standard output failed: the archive id, or where the
            archive was restored to, is on standard error
  75        not ready yet: run it again later
  129       ended by SIGHUP (130 by Ctrl-C, 143 by SIGTERM)
  141       whoever read standard output is gone
  252       invalid usage
  253       invalid configuration or no credentials
  254       the service returned an error
  255       any other error";

/// What `--version` prints after the name; `-V` prints the first line.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit ",
    env!("GLACIER_COMMIT"),
    "\ntarget ",
    env!("GLACIER_TARGET"),
    "\nfeatures ",
    env!("GLACIER_FEATURES")
);

/// Uploads files as archives to Amazon Glacier vaults, or to vaults in a local directory, and restores them verified
#[derive(Debug, Parser)]
#[command(name = "glacier", version, long_version = LONG_VERSION, max_term_width = 80, after_help = AFTER_HELP)]
#[command(arg_required_else_help = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[cfg(test)]
mod tests {
    use super::super::archive::ArchiveCommand;
    use super::super::command::ServiceCommand;
    use super::super::job::JobCommand;
    use super::super::restore::{RestoreArgs, Tier};
    use super::*;
    use crate::args::OutputFormat;
    use clap::CommandFactory;

    fn restore(line: &[&str]) -> (RestoreArgs, GlobalArgs) {
        let cli = Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        match cli.command {
            Command::Service(ServiceCommand::Restore(args)) => (args, cli.global),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn clap_accepts_the_definition() {
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
            assert_eq!(
                (args.archive_id, args.tier, global.verbose, global.output),
                (id.clone(), Some(Tier::Bulk), 1, Some(OutputFormat::Json))
            );
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
                assert_eq!(cli.global.output, Some(OutputFormat::Json));
                let (Command::Service(ServiceCommand::Archive(ArchiveCommand::Delete { archive_id: got, .. }))
                | Command::Service(ServiceCommand::Job(JobCommand::Info { job_id: got, .. }))) = cli.command
                else {
                    panic!("{line:?}")
                };
                assert_eq!(got, id);
            }
        }
    }

    #[test]
    fn a_mistyped_option_is_not_taken_for_an_argument() {
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

    /// Checks the help text of a command and of all below it; `path` are the words that lead to it.
    fn check_help(command: &mut clap::Command, path: &str) {
        for line in command.render_help().to_string().lines() {
            assert!(line.chars().count() <= 80, "{path}: {line:?}");
        }
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{path}: {}", argument.get_id());
            assert!(argument.get_long_help().is_none(), "{path}: a text of its own for {} in --help", argument.get_id());
        }
        for sub in command.get_subcommands_mut() {
            assert!(sub.get_about().is_some(), "{path} {}", sub.get_name());
            check_help(sub, &format!("{path} {}", sub.get_name()));
        }
    }

    #[test]
    fn help_fits_80_columns_and_explains_every_argument() {
        let mut command = Cli::command();
        command.build();
        assert!(command.get_subcommands().count() > 6);
        check_help(&mut command, "glacier");
    }
}
