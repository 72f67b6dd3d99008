//! `glacier serve` in a process of its own, and the SDK as its client.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::retry::RetryConfig;
use aws_sdk_glacier::config::{Credentials, Region};

use super::call_log::CallLog;
use super::check::{Failure, some};

pub(super) const REGION: &str = "eu-west-1";
pub(super) const ACCOUNT: &str = "000000000000";

/// A server on a free port of the loopback, with vaults of its own; both end with it.
pub(super) struct Server {
    process: Child,
    folder: PathBuf,
    pub(super) url: String,
}

impl Server {
    /// Starts the command that the environment variable `GLACIER` names, or the release build beside this program.
    pub(super) fn start() -> Result<Self, Failure> {
        let program = std::env::current_exe()?;
        let target = some(program.parent().and_then(|folder| folder.parent()), "the target folder")?;
        let command = std::env::var_os("GLACIER").map_or_else(|| target.join("release/glacier"), PathBuf::from);
        let folder = target.join(format!("scratch/aws-sdk-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let mut start = Command::new(&command);
        start.arg("serve").arg("--data").arg(folder.join("data")).args(["--listen", "127.0.0.1:0"]);
        let process = start.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let process = process.map_err(|error| format!("{}: {error}", command.display()))?;
        let mut server = Server { process, folder, url: String::new() };
        let mut line = String::new();
        BufReader::new(some(server.process.stdout.take(), "standard output")?).read_line(&mut line)?;
        let ready: serde_json::Value = serde_json::from_str(&line).map_err(|error| format!("serve printed {line:?}: {error}"))?;
        server.url = some(ready["url"].as_str(), "url")?.into();
        Ok(server)
    }

    /// A client whose calls are noted in `log`.
    pub(super) fn client(&self, log: &CallLog) -> Client {
        self.client_with_key("test", "test", log)
    }

    pub(super) fn client_with_key(&self, id: &str, secret: &str, log: &CallLog) -> Client {
        let config = aws_sdk_glacier::Config::builder()
            .region(Region::new(REGION))
            .endpoint_url(&self.url)
            .credentials_provider(Credentials::new(id, secret, None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            // An error is looked at, not waited for.
            .retry_config(RetryConfig::disabled())
            .interceptor(log.clone())
            .build();
        Client::from_conf(config)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(super) fn arn(vault: &str) -> String {
    format!("arn:aws:glacier:{REGION}:{ACCOUNT}:vaults/{vault}")
}
