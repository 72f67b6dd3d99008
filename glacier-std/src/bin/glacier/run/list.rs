//! Lists of any length, printed item by item and never collected.

use std::ops::ControlFlow;

use glacier_core::pages::Pages;
use glacier_core::{Paginate, ProvideCredentials, Transport};
use serde::Serialize;

use super::context::{CALL_BUFFER, Context, SharedClient};
use super::error::CommandError;
use super::operation_name::operation_name;
use crate::args::OutputFormat;
use crate::output::{Stdout, WriteError};

/// Prints a list: a JSON object whose only member is the list, or a line per item. `vault` is the one that the request names.
pub(crate) async fn print_list<T, C, L>(
    operation: &L,
    client: &mut SharedClient<T, C>,
    context: &mut Context<'_>,
    vault: Option<&str>,
    print_line: impl Fn(&L::Item<'_>, &mut Stdout) -> Result<(), WriteError>,
) -> Result<(), CommandError>
where
    T: Transport,
    C: ProvideCredentials,
    L: Paginate,
    for<'i> L::Item<'i>: Serialize,
{
    let (policy, mut environment) = (context.options.control, context.options.environment().calling(operation_name::<L>(), None));
    let stdout = &mut context.stdout;
    let json = stdout.format == OutputFormat::Json;
    let (mut started, mut written) = (false, Ok(()));
    let print = |item: L::Item<'_>| {
        written = match json {
            true => print_json::<L>(&item, started, stdout),
            false => print_line(&item, stdout),
        };
        started = true;
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let mut buf = vec![0; CALL_BUFFER];
    let listed = Pages::new(operation).for_each(client, policy, &mut environment, &mut buf, print).await;
    written?;
    listed.map_err(|error| CommandError::call(&error, vault))?;
    match (json, started) {
        (false, _) => {}
        (true, true) => stdout.bytes(b"]}\n")?,
        (true, false) => stdout.line(format_args!("{{\"{}\":[]}}", L::NAME))?,
    }
    Ok(())
}

/// The opening of the list comes with its first item, so that a list that fails at once prints nothing.
fn print_json<L: Paginate>(item: &L::Item<'_>, started: bool, stdout: &mut Stdout) -> Result<(), WriteError>
where
    for<'i> L::Item<'i>: Serialize,
{
    match started {
        true => stdout.bytes(b",")?,
        false => stdout.bytes(format!("{{\"{}\":[", L::NAME).as_bytes())?,
    }
    stdout.value(item)
}
