//! The built `glacier` command, as a user runs it: in a folder of its own, without anything of the user's AWS set-up.

mod bench;
mod failures;
mod ids;
mod interrupted;
mod lists;
mod roundtrip;
mod serve;
mod treehash;
