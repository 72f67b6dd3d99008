//! An operation called once, over a recorded answer.

use glacier_core::{
    Bytes, DecodeError, Encode, Entry, Error, Fetch, FromResponse, Head, List, Operation, Response, ServiceError, Upload,
};
use pollster::block_on;
use serde_json::{Map, Value, json};

use super::caller::{NOW, ROOM, client};
use super::operations::Visit;
use super::outputs::{Member, Output, Shape, Spelt};
use super::scripted::{Answer, Event, Scripted};

/// What the client said of an answer.
pub(super) enum Said {
    Output(Value),
    /// An output with the body that was downloaded, and the error that followed its last byte.
    Download(Value, Vec<u8>, Option<DecodeError>),
    Undecodable(DecodeError),
    Refused(Box<ServiceError>),
    Else(String),
}

impl<T: std::fmt::Debug, S: std::fmt::Debug> From<Error<T, S>> for Said {
    fn from(error: Error<T, S>) -> Self {
        match error {
            Error::Decode(error) => Said::Undecodable(error),
            Error::Service(refusal) => Said::Refused(Box::new(refusal)),
            other => Said::Else(format!("{other:?}")),
        }
    }
}

fn said(output: Output) -> Said {
    match output {
        Ok(output) => Said::Output(output),
        Err(error) => Said::Undecodable(error),
    }
}

/// Objects of one member each as one object.
fn merged(items: Vec<Value>) -> Value {
    let objects = items.into_iter().filter_map(|item| if let Value::Object(object) = item { Some(object) } else { None });
    Value::Object(objects.flatten().collect())
}

/// The call, for whichever operation comes.
pub(super) struct Call<'a> {
    pub(super) answer: &'a Answer,
}

impl Call<'_> {
    fn transport(&self) -> Scripted {
        Scripted::new(vec![Event::Response(self.answer.clone())])
    }

    /// The output of the response, without comparing it with what was sent.
    fn decoded(&self, buf: &mut [u8], read: impl FnOnce(&Response<'_>) -> Output) -> Said {
        let mut head = Head::new(buf);
        match self.answer.fill(&mut head) {
            Ok(()) => said(read(&head.with_body(&self.answer.body))),
            Err(error) => Said::Undecodable(DecodeError::Head(error)),
        }
    }
}

impl Visit for Call<'_> {
    type Out = Said;

    fn operation<O>(self, operation: &O) -> Said
    where
        O: Operation + Sync,
        for<'b> O::Output<'b>: Spelt,
    {
        let mut buf = vec![0; ROOM];
        match block_on(client(&mut self.transport()).send(operation, NOW, &mut buf)) {
            Ok(answer) => said(answer.spelt()),
            Err(Error::TreeHashMismatch(_)) => {
                self.decoded(&mut vec![0; ROOM], |response| O::Output::from_response(response)?.spelt())
            }
            Err(error) => error.into(),
        }
    }

    /// A response's tree hash is compared with that of what was sent, which the case does not tell; so a success is only decoded.
    fn upload<O>(self, operation: &O, body: &[u8]) -> Said
    where
        O: Upload + Sync,
        for<'b> O::Output<'b>: Spelt,
    {
        let mut buf = vec![0; ROOM];
        if !(200..300).contains(&self.answer.status) {
            return match block_on(client(&mut self.transport()).upload(operation, &mut Bytes::new(body), NOW, &mut buf)) {
                Ok(_) => Said::Else("a success".into()),
                Err(error) => error.into(),
            };
        }
        self.decoded(&mut buf, |response| O::Output::from_response(response)?.spelt())
    }

    fn list<L>(self, operation: &L, shape: Shape) -> Said
    where
        L: List + Encode + Sync,
        for<'b> L::Item<'b>: Spelt,
    {
        let mut buf = vec![0; ROOM];
        let mut transport = self.transport();
        let mut client = client(&mut transport);
        let mut read = async || {
            let mut listing = client.list(operation, NOW, &mut buf).await?;
            let (mut items, mut output) = (Vec::new(), Map::new());
            while let Some(entry) = listing.next_entry().await? {
                match entry {
                    Entry::Item(value) => items.push(value.spelt()?),
                    Entry::Member(name, value) => {
                        let known = shape.beside.iter().find(|member| member.name() == name);
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
            Ok::<_, Error<_>>(Value::Object(output))
        };
        match block_on(read()) {
            Ok(output) => Said::Output(output),
            Err(error) => error.into(),
        }
    }

    fn fetch<O: Fetch + Sync>(self, operation: &O) -> Said {
        let mut buf = vec![0; ROOM];
        let mut transport = self.transport();
        let mut client = client(&mut transport);
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
            Ok((output, body, last)) => Said::Download(output, body, last),
            Err(error) => error.into(),
        }
    }
}
