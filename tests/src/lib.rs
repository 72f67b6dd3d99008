//! What crosses the crates of this workspace: golden data and the program that replays it. The tests are in `tests/`.

#![forbid(unsafe_code)]

pub mod replay;
pub mod vectors;
