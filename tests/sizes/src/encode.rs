//! Encodes and signs, and goes no further.

use core::hint::black_box;

use glacier_core::{Encode, Fetch, List, Operation, Service, SignedRequest, Signer, Upload};

use crate::world::{credentials, now, text};
use crate::{board, stack};

pub struct Session {
    service: Service,
    signer: Signer,
    buf: [u8; 4096],
}

impl Session {
    pub fn new() -> Option<Session> {
        credentials()?;
        let service = Service::new(text("us-east-1"), text("glacier.us-east-1.amazonaws.com")).ok()?;
        Some(black_box(Session { service, signer: Signer::new(), buf: [0; 4096] }))
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
        let Session { service, signer, buf } = self;
        let bytes = stack::used(|| {
            let Some(credentials) = credentials() else { board::fail() };
            match SignedRequest::new(operation, service, &credentials, signer, now(), buf) {
                Ok((request, _)) => drop(black_box(request.as_request())),
                Err(_) => board::fail(),
            }
        });
        board::report(name, bytes);
    }
}
