//! The command line as it was given, from which hints are made that can be pasted: `go on with: glacier restore ...`.
//!
//! A hint that lost `--region` or `--account-id` would ask another account. What was given is therefore read back from the parser, so
//! that an option added later is in every hint without anyone thinking of it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::OnceLock;

use clap::{ArgAction, ArgMatches, parser::ValueSource};

use crate::output::quoted;

/// An argument that was on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Given {
    id: String,
    /// With its hyphens; `None` for a positional argument.
    option: Option<String>,
    /// Empty for a switch.
    values: Vec<OsString>,
    /// How often a switch was given.
    times: u8,
    /// Whether every command has it.
    is_global: bool,
    /// Whether a value of it may begin with a hyphen.
    takes_hyphens: bool,
}

/// A command and what it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Invocation {
    /// The words that name the command: `restore`, `vault create`.
    command: Vec<String>,
    given: Vec<Given>,
}

static THIS: OnceLock<Invocation> = OnceLock::new();

/// Keeps what the parser read, for the hints of this process.
pub(crate) fn remember(command: &clap::Command, matches: &ArgMatches) {
    let _ = THIS.set(Invocation::new(command, matches));
}

/// The command of this process, to be run again or changed.
pub(crate) fn this_command() -> CommandLine {
    CommandLine(THIS.get().cloned().unwrap_or_default())
}

/// Another command that calls the same service: it has the global options of this one.
pub(crate) fn other_command(words: &[&str]) -> CommandLine {
    CommandLine(THIS.get().cloned().unwrap_or_default().other(words))
}

impl Invocation {
    fn new(mut command: &clap::Command, mut matches: &ArgMatches) -> Self {
        let mut words = Vec::new();
        while let Some((name, inner)) = matches.subcommand() {
            let Some(found) = command.find_subcommand(name) else { break };
            words.push(name.to_owned());
            (command, matches) = (found, inner);
        }
        let given = command.get_arguments().filter_map(|argument| Given::new(argument, matches)).collect();
        Invocation { command: words, given }
    }

    fn other(mut self, words: &[&str]) -> Self {
        self.given.retain(|given| given.is_global);
        self.command = words.iter().map(quoted).collect();
        self
    }
}

impl Given {
    fn new(argument: &clap::Arg, matches: &ArgMatches) -> Option<Self> {
        let id = argument.get_id().as_str();
        let is_given = matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine);
        if !is_given {
            return None;
        }
        let option = match (argument.get_long(), argument.get_short()) {
            (Some(long), _) => Some(format!("--{long}")),
            (None, short) => short.map(|short| format!("-{short}")),
        };
        let (values, times) = match argument.get_action() {
            ArgAction::SetTrue => (Vec::new(), 1),
            ArgAction::Count => (Vec::new(), matches.get_count(id)),
            _ => (matches.get_raw(id)?.map(OsStr::to_owned).collect(), 0),
        };
        let (is_global, takes_hyphens) = (argument.is_global_set(), argument.is_allow_hyphen_values_set());
        Some(Given { id: id.into(), option, values, times, is_global, takes_hyphens })
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(option) = &self.option else {
            return self.values.iter().try_for_each(|value| write!(f, " {}", quoted(value)));
        };
        for _ in 0..self.times {
            write!(f, " {option}")?;
        }
        for value in &self.values {
            // A value that looks like an option is joined to its own.
            let between = if is_like_an_option(value) && !self.takes_hyphens { '=' } else { ' ' };
            write!(f, " {option}{between}{}", quoted(value))?;
        }
        Ok(())
    }
}

fn is_like_an_option(value: &OsStr) -> bool {
    value.as_encoded_bytes().starts_with(b"-") && value != "-"
}

/// A command line to paste into a shell.
#[derive(Clone, Debug)]
pub(crate) struct CommandLine(Invocation);

impl CommandLine {
    /// Without these arguments, named as the fields of the command's struct are.
    pub(crate) fn without(mut self, ids: &[&str]) -> Self {
        self.0.given.retain(|given| !ids.contains(&given.id.as_str()));
        self
    }

    /// The value of an argument that was given.
    pub(crate) fn value(&self, id: &str) -> Option<&OsStr> {
        self.0.given.iter().find(|given| given.id == id)?.values.first().map(OsString::as_os_str)
    }

    /// With another value of an argument that was given.
    pub(crate) fn with_value(mut self, id: &str, value: &str) -> Self {
        for given in self.0.given.iter_mut().filter(|given| given.id == id) {
            given.values = vec![value.into()];
        }
        self
    }

