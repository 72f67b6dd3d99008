//! Calls the operations that it is built with, each once successfully and once with a service error, and prints the stack each used.
//! `run` builds it with each operation, compares the images, and runs them.
#![no_std]
#![no_main]
// With few operations enabled, much of it is unused.
#![allow(dead_code, unused_imports, unused_variables)]

mod board;
mod hashing;
mod inputs;
mod operations;
#[cfg(not(encode_only))]
#[path = "call.rs"]
mod session;
#[cfg(encode_only)]
#[path = "encode.rs"]
mod session;
mod stack;

fn main() {
    board::report("harness", stack::used(|| {}));
    hashing::all();
    let inputs = inputs::Inputs::new();
    operations::all(&mut session::Session::new(&inputs), &inputs);
}
