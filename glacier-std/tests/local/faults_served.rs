//! Faults over HTTP, seen by a client that reads bytes from a socket: what reaches it is exact to the byte.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use glacier_core::Method;
use glacier_std::local::*;
use tokio_rustls::rustls::version::TLS13;

use crate::fault_cases::*;
use crate::harness::*;
use crate::peer::*;

struct ServedBench {
    bench: Bench,
    address: std::net::SocketAddr,
    served: Served,
}

impl ServedBench {
    async fn new(served: Served) -> Self {
        // The harness is shared by handle: what is served are the same vaults.
        let harness = Harness {
            client: client(&served.harness.vaults),
            vaults: served.harness.vaults.clone(),
            clock: served.harness.clock.clone(),
            folder: tempfile::tempdir().unwrap(),
        };
        ServedBench { bench: Bench::new(harness).await, address: served.address, served }
    }

    /// The bytes of a request.
    fn bytes(&self, asked: Asked) -> Vec<u8> {
        let (method, path, headers, body) = self.bench.request(asked);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let length = if method == Method::Get { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let mut bytes = self.served.head(method, &path, &headers, &body, &length).into_bytes();
        bytes.extend(body);
        bytes
    }

    /// Sends a request on a connection of its own.
    async fn see(&self, asked: Asked) -> Seen {
        let (address, bytes) = (self.address, self.bytes(asked));
        tokio::task::spawn_blocking(move || {
            let mut peer = Peer::connect(address);
            see(&mut peer, &bytes)
        })
        .await
        .unwrap()
    }
}

/// What a connection brings.
fn see(peer: &mut Peer, request: &[u8]) -> Seen {
    // A part of it may be more than what is received.
    let _ = peer.0.write_all(request);
    peer.0.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    let end = loop {
        match peer.0.read(&mut piece) {
            Ok(0) => break Seen::Ended,
            Ok(got) => bytes.extend_from_slice(&piece[..got]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break Seen::Reset,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break Seen::Nothing,
            Err(error) => panic!("{error}"),
        }
        if let Some(response) = whole(&bytes) {
            return response;
        }
    };
    if bytes.is_empty() {
        return end;
    }
    assert_eq!(end, Seen::Ended, "a response breaks off with the end of the connection");
    let (head, body) = split(&bytes).expect("a whole head");
    Seen::Broken { status: head.status().parse().unwrap(), length: head.header("content-length").unwrap().parse().unwrap(), body }
}

fn split(bytes: &[u8]) -> Option<(HttpResponse, Vec<u8>)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = HttpResponse { head: String::from_utf8_lossy(&bytes[..end]).into_owned(), body: Vec::new() };
    let lower = HttpResponse { head: lower_names(&head.head), body: Vec::new() };
    Some((lower, bytes[end..].to_vec()))
}

/// The names of headers in lower case; values stay, as error codes do.
fn lower_names(head: &str) -> String {
    let line = |line: &str| match line.split_once(": ") {
        Some((name, value)) => format!("{}: {value}\r\n", name.to_lowercase()),
        None => format!("{line}\r\n"),
    };
    head.split("\r\n").map(line).collect()
}

fn whole(bytes: &[u8]) -> Option<Seen> {
    let (head, body) = split(bytes)?;
    let length: usize = head.header("content-length").map_or(0, |length| length.parse().unwrap());
    let header = |name| head.header(name).map(str::to_owned);
    (body.len() == length).then(|| Seen::Response {
        status: head.status().parse().unwrap(),
        code: header("x-amzn-errortype").unwrap_or_default(),
        tree: header("x-amz-sha256-tree-hash"),
        body,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_hits_once() {
    for case in cases() {
        let served = ServedBench::new(serve(None).await).await;
        served.bench.order(&case);
        let seen = served.see(case.request).await;
        served.bench.judge(&case, seen).await;
        let Seen::Response { status, .. } = served.see(case.request).await else { panic!("{:?}", case.fault) };
        assert!(status < 300, "{:?}", case.fault);
        served.served.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_cut_after_exactly_so_many_bytes_whatever_the_sockets_hold() {
    let mut served = serve(None).await;
    // More than sockets hold, so that writing waits for the peer.
    let body = data(9 * MIB + 5);
    let archive = served.harness.upload(&body, "").await;
    let job = served.harness.retrieve(&archive, None).await;
    let request = served.head(Method::Get, &format!("/-/vaults/v/jobs/{job}/output"), &[], b"", "");
    for bytes in [0, 1, 4095, 65_536, MIB, MIB + 1, 4 * MIB + 3, body.len() - 1] {
        let rule = FaultRule::new("GetJobOutput", Fault::CutResponse { bytes: bytes as u64 });
        served.harness.vaults.set_faults(FaultScript::new(0, vec![rule]).unwrap());
        let request = request.clone().into_bytes();
        match served.talk(move |mut peer| see(&mut peer, &request)).await {
            Seen::Broken { status: 200, length, body: got } => {
                assert_eq!((length, got.len()), (body.len(), bytes));
                assert!(got == body[..bytes]);
            }
            other => panic!("{other:?}"),
        }
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_the_same_over_tls() {
    let (tls, certificate) = self_signed();
    let served = ServedBench::new(serve(Some(tls)).await).await;
    for (fault, expected) in [
        (Fault::CutResponse { bytes: 0 }, Some(0)),
        (Fault::CutResponse { bytes: 65_537 }, Some(65_537)),
        (Fault::LoseReply, None),
        (Fault::CutRequest { bytes: 1 }, None),
    ] {
        let script = FaultScript::new(0, vec![FaultRule::new("GetJobOutput", fault)]).unwrap();
        served.bench.harness.vaults.set_faults(script);
        let (request, certificate, address) = (served.bytes(Asked::Download), certificate.clone(), served.address);
        let got = tokio::task::spawn_blocking(move || {
            let mut stream = secured(TcpStream::connect(address).unwrap(), &certificate, &TLS13);
            stream.write_all(&request).unwrap();
            let mut got = Vec::new();
            stream.read_to_end(&mut got).unwrap();
            got
        });
        let got = got.await.unwrap();
        match expected {
            Some(bytes) => assert!(split(&got).unwrap().1 == data(BODY)[..bytes]),
            None => assert_eq!(got, b""),
        }
    }
    // A reset is no end of TLS.
    let script = FaultScript::new(0, vec![FaultRule::new("GetJobOutput", Fault::Reset)]).unwrap();
    served.bench.harness.vaults.set_faults(script);
    let (request, address) = (served.bytes(Asked::Download), served.address);
    let read = tokio::task::spawn_blocking(move || {
        let mut stream = secured(TcpStream::connect(address).unwrap(), &certificate, &TLS13);
        stream.write_all(&request).unwrap();
        stream.read(&mut [0])
    });
    assert_eq!(read.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionReset);
    served.served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_follows_another_on_its_connection_is_cut_alone() {
    let served = ServedBench::new(serve(None).await).await;
    let rule = FaultRule { nth: Some(2), ..FaultRule::new("GetJobOutput", Fault::CutResponse { bytes: 3 }) };
    served.bench.harness.vaults.set_faults(FaultScript::new(0, vec![rule]).unwrap());
    let (address, request) = (served.address, served.bytes(Asked::Download));
    tokio::task::spawn_blocking(move || {
        let mut peer = Peer::connect(address);
        let Seen::Response { status: 200, body, .. } = see(&mut peer, &request) else { panic!() };
        assert_eq!(body.len(), BODY);
        let Seen::Broken { body, .. } = see(&mut peer, &request) else { panic!() };
        assert!(body == data(BODY)[..3]);
    })
    .await
    .unwrap();
    served.served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_yields_its_place_and_ends_with_the_server_or_the_peer() {
    let served = ServedBench::new(serve_at_most(2, None).await).await;
    served.bench.harness.vaults.set_faults(FaultScript::new(0, vec![FaultRule::new("UploadArchive", Fault::Stall)]).unwrap());
    let (address, stalled, other) = (served.address, served.bytes(Asked::Upload), served.bytes(Asked::Download));
    let waiting = tokio::task::spawn_blocking(move || {
        let mut peers: Vec<Peer> = (0..2).map(|_| Peer::connect(address)).collect();
        for peer in &mut peers {
            peer.0.write_all(&stalled).unwrap();
            peer.0.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            // Its place is taken: the next one is heard at once.
            assert!(peer.0.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "it stalls");
        }
        let mut third = Peer::connect(address);
        let Seen::Response { status: 200, .. } = see(&mut third, &other) else { panic!("no place") };
        // The oldest had to yield; the other one still stalls.
        assert!(peers[0].is_closed());
        let mut last = peers.pop().unwrap();
        assert!(last.0.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
        // One that closes its side gets nothing either.
        let mut leaving = Peer::connect(address);
        leaving.0.write_all(&stalled).unwrap();
        leaving.0.shutdown(Shutdown::Write).unwrap();
        assert!(leaving.is_closed());
        drop(third);
        last
    });
    let mut last = waiting.await.unwrap();
    served.served.end().await;
    assert!(tokio::task::spawn_blocking(move || last.is_closed()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_gives_the_same_run_as_in_process() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let served = ServedBench::new(serve(None).await).await;
        served.bench.harness.vaults.set_faults(mixed(seed));
        let mut seen = Vec::new();
        for number in 0..200 {
            seen.push(shown(served.see([Asked::Upload, Asked::Download, Asked::Job][number % 3]).await));
        }
        served.served.end().await;
        runs.push(seen);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert_eq!(runs[0], crate::faults::run(7).await);
}
