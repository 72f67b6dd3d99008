//! Lists of any length, printed item by item and never collected.

use std::ops::ControlFlow;

use glacier_core::pages::Pages;
use glacier_core::{Client, Paginate, ProvideCredentials, Transport};
use serde::Serialize;

use super::context::{CALL_BUFFER, Context};
use super::error::CommandError;
use crate::args::OutputFormat;
use crate::output::{Stdout, WriteError};

/// Prints a list: a JSON object whose only member is the list, or a line per item. `vault` is the one that the request names.
pub(crate) async fn print_list<T, C, L>(
    operation: &L,
    client: &mut Client<T, C>,
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
    let json = context.stdout.format == OutputFormat::Json;
    let mut begun = false;
    let mut unwritable = None;
    let (policy, stdout) = (context.manner.control, &mut context.stdout);
    let print = |item: L::Item<'_>| {
        // The opening comes with the first item, so that a list that fails at once prints nothing.
        let before = if begun { ",".into() } else { format!("{{\"{}\":[", L::NAME) };
        begun = true;
        let printed =
            if json { stdout.bytes(before.as_bytes()).and_then(|()| stdout.value(&item)) } else { print_line(&item, stdout) };
        unwritable = printed.err();
        if unwritable.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut environment = context.manner.pace();
    Pages::new(operation)
        .for_each(client, policy, &mut environment, &mut vec![0; CALL_BUFFER], print)
        .await
        .map_err(|error| CommandError::call(&error, vault))?;
    if let Some(error) = unwritable {
        return Err(error.into());
    }
    match (json, begun) {
        (false, _) => {}
        (true, true) => context.stdout.bytes(b"]}\n")?,
        (true, false) => context.stdout.line(format_args!("{{\"{}\":[]}}", L::NAME))?,
    }
    Ok(())
}