    /// With an option in place of what was given of it. Its value may begin with a hyphen.
    pub(crate) fn with_option(mut self, id: &str, option: &str, value: &str) -> Self {
        self = self.without(&[id]);
        let (id, option, values) = (id.into(), Some(option.into()), vec![value.into()]);
        self.0.given.insert(0, Given { id, option, values, times: 0, is_global: false, takes_hyphens: true });
        self
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("glacier")?;
        self.0.command.iter().try_for_each(|word| write!(f, " {word}"))?;
        let (options, positional): (Vec<_>, Vec<_>) = self.0.given.iter().partition(|given| given.option.is_some());
        // A file may be named like an option; an id, whatever it begins with, is understood without `--`.
        let separate =
            positional.iter().any(|given| !given.takes_hyphens && given.values.iter().any(|value| is_like_an_option(value)));
        if separate {
            options.iter().try_for_each(|given| given.write(f))?;
            f.write_str(" --")?;
            return positional.iter().try_for_each(|given| given.write(f));
        }
        positional.iter().chain(&options).try_for_each(|given| given.write(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, Command, value_parser};

    fn parser() -> Command {
        let restore = Command::new("restore")
            .arg(Arg::new("vault").required(true))
            .arg(Arg::new("archive_id").required(true).allow_hyphen_values(true))
            .arg(Arg::new("output_file").short('o').long("output-file").value_parser(value_parser!(OsString)))
            .arg(Arg::new("tier").long("tier").default_value("Standard"))
            .arg(Arg::new("no_wait").long("no-wait").action(ArgAction::SetTrue));
        let upload = Command::new("upload")
            .arg(Arg::new("vault").required(true))
            .arg(Arg::new("file").required(true))
            .arg(Arg::new("description").long("description").allow_hyphen_values(true))
            .arg(Arg::new("part_size").long("part-size"));
        let global = |name: &'static str| Arg::new(name).long(name).global(true);
        Command::new("glacier")
            .args(["local", "region", "endpoint-url", "profile"].map(global))
            .arg(global("account-id").default_value("-").allow_hyphen_values(true))
            .arg(global("insecure-http").action(ArgAction::SetTrue))
            .arg(global("verbose").short('v').action(ArgAction::Count))
            .subcommand(Command::new("jobs").subcommand(restore))
            .subcommand(upload)
    }

    fn given(words: &[&str]) -> CommandLine {
        let mut parser = parser();
        let matches = parser.try_get_matches_from_mut([&["glacier"], words].concat()).unwrap();
        CommandLine(Invocation::new(&parser, &matches))
    }

    #[test]
    fn the_same_command_with_everything_that_was_given_and_nothing_else() {
        let line =
            "--region r -vv jobs restore v -ID -o - --endpoint-url http://h:1 --insecure-http --account-id 1 --no-wait --tier Bulk";
        let line: Vec<_> = line.split(' ').collect();
        assert_eq!(
            given(&line).without(&["no_wait", "tier"]).with_option("job", "--job", "-J").to_string(),
            "glacier jobs restore v -ID --job -J --output-file - --region r --endpoint-url http://h:1 --account-id 1 --insecure-http \
             --verbose --verbose"
        );
        assert_eq!(given(&["jobs", "restore", "v", "A"]).to_string(), "glacier jobs restore v A", "defaults were not given");
    }

    #[test]
    fn each_line_is_understood_as_what_it_was_made_from() {
        for words in [
            &["upload", "my vault", "it's here/$x"][..],
            &["upload", "v", "f", "--description", "-x y", "--part-size=-1"],
            &["upload", "--local", "a b", "v", "--", "-f"],
            &["jobs", "restore", "v", "--help-me"],
            &["jobs", "restore", "v", "-vID", "--output-file=-o"],
        ] {
            let shown = given(words).to_string();
            let script = format!("printf '%s\\n' {shown}");
            let read = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            let read = String::from_utf8(read.stdout).unwrap();
            let again = given(&read.lines().skip(1).collect::<Vec<_>>());
            assert_eq!(again.0, given(words).0, "{shown}");
        }
    }

    #[test]
    fn another_command_has_the_global_options() {
        let line = given(&["--local", "d", "upload", "v", "f", "--part-size", "1M"]);
        assert_eq!(CommandLine(line.0.other(&["vault", "create", "a b"])).to_string(), "glacier vault create 'a b' --local d");
    }
}
