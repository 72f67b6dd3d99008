//! Runs the command in a directory of its own, with or without a server, and computes expected hashes independently of the code
//! under test.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

pub(crate) const MIB: usize = 1 << 20;

/// A directory with vaults, used through `--local` or through a server on the loopback interface.
pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
    server: Option<Server>,
}

/// The result of a run of the command.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Finished { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Finished {
    /// Standard output of a run that succeeded.
    #[track_caller]
    pub(crate) fn success(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        self.out.trim_end_matches('\n')
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.success()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts that it failed with this code and a last line that has all of `words`, printed no result and did not panic.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        let message = self.err.trim_end().lines().last().unwrap_or_default();
        assert!(message.starts_with("glacier: ") && !self.err.contains("panicked"), "{self:?}");
        for word in words {
            assert!(message.contains(word), "{word:?} is not in {message:?}");
        }
    }
}

/// `glacier` in an environment with only these AWS settings.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glacier"));
    for (name, _) in std::env::vars() {
        if name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    command.env("AWS_CONFIG_FILE", "/nonexistent").env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_REGION", "eu-west-1");
    command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Fixture {
    /// Vaults in a directory, without a server.
    pub(crate) fn local() -> Self {
        Fixture { dir: tempfile::tempdir().unwrap(), server: None }
    }

    /// Vaults in a directory, through a server.
    pub(crate) fn served() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path(), &[]);
        Fixture { dir, server: Some(server) }
    }

    /// The server's URL.
    pub(crate) fn url(&self) -> &str {
        &self.server.as_ref().expect("a server").url
    }

    /// The same directory without the server.
    pub(crate) fn stop(self) -> Fixture {
        Fixture { server: None, ..self }
    }

    pub(crate) fn both() -> [Fixture; 2] {
        [Fixture::local(), Fixture::served()]
    }

    /// The command with the option that selects the vaults.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.dir.path());
        match &self.server {
            None => command.args(["--local", "data"]),
            Some(server) => command.args(["--endpoint-url", &server.url]),
        };
        command.args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        self.command(arguments).output().unwrap().into()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        self.run(&[&["--output", "json"], arguments].concat()).json()
    }

    /// Runs it by a shell: `script` is bash, in which `"$0" "$@"` is the command.
    pub(crate) fn shell(&self, script: &str, arguments: &[&str]) -> Finished {
        shell(script, &self.command(arguments)).output().unwrap().into()
    }

    /// Runs it with bytes on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Finished {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that fails early does not read to the end.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().unwrap().into()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// All names in the directory except that of the vaults' own.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "data");
        names.sort();
        names
    }
}

/// A command run by a shell: `script` is bash, in which `"$0" "$@"` is the command.
pub(crate) fn shell(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    for name in removed {
        shell.env_remove(name);
    }
    shell.current_dir(command.get_current_dir().unwrap());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

/// Polls for at most twenty seconds.
pub(crate) fn wait_until(what: &str, mut is_done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_done() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A running `glacier serve`.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) url: String,
    pub(crate) ready: serde_json::Value,
}

impl Server {
    pub(crate) fn start(dir: &Path, options: &[&str]) -> Self {
        Server::start_with(dir, options, Stdio::inherit())
    }

    pub(crate) fn start_with(dir: &Path, options: &[&str], stderr: Stdio) -> Self {
        Server::run(dir, &[&["--listen", "127.0.0.1:0"], options].concat(), stderr)
    }

    pub(crate) fn start_on(dir: &Path, listen: &str) -> Self {
        Server::run(dir, &["--listen", listen], Stdio::inherit())
    }

    fn run(dir: &Path, options: &[&str], stderr: Stdio) -> Self {
        let mut command = command(dir);
        command.args(["serve", "--data", "data"]).args(options).stderr(stderr);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        Server { child, url: ready["url"].as_str().unwrap().into(), ready }
    }

    /// Sends a signal and returns the exit code.
    pub(crate) fn stop(&mut self, name: &str) -> Option<i32> {
        signal(&self.child, name);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "kill -s {name}");
}

/// Pseudorandom bytes: no two parts are alike, so a part in the wrong place is noticed.
pub(crate) fn data(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ size as u64;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The tree hash by its definition: hash pairs of neighbours until one is left.
pub(crate) fn tree_hash(data: &[u8]) -> String {
    let mut row: Vec<Vec<u8>> = data.chunks(MIB).map(|leaf| Sha256::digest(leaf).to_vec()).collect();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| if pair.len() == 2 { Sha256::digest(pair.concat()).to_vec() } else { pair[0].clone() })
            .collect();
    }
    row.first().map_or_else(|| sha256(b""), |root| hex(root))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
