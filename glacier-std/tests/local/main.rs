//! The local vault service: in process, over HTTP, and after crashes.
#![cfg(feature = "local")]

mod bench;
mod crash;
mod full_disk;
mod hashed;
mod inventories;
mod life;
mod lists;
mod refusals;
#[cfg(feature = "serve")]
mod served;
