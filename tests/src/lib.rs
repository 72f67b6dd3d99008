//! What concerns more than one crate of this workspace: golden data, the program that replays it, and second implementations to compare
//! with. The tests are in `tests/`.

#![forbid(unsafe_code)]

pub mod pieces;
pub mod replay;
pub mod second;
pub mod vectors;

/// The examples in the READMEs of the crates.
#[cfg(doctest)]
mod readmes {
    #[doc = include_str!("../../glacier-core/README.md")]
    mod core {}
    #[doc = include_str!("../../glacier-embedded/README.md")]
    mod embedded {}
    #[doc = include_str!("../../glacier-std/README.md")]
    mod host {}
}
