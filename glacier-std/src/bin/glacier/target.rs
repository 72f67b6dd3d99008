//! Which service the command talks to: one over HTTP, or the vaults in a folder.

use std::path::Path;
use std::sync::Arc;

use glacier_core::{AccountId, Client, Credentials, Endpoint};
use glacier_std::config::{AwsCredentials, Config, process_env};
use glacier_std::http::{HttpTransport, Options};
use glacier_std::local::{LocalTransport, Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults};

use crate::args::Global;
use crate::exit::{Failure, code, say};

/// A client of the vaults in `folder`. It signs and is checked as over the network, with the service's own test credentials.
pub(crate) fn local(folder: &Path, global: &Global) -> Result<Client<LocalTransport, Credentials<'static>>, Failure> {
    let settings = settings(global)?;
    let region = global.region.as_deref().unwrap_or(TEST_REGION);
    let service = Endpoint::new(region, "localhost").map_err(|error| Failure::usage(format_args!("--region: {error}")))?;
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).map_err(Failure::config)?;
    let vaults = Vaults::open(folder, settings).map_err(|error| Failure::new(code::OTHER, error))?;
    Ok(Client::new(LocalTransport::new(&vaults), service, credentials))
}

/// A vault service's settings, as far as all commands have the options for them.
pub(crate) fn settings(global: &Global) -> Result<Settings, Failure> {
    let account = AccountId::try_from(global.account_id.as_str());
    account.map_err(|error| Failure::usage(format_args!("--account-id: {error}")))?;
    let mut settings = Settings::default();
    if global.account_id != "-" {
        settings.account.clone_from(&global.account_id);
    }
    tell_phases(&mut settings, global);
    Ok(settings)
}

/// With `-v` a vault service tells each step of a writing request: its id, the operation, and what begins.
fn tell_phases(settings: &mut Settings, global: &Global) {
    if global.verbose > 0 {
        settings.observer =
            Some(Arc::new(|progress| say(format_args!("{} {} {}", progress.request_id, progress.operation, progress.phase))));
    }
}

/// A client of the service that flags, environment and shared files name.
pub(crate) async fn http(global: &Global) -> Result<Client<HttpTransport, AwsCredentials>, Failure> {
    let config = Config::load(&process_env, global.profile.as_deref()).map_err(Failure::config)?;
    let endpoint = config.endpoint(global.region.as_deref(), global.endpoint_url.as_deref(), global.insecure_http);
    let endpoint = endpoint.map_err(Failure::config)?;
    let credentials = config.credentials().await.map_err(Failure::config)?;
    if global.verbose > 0 {
        say(format_args!("endpoint {} from {}", endpoint.value.url, endpoint.from));
        say(format_args!("region {}", endpoint.value.region));
        say(format_args!("credentials from {}", credentials.from));
    }
    let service = endpoint.value.to_core().map_err(Failure::config)?;
    let options = Options::from_env(&process_env).map_err(Failure::config)?;
    let options = Options { ca_bundle: config.ca_bundle(global.ca_bundle.as_deref()), ..options };
    let transport = HttpTransport::new(&endpoint.value.url, &options).map_err(Failure::config)?;
    Ok(Client::new(transport, service, credentials.value))
}
