//! The HTTP transport against servers that follow the protocol, and servers that do not.
#![cfg(feature = "http")]

mod connections;
mod proxy;
mod requests;
mod responses;
mod sources;
mod support;
mod tls;
