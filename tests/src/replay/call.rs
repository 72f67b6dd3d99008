//! An operation called once, with a recorded response.

use embedded_io_async::Read;
use glacier_core::testing::{ScriptedTransport, block_on};
use glacier_core::{
    Bytes, DecodeError, Encode, Entry, Error, Fetch, FromResponse, Head, List, Listing, Operation, Response, ServiceError, Upload,
};
use serde_json::{Map, Value, json};

use super::caller::{NOW, ROOM, client};
use super::operations::Visit;
use super::outputs::{Member, Output, Shape, ToModel};
use super::recorded::{Event, RecordedResponse, transport};

/// What the client made of a response.
pub(super) enum CallResult {
    Output(Value),
    /// An output with the body that was downloaded, and the error after its last byte.
    Download(Value, Vec<u8>, Option<DecodeError>),
    Undecodable(DecodeError),
    Service(Box<ServiceError>),
    Other(String),
}

impl<T: std::fmt::Debug, S: std::fmt::Debug> From<Error<T, S>> for CallResult {
    fn from(error: Error<T, S>) -> Self {
        match error {
            Error::Decode(error) => CallResult::Undecodable(error),
            Error::Service(service_error) => CallResult::Service(Box::new(service_error)),
            other => CallResult::Other(format!("{other:?}")),
        }
    }
}

fn call_result(output: Output) -> CallResult {
    match output {
        Ok(output) => CallResult::Output(output),
        Err(error) => CallResult::Undecodable(error),
    }
}

/// Objects of one member each, merged into one object.
fn merged(items: Vec<Value>) -> Value {
    let objects = items.into_iter().filter_map(|item| if let Value::Object(object) = item { Some(object) } else { None });
    Value::Object(objects.flatten().collect())
}

/// All of a list's response as JSON with the model's names.
async fn entries<B, L>(mut listing: Listing<'_, B, L>, shape: Shape) -> Result<Value, Error<B::Error>>
where
    B: Read,
    L: List,
    for<'b> L::Item<'b>: ToModel,
{
    let (mut items, mut output) = (Vec::new(), Map::new());
    while let Some(entry) = listing.next_entry().await? {
        match entry {
            Entry::Item(value) => items.push(value.to_model()?),
            Entry::Member(name, value) => {
                let known = shape.siblings.iter().find(|member| member.name() == name);
                let value = match known {
                    Some(Member::Text(_)) => json!(value.text()?.map(|text| text.to_string())),
                    Some(Member::Number(_)) => json!(value.number()?),
                    None => Value::Null,
                };
                if !value.is_null() {
                    output.insert(name.to_string(), value);
                }
            }
        }
    }
    let items = if shape.is_map { merged(items) } else { items.into() };
    output.insert(L::NAME.to_string(), items);
    Ok(Value::Object(output))
}

/// Calls any operation.
pub(super) struct Call<'a> {
    pub(super) response: &'a RecordedResponse,
}

impl Call<'_> {
    fn transport(&self) -> ScriptedTransport {
        transport(vec![Event::Response(self.response.clone())])
    }

    /// The output of the response, without comparing it with what was sent.
    fn decoded(&self, buf: &mut [u8], read: impl FnOnce(&Response<'_>) -> Output) -> CallResult {
        let mut head = Head::new(buf);
        match self.response.fill(&mut head) {
            Ok(()) => call_result(read(&head.with_body(&self.response.body))),
            Err(error) => CallResult::Undecodable(DecodeError::Head(error)),
        }
    }
}

impl Visit for Call<'_> {
    type Out = CallResult;

    fn operation<O>(self, operation: &O) -> CallResult
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        let mut buf = vec![0; ROOM];
        match block_on(client(&self.transport()).send(operation, NOW, &mut buf)) {
            Ok(output) => call_result(output.to_model()),
            // Whether the response comes from Glacier, and has what was sent, is more than botocore asks.
            Err(Error::TreeHashMismatch(_) | Error::Decode(DecodeError::MissingMember(_) | DecodeError::EmptyBody(_))) => {
                self.decoded(&mut vec![0; ROOM], |response| O::Output::from_response(response)?.to_model())
            }
            Err(error) => error.into(),
        }
    }

    /// The client compares the response's tree hash with that of the body, which is not in the case; so a success is only decoded.
    fn upload<O>(self, operation: &O, body: &[u8]) -> CallResult
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: ToModel,
    {
        let mut buf = vec![0; ROOM];
        if !(200..300).contains(&self.response.status) {
            return match block_on(client(&self.transport()).upload(operation, &mut Bytes::new(body), NOW, &mut buf)) {
                Ok(_) => CallResult::Other("a success".into()),
                Err(error) => error.into(),
            };
        }
        self.decoded(&mut buf, |response| O::Output::from_response(response)?.to_model())
    }

    fn list<L>(self, operation: &L, shape: Shape) -> CallResult
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: ToModel,
    {
        let (mut buf, mut again) = (vec![0; ROOM], vec![0; ROOM]);
        let mut client = client(&self.transport());
        let listed = block_on(async { entries(client.list(operation, NOW, &mut buf).await?, shape).await });
        match listed {
            Ok(output) => CallResult::Output(output),
            // Whether the response comes from Glacier is more than botocore asks.
            Err(Error::Decode(DecodeError::MissingMember(_) | DecodeError::EmptyBody(_))) => {
                let listing = Listing::<_, L>::new(&self.response.body[..], &mut again);
                block_on(entries(listing, shape)).map_or_else(CallResult::from, CallResult::Output)
            }
            Err(error) => error.into(),
        }
    }

    fn fetch<O: Fetch + Sync>(self, operation: &O) -> CallResult {
        let mut buf = vec![0; ROOM];
        let mut client = client(&self.transport());
        let mut read = async || {
            let mut download = client.fetch(operation, NOW, &mut buf).await?;
            let output = *download.output();
            let (mut body, mut piece, mut last) = (Vec::new(), [0; 3000], None);
            loop {
                match download.read(&mut piece).await {
                    Ok(0) => break,
                    Ok(got) => body.extend_from_slice(&piece[..got]),
                    Err(Error::Decode(error)) => {
                        last = Some(error);
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
            let members = [
                ("checksum", output.tree_hash.map(|hash| hash.to_string())),
                ("contentRange", output.content_range.map(str::to_string)),
                ("acceptRanges", output.accept_ranges.map(str::to_string)),
                ("contentType", output.content_type.map(str::to_string)),
                ("archiveDescription", output.description.map(str::to_string)),
            ];
            let mut shown: Map<String, Value> =
                members.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?.into()))).collect();
            shown.insert("status".into(), output.status.into());
            Ok((Value::Object(shown), body, last))
        };
        match block_on(read()) {
            Ok((output, body, last)) => CallResult::Download(output, body, last),
            Err(error) => error.into(),
        }
    }
}
