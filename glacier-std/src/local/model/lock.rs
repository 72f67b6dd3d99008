//! The lock of a vault: in progress for a day, then gone unless it was completed, and from then on for ever.

use glacier_core::ErrorCode;
use serde::{Deserialize, Serialize};

use super::api_error::ApiError;
use super::clock::Moment;
use super::schedule::DAY;

/// A vault lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LockRecord {
    pub(crate) policy: String,
    pub(crate) created: Moment,
    /// Until when it can be completed; none once it is.
    pub(crate) expires: Option<Moment>,
    id: String,
}

impl LockRecord {
    /// A lock in progress.
    pub(crate) fn new(policy: String, id: String, now: Moment) -> Self {
        LockRecord { policy, created: now, expires: Some(now.after(DAY)), id }
    }

    /// One that was not completed in time is as if it had never been.
    pub(crate) fn is_in_force(&self, now: Moment) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    /// Whether it is the lock with this id, and not completed.
    pub(crate) fn is_in_progress(&self, id: &str) -> bool {
        self.expires.is_some() && self.id == id
    }

    pub(crate) fn state(&self) -> &'static str {
        if self.expires.is_some() { "InProgress" } else { "Locked" }
    }

    /// Another lock cannot be initiated beside this one.
    pub(crate) fn check_initiate(&self) -> Result<(), ApiError> {
        match self.expires {
            Some(_) => Err(denied("A vault lock is in progress: abort it first")),
            None => Err(denied("The vault lock is locked and cannot be changed")),
        }
    }

    pub(crate) fn check_abort(&self) -> Result<(), ApiError> {
        if self.expires.is_some() { Ok(()) } else { Err(denied("The vault lock is locked and cannot be aborted")) }
    }

    /// Locks it for ever, if the id is the one that its initiator was given.
    pub(crate) fn complete(&mut self, id: &str) -> Result<(), ApiError> {
        match (self.id == id, self.expires) {
            (true, _) => {
                self.expires = None;
                Ok(())
            }
            (false, Some(_)) => Err(ApiError::invalid(format!("Invalid lock ID: {id}"))),
            (false, None) => Err(denied("The vault lock is locked with another lock ID")),
        }
    }
}

fn denied(message: &str) -> ApiError {
    ApiError::new(ErrorCode::AccessDenied, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_progress_for_a_day_or_locked_for_ever() {
        let mut lock = LockRecord::new("p".into(), "id".into(), Moment(5));
        let (last, late) = (Moment(5 + DAY - 1), Moment(5 + DAY));
        assert_eq!((lock.state(), lock.is_in_force(last), lock.is_in_force(late)), ("InProgress", true, false));
        assert_eq!(lock.check_initiate().unwrap_err().code, ErrorCode::AccessDenied);
        assert_eq!(lock.complete("other").unwrap_err().code, ErrorCode::InvalidParameterValue);
        assert!(lock.check_abort().is_ok());
        assert_eq!((lock.complete("id"), lock.complete("id")), (Ok(()), Ok(())));
        assert_eq!((lock.state(), lock.is_in_force(late)), ("Locked", true));
        for result in [lock.check_initiate(), lock.check_abort(), lock.complete("other")] {
            assert_eq!(result.unwrap_err().code, ErrorCode::AccessDenied);
        }
    }
}
