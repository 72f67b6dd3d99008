//! Faults on order: scripts that say which requests go wrong and how, and the counters that decide it.
//! Nothing here does I/O, waits or knows what a request is beyond its operation and vault; what a fault does is in `service`.

mod fault;
mod members;
mod report;
mod rule;
mod running;
mod script;

pub use fault::{CorruptedPart, Fault};
pub use report::{FaultReport, RuleReport};
pub use rule::FaultRule;
pub(crate) use running::{Drawn, Faults};
pub use script::{FaultScript, FaultScriptError};
