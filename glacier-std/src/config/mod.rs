//! Where to call, as whom: region, endpoint and credentials, found the way AWS users expect.

mod url;

pub use url::{BaseUrl, InvalidUrl};
