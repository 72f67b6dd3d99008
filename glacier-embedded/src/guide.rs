//! Guidance for firmware: memory, parts and buffers, porting, time and credentials, security over plain HTTP.

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
