//! Inventories of any length, archive by archive through a buffer of at most 4 KiB.
//!
//! Both readers take any [`Read`](embedded_io_async::Read): a job's output, a file, a slice. An archive takes at most about 3 KiB in
//! JSON and 1.5 KiB in CSV.
//!
//! ```
//! # use glacier_core::{Client, Credentials, Error, Timestamp, Transport};
//! # use glacier_core::inventory::JsonInventory;
//! # use glacier_core::ops::GetJobOutput;
//! # async fn sum<T: Transport>(
//! #     mut client: Client<T, Credentials<'_>>, output: &GetJobOutput<'_>, now: Timestamp,
//! # ) -> Result<u64, Error<Error<T::Error>>> {
//! let (mut head, mut buf) = ([0; 2048], [0; 4096]);
//! let download = client.fetch(output, now, &mut head).await.map_err(Error::Transport)?;
//! let mut inventory = JsonInventory::new(download, &mut buf);
//! let mut bytes = 0;
//! while let Some(archive) = inventory.next().await? {
//!     bytes += archive.size.unwrap_or(0);
//! }
//! # Ok(bytes)
//! # }
//! ```

mod csv;
mod item;
mod json;

pub use csv::CsvInventory;
pub use item::{Field, InventoryItem};
pub use json::{InventoryHead, JsonInventory};
