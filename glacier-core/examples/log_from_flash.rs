//! A log from flash: records are hashed while they are written, so the archive is read once, to be sent. It runs on a host, over a flash
//! in memory and a scripted transport; on a device, the flash is a driver and the transport is `glacier-embedded`'s.
//!
//! ```text
//! cargo run -p glacier-core --features testing --example log_from_flash
//! ```

use std::error::Error;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::ops::{BodyHashes, UploadArchive};
use glacier_core::retry::RetryPolicy;
use glacier_core::testing::{ManualEnvironment, Reply, ScriptedTransport, block_on};
use glacier_core::{Client, Credentials, Endpoint, PayloadHasher, Prehashed, Source, Timestamp};

/// NOR flash as drivers present it: reads anywhere, writes of whole words.
struct Flash {
    memory: [u8; 64 * 1024],
    bytes_read: u64,
}

const WORD: usize = 4;

impl Flash {
    fn read(&mut self, offset: usize, bytes: &mut [u8]) -> Result<(), ErrorKind> {
        let from = self.memory.get(offset..offset + bytes.len()).ok_or(ErrorKind::InvalidInput)?;
        bytes.copy_from_slice(from);
        self.bytes_read += bytes.len() as u64;
        Ok(())
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), ErrorKind> {
        let is_aligned = offset.is_multiple_of(WORD) && bytes.len().is_multiple_of(WORD);
        let to = self.memory.get_mut(offset..offset + bytes.len()).filter(|_| is_aligned).ok_or(ErrorKind::InvalidInput)?;
        to.copy_from_slice(bytes);
        Ok(())
    }
}

/// A log at the beginning of the flash, with the hashes of what was written so far.
struct Log {
    flash: Flash,
    size: usize,
    hasher: PayloadHasher,
}

impl Log {
    fn append(&mut self, record: &[u8]) -> Result<(), ErrorKind> {
        self.flash.write(self.size, record)?;
        self.hasher.update(record);
        self.size += record.len();
        Ok(())
    }
}

/// The log as the body of an upload.
struct LogBody<'f> {
    flash: &'f mut Flash,
    size: usize,
    position: usize,
}

impl ErrorType for LogBody<'_> {
    type Error = ErrorKind;
}

impl Read for LogBody<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = into.len().min(self.size - self.position);
        self.flash.read(self.position, &mut into[..count])?;
        self.position += count;
        Ok(count)
    }
}

impl Source for LogBody<'_> {
    fn size(&self) -> u64 {
        self.size as u64
    }

    async fn rewind(&mut self) -> Result<(), ErrorKind> {
        self.position = 0;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let flash = Flash { memory: [0xff; 64 * 1024], bytes_read: 0 };
    let mut log = Log { flash, size: 0, hasher: PayloadHasher::new() };
    for minute in 0..1000 {
        let record = format!("{minute:06} 21.5 C 48.0 % RH\n");
        log.append(record.as_bytes())?;
    }

    // The hashes are known: no pass over the flash before the upload.
    let Log { mut flash, size, hasher } = log;
    let mut body = Prehashed::new(LogBody { flash: &mut flash, size, position: 0 }, hasher.finish()?)?;
    let hashes = block_on(body.hashes(&mut []))?;

    // The service is busy at first, then stores the log and confirms its tree hash.
    let transport = ScriptedTransport::new([
        Reply::service_error(503, "ServiceUnavailableException", "try again later"),
        Reply::status(201).header("x-amz-archive-id", "an-archive-id").with_tree_hash(),
    ]);
    let endpoint = Endpoint::new("eu-west-1", "glacier.eu-west-1.amazonaws.com")?;
    let mut client = Client::new(transport.clone(), endpoint, Credentials::new("AKIDEXAMPLE", "secret", None)?);
    let mut environment = ManualEnvironment::at(Timestamp::parse_iso("20260102T030405Z").ok_or("not a time")?);

    let upload = UploadArchive { vault: "logs".try_into()?, description: None, body: BodyHashes::try_from(hashes)? };
    let mut buf = [0; 2048];
    let call = client.upload_retrying(&upload, &mut body, RetryPolicy::default(), &mut environment, &mut buf);
    let output = block_on(call)?;

    println!("archived {size} bytes as {}", output.archive_id()?);
    for (request, retry) in transport.requests().iter().zip(&environment.retries) {
        println!("{request}: {}; again in {} ms", retry.reason, retry.wait_ms);
    }
    // Once for each request: never for the hashes.
    assert_eq!(flash.bytes_read, 2 * size as u64);
    Ok(())
}

#[test]
fn runs() {
    main().unwrap();
}
