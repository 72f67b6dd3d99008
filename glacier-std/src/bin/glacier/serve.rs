//! `glacier serve`: the vaults in a folder, over HTTP.

use std::path::Path;

use glacier_std::local::serve::{Server, Tls};
use glacier_std::local::{AccessKey, TEST_ACCESS_KEY_ID, Vaults};
use serde::Serialize;

use crate::args::{Global, ServeArgs};
use crate::exit::{Failure, code, say};
use crate::output::Output;
use crate::target::settings;

/// Where the secret of `--access-key` is read from when it is not on the command line.
const SECRET: &str = "GLACIER_SERVE_SECRET_KEY";

/// What is told on standard output, in one line, when requests can come.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'r> {
    url: String,
    data: &'r str,
    account: &'r str,
    access_key: &'r str,
    pid: u32,
}

/// Serves until `stop`.
pub(crate) async fn run(
    args: &ServeArgs,
    global: &Global,
    output: &mut Output,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let mut settings = settings(global)?;
    if let Some(id) = &args.access_key {
        let secret = args.secret_key.clone().or_else(|| std::env::var(SECRET).ok()).filter(|secret| !secret.is_empty());
        let secret = secret
            .ok_or_else(|| Failure::usage(format_args!("--access-key needs its secret: set {SECRET}, or give --secret-key")))?;
        settings.access_keys = vec![AccessKey::new(id, secret)];
    }
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(cert), Some(key)) => Some(tls(cert, key)?),
        _ => None,
    };

    let vaults = Vaults::open(&args.data, settings.clone()).map_err(|error| Failure::new(code::OTHER, error))?;
    let found = vaults.found();
    if found.missing > 0 && !global.quiet {
        say(format_args!(
            "{}: {} files with archives were taken away; what was in them cannot be restored",
            args.data.display(),
            found.missing
        ));
    }
    let server = Server::bind(&vaults, args.listen, tls).await;
    let server = server.map_err(|error| Failure::new(code::OTHER, format_args!("cannot listen on {}: {error}", args.listen)))?;
    output.object(&Ready {
        url: server.url(),
        data: &args.data.to_string_lossy(),
        account: &settings.account,
        access_key: args.access_key.as_deref().unwrap_or(TEST_ACCESS_KEY_ID),
        pid: std::process::id(),
    })?;
    output.flush()?;
    server.run(stop).await;
    Ok(())
}

fn tls(cert: &Path, key: &Path) -> Result<Tls, Failure> {
    Tls::from_pem_files(cert, key).map_err(Failure::config)
}
