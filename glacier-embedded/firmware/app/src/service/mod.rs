//! Requests to the vault: the client with its connection, environment and buffers, the bodies that are sent, and the reason of a failure.
//! Which requests are made and when is decided by the tasks.

mod body;
mod environment;
mod failure;
mod link;
mod net;
mod pattern;
mod upload;

pub(crate) use body::Body;
pub(crate) use environment::DeviceEnvironment;
pub(crate) use failure::{Failed, Reason};
pub(crate) use link::Link;
pub(crate) use net::{Net, TCP_BUFFER};
pub(crate) use pattern::Pattern;
pub(crate) use upload::{Archive, upload};
