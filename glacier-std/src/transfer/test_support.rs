//! Replies of the service, and an observer that records the events.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::testing::{RecordedRequest, Reply, ScriptedTransport};
use glacier_core::{Client, Credentials, Endpoint, Method, Source};

use super::observer::{Event, Observer};
use super::upload_body::UploadBody;
use crate::env::Retrying;

pub(crate) fn client(transport: ScriptedTransport) -> Client<ScriptedTransport, Credentials<'static>> {
    let endpoint = Endpoint::new("eu-west-1", "localhost").unwrap();
    Client::new(transport, endpoint, Credentials::new("test", "test", None).unwrap())
}

/// The response to InitiateMultipartUpload.
pub(crate) fn initiated(upload_id: &str) -> Reply {
    Reply::status(201).header("x-amz-multipart-upload-id", upload_id)
}

/// The response to a part that was stored.
pub(crate) fn part_stored() -> Reply {
    Reply::status(204).with_tree_hash()
}

/// The response to CompleteMultipartUpload, without a hash; and, with the body's, to UploadArchive.
pub(crate) fn archive(id: &str) -> Reply {
    Reply::status(201).header("x-amz-archive-id", id)
}

/// A connection that is lost after the request was sent.
pub(crate) fn lost() -> Reply {
    Reply::connection_lost(ErrorKind::ConnectionReset)
}

/// A connection that is refused.
pub(crate) fn refused() -> Reply {
    Reply::not_sent(ErrorKind::ConnectionRefused)
}

/// A service error without a message.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    Reply::service_error(status, code, "scripted")
}

/// The description of a job that retrieves the archive `A` of 9 bytes, with these members besides.
pub(crate) fn retrieval_job(members: &str) -> String {
    format!(r#"{{"Action":"ArchiveRetrieval","ArchiveId":"A","ArchiveSizeInBytes":9,{members}}}"#)
}

/// The first byte of a part.
pub(crate) fn first_byte(request: &RecordedRequest) -> Option<u64> {
    let range = request.header("content-range")?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// Records the events, a line each.
#[derive(Default)]
pub(crate) struct EventLog {
    lines: Mutex<Vec<String>>,
    retries: Mutex<Vec<String>>,
}

impl EventLog {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Operation, part, number of failures and reason of each retry.
    pub(crate) fn retries(&self) -> Vec<String> {
        self.retries.lock().unwrap().clone()
    }
}

impl Observer for EventLog {
    fn note(&self, event: Event<'_>) {
        self.lines.lock().unwrap().push(match event {
            Event::MultipartInitiated { upload_id, part_size, parts } => {
                format!("upload {upload_id} {} {parts:?}", part_size.bytes())
            }
            Event::Hashed(at) => format!("hashed {at}"),
            Event::Sent(at) => format!("sent {at}"),
            Event::PartUploaded { index, .. } => format!("part {index}"),
            Event::PartsRunningOut { used, .. } => format!("running out {used}"),
            Event::JobInitiated { job_id } => format!("job {job_id}"),
            Event::JobPending(wait) => format!("pending {}", wait.as_secs()),
            Event::Received(at) => format!("received {at}"),
            Event::Retrying(Retrying { operation, part, failures, reason, .. }) => {
                let part = part.map(|part| format!(" {part}")).unwrap_or_default();
                let operation = operation.unwrap_or_default();
                self.retries.lock().unwrap().push(format!("{operation}{part}: {failures} {reason}"));
                "retrying".into()
            }
        });
    }
}

/// The tree hash by its definition: pair the neighbours until one is left.
pub(crate) fn tree_hash(data: &[u8]) -> glacier_core::TreeHash {
    use sha2::{Digest, Sha256};
    let mut row: Vec<[u8; 32]> = data.chunks(glacier_core::LEAF_SIZE as usize).map(|leaf| Sha256::digest(leaf).into()).collect();
    while row.len() > 1 {
        row = row.chunks(2).map(|pair| if pair.len() == 2 { Sha256::digest(pair.concat()).into() } else { pair[0] }).collect();
    }
    glacier_core::TreeHash::from_bytes(row[0])
}

/// Bytes of [`ChangingBody`]: a whole part of the smallest size.
pub(crate) const PART: usize = glacier_core::PartSize::MIN.bytes() as usize;

/// A body that is another one from its `changes_at`-th rewind on.
pub(crate) struct ChangingBody {
    first: Vec<u8>,
    then: Vec<u8>,
    changes_at: u32,
    rewound: u32,
    at: usize,
}

impl ChangingBody {
    pub(crate) fn new(changes_at: u32) -> Self {
        ChangingBody { first: vec![1; PART], then: vec![2; PART], changes_at, rewound: 0, at: 0 }
    }
}

impl ErrorType for ChangingBody {
    type Error = std::io::Error;
}
impl Read for ChangingBody {
    async fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let bytes = if self.rewound < self.changes_at { &self.first } else { &self.then };
        let got = into.len().min(bytes.len() - self.at);
        into[..got].copy_from_slice(&bytes[self.at..self.at + got]);
        self.at += got;
        Ok(got)
    }
}
impl Source for ChangingBody {
    fn size(&self) -> u64 {
        self.first.len() as u64
    }
    async fn rewind(&mut self) -> std::io::Result<()> {
        (self.rewound, self.at) = (self.rewound + 1, 0);
        Ok(())
    }
}

impl UploadBody for ChangingBody {}

/// How many parts are being uploaded now, and the most there ever were.
#[derive(Default)]
pub(crate) struct Concurrency {
    pub(crate) now: u32,
    pub(crate) most: u32,
}

/// Counts a part while it is being uploaded, whether it ends or is dropped.
struct InProgress(Arc<Mutex<Concurrency>>);

impl InProgress {
    fn new(concurrency: &Arc<Mutex<Concurrency>>) -> Self {
        let mut counts = concurrency.lock().unwrap();
        counts.now += 1;
        counts.most = counts.most.max(counts.now);
        InProgress(Arc::clone(concurrency))
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.lock().unwrap().now -= 1;
    }
}

/// A service that needs time for each part of 1 MiB: a rule gives the time and the reply, for the part and the number of its
/// earlier attempts.
pub(crate) fn slow_service(
    rule: impl Fn(u64, usize) -> (Duration, Reply) + Send + 'static,
) -> (ScriptedTransport, Arc<Mutex<Concurrency>>) {
    let concurrency = Arc::<Mutex<Concurrency>>::default();
    let counted = Arc::clone(&concurrency);
    let mut attempts = HashMap::<u64, usize>::new();
    let transport = ScriptedTransport::from_fn(move |request| {
        match (request.method, request.path.ends_with("/U")) {
            (Method::Post, false) => return initiated("U"),
            (Method::Post, true) => return archive("A"),
            _ => {}
        }
        let part = first_byte(request).expect("the range of a part") >> 20;
        let attempt = attempts.entry(part).or_default();
        let (time, reply) = rule(part, *attempt);
        *attempt += 1;
        let in_progress = InProgress::new(&counted);
        reply.after(async move {
            tokio::time::sleep(time).await;
            drop(in_progress);
        })
    });
    (transport, concurrency)
}
