//! The `glacier` command.

fn main() {}
