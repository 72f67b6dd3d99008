//! A disk that makes its writers wait stops nobody else: bodies are written by threads for that, not by those that serve connections.

use std::convert::Infallible;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use embedded_io_async::{ErrorType, Read};
use glacier_core::ops::UploadArchive;
use glacier_core::{Bytes, Source};
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

use crate::harness::{Harness, LEAF, hashes, tree, vault};

/// A body that occupies the only thread for the disk when its first bytes are read, until it is told to let go.
struct Occupying<'a> {
    bytes: Bytes<'a>,
    until: Option<Receiver<()>>,
    tell: Option<tokio::sync::oneshot::Sender<()>>,
}

impl ErrorType for Occupying<'_> {
    type Error = Infallible;
}

impl Read for Occupying<'_> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if let (Some(until), Some(tell)) = (self.until.take(), self.tell.take()) {
            spawn_blocking(move || until.recv());
            tell.send(()).unwrap();
        }
        self.bytes.read(into).await
    }
}

impl Source for Occupying<'_> {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    async fn rewind(&mut self) -> Result<(), Infallible> {
        self.bytes.rewind().await
    }
}

fn staged(folder: &Path) -> u64 {
    std::fs::read_dir(folder.join("staged")).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn a_body_is_written_by_threads_for_the_disk() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut harness = Harness::with_vault().await;
        let data: Vec<u8> = (0..3 * LEAF + 9).map(|at| (at % 249) as u8).collect();
        let ((let_go, until), (tell, occupied)) = (channel(), tokio::sync::oneshot::channel());
        let mut body = Occupying { bytes: Bytes::new(&data), until: Some(until), tell: Some(tell) };
        let operation = UploadArchive { vault: vault(), description: None, body: hashes(&data).try_into().unwrap() };
        let (now, mut buf) = (harness.now(), [0; 2048]);
        let folder = harness.folder.path().to_owned();
        let mut upload = std::pin::pin!(harness.client.upload(&operation, &mut body, now, &mut buf));
        tokio::select! {
            done = &mut upload => panic!("{done:?} before its body was read"),
            read = occupied => read.unwrap(),
        }
        // The thread of the runtime goes on, and writes nothing itself.
        tokio::select! {
            done = &mut upload => panic!("{done:?} while the disk waits"),
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
        assert_eq!(staged(&folder), 0);
        let_go.send(()).unwrap();
        assert_eq!(upload.await.unwrap().tree_hash, Some(tree(&data)));
    });
}
