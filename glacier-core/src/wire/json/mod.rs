//! JSON as the service writes it: a response is read member by member, a long list item by item; and the JSON that we send.
//! What the members mean belongs to the operations.
//!
//! Nothing here recurses or collects, so nesting costs no stack and length no memory. Of a member that occurs twice the last one counts,
//! null is the same as absent, and unknown members are skipped.

mod scan;
mod text;
mod value;
mod write;

pub(crate) use scan::{Event, Scanner, Step, is_named};
pub use text::Text;
pub(crate) use value::object;
pub use value::{FromJson, Items, Value};
pub(crate) use write::Object;
