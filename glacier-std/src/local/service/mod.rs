//! The service as programs use it: opened with settings, it handles one request after the other, from signature to response.
//! What single operations do is in `ops`, and how requests arrive is not known here.

mod control;
mod delivery;
mod faults;
mod handler;
mod notifications_url;
mod outcome;
mod request_log;
mod seeded;
mod settings;
mod system;
mod vault_clock;
mod vaults;

pub use control::ControlError;
pub use delivery::NotificationObserver;
pub use notifications_url::{NotificationsUrl, NotificationsUrlError};
pub use outcome::Outcome;
pub use settings::{Settings, TEST_ACCESS_KEY_ID, TEST_ACCOUNT, TEST_REGION, TEST_SECRET};
pub use system::SystemClock;
pub use vaults::Vaults;
