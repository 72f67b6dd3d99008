//! Implementations of other crates' traits that need a feature, for types that do not derive them.
//! A derived implementation stays with its type.

#[cfg(feature = "defmt")]
mod defmt_impls;
#[cfg(feature = "serde")]
mod serde_impls;
