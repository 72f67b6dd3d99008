//! Lists of any length: printed item by item, page after page, never collected.

use glacier_core::pages::Pages;
use glacier_core::retry::Retry;
use glacier_core::{Client, Error, Paginate, ProvideCredentials, Transport};
use glacier_std::transfer::Pace;

use crate::args::Form;
use crate::context::Context;
use crate::exit::Failure;
use crate::output::Output;

/// Prints a list: as an object whose only member is `name`, or a line an item. `vault` is the one that is named in the request.
pub(crate) async fn print_list<T, C, L>(
    operation: &L,
    name: &str,
    client: &mut Client<T, C>,
    context: &mut Context<'_>,
    vault: Option<&str>,
    print: impl Fn(L::Item<'_>, &mut Output) -> Result<(), Failure>,
) -> Result<(), Failure>
where
    T: Transport,
    C: ProvideCredentials,
    L: Paginate,
{
    let json = context.output.form == Form::Json;
    let mut begun = false;
    let mut pages = Pages::new(operation);
    let mut pace = context.manner.pace();
    let policy = context.manner.control;
    let mut retry = Retry::new(policy);
    let mut buf = vec![0; 16 << 10];
    loop {
        let error = match print_page(&mut pages, client, &mut pace, &mut buf, &mut context.output, name, &mut begun, &print).await {
            Ok(true) => {
                retry = Retry::new(policy);
                continue;
            }
            Ok(false) => break,
            Err(Trouble::Output(failure)) => return Err(failure),
            Err(Trouble::Call(error)) => *error,
        };
        client.recover(&mut retry, error, true, &mut pace).await.map_err(|error| Failure::call(&error, vault))?;
    }
    match (json, begun) {
        (false, _) => Ok(()),
        (true, true) => context.output.bytes(b"]}\n"),
        (true, false) => context.output.line(format_args!("{{\"{name}\":[]}}")),
    }
}

enum Trouble<T> {
    Call(Box<Error<T>>),
    Output(Failure),
}

impl<T> From<Error<T>> for Trouble<T> {
    fn from(error: Error<T>) -> Self {
        Trouble::Call(error.into())
    }
}

/// Prints a page; `false` when there was none. After a failure the next call goes on behind the last item printed.
#[allow(clippy::too_many_arguments)] // The inner loop of the above, with its state.
async fn print_page<T, C, L>(
    pages: &mut Pages<'_, L>,
    client: &mut Client<T, C>,
    pace: &mut Pace<'_>,
    buf: &mut [u8],
    output: &mut Output,
    name: &str,
    begun: &mut bool,
    print: &impl Fn(L::Item<'_>, &mut Output) -> Result<(), Failure>,
) -> Result<bool, Trouble<T::Error>>
where
    T: Transport,
    C: ProvideCredentials,
    L: Paginate,
{
    let json = output.form == Form::Json;
    let now = client.now(pace, buf).await?;
    let Some(mut page) = pages.next(client, now, buf).await? else { return Ok(false) };
    while let Some(item) = page.next().await? {
        // The head comes with the first item, so that a list that cannot be had prints nothing.
        let before = if *begun { ",".into() } else { format!("{{\"{name}\":[") };
        *begun = true;
        if json {
            output.bytes(before.as_bytes()).map_err(Trouble::Output)?;
        }
        print(item, output).map_err(Trouble::Output)?;
    }
    Ok(true)
}
