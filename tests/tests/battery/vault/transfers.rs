//! Cases: bodies up and down, whole, faulty and dropped.

use std::time::Duration;

use embedded_io_async::ErrorKind;
use glacier_core::ops::*;
use glacier_core::{Bytes, Error, SourceError};

use super::faulty_body::{Fault, FaultyBody, pattern};
use super::fixture::{Fixture, NOW, Site};

/// Bodies of all sizes are uploaded whole and downloaded whole.
pub(crate) async fn bodies_go_up_and_come_back<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    for size in [1, 511, 65_537, 1_500_000] {
        let body = pattern(size);
        let archive = fixture.upload(&mut Bytes::new(&body)).await.unwrap();
        assert!(fixture.restore(&archive).await.unwrap() == body, "a body of {size} bytes came back changed");
    }
    assert_eq!(fixture.archives().await, 4);
}

/// A body that fails, ends early or differs from what was hashed becomes no archive, and its own error is returned.
pub(crate) async fn failing_and_changed_bodies<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    for at in [0, 1, 150_000, 299_999] {
        let failed = fixture.upload(&mut FaultyBody::new(Fault::Fails, at)).await.unwrap_err();
        assert!(matches!(failed, Error::Source(SourceError::Read(ErrorKind::BrokenPipe))), "{at}: {failed}");
        let ended = fixture.upload(&mut FaultyBody::new(Fault::Ends, at)).await.unwrap_err();
        assert!(matches!(ended, Error::Source(SourceError::Ended { size: FaultyBody::SIZE, got }) if got == at), "{at}: {ended}");
        let changed = fixture.upload(&mut FaultyBody::new(Fault::Changes, at)).await.unwrap_err();
        assert_eq!(changed.service_error().map(|error| error.status / 100), Some(4), "{at}: {changed}");
        assert_eq!(fixture.archives().await, 0);
    }
    fixture.upload(&mut FaultyBody::new(Fault::Fails, FaultyBody::SIZE)).await.expect("the fault lies after the last byte");
    assert_eq!(fixture.archives().await, 1);
}

/// A call that is dropped while its body is sent stores nothing and does not disturb the next one.
pub(crate) async fn call_dropped<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    for at in [0, 1, 150_000, 299_999] {
        let mut body = FaultyBody::new(Fault::NeverReady, at);
        let wait = tokio::time::timeout(Duration::from_millis(200), fixture.upload(&mut body)).await;
        assert!(wait.is_err(), "it waits for the body");
        assert_eq!(fixture.archives().await, 0);
    }
}

/// A download that is dropped, unread or partly read, does not get into the next response.
pub(crate) async fn download_dropped<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    let body = pattern(200_000);
    let archive = fixture.upload(&mut Bytes::new(&body)).await.unwrap();
    let job = fixture.job(JobKind::Archive { id: archive.as_str().try_into().unwrap(), range: None }).await.unwrap();
    for read in [0, 10] {
        let get = GetJobOutput { vault: fixture.vault, job: job.as_str().try_into().unwrap(), range: None };
        let mut download = fixture.client.fetch(&get, NOW, &mut fixture.buf).await.unwrap();
        if read > 0 {
            assert!(download.read(&mut [0; 10]).await.unwrap() > 0);
        }
        drop(download);
        assert_eq!(fixture.archives().await, 1);
    }
    assert!(fixture.output(&job).await.unwrap() == body);
}
