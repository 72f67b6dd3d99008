//! The built `glacier` command as a user runs it, in a directory of its own and without the user's AWS configuration.

mod descriptors;
mod destinations;
mod failures;
mod fixture;
mod folder;
mod fsck;
mod help;
mod hints;
mod hostile_text;
mod ids;
mod interrupted;
mod lists;
mod outage;
mod policy;
mod progress;
mod roundtrip;
mod serve;
mod service;
mod settings;
mod treehash;
