//! `glacier serve`: the vaults in a directory, over HTTP.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use glacier_std::local::serve::{ControlToken, Server, Tls};
use glacier_std::local::{AccessKey, NotificationsUrl, TEST_ACCESS_KEY_ID, TEST_SECRET, Vaults};
use serde::Serialize;

use crate::args::{GlobalArgs, ListenAddress, SecretText};
use crate::output::{Stdout, print_stderr};
use crate::run::{CommandError, print_found, vault_settings};

/// The environment variable with the secret of `--access-key`.
const SECRET_KEY: &str = "GLACIER_SERVE_SECRET_KEY";
/// The environment variable with the token of `--control-token`.
const CONTROL_TOKEN: &str = "GLACIER_SERVE_CONTROL_TOKEN";

/// For users of SDKs; README.md has the same in programs, containers and CI.
const AFTER_HELP: &str = r#"For a program with an AWS SDK:
  export AWS_ENDPOINT_URL_GLACIER=http://127.0.0.1:4566
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
or in the program: endpoint_url in boto3 and Rust, endpointOverride in Java,
endpoint in JavaScript, --endpoint-url with the AWS CLI.

In CI: with --listen 127.0.0.1:0 read the url from the line of JSON that is
printed once connections are accepted.
In a container: --listen 0.0.0.0:4566 and a key of your own, as whoever reaches
the port can delete all vaults. GET /_glacier/health is 200, unsigned, for any
Host.
Keys: --credentials FILE has a list in JSON; sessionToken, mfa and expires are
for temporary keys, and another account sees other vaults:
  [{"accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "...",
    "principal": "arn:aws:iam::111122223333:user/backup",
    "account": "111122223333",
    "sessionToken": "...", "mfa": true, "expires": "2030-01-01T00:00:00Z"}]
Policies: a vault's access policy and lock policy decide on every request, and
an error says which statement denied. They may also deny all to the owner, for
good. Try them first: glacier policy test.
Time: with --time scaled:4000 jobs, inventories and what expires take as long as
in the service, and a day lasts 21.6 seconds.
Notifications: jobs that are done are told to the topics of vault and job as
lines {"at", "topic", "event", "message"} of a file, each once, where message is
the output of DescribeJob. --notifications-url posts them to a program of yours:
five tries within a minute or so, each with the same MessageId; Signature,
SigningCertURL and UnsubscribeURL are empty.
Control: with --control a browser on this machine has the console at
http://127.0.0.1:4566/_glacier/, and a test moves time on by itself:
  curl -d '{"seconds": 86400}' http://127.0.0.1:4566/_glacier/advance
Also: inventory, faults and reset to POST, state, log and faults to GET. With a
control token other machines can, too, in the header x-glacier-control-token.
State: all of it is in DIR, which one process uses at a time. What was
acknowledged is on disk. Remove DIR to begin anew."#;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ServeArgs {
    /// Directory with the vaults; created if missing
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Address to listen on, HOST:PORT; with port 0 the system chooses a free port, which is printed
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4566")]
    listen: ListenAddress,
    /// Serve TLS 1.3 with this certificate chain, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Refuse Expedited retrievals beyond what provisioned capacity guarantees, as the service does when demand is high
    #[arg(long)]
    expedited_needs_capacity: bool,
    /// Make the same ids in the same order whenever the same requests come to an empty directory
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Append a line of JSON to this file for each notification of a job that is done; only this service may write to it [default:
    /// notifications.jsonl in the directory with the vaults]
    #[arg(long, value_name = "FILE")]
    notifications_file: Option<PathBuf>,
    /// Post each notification to this URL, too, in the form of SNS over HTTP; only to this machine, and http only
    #[arg(long, value_name = "URL")]
    notifications_url: Option<NotificationsUrl>,
    /// Access key id to accept instead of "test"
    #[arg(long, value_name = "ID")]
    access_key: Option<String>,
    /// Secret of --access-key. Other users of this machine can see it here: prefer the environment variable
    /// [env: GLACIER_SERVE_SECRET_KEY]
    #[arg(long, value_name = "SECRET", requires = "access_key")]
    secret_key: Option<SecretText>,
    /// Accept the access keys in this JSON file and no others, each with its principal and account (see below)
    #[arg(long, value_name = "FILE", conflicts_with = "access_key")]
    credentials: Option<PathBuf>,
    /// Accept any key, and any signature or none, as the default account. Bodies are still checked against their hashes
    #[arg(long, conflicts_with_all = ["access_key", "credentials"])]
    no_verify_signatures: bool,
    /// Tell every peer what was signed here when its signature does not match; without it only peers on this machine
    #[arg(long, conflicts_with = "no_verify_signatures")]
    explain_signatures: bool,
    /// Offer control and the console at /_glacier/, to this machine: time, inventories, faults, reset (see below)
    #[arg(long)]
    control: bool,
    /// Open control to other machines that send this token in the header x-glacier-control-token. Other users of this machine can
    /// see it here: prefer the environment variable [env: GLACIER_SERVE_CONTROL_TOKEN]
    #[arg(long, value_name = "TOKEN", requires = "control")]
    control_token: Option<SecretText>,
}

