//! Encodes and signs requests, without sending them.

use core::hint::black_box;

use dummy::now;
use glacier_core::{Credentials, Encode, Endpoint, Fetch, List, Operation, SignedRequest, Signer, Upload};

use crate::board::must;
use crate::inputs::Inputs;
use crate::{board, stack};

pub struct Session {
    credentials: Credentials<'static>,
    endpoint: Endpoint,
    signer: Signer,
    buf: [u8; 4096],
}

impl Session {
    #[inline(never)]
    pub fn new(inputs: &Inputs) -> Session {
        let endpoint = must(Endpoint::new(black_box("us-east-1"), black_box("glacier.us-east-1.amazonaws.com")));
        black_box(Session { credentials: inputs.credentials, endpoint, signer: Signer::new(), buf: [0; 4096] })
    }

    pub fn send<O: Operation + Sync>(&mut self, name: &str, operation: &O) {
        self.encode(name, operation);
    }

    pub fn upload<O: Upload + Sync>(&mut self, name: &str, operation: &O) {
        self.encode(name, operation);
    }

    pub fn list<L: List + Encode + Sync>(&mut self, name: &str, operation: &L) {
        self.encode(name, operation);
    }

    pub fn fetch<O: Fetch + Sync>(&mut self, name: &str, operation: &O) {
        self.encode(name, operation);
    }

    fn encode(&mut self, name: &str, operation: &(dyn Encode + Sync)) {
        let Session { credentials, endpoint, signer, buf } = self;
        let bytes = stack::used(|| {
            if black_box(&SignedRequest::new(operation, endpoint, credentials, signer, now(), buf)).is_err() {
                board::fail();
            }
        });
        board::report(name, bytes);
    }
}
