//! The service itself: vaults in a folder, with the requests and responses of AWS's service.
//!
//! One [handler](Vaults::handle) turns an encoded request into a response. It is used twice: in this process by a [`LocalTransport`],
//! so that a client runs its real encoding, signing and decoding without a socket, and over HTTP by `serve`, for any AWS SDK.
//!
//! # Test against a local vault in process
//! ```
//! use glacier_core::{Client, Credentials, Endpoint, Timestamp, ops::CreateVault};
//! use glacier_std::local::{LocalTransport, Settings, TEST_ACCESS_KEY_ID, TEST_REGION, TEST_SECRET, Vaults};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let folder = tempfile::tempdir()?;
//! let vaults = Vaults::open(folder.path(), Settings::default())?;
//! let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET, None)?;
//! let endpoint = Endpoint::new(TEST_REGION, "localhost")?;
//! let mut client = Client::new(LocalTransport::new(&vaults), endpoint, credentials);
//!
//! let now = Timestamp::from_unix(std::time::UNIX_EPOCH.elapsed()?.as_secs());
//! let mut buf = [0; 2048];
//! let created = client.send(&CreateVault { vault: "photos".try_into()? }, now, &mut buf).await?;
//! assert_eq!(created.location, Some("/000000000000/vaults/photos"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # As AWS
//! It verifies Signature Version 4, which must cover `host`, the date and each `x-amz-` header that is sent except tree hash, description, part
//! size and archive size, before it reads the body of an upload; in a presigned URL the version may be unsigned, too. It verifies hashes, tree hashes, ranges, sizes, names and descriptions, and
//! responds with the service's statuses, error codes and messages. Ids have the service's length and characters, and may begin with `-`.
//!
//! Each [`AccessKey`] belongs to a principal and its account, and may have a session token and an expiry. Whoever signs with it sees the vaults of
//! that account and of the region that is signed for, under ARNs with the partition of the region.
//!
//! The access policy and the lock policy of a vault decide on every request that is about it, and the lock policy from InitiateVaultLock on. The
//! account of the vault may do all that no statement denies, since identity policies are not known here; another account, which names
//! the owner in the path, only what a statement allows, and never what is about tags and locks. The error ends with the statement that
//! denied. Conditions can ask for `glacier:ArchiveAgeInDays`, the tags of the vault, vault time, the principal, its second factor, its
//! address, TLS and user agent. A policy may deny all to everybody, for good.
//!
//! # Unlike AWS
//! - Where a signature does not match, the error has the members `canonicalRequest` and `stringToSign` too, for peers on this machine or
//!   with `Settings::explain_signatures` for all. Without `Settings::verify_signatures` anybody is the default account.
//! - A policy is in force with the response to the request that sets it. `aws:SecureTransport` is true in process, where nothing is on a wire.
//! - Topics are not SNS topics: notifications go to a file and, if one is set, to a URL on this machine.
//! - A request has at most 16 path segments, 32 parameters and 64 headers.
//! - By default nothing takes time: a job is done the next time anything is asked for, the last inventory is always of the present, and a
//!   vault can be deleted as soon as its last archive is. Any other [`TimeMode`] has the times of the service.
//!
//! # Time
//! Vault time is that of every date in a body or a record; only signatures, expiries of credentials and URLs, and the header `Date` go by
//! wall time. [`TimeMode`] says how it passes, it is kept over restarts, and it never goes back. In every mode a job and its output are
//! kept for 24 hours after it is done, an upload without activity and a lock that is not completed are dropped after 24 hours, and a
//! capacity unit lasts a month. A test moves time on, so that a day takes microseconds:
//! ```
//! use glacier_std::local::{Settings, TimeMode, Vaults};
//! use std::time::Duration;
//!
//! let vaults = Vaults::in_memory(Settings::default().with_time(TimeMode::Manual))?;
//! let before = vaults.now();
//! vaults.advance(Duration::from_secs(24 * 3600));
//! assert_eq!(vaults.now().unix(), before.unix() + 24 * 3600);
//! # Ok::<(), glacier_std::local::OpenError>(())
//! ```
//!
//! # Faults
//! A [`FaultScript`] lets requests go wrong on order: by operation and vault, from the Nth match on or by chance, which follows from the seed of the
//! script alone. A [`Fault`] is a service error, a response that is late, lost, corrupted or breaks off, a connection that is reset or ends, a
//! stall, or a job that fails. Both transports have the same faults: what is a socket that ends over HTTP is an error of the
//! transport in process. The script is not kept over restarts.
//! ```
//! use glacier_std::local::{Fault, FaultRule, FaultScript, Settings, Vaults};
//!
//! let vaults = Vaults::in_memory(Settings::default())?;
//! let lost = FaultRule { nth: Some(2), ..FaultRule::new("UploadArchive", Fault::LoseReply) };
//! vaults.set_faults(FaultScript::new(7, vec![lost])?);
//! // … the second upload is stored, and its response never arrives.
//! assert_eq!(vaults.faults().rules[0].hits, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Notifications
//! A job that is done, or has failed, is told to the topic of its vault, if the vault's configuration has the event, and to the topic that the
//! job was begun with: a line of JSON in `notifications.jsonl`, with the output of DescribeJob as it was then, each exactly once over restarts
//! and crashes. [`Settings::with_notification_observer`] is for tests in process, and [`Settings::with_notifications_url`] posts them as SNS does.
//!
//! # Control
//! A test does more to the vaults than a user of the service can: [`Vaults::advance_now`] moves time on and does what is due,
//! [`Vaults::take_inventory`] takes one at once, [`Vaults::set_faults`] lets requests fail, [`Vaults::reset`] removes everything, and
//! [`Vaults::state`] and [`Vaults::log`] tell what there is and what came. `serve` offers the same below `/_glacier/`, with a console.
//!
//! # In the folder
//! `glacier.redb` has the records; every body is a file of its own in `blobs`, and in `staged` while it is received. What was
//! acknowledged is durable: the body is synced and renamed into place, its folder is synced, the records are committed, and only then
//! is the response sent. A process killed at any moment loses nothing acknowledged and leaves nothing half visible. Nothing outside the
//! folder is touched, and nothing inside it may be a link.
//!
//! Opening the folder checks the records for damage, and deletes no body that was in place: one that no record names, as after an older
//! `glacier.redb` was put back, goes to `lost+found`, and back again once a record names it. `commits` says which change of the records was
//! the last, so that an older `glacier.redb` is always noticed; after an end that left everything in order, and while the names in `blobs` are
//! the same as then, no body is looked at. [`Vaults::found`] says what was found, and
//! [`Settings::finding_observer`] what is found later. Bodies are verified while they are sent: damaged bytes are never served.
//! After a failed fsync, or when `glacier.redb` was moved away, nothing more is stored.
//!
//! On Unix the folder has mode 0700 and its files 0600; a folder that is open to others is closed to them, and that is reported.

mod disk;
mod faults;
mod model;
mod ops;
mod request;
mod response;
#[cfg(feature = "serve")]
pub mod serve;
mod service;
mod store;
mod transport;

pub use faults::{CorruptedPart, Fault, FaultReport, FaultRule, FaultScript, FaultScriptError, RuleReport};
pub use model::{Clock, FailedNotification, Notification, TimeFactor, TimeMode, TimeModeError};
pub use ops::{RequestObserver, RequestPhase, RequestProgress};
pub use request::{AccessKey, CredentialsFileError};
pub use response::{
    ArchiveSummary, DueEvent, FailedPost, JobSummary, LocalBody, LocalResponse, LoggedRequest, ServiceState, TakenInventory,
    UploadSummary, VaultContents, VaultSummary,
};
pub use service::{
    ControlError, NotificationObserver, NotificationsUrl, NotificationsUrlError, Outcome, Settings, SystemClock,
    TEST_ACCESS_KEY_ID, TEST_ACCOUNT, TEST_REGION, TEST_SECRET, Vaults,
};
pub use store::{CheckSummary, Finding, FindingObserver, OpenError, check_folder};
pub use transport::{LocalError, LocalTransport};

#[cfg(test)]
mod simulation;
