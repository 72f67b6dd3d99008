//! Credentials that a program prints: `credential_process` of a profile.
//!
//! Source: "Process credential provider", AWS SDKs and tools reference guide.

use std::io::{self, IsTerminal};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use glacier_core::{Credentials, FromJson, NoCredentials, ProvideCredentials, Timestamp};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::process_error::ProcessError;
use super::process_output::ProcessOutput;
use super::renewing::{FetchCredentials, Fetched, Renewing};
use super::shell_words::{self, Word};
use crate::clock;

/// How long the program may take: a person may have to answer a question of it.
const PATIENCE: Duration = Duration::from_secs(300);

/// The maximum size of what it prints; session tokens have some KiB.
const OUTPUT: usize = 64 * 1024;

/// The credentials that a program prints. It is run again five minutes before they expire.
///
/// The program is run directly, never by a shell. It has this process's environment and standard error, and its standard input if
/// that is a terminal.
#[derive(Clone, Debug)]
pub struct ProcessCredentials(Renewing<Process>);

impl ProcessCredentials {
    /// Runs `command` for the first time, so that an error is reported at once, and in full.
    pub(super) async fn load(command: &str) -> Result<Self, ProcessError> {
        let process = Process::new(command, PATIENCE)?;
        let first = process.run().await?;
        if first.expired(clock::now(), Duration::ZERO) {
            return Err(ProcessError::Expired);
        }
        Ok(ProcessCredentials(Renewing::new(process, first)))
    }
}

impl ProvideCredentials for ProcessCredentials {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        self.0.credentials(now).await
    }

    fn renew(&mut self) -> bool {
        self.0.renew()
    }
}

/// A command as it is run.
struct Process {
    program: Word,
    arguments: Vec<Word>,
    patience: Duration,
}

impl Process {
    fn new(command: &str, patience: Duration) -> Result<Self, ProcessError> {
        let mut words = shell_words::split(command).map_err(ProcessError::Quoting)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty()).ok_or(ProcessError::Quoting("it names no program"))?;
        Ok(Process { program, arguments: words.collect(), patience })
    }

    async fn run(&self) -> Result<Fetched, ProcessError> {
        // What is piped into this process is its own input, not the program's.
        let stdin = if io::stdin().is_terminal() { Stdio::inherit() } else { Stdio::null() };
        let mut child = Command::new(self.program.as_str())
            .args(self.arguments.iter().map(|word| word.as_str()))
            .stdin(stdin)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|reason| ProcessError::Start { program: self.program.to_string(), reason })?;
        let mut stdout = child.stdout.take().ok_or(ProcessError::TooMuch)?;
        // With room for all of it, so that no part of it stays behind in memory that was given back.
        let mut output = Zeroizing::new(Vec::with_capacity(2 * OUTPUT));
        let ended = timeout(self.patience, async {
            (&mut stdout).take(OUTPUT as u64 + 1).read_to_end(&mut output).await.map_err(ProcessError::Read)?;
            if output.len() > OUTPUT { Err(ProcessError::TooMuch) } else { child.wait().await.map_err(ProcessError::Read) }
        });
        let status = ended.await.unwrap_or(Err(ProcessError::TimedOut { after: self.patience }))?;
        if !status.success() {
            return Err(failed(status));
        }
        ProcessOutput::from_json(&output).map_err(|_| ProcessError::NotJson)?.fetched()
    }
}

impl FetchCredentials for Process {
    async fn fetch(&self) -> Result<Fetched, NoCredentials> {
        self.run().await.map_err(|error| NoCredentials(error.in_short()))
    }
}

#[cfg(unix)]
fn failed(status: ExitStatus) -> ProcessError {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (None, Some(signal)) => ProcessError::Signal(signal),
        (code, _) => ProcessError::ExitCode(code.unwrap_or(-1)),
    }
}

#[cfg(not(unix))]
fn failed(status: ExitStatus) -> ProcessError {
    ProcessError::ExitCode(status.code().unwrap_or(-1))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn run(script: &str) -> Result<Fetched, ProcessError> {
        let process = Process::new(&format!("/bin/sh -c '{script}'"), Duration::from_secs(20)).unwrap();
        process.run().await
    }

    #[tokio::test]
    async fn a_program_that_fails_is_named_with_its_exit_code() {
        assert!(matches!(run("exit 3").await, Err(ProcessError::ExitCode(3))));
        assert!(matches!(run("kill -9 $$").await, Err(ProcessError::Signal(9))));
        assert!(matches!(run("echo no").await, Err(ProcessError::NotJson)));
        assert!(matches!(run("exec cat /dev/zero").await, Err(ProcessError::TooMuch)));
        let missing = Process::new("/nowhere/at/all --token SECRET", PATIENCE).unwrap().run().await.err().unwrap();
        let shown = format!("{missing} {missing:?}");
        assert!(shown.contains("/nowhere/at/all") && !shown.contains("SECRET"), "{shown}");
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        let command = format!("/bin/sh -c 'echo $$ > {}; exec sleep 1000'", path.display());
        let process = Process::new(&command, Duration::from_millis(300)).unwrap();
        assert!(matches!(process.run().await, Err(ProcessError::TimedOut { .. })));
        let pid = std::fs::read_to_string(path).unwrap();
        // The kernel may take a moment, and tokio reaps it.
        for _ in 0..200 {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
            if stat.is_empty() || stat.contains(" Z ") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the program {pid} still runs");
    }

    #[tokio::test]
    async fn what_is_piped_into_this_process_is_not_given_to_the_program() {
        if !io::stdin().is_terminal() {
            let read =
                run(r#"n=$(wc -c); echo "{\"Version\":1,\"AccessKeyId\":\"ID$n\",\"SecretAccessKey\":\"x\"}""#).await.unwrap();
            let shown = format!("{:?}", read.credentials);
            assert!(shown.contains("ID0"), "{shown}");
        }
    }
}
