//! Calls the operations of `tests/sizes`, each once, with whatever the transport responds.

use core::hint::black_box;

use dummy::{DummyBody, DummyCredentials, DummyTransport, block_on, now};
use glacier_core::{Client, Encode, Endpoint, Fetch, List, Operation, Upload};

use crate::board::must;
use crate::inputs::Inputs;
use crate::runtime::show;

pub struct Session {
    client: Client<DummyTransport, DummyCredentials>,
    buf: [u8; 512],
}

impl Session {
    pub fn new(inputs: &Inputs) -> Session {
        let endpoint = must(Endpoint::new(black_box("us-east-1"), black_box("glacier.us-east-1.amazonaws.com")));
        Session { client: Client::new(DummyTransport::default(), endpoint, DummyCredentials(inputs.credentials)), buf: [0; 512] }
    }

    pub fn send<O: Operation + Sync>(&mut self, _: &str, operation: &O) {
        match block_on(self.client.send(operation, now(), &mut self.buf)) {
            Ok(output) => drop(black_box(output)),
            Err(error) => show(error),
        }
    }

    pub fn upload<O: Upload + Sync>(&mut self, _: &str, operation: &O) {
        match block_on(self.client.upload(operation, &mut DummyBody::default(), now(), &mut self.buf)) {
            Ok(output) => drop(black_box(output)),
            Err(error) => show(error),
        }
    }

    pub fn list<L: List + Encode + Sync>(&mut self, _: &str, operation: &L) {
        block_on(async {
            match self.client.list(operation, now(), &mut self.buf).await {
                Ok(mut page) => {
                    while let Ok(Some(item)) = page.next().await {
                        drop(black_box(item));
                    }
                }
                Err(error) => show(error),
            }
        });
    }

    pub fn fetch<O: Fetch + Sync>(&mut self, _: &str, operation: &O) {
        block_on(async {
            match self.client.fetch(operation, now(), &mut self.buf).await {
                Ok(mut download) => while matches!(download.read(&mut [0; 32]).await, Ok(1..)) {},
                Err(error) => show(error),
            }
        });
    }
}
