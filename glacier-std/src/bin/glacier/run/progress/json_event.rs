//! Progress for programs: with `--progress json` standard error is one JSON object a line, told apart by its member `event`.
//!
//! | `event` | other members |
//! |---|---|
//! | `progress`, once a second | `phase` (`hashed`, `sent` or `received`), `bytes`, `totalBytes`, `bytesPerSecond`, `secondsLeft` |
//! | `multipartInitiated` | `uploadId`, `partSize` in bytes, `parts` |
//! | `partUploaded` | `part`, counted from 1, and `parts` |
//! | `retrying` | `operation`, `part`, `attempt` (the next one), `waitSeconds`, `reason` |
//! | `jobInitiated` | `jobId` |
//! | `jobPending` | `jobId`, `waitSeconds` until the next check |
//! | `done` | `bytes`, `seconds`, `parts`, `treeHash` |
//! | `message` | `text`: a note or an error, as it is printed otherwise |
//!
//! Every member is always there; what is not known is `null`.

use std::time::Duration;

use glacier_std::Retrying;
use serde::Serialize;

use super::status::{Pace, Status};

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum JsonEvent<'e> {
    Progress {
        phase: &'e str,
        bytes: u64,
        total_bytes: Option<u64>,
        bytes_per_second: Option<u64>,
        seconds_left: Option<u64>,
    },
    MultipartInitiated {
        upload_id: &'e str,
        part_size: u64,
        parts: Option<u64>,
    },
    PartUploaded {
        part: u64,
        parts: Option<u64>,
    },
    Retrying {
        operation: Option<&'e str>,
        part: Option<u64>,
        /// `null` beyond 255.
        attempt: Option<u8>,
        wait_seconds: f64,
        reason: String,
    },
    JobInitiated {
        job_id: &'e str,
    },
    JobPending {
        job_id: &'e str,
        wait_seconds: f64,
    },
    Done {
        bytes: u64,
        seconds: f64,
        parts: u64,
        tree_hash: &'e str,
    },
}

impl<'e> JsonEvent<'e> {
    /// How far a transfer is; nothing while a job is waited for, which has an event of its own.
    pub(super) fn progress(status: &Status) -> Option<JsonEvent<'static>> {
        let &Status::Moving { phase, bytes, total, pace } = status else { return None };
        let (rate, left) = match pace {
            Pace::Rate(rate, left) => (Some(rate), left.map(|left| left.as_secs())),
            Pace::Stalled(_) => (Some(0), None),
            _ => (None, None),
        };
        Some(JsonEvent::Progress { phase, bytes, total_bytes: total, bytes_per_second: rate, seconds_left: left })
    }

    pub(super) fn retrying(retry: &Retrying<'e>) -> Self {
        JsonEvent::Retrying {
            operation: retry.operation,
            part: retry.part.map(|index| index + 1),
            attempt: retry.failures.checked_add(1),
            wait_seconds: seconds(retry.wait),
            reason: retry.reason.to_string(),
        }
    }
}

/// Seconds, to the millisecond.
pub(super) fn seconds(time: Duration) -> f64 {
    time.as_millis() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_as_documented_and_never_missing() {
        let pace = Pace::Rate(5, Some(Duration::from_millis(3900)));
        let status = Status::Moving { phase: "sent", bytes: 7, total: Some(27), pace };
        assert_eq!(
            serde_json::to_value(JsonEvent::progress(&status)).unwrap(),
            json!({"event": "progress", "phase": "sent", "bytes": 7, "totalBytes": 27, "bytesPerSecond": 5, "secondsLeft": 3})
        );
        let status = Status::Moving { phase: "received", bytes: 7, total: None, pace: Pace::Unknown };
        assert_eq!(
            serde_json::to_value(JsonEvent::progress(&status)).unwrap(),
            json!({"event": "progress", "phase": "received", "bytes": 7, "totalBytes": null, "bytesPerSecond": null, "secondsLeft": null})
        );
        let events = [
            (
                JsonEvent::MultipartInitiated { upload_id: "u", part_size: 1 << 20, parts: None },
                json!({"event": "multipartInitiated", "uploadId": "u", "partSize": 1048576, "parts": null}),
            ),
            (JsonEvent::PartUploaded { part: 1, parts: Some(3) }, json!({"event": "partUploaded", "part": 1, "parts": 3})),
            (JsonEvent::JobInitiated { job_id: "j" }, json!({"event": "jobInitiated", "jobId": "j"})),
            (
                JsonEvent::JobPending { job_id: "j", wait_seconds: 5.0 },
                json!({"event": "jobPending", "jobId": "j", "waitSeconds": 5.0}),
            ),
            (
                JsonEvent::Done { bytes: 9, seconds: seconds(Duration::from_micros(1_234_567)), parts: 2, tree_hash: "ab" },
                json!({"event": "done", "bytes": 9, "seconds": 1.234, "parts": 2, "treeHash": "ab"}),
            ),
            (
                JsonEvent::Retrying { operation: None, part: Some(3), attempt: Some(2), wait_seconds: 0.25, reason: "x".into() },
                json!({"event": "retrying", "operation": null, "part": 3, "attempt": 2, "waitSeconds": 0.25, "reason": "x"}),
            ),
        ];
        for (event, expected) in events {
            assert_eq!(serde_json::to_value(event).unwrap(), expected);
        }
    }
}
