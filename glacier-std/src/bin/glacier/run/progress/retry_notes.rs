//! Which retries are worth a line: the first of each part, and then one every few minutes, so that an outage of hours does not print
//! thousands.

use std::collections::HashMap;
use std::time::Duration;

use glacier_std::Retrying;

/// The same failure of the same part is reported again after this long.
const AGAIN: Duration = Duration::from_secs(300);
/// Failures that are remembered; a transfer has at most 64 parts in flight.
const MOST: usize = 256;

/// When each failure was last reported.
#[derive(Default)]
pub(super) struct RetryNotes {
    reported: HashMap<(Option<&'static str>, Option<u64>, String), Duration>,
}

impl RetryNotes {
    /// Whether to report this one.
    pub(super) fn wanted(&mut self, retry: &Retrying<'_>, now: Duration) -> bool {
        if self.reported.len() >= MOST {
            self.reported.retain(|_, at| now.saturating_sub(*at) < AGAIN);
        }
        let reason = retry.reason.to_string();
        // Each response has a request id of its own.
        let cause = reason.split(" (request id ").next().unwrap_or_default();
        let key = (retry.operation, retry.part, cause.to_string());
        if self.reported.get(&key).is_some_and(|at| now.saturating_sub(*at) < AGAIN) {
            return false;
        }
        self.reported.insert(key, now);
        true
    }
}

/// `part 3 of 60: connection reset by peer; retrying in 5.2 s (attempt 2)`
pub(super) fn retry_text(retry: &Retrying<'_>, parts: Option<u64>) -> String {
    let what = match (retry.part, retry.operation) {
        (Some(index), _) => format!("part {}{}: ", index + 1, of(parts)),
        (None, Some(operation)) => format!("{operation}: "),
        (None, None) => String::new(),
    };
    // 255 stands for more.
    let attempt = retry.failures.checked_add(1).map_or(String::new(), |attempt| format!(" (attempt {attempt})"));
    format!("{what}{}; retrying in {:.1} s{attempt}", retry.reason, retry.wait.as_secs_f64())
}

/// ` of 60`, if the number of parts is known.
pub(super) fn of(parts: Option<u64>) -> String {
    parts.map_or(String::new(), |parts| format!(" of {parts}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::Environment;
    use glacier_std::TokioEnvironment;

    /// Passes `see` a retry as the library reports it.
    fn retry(part: Option<u64>, failures: u8, reason: &str, see: impl FnMut(Retrying<'_>)) {
        TokioEnvironment::reporting(see).calling("UploadMultipartPart", part).retrying(failures, 5240, &reason);
    }

    #[test]
    fn a_retry_says_what_failed_why_and_when_it_is_tried_again() {
        let text = |part, failures, parts| {
            let mut text = String::new();
            retry(part, failures, "reset", |retry| text = retry_text(&retry, parts));
            text
        };
        assert_eq!(text(Some(2), 1, Some(60)), "part 3 of 60: reset; retrying in 5.2 s (attempt 2)");
        assert_eq!(text(Some(2), 3, None), "part 3: reset; retrying in 5.2 s (attempt 4)");
        assert_eq!(text(None, 255, Some(60)), "UploadMultipartPart: reset; retrying in 5.2 s");
    }

    #[test]
    fn the_same_failure_is_reported_every_five_minutes() {
        let mut notes = RetryNotes::default();
        let mut wanted = |part, reason: &str, second| {
            let mut wanted = false;
            retry(Some(part), 1, reason, |retry| wanted = notes.wanted(&retry, Duration::from_secs(second)));
            wanted
        };
        assert!(wanted(0, "reset", 0));
        assert!(!wanted(0, "reset", 1));
        assert!(wanted(1, "reset", 1), "another part");
        assert!(wanted(0, "refused (request id 1)", 2), "another reason");
        assert!(!wanted(0, "refused (request id 2)", 3));
        assert!(!wanted(0, "reset", 299));
        assert!(wanted(0, "reset", 300));
        assert!(!wanted(0, "reset", 301));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut notes = RetryNotes::default();
        for part in 0..10_000 {
            retry(Some(part), 1, "x", |retry| assert!(notes.wanted(&retry, Duration::from_secs(part))));
        }
        assert!(notes.reported.len() <= 600, "{}", notes.reported.len());
    }
}
