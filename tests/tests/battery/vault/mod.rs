//! The part of `Transport`'s contract that shows in calls of a vault service, in this process or over a network. What the vault service
//! itself does is tested in `glacier-std`.

mod calls;
mod faulty_body;
mod fixture;
mod transfers;

pub(crate) use calls::*;
pub(crate) use fixture::Site;
pub(crate) use transfers::*;
