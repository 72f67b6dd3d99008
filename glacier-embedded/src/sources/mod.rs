//! Archive bodies on the media a device has: files, NOR flash, anything that can seek. Each is a [`Source`](glacier_core::Source) that can
//! be cut into parts; how a body is sent belongs to the transport, and bytes in memory are [`glacier_core::Bytes`].

mod extent;
#[cfg(feature = "nor-flash")]
mod nor_flash;
#[cfg(feature = "sd-card")]
mod sd_card;
mod seek;
#[cfg(test)]
mod test_support;

pub use extent::BeyondEnd;
#[cfg(feature = "nor-flash")]
pub use nor_flash::{Blocking, FlashError, FlashSource};
#[cfg(feature = "sd-card")]
pub use sd_card::CardSource;
pub use seek::SeekSource;
