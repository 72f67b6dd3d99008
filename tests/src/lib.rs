//! What concerns more than one crate of this workspace: golden data, the program that replays it, and second implementations to compare
//! with. The tests are in `tests/`.

#![forbid(unsafe_code)]

mod cases;
pub mod pieces;
pub mod replay;
pub mod second;
pub mod vectors;

pub use cases::property_cases;

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
