//! What the service sends back: status, headers and body, the JSON documents of the API and of control, and inventories.
//! It turns values into bytes and knows neither the store nor where a streamed body comes from.

mod body;
mod date;
mod documents;
mod error_response;
mod inventory;
mod overview;
mod response;
mod setting_documents;

pub use body::LocalBody;
pub(crate) use documents::{JobDocument, JobPage, PartDocument, PartPage, UploadDocument, UploadPage, VaultDocument, VaultPage};
pub(crate) use inventory::InventoryWriter;
pub use overview::{
    ArchiveSummary, DueEvent, FailedPost, JobSummary, LoggedRequest, ServiceState, TakenInventory, UploadSummary, VaultContents,
    VaultSummary,
};
pub use response::LocalResponse;
pub(crate) use setting_documents::{AccessPolicyDocument, CapacityDocument, LockDocument, RetrievalPolicyDocument, TagsDocument};
