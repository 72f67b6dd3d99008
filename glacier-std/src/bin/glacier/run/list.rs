//! Lists of any length, printed item by item and never collected.

use glacier_core::pages::Pages;
use glacier_core::retry::Retry;
use glacier_core::{Client, Error, Paginate, ProvideCredentials, Transport};
use glacier_std::transfer::Pace;
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
    let mut pages = Pages::new(operation);
    let mut pace = context.manner.pace();
    let policy = context.manner.control;
    let mut retry = Retry::new(policy);
    let mut buf = vec![0; CALL_BUFFER];
    loop {
        let error = match print_page(&mut pages, client, &mut pace, &mut buf, &mut context.stdout, &mut begun, &print_line).await {
            Ok(true) => {
                retry = Retry::new(policy);
                continue;
            }
            Ok(false) => break,
            Err(Trouble::Stdout(error)) => return Err(error.into()),
            Err(Trouble::Call(error)) => *error,
        };
        client.recover(&mut retry, error, true, &mut pace).await.map_err(|error| CommandError::call(&error, vault))?;
    }
    match (json, begun) {
        (false, _) => {}
        (true, true) => context.stdout.bytes(b"]}\n")?,
        (true, false) => context.stdout.line(format_args!("{{\"{}\":[]}}", L::NAME))?,
    }
    Ok(())
}

enum Trouble<T> {
    Call(Box<Error<T>>),
    Stdout(WriteError),
}

impl<T> From<Error<T>> for Trouble<T> {
    fn from(error: Error<T>) -> Self {
        Trouble::Call(error.into())
    }
}

/// Prints a page; `false` when there was none. After a failure the next call goes on after the last item printed.
#[allow(clippy::too_many_arguments)] // The inner loop of the above, with its state.
async fn print_page<T, C, L>(
    pages: &mut Pages<'_, L>,
    client: &mut Client<T, C>,
    pace: &mut Pace<'_>,
    buf: &mut [u8],
    stdout: &mut Stdout,
    begun: &mut bool,
    print_line: &impl Fn(&L::Item<'_>, &mut Stdout) -> Result<(), WriteError>,
) -> Result<bool, Trouble<T::Error>>
where
    T: Transport,
    C: ProvideCredentials,
    L: Paginate,
    for<'i> L::Item<'i>: Serialize,
{
    let json = stdout.format == OutputFormat::Json;
    let now = client.now(pace, buf).await?;
    let Some(mut page) = pages.next(client, now, buf).await? else { return Ok(false) };
    while let Some(item) = page.next().await? {
        // The opening comes with the first item, so that a list that fails at once prints nothing.
        let before = if *begun { ",".into() } else { format!("{{\"{}\":[", L::NAME) };
        *begun = true;
        if json {
            stdout.bytes(before.as_bytes()).map_err(Trouble::Stdout)?;
        }
        let printed = if json { stdout.value(&item) } else { print_line(&item, stdout) };
        printed.map_err(Trouble::Stdout)?;
    }
    Ok(true)
}
