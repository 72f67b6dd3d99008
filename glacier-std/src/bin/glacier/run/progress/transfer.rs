//! The state of a transfer, as its events and the time make it.

use std::time::Duration;

use glacier_std::transfer::Event;

use super::meter::Meter;
use super::status::{Pace, Status};

/// When nothing was sent for this long, hashing is shown instead.
const SENDING: Duration = Duration::from_secs(1);

/// What has happened so far. Times count from any one moment.
#[derive(Default)]
pub(super) struct Transfer {
    pub(super) total: Option<u64>,
    /// When it began.
    pub(super) began: Option<Duration>,
    pub(super) parts: Option<u64>,
    pub(super) parts_uploaded: u64,
    hashed: Meter,
    sent: Meter,
    received: Meter,
    /// When the request that failed is sent again.
    retry_at: Option<Duration>,
    /// Since when a job is waited for, and when it is next checked.
    waiting: Option<(Duration, Duration)>,
}

impl Transfer {
    /// From now on this many bytes are transferred, if the number is known.
    pub(super) fn begin(&mut self, total: Option<u64>, now: Duration) {
        (self.total, self.began, self.waiting) = (total, Some(now), None);
    }

    /// Whether a job was already waited for before.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    pub(super) fn note(&mut self, event: &Event<'_>, now: Duration) {
        match *event {
            Event::Hashed(position) => self.hashed.set(position, now),
            Event::Sent(position) => self.moved(|transfer| &mut transfer.sent, position, now),
            Event::Received(position) => self.moved(|transfer| &mut transfer.received, position, now),
            Event::MultipartInitiated { parts, .. } => self.parts = parts,
            Event::PartUploaded { parts, .. } => {
                self.parts = parts;
                self.parts_uploaded += 1;
            }
            Event::JobPending(wait) => {
                let (since, _) = self.waiting.unwrap_or((now, now));
                self.waiting = Some((since, now + wait));
            }
            Event::Retrying(retry) => self.retry_at = Some(now + retry.wait),
            _ => {}
        }
    }

    fn moved(&mut self, meter: impl Fn(&mut Self) -> &mut Meter, position: u64, now: Duration) {
        // Bytes that are taken back are part of the failure.
        if position > meter(self).position() {
            self.retry_at = None;
        }
        meter(self).set(position, now);
    }

    /// What it does now; `None` before it has done anything.
    pub(super) fn status(&self, now: Duration) -> Option<Status> {
        if let Some((since, next)) = self.waiting {
            return Some(Status::Waiting { waited: now.saturating_sub(since), next: next.saturating_sub(now) });
        }
        let (phase, meter) = self.phase(now)?;
        let (bytes, total) = (meter.position(), self.total);
        let pace = if let Some(wait) = self.retry_at.and_then(|at| at.checked_sub(now)) {
            Pace::Retrying(wait)
        } else if total == Some(bytes) {
            if phase == "sent" { Pace::Sent } else { Pace::Unknown }
        } else if let Some(rate) = meter.rate(now) {
            // What is hashed is yet to be sent: the time of hashing alone is of no use.
            let left = total.filter(|_| phase != "hashed").and_then(|total| total.saturating_sub(bytes).checked_div(rate));
            Pace::Rate(rate, left.map(Duration::from_secs))
        } else {
            meter.stalled(now).map_or(Pace::Unknown, Pace::Stalled)
        };
        Some(Status::Moving { phase, bytes, total, pace })
    }

    /// Some parts are hashed while others are sent, and there is room for one of the two.
    fn phase(&self, now: Duration) -> Option<(&'static str, &Meter)> {
        if self.received.moved().is_some() {
            return Some(("received", &self.received));
        }
        let hashing = self.hashed.moved() > self.sent.moved();
        match self.sent.moved() {
            Some(sent) if !hashing || now.saturating_sub(sent) < SENDING => Some(("sent", &self.sent)),
            _ => self.hashed.moved().map(|_| ("hashed", &self.hashed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::Environment;
    use glacier_std::TokioEnvironment;
    use std::sync::Mutex;

    const MIB: u64 = 1 << 20;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A transfer of 100 MiB that has sent a MiB a second for ten seconds.
    fn sending() -> Transfer {
        let mut transfer = Transfer::default();
        transfer.begin(Some(100 * MIB), ms(0));
        for second in 0..=10 {
            transfer.note(&Event::Sent(second * MIB), ms(second * 1000));
        }
        transfer
    }

    fn line(transfer: &Transfer, now: u64) -> String {
        transfer.status(ms(now)).map_or(String::new(), |status| status.line())
    }

    #[test]
    fn nothing_is_shown_before_it_is_known() {
        let mut transfer = Transfer::default();
        transfer.begin(Some(100 * MIB), ms(0));
        assert_eq!(line(&transfer, 100), "");
        transfer.note(&Event::Sent(50 * MIB), ms(1));
        assert_eq!(line(&transfer, 2), "sent 50.0 MiB of 100.0 MiB (50%)");
    }

    #[test]
    fn a_stall_has_neither_rate_nor_time_left() {
        let mut transfer = sending();
        assert_eq!(line(&transfer, 10_000), "sent 10.0 MiB of 100.0 MiB (10%), 1.0 MiB/s, 1:30 left");
        assert_eq!(line(&transfer, 70_000), "sent 10.0 MiB of 100.0 MiB (10%), stalled for 1:00");
        transfer.note(&Event::Sent(11 * MIB), ms(70_000));
        assert_eq!(line(&transfer, 70_001), "sent 11.0 MiB of 100.0 MiB (11%)");
        transfer.note(&Event::Sent(13 * MIB), ms(72_000));
        assert_eq!(line(&transfer, 72_000), "sent 13.0 MiB of 100.0 MiB (13%), 1.0 MiB/s, 1:27 left");
    }

    #[test]
    fn hashing_is_shown_while_nothing_is_sent() {
        let mut transfer = Transfer::default();
        transfer.begin(Some(4 * MIB), ms(0));
        transfer.note(&Event::Hashed(MIB), ms(10));
        assert_eq!(line(&transfer, 20), "hashed 1.0 MiB of 4.0 MiB (25%)");
        transfer.note(&Event::Sent(1024), ms(1000));
        transfer.note(&Event::Hashed(3 * MIB), ms(1900));
        assert_eq!(line(&transfer, 1999), "sent 1.0 KiB of 4.0 MiB (0%)");
        transfer.note(&Event::Hashed(4 * MIB), ms(2900));
        assert_eq!(line(&transfer, 2900), "hashed 4.0 MiB of 4.0 MiB (100%)");
        transfer.note(&Event::Sent(4 * MIB), ms(3000));
        assert_eq!(line(&transfer, 60_000), "sent 4.0 MiB of 4.0 MiB (100%), waiting for the service");
    }

    #[test]
    fn a_retry_is_shown_until_bytes_move_again() {
        let transfer = Mutex::new(sending());
        let mut environment =
            TokioEnvironment::reporting(|retry| transfer.lock().unwrap().note(&Event::Retrying(retry), ms(10_000)));
        environment.retrying(1, 20_000, &"reset");
        let mut transfer = transfer.lock().unwrap();
        transfer.note(&Event::Sent(8 * MIB), ms(10_001));
        assert_eq!(line(&transfer, 21_000), "sent 8.0 MiB of 100.0 MiB (8%), retrying in 0:09");
        transfer.note(&Event::Sent(9 * MIB), ms(22_000));
        assert_eq!(line(&transfer, 22_001), "sent 9.0 MiB of 100.0 MiB (9%)");
    }

    #[test]
    fn a_job_is_waited_for_until_its_output_is_downloaded() {
        let mut transfer = Transfer::default();
        transfer.note(&Event::JobPending(ms(5000)), ms(1000));
        assert_eq!(line(&transfer, 3000), "the retrieval job is in progress; waited 0:02, next check in 0:03");
        transfer.note(&Event::JobPending(ms(10_000)), ms(6000));
        assert_eq!(line(&transfer, 8000), "the retrieval job is in progress; waited 0:07, next check in 0:08");
        transfer.begin(Some(5), ms(16_000));
        transfer.note(&Event::Received(5), ms(16_001));
        assert_eq!(line(&transfer, 16_002), "received 5 B of 5 B (100%)");
    }
}
