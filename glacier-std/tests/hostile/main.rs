//! A hostile service, and what the client library and the command make of it: each case has a named outcome, and no case is read
//! without a bound. Counterpart of the battery of well-behaved and faulty transports in glacier-core.

mod calls;
mod command;
mod framing;
mod heads;
mod peer;
mod responses;
