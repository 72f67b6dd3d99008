//! The local vault service: in process, over HTTP, and after crashes.
#![cfg(feature = "local")]

mod control;
#[cfg(feature = "serve")]
mod control_served;
mod crash;
mod damaged_index;
mod damaged_records;
mod fault_cases;
mod faults;
#[cfg(feature = "serve")]
mod faults_served;
mod folder;
mod full_disk;
mod golden;
mod harness;
#[cfg(feature = "serve")]
mod health;
#[cfg(feature = "serve")]
mod hostile;
mod identities;
mod in_memory;
mod inventories;
mod lifecycle;
mod lists;
mod notifications;
#[cfg(feature = "serve")]
mod peer;
mod policies;
mod policy_bench;
mod policy_examples;
mod prehashed;
mod presigned;
mod rich;
#[cfg(feature = "serve")]
mod served;
mod service_errors;
mod settings;
mod slow_disk;
mod time;
