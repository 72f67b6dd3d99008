//! The contract of `Transport` as far as it shows without a look at the wire: cases against a vault service, in this process or over a
//! network. What the vault service itself does is tested in `glacier-std`.

mod calls;
mod faulty_body;
mod fixture;
mod transfers;

pub(crate) use calls::*;
pub(crate) use fixture::Site;
pub(crate) use transfers::*;
