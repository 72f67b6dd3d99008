//! The interface of the other files for architectures without SHA instructions.

use core::convert::Infallible;

use super::constants::{Block, State};

/// A proof that this processor has SHA instructions. It has none, so no value of this type exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Instructions(Infallible);

impl Instructions {
    pub(super) fn detect() -> Option<Self> {
        None
    }

    pub(super) fn one(self, _: &mut State, _: &[Block]) {
        match self.0 {}
    }

    pub(super) fn both(self, _: &mut State, _: &mut State, _: &[Block]) {
        match self.0 {}
    }

    pub(super) fn pair(self, _: &mut State, _: &mut State, _: &[Block], _: &[Block]) {
        match self.0 {}
    }
}
