//! Which service the command calls: one over HTTP, or the vaults in a directory.

use std::path::Path;
use std::sync::Arc;

use glacier_core::{AccountId, Client, Credentials, Endpoint};
use glacier_std::SharedState;
use glacier_std::config::{AwsCredentials, Config, process_env};
use glacier_std::http::{HttpOptions, HttpTransport};
use glacier_std::local::{Finding, LocalTransport, Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults};

use super::context::SharedClient;
use super::error::CommandError;
use crate::args::GlobalArgs;
use crate::output::print_stderr;

/// Findings that are printed one by one.
const MAX_FINDINGS: usize = 20;

/// A client of the vaults in `directory`, those of the region that a client of a server would ask for. Its requests are signed and verified as
/// over the network, with the vault's test credentials.
pub(crate) fn local_client(
    directory: &Path,
    global: &GlobalArgs,
    config: Option<&Config<'_>>,
) -> Result<SharedClient<LocalTransport, Credentials<'static>>, CommandError> {
    let mut settings = vault_settings(global)?;
    // A request that fails says itself why.
    settings.finding_observer = Some(Arc::new(|finding| {
        if let Finding::NotNotified { .. } = finding {
            print_stderr(finding);
        }
    }));
    let found = config.and_then(|config| config.region(global.region.as_deref()).ok());
    let (region, from) = match &found {
        Some(found) => (found.value.as_str(), found.from.to_string()),
        None => (global.region.as_deref().unwrap_or(TEST_REGION), "--region".to_owned()),
    };
    let endpoint = Endpoint::new(region, "localhost").map_err(|error| CommandError::usage(format_args!("{from}: {error}")))?;
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None).map_err(CommandError::config)?;
    let vaults = Vaults::open(directory, settings).map_err(CommandError::other)?;
    print_found(&vaults, global);
    Ok(Client::with_state(LocalTransport::new(&vaults), endpoint, credentials, SharedState::default()))
}

/// The settings of a vault in this process that follow from the global options.
pub(crate) fn vault_settings(global: &GlobalArgs) -> Result<Settings, CommandError> {
    let account = AccountId::try_from(global.account_id.as_str());
    account.map_err(|error| CommandError::usage(format_args!("--account-id: {error}")))?;
    let mut settings = Settings::default();
    if global.account_id != "-" {
        settings.account.clone_from(&global.account_id);
    }
    settings.time = global.time.unwrap_or_default();
    print_phases(&mut settings, global);
    Ok(settings)
}

/// Prints what opening the vaults found: with `--quiet` only what the user has to do something about.
pub(crate) fn print_found(vaults: &Vaults, global: &GlobalArgs) {
    let (mut shown, mut more) = (0, 0);
    for finding in vaults.found().iter().filter(|finding| !global.quiet || finding.needs_action()) {
        if shown < MAX_FINDINGS {
            print_stderr(finding);
            shown += 1;
        } else {
            more += 1;
        }
    }
    if more > 0 {
        print_stderr(format_args!("and {more} more of these"));
    }
}

/// With `-vv` the vault prints each phase of a writing request: the request id, the operation, the phase that begins.
fn print_phases(settings: &mut Settings, global: &GlobalArgs) {
    if global.verbose > 1 {
        settings.observer = Some(Arc::new(|progress| {
            print_stderr(format_args!("{} {} {}", progress.request_id, progress.operation, progress.phase))
        }));
    }
}

/// A client of the service that the options, the environment and the shared files select.
pub(crate) async fn http_client(
    global: &GlobalArgs,
    config: &Config<'_>,
) -> Result<SharedClient<HttpTransport, AwsCredentials>, CommandError> {
    if global.time.is_some() {
        return Err(CommandError::usage("--time goes with --local and with serve: a service over HTTP has its own time"));
    }
    let endpoint = config.endpoint(global.region.as_deref(), global.endpoint_url.as_deref(), global.insecure_http);
    let endpoint = endpoint.map_err(CommandError::config)?;
    let credentials = config.credentials().await.map_err(CommandError::config)?;
    if global.verbose > 0 {
        print_stderr(format_args!("endpoint {} from {}", endpoint.value.url, endpoint.from));
        print_stderr(format_args!("region {}", endpoint.value.region));
        print_stderr(format_args!("credentials from {}", credentials.from));
    }
    let service = endpoint.value.to_core().map_err(CommandError::config)?;
    let options = HttpOptions::from_env(&process_env);
    let options = options.with_ca_bundle(config.ca_bundle(global.ca_bundle.as_deref()));
    let transport = HttpTransport::new(&endpoint.value.url, &options).map_err(CommandError::config)?;
    Ok(Client::with_state(transport, service, credentials.value, SharedState::default()))
}
