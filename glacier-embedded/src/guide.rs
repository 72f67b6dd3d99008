//! Guidance for firmware: how much it takes, what to choose, what to beware of.

#[doc = include_str!("../guide/memory.md")]
pub mod memory {}

#[doc = include_str!("../guide/parts.md")]
pub mod parts {}

#[doc = include_str!("../guide/porting.md")]
pub mod porting {}

#[doc = include_str!("../guide/time.md")]
pub mod time {}

#[doc = include_str!("../guide/plain_http.md")]
pub mod plain_http {}
