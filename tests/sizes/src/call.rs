//! Calls through a client: once successful, once with a service error.

use core::fmt::Debug;
use core::hint::black_box;
use core::sync::atomic::Ordering;

use dummy::{DummyBody, DummyCredentials, DummyError, DummyTransport, STATUS, block_on, now};
use glacier_core::{Client, Encode, Endpoint, Error, Fetch, List, Operation, Upload};

use crate::board::must;
use crate::inputs::Inputs;
use crate::{board, stack};

pub struct Session {
    client: Client<DummyTransport, DummyCredentials>,
    buf: [u8; 4096],
}

impl Session {
    #[inline(never)]
    pub fn new(inputs: &Inputs) -> Session {
        let endpoint = must(Endpoint::new(black_box("us-east-1"), black_box("glacier.us-east-1.amazonaws.com")));
        black_box(Session {
            client: Client::new(DummyTransport::default(), endpoint, DummyCredentials(inputs.credentials)),
            buf: [0; 4096],
        })
    }

    pub fn send<O: Operation + Sync>(&mut self, name: &str, operation: &O) {
        self.twice(name, |session| {
            let output = block_on(session.client.send(operation, now(), &mut session.buf));
            outcome(output)
        });
    }

    pub fn upload<O: Upload + Sync>(&mut self, name: &str, operation: &O) {
        self.twice(name, |session| {
            let output = block_on(session.client.upload(operation, &mut DummyBody::default(), now(), &mut session.buf));
            outcome(output)
        });
    }

    pub fn list<L: List + Encode + Sync>(&mut self, name: &str, operation: &L) {
        self.twice(name, |session| {
            block_on(async {
                let mut page = match session.client.list(operation, now(), &mut session.buf).await {
                    Ok(page) => page,
                    Err(error) => return outcome::<(), _>(Err(error)),
                };
                loop {
                    match page.next().await {
                        Ok(Some(item)) => drop(black_box(item)),
                        Ok(None) => return true,
                        Err(_) => board::fail(),
                    }
                }
            })
        });
    }

    pub fn fetch<O: Fetch + Sync>(&mut self, name: &str, operation: &O) {
        self.twice(name, |session| {
            block_on(async {
                let mut download = match session.client.fetch(operation, now(), &mut session.buf).await {
                    Ok(download) => download,
                    Err(error) => return outcome::<(), _>(Err(error)),
                };
                let mut piece = [0; 64];
                loop {
                    match download.read(&mut piece).await {
                        Ok(0) => return black_box(true),
                        Ok(_) => {}
                        Err(_) => board::fail(),
                    }
                }
            })
        });
    }

    /// Prints the larger stack of the two, and checks that the calls ended as expected.
    #[inline(never)]
    fn twice(&mut self, name: &str, call: impl Fn(&mut Session) -> bool) {
        let mut most = 0;
        for (status, success) in [(200, true), (400, false)] {
            STATUS.store(status, Ordering::Relaxed);
            most = most.max(stack::used(|| {
                if call(self) != success {
                    board::fail();
                }
            }));
        }
        board::report(name, most);
    }
}

/// Whether the call succeeded; any error but a service error ends the run.
fn outcome<T, S: Debug>(outcome: Result<T, Error<DummyError, S>>) -> bool {
    match black_box(outcome) {
        Ok(_) => true,
        Err(Error::Service(_)) => false,
        Err(_) => board::fail(),
    }
}