/// Printed on standard output, in one line, once the server accepts connections.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServerInfo<'r> {
    url: String,
    data: &'r str,
    /// Not with `--credentials`: each key has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'r str>,
    /// Not where several or all are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key: Option<&'r str>,
    /// The page of the console, with `--control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    console: Option<String>,
    pid: u32,
}

/// Serves until `stop` completes.
pub(super) async fn run(
    args: &ServeArgs,
    global: &GlobalArgs,
    stdout: &mut Stdout,
    stop: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let mut settings = vault_settings(global)?;
    settings.expedited_needs_capacity = args.expedited_needs_capacity;
    settings.seed = args.seed;
    settings.verify_signatures = !args.no_verify_signatures;
    settings.explain_signatures = args.explain_signatures;
    settings.notifications_file.clone_from(&args.notifications_file);
    settings.notifications_url.clone_from(&args.notifications_url);
    settings.request_log = args.control;
    let mut accepts_test_key = settings.verify_signatures;
    if let Some(file) = &args.credentials {
        settings.access_keys = AccessKey::list_from_file(file).map_err(CommandError::config)?;
        accepts_test_key = false;
    } else if let Some(id) = &args.access_key {
        let secret = SecretText::of(args.secret_key.as_ref(), SECRET_KEY).ok_or_else(|| {
            CommandError::usage(format_args!("--access-key needs a secret: set {SECRET_KEY} or use --secret-key"))
        })?;
        accepts_test_key = id == TEST_ACCESS_KEY_ID && secret == TEST_SECRET;
        settings.access_keys = vec![AccessKey::new(id, secret)];
    }
    let control = if args.control { Some(control_token(args)?) } else { None };
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(cert), Some(key)) => Some(tls(cert, key)?),
        _ => None,
    };

    settings.finding_observer = Some(Arc::new(|finding| print_stderr(finding)));
    let vaults = Vaults::open(&args.data, settings.clone()).map_err(CommandError::other)?;
    print_found(&vaults, global);
    let server = Server::bind(&vaults, args.listen.as_str(), tls).await;
    let server = server.map_err(|error| CommandError::other(format_args!("cannot listen on {}: {error}", args.listen)))?;
    let server = match control {
        Some(token) => server.with_control(token),
        None => server,
    };
    let is_exposed = !server.address().ip().to_canonical().is_loopback();
    if is_exposed && !settings.verify_signatures {
        print_stderr(format_args!(
            "warning: whoever reaches {} can read and delete all vaults, as signatures are not verified: leave out --no-verify-signatures, or \
             listen on 127.0.0.1",
            server.address()
        ));
    }
    if is_exposed && accepts_test_key {
        print_stderr(format_args!(
            "warning: whoever reaches {} can read and delete all vaults, as the key {TEST_ACCESS_KEY_ID} with the secret {TEST_SECRET} is \
             accepted: use --access-key and {SECRET_KEY}, or listen on 127.0.0.1",
            server.address()
        ));
    }
    let url = url(&server, &args.listen);
    stdout.object(&ServerInfo {
        console: args.control.then(|| format!("{url}/_glacier/")),
        url,
        data: &args.data.to_string_lossy(),
        account: Some(settings.account.as_str()).filter(|_| args.credentials.is_none()),
        access_key: match &args.access_key {
            Some(id) => Some(id),
            None => Some(TEST_ACCESS_KEY_ID).filter(|_| accepts_test_key),
        },
        pid: std::process::id(),
    })?;
    stdout.flush()?;
    server.run(stop).await;
    Ok(())
}

/// The URL for clients: with the name that was given, if it was one.
fn url(server: &Server, listen: &ListenAddress) -> String {
    let url = server.url();
    match (listen.name(), url.split_once("://")) {
        (Some(name), Some((scheme, _))) => format!("{scheme}://{name}:{}", server.address().port()),
        _ => url,
    }
}

/// The token for control, if there is one.
fn control_token(args: &ServeArgs) -> Result<Option<ControlToken>, CommandError> {
    let token = SecretText::of(args.control_token.as_ref(), CONTROL_TOKEN).map(|token| token.parse::<ControlToken>());
    token.transpose().map_err(|error| CommandError::usage(format_args!("--control-token cannot be used: {error}")))
}

fn tls(cert: &Path, key: &Path) -> Result<Tls, CommandError> {
    Tls::from_pem_files(cert, key).map_err(CommandError::config)
}
