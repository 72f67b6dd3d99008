//! The service on a disk that loses power and fails calls: whatever happens, nothing acknowledged is lost, nothing is half visible, and no
//! fsync or rename could be left out.

mod crashes;
mod failures;
mod lost_and_found;
mod missing_syncs;
mod observed;
mod trial;
mod workload;
