//! Cases: single calls, their errors, their buffers and their time.

use embedded_hal_async::delay::DelayNs;
use glacier_core::ops::*;
use glacier_core::retry::RetryPolicy;
use glacier_core::{Bytes, DecodeError, Description, Error, ErrorCode, PartSize, VaultRef, hash_source};
use glacier_embedded::{ClockSource, Device};
use glacier_tests::second;

use super::faulty_body::pattern;
use super::fixture::{Fixture, NOW, Site};

/// Escaped paths, queries and header values arrive as they were signed.
pub(crate) async fn request_arrives_as_signed<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    let odd: VaultRef<'_> = "-._a.B".try_into().unwrap();
    fixture.client.send(&CreateVault { vault: odd }, NOW, &mut fixture.buf).await.unwrap();
    let description = Description::try_from("dev=7 ~%2F+\"x\"  y").unwrap();
    let body = pattern(100);
    let hashes = hash_source(&mut Bytes::new(&body), &mut [0; 64]).await.unwrap();
    assert_eq!(hashes.tree.as_bytes(), &second::tree_hash(&body));
    let upload = UploadArchive { vault: odd, description: Some(description), body: hashes.try_into().unwrap() };
    let output = fixture.client.upload(&upload, &mut Bytes::new(&body), NOW, &mut fixture.buf).await.unwrap();
    assert_eq!(output.tree_hash, Some(hashes.tree));
    // Two pages; the marker of the second one is escaped in the query.
    let mut names = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let list = ListVaults { limit: Some(1), marker: marker.as_deref(), ..ListVaults::default() };
        let mut page = fixture.client.list(&list, NOW, &mut fixture.buf).await.unwrap();
        while let Some(vault) = page.next().await.unwrap() {
            names.push(vault.vault_name.unwrap().to_string());
        }
        match page.marker().map(|marker| marker.as_str().to_owned()) {
            Some(next) => marker = Some(next),
            None => break,
        }
    }
    assert_eq!(names, ["-._a.B", "v"]);
}

/// A POST without a body is one with an empty body.
pub(crate) async fn posts_without_body<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    let initiate = InitiateMultipartUpload { vault: fixture.vault, part_size: PartSize::from_mib(1).unwrap(), description: None };
    let output = fixture.client.send(&initiate, NOW, &mut fixture.buf).await.unwrap();
    let upload = output.upload_id().unwrap().as_str().to_owned();
    let abort = AbortMultipartUpload { vault: fixture.vault, upload: upload.as_str().try_into().unwrap() };
    fixture.client.send(&abort, NOW, &mut fixture.buf).await.unwrap();
}

/// Service errors are returned, also those that arrive while a body is being sent.
pub(crate) async fn service_errors<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    let missing: VaultRef<'_> = "missing".try_into().unwrap();
    let error = fixture.client.send(&DescribeVault { vault: missing }, NOW, &mut fixture.buf).await.unwrap_err();
    let service_error = error.service_error().expect("a service error");
    assert_eq!((service_error.status, service_error.code), (404, ErrorCode::ResourceNotFound));
    assert!(!service_error.request_id.as_str().is_empty() && service_error.date == Some(NOW));
    let existing = std::mem::replace(&mut fixture.vault, missing);
    let body = pattern(8 << 20);
    let error = fixture.upload(&mut Bytes::new(&body)).await.unwrap_err();
    assert_eq!(error.service_error().map(|error| error.status), Some(404), "{error}");
    fixture.vault = existing;
    assert_eq!(fixture.archives().await, 0);
}

/// A 403 that arrives before the body was sent is returned as one.
pub(crate) async fn wrong_secret<S: Site>(site: &S) {
    let mut fixture = Fixture::with_secret(site, "wrong").await;
    let body = pattern(8 << 20);
    for _ in 0..2 {
        let error = fixture.upload(&mut Bytes::new(&body)).await.unwrap_err();
        assert_eq!(
            error.service_error().map(|error| (error.status, error.code)),
            Some((403, ErrorCode::InvalidSignature)),
            "{error}"
        );
    }
}

/// With a buffer of any size a call succeeds, or its error says what the buffer is too small for: request, head or body.
pub(crate) async fn buffers_of_any_size<S: Site>(site: &S) {
    let mut fixture = Fixture::new(site).await;
    let (mut request, mut head, mut body, mut enough) = (0, 0, 0, 0);
    for size in (0..1400).step_by(20) {
        let mut buf = vec![0; size];
        match fixture.client.send(&DescribeVault { vault: fixture.vault }, NOW, &mut buf).await {
            Err(Error::Encode(_)) => request += 1,
            Err(Error::Decode(DecodeError::Head(_))) => head += 1,
            Err(Error::Decode(DecodeError::Body(_))) => body += 1,
            Err(error) => panic!("{size}: {error}"),
            Ok(vault) => {
                assert_eq!(vault.vault_name.unwrap().to_string(), "v");
                enough += 1;
            }
        }
    }
    assert!(request > 0 && head > 0 && enough > 0, "{request} {head} {body} {enough}");
}

/// A device's timer, in whose time nothing waits.
struct NoDelay;

impl DelayNs for NoDelay {
    async fn delay_ns(&mut self, _: u32) {}
}

/// A device whose clock is not set, or an hour off, learns the time from the service, for calls, lists and downloads alike.
pub(crate) async fn clock_learned<S: Site>(site: &S) {
    let hour_late = NOW.unix() * 1000 - 3_600_000;
    for set in [None, Some(hour_late), Some(hour_late + 7_200_000)] {
        let mut fixture = Fixture::new(site).await;
        let mut device = Device::new(NoDelay, || 12_345, 1);
        if let Some(set) = set {
            device.set_clock(set);
        }
        // Correcting the clock does not count as a try.
        let (list, once) = (ListVaults::default(), RetryPolicy::default().with_max_attempts(1));
        let mut vaults = fixture.client.list_retrying(&list, once, &mut device, &mut fixture.buf).await.unwrap();
        assert!(vaults.next().await.unwrap().is_some());
        drop(vaults);
        assert_eq!((device.now(), device.clock().source()), (Some(NOW), Some(ClockSource::Service)));
        // A call that finds the clock wrong again.
        device.set_clock(hour_late);
        let describe = DescribeVault { vault: fixture.vault };
        fixture.client.send_retrying(&describe, once, &mut device, &mut fixture.buf).await.unwrap();
        assert_eq!(device.now(), Some(NOW));
    }
}
