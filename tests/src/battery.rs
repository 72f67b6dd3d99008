//! The contract of [`Transport`] as tests that every transport has to pass. `tests/battery.rs` runs them.
//!
//! Each case says byte for byte what a server does on each connection. A transport that opens more connections than the case has
//! scripts finds nobody there, and one that opens fewer leaves a script waiting, so that reuse is tested too.

use std::net::SocketAddr;
use std::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{Bytes, Head, Header, Method, Request, SendError, Source, Transport};

use crate::scripted_server::{Peer, Script, ScriptedServer, content_length};

/// Makes transports of one kind.
pub trait Factory {
    /// The kind.
    type Transport: Transport;

    /// A transport to this address by plain HTTP, which gives up a peer that is silent for so long.
    fn transport(&self, server: SocketAddr, silence: Duration) -> Self::Transport;
}

/// An answer, read to its end.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    request_id: Option<String>,
    body: Vec<u8>,
}

/// For the cases that wait the silence out: long enough for a loaded machine to answer in.
const SHORT: Duration = Duration::from_secs(4);

/// For all others: no test depends on it.
const LONG: Duration = Duration::from_secs(120);

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Larger than all buffers between client and server together.
const LARGE: usize = 64 << 20;

fn ok() -> Answer {
    answer(200, b"ok")
}

fn answer(status: u16, body: &[u8]) -> Answer {
    Answer { status, request_id: None, body: body.to_vec() }
}

fn get() -> Request<'static> {
    Request { method: Method::Get, host: "glacier.test:8080", path: "/-/vaults", query: "", headers: &[("x-amz-date", "now")] }
}

fn post() -> Request<'static> {
    Request { method: Method::Post, path: "/-/vaults/v/archives", ..get() }
}

/// Bytes in which every place is another, as far as one byte can tell.
fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ (at >> 16) as u8).collect()
}

async fn ask<T: Transport, S: Source>(
    transport: &mut T,
    request: &Request<'_>,
    body: &mut S,
) -> Result<Answer, SendError<T::Error, S::Error>> {
    let mut arena = [0; 512];
    let mut head = Head::new(&mut arena);
    transport.send(request, body, &mut head).await?;
    let mut stream = transport.body();
    let mut body = Vec::new();
    let mut piece = [0; 1000];
    loop {
        match stream.read(&mut piece).await.map_err(SendError::Transport)? {
            0 => break,
            got => body.extend_from_slice(&piece[..got]),
        }
    }
    drop(stream);
    let response = head.with_body(&[]);
    Ok(Answer { status: response.status(), request_id: response.request_id().map(str::to_owned), body })
}

async fn ask_nothing<T: Transport>(transport: &mut T) -> Answer {
    ask(transport, &get(), &mut Bytes::new(b"")).await.unwrap()
}

fn script(script: impl FnOnce(&mut Peer) + Send + 'static) -> Script {
    Box::new(script)
}

/// One connection on which each request gets the next of these answers.
fn answers(answers: &'static [&'static str]) -> Script {
    script(move |peer| {
        for answer in answers {
            peer.request();
            peer.say(answer);
        }
        peer.until_closed();
    })
}

/// Runs a case against a server with these scripts.
async fn case<F: Factory>(factory: &F, scripts: Vec<Script>, test: impl AsyncFnOnce(&mut F::Transport)) {
    case_with(factory, LONG, scripts, test).await;
}

/// The same, with a transport that has this much patience.
async fn case_with<F: Factory>(factory: &F, silence: Duration, scripts: Vec<Script>, test: impl AsyncFnOnce(&mut F::Transport)) {
    let server = ScriptedServer::start(scripts);
    let mut transport = factory.transport(server.address(), silence);
    tokio::time::timeout(LONG * 2, test(&mut transport)).await.expect("the case is over in time");
    drop(transport);
    tokio::task::spawn_blocking(|| server.done()).await.expect("every script came to its end");
}

/// Method, path, query and headers go out as they are given, in their order; `Host` with its port.
pub async fn request_unchanged<F: Factory>(factory: &F) {
    let server = script(|peer| {
        let (head, body) = peer.request();
        assert!(head.starts_with("PUT /-/vaults/a%20b/x%2Fy?limit=&marker=a%2Fb%3D HTTP/1.1\r\n"), "{head}");
        let lines: Vec<&str> = head.lines().skip(1).filter(|line| !line.is_empty()).collect();
        let given: Vec<&&str> = lines.iter().filter(|line| line.starts_with("x-") || line.starts_with("authorization")).collect();
        assert_eq!(given, [&"x-amz-z: last  but one ", &"x-amz-a: 1", &"authorization: AWS4-HMAC-SHA256 a=b, c=d"]);
        let hosts: Vec<String> = lines.iter().map(|line| line.to_lowercase()).filter(|line| line.starts_with("host:")).collect();
        assert_eq!(hosts, ["host: glacier.test:8080"]);
        assert!(!head.to_lowercase().contains("transfer-encoding") && !head.to_lowercase().contains("expect"), "{head}");
        assert_eq!(body, b"x");
        peer.say(OK);
        peer.until_closed();
    });
    case(factory, vec![server], async |transport| {
        let request = Request {
            method: Method::Put,
            path: "/-/vaults/a%20b/x%2Fy",
            query: "limit=&marker=a%2Fb%3D",
            headers: &[("x-amz-z", "last  but one "), ("x-amz-a", "1"), ("authorization", "AWS4-HMAC-SHA256 a=b, c=d")],
            ..get()
        };
        assert_eq!(ask(transport, &request, &mut Bytes::new(b"x")).await.unwrap(), ok());
    })
    .await;
}

/// PUT and POST say how long their body is, even when there is none; GET and DELETE say nothing.
pub async fn content_length_rules<F: Factory>(factory: &F) {
    let methods = [(Method::Put, Some(0)), (Method::Post, Some(0)), (Method::Get, None), (Method::Delete, None)];
    let server = script(move |peer| {
        for (method, length) in methods {
            let head = peer.head();
            assert_eq!(content_length(&head), length, "{method:?}");
            peer.say(OK);
        }
        peer.until_closed();
    });
    case(factory, vec![server], async |transport| {
        for (method, _) in methods {
            assert_eq!(ask(transport, &Request { method, ..get() }, &mut Bytes::new(b"")).await.unwrap(), ok());
        }
    })
    .await;
}

/// Bodies of all sizes arrive whole, on one connection.
pub async fn bodies_arrive<F: Factory>(factory: &F) {
    let bodies = [1, 511, 512, 65_536, 65_537, 3_000_000].map(pattern);
    let expected = bodies.clone();
    let server = script(move |peer| {
        for expected in expected {
            let (head, body) = peer.request();
            assert_eq!(content_length(&head), Some(expected.len()));
            assert!(body == expected, "a body of {} bytes is another", expected.len());
            peer.say(OK);
        }
        peer.until_closed();
    });
    case(factory, vec![server], async |transport| {
        for body in &bodies {
            assert_eq!(ask(transport, &post(), &mut Bytes::new(body)).await.unwrap(), ok());
        }
    })
    .await;
}

/// Answers end where their length, their chunks or their status say, and one connection serves them all.
pub async fn framings_and_reuse<F: Factory>(factory: &F) {
    let server = answers(&[
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsized",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nchu\r\n4;x=y\r\nnked\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone",
        "HTTP/1.1 201 Created\r\ncontent-length: 0\r\nx-amzn-RequestId: AbC\r\n\r\n",
    ]);
    case(factory, vec![server], async |transport| {
        for expected in [answer(200, b"sized"), answer(200, b"chunked"), answer(204, b""), answer(404, b"none")] {
            assert_eq!(ask_nothing(transport).await, expected);
        }
        assert_eq!(ask_nothing(transport).await, Answer { request_id: Some("AbC".into()), ..answer(201, b"") });
    })
    .await;
}

/// An answer without a length ends with its connection, as in HTTP/1.0; the next request gets another.
pub async fn until_the_end<F: Factory>(factory: &F) {
    let old = script(|peer| {
        peer.request();
        peer.say("HTTP/1.0 200 OK\r\n\r\nto the ");
        peer.say("end");
        peer.close();
    });
    case(factory, vec![old, answers(&[OK])], async |transport| {
        assert_eq!(ask_nothing(transport).await, answer(200, b"to the end"));
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// A connection that the server wants closed is not used again, though the server does not close it yet.
pub async fn connection_close_is_obeyed<F: Factory>(factory: &F) {
    let last = answers(&["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"]);
    case(factory, vec![last, answers(&[OK])], async |transport| {
        assert_eq!(ask_nothing(transport).await, ok());
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// 1xx answers are not the answer, whether they come apart or together with it.
pub async fn informational_skipped<F: Factory>(factory: &F) {
    let server = script(|peer| {
        for pause in [Duration::ZERO, Duration::from_millis(20)] {
            peer.request();
            for piece in [
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nx-amzn-RequestId: not this\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-amzn-requestid: this\r\n\r\nok",
            ] {
                peer.say(piece);
                std::thread::sleep(pause);
            }
        }
        peer.until_closed();
    });
    case(factory, vec![server], async |transport| {
        for _ in 0..2 {
            let answer = ask(transport, &post(), &mut Bytes::new(b"body")).await.unwrap();
            assert_eq!(answer, Answer { request_id: Some("this".into()), ..ok() });
        }
    })
    .await;
}

/// A redirect is an answer like any other.
pub async fn redirect_not_followed<F: Factory>(factory: &F) {
    let server = answers(&["HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", OK]);
    case(factory, vec![server], async |transport| {
        assert_eq!(ask_nothing(transport).await, answer(307, b""));
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

const DENIED: &str = "HTTP/1.1 403 Forbidden\r\nx-amzn-RequestId: early\r\nContent-Length: 6\r\n\r\ndenied";

async fn denied<T: Transport>(transport: &mut T) {
    let body = vec![7; LARGE];
    let expected = Answer { request_id: Some("early".into()), ..answer(403, b"denied") };
    assert_eq!(ask(transport, &post(), &mut Bytes::new(&body)).await.unwrap(), expected);
    assert_eq!(ask(transport, &post(), &mut Bytes::new(b"next")).await.unwrap(), ok());
}

/// A refusal that comes while the body is being sent to a server that takes it all the same.
pub async fn early_answer_body_read<F: Factory>(factory: &F) {
    let refusing = script(|peer| {
        peer.head();
        peer.say(DENIED);
        peer.until_closed();
    });
    case(factory, vec![refusing, answers(&[OK])], async |transport| denied(transport).await).await;
}

/// A refusal from a server that then hangs up: with the body unread, that resets the connection.
pub async fn early_answer_hang_up<F: Factory>(factory: &F) {
    for _ in 0..10 {
        let refusing = script(|peer| {
            peer.head();
            peer.say(DENIED);
            peer.close();
        });
        case(factory, vec![refusing, answers(&[OK])], async |transport| denied(transport).await).await;
    }
}

/// A refusal from a server that takes no more of the body and keeps the connection.
pub async fn early_answer_body_unread<F: Factory>(factory: &F) {
    let refusing = script(|peer| {
        peer.head();
        peer.say(DENIED);
        std::thread::sleep(SHORT * 2);
        peer.until_closed();
    });
    case_with(factory, SHORT, vec![refusing, answers(&[OK])], async |transport| denied(transport).await).await;
}

/// A server that hangs up within the request without an answer: an error, and the request is not sent again.
pub async fn hang_up_without_answer<F: Factory>(factory: &F) {
    let rude = script(|peer| {
        peer.head();
        peer.close();
    });
    case(factory, vec![rude, answers(&[OK])], async |transport| {
        let body = vec![7; LARGE];
        let error = ask(transport, &post(), &mut Bytes::new(&body)).await.unwrap_err();
        assert!(matches!(error, SendError::Transport(_)), "{error}");
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// An answer that ends before its announced end is an error, however it is framed.
pub async fn short_answers<F: Factory>(factory: &F) {
    let short = |answer: &'static str| {
        script(move |peer| {
            peer.request();
            peer.say(answer);
            peer.close();
        })
    };
    let server = vec![
        short("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive."),
        short("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nfive."),
        short("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive.\r\n"),
        short("HTTP/1.1 200 OK\r\nContent-Le"),
        short(""),
        answers(&[OK]),
    ];
    case(factory, server, async |transport| {
        for _ in 0..5 {
            let error = ask(transport, &get(), &mut Bytes::new(b"")).await.unwrap_err();
            assert!(matches!(error, SendError::Transport(_)), "{error}");
        }
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// A body stays an error once it was one, and gives the bytes that did come.
pub async fn short_answer_stays_an_error<F: Factory>(factory: &F) {
    let short = script(|peer| {
        peer.request();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.");
        peer.close();
    });
    case(factory, vec![short], async |transport| {
        let mut arena = [0; 64];
        let mut head = Head::new(&mut arena);
        transport.send(&get(), &mut Bytes::new(b""), &mut head).await.unwrap();
        let mut body = transport.body();
        let mut came = Vec::new();
        loop {
            let mut piece = [0; 3];
            match body.read(&mut piece).await {
                Ok(0) => panic!("it counts as complete"),
                Ok(got) => came.extend_from_slice(&piece[..got]),
                Err(_) => break,
            }
        }
        assert_eq!(came, b"five.");
        assert!(body.read(&mut [0]).await.is_err());
    })
    .await;
}

/// More bytes than announced are not given to anyone, least of all to the next request.
pub async fn long_answer<F: Factory>(factory: &F) {
    let chatty = answers(&["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Wrong\r\nContent-Length: 0\r\n\r\n"]);
    case(factory, vec![chatty, answers(&[OK])], async |transport| {
        assert_eq!(ask_nothing(transport).await, ok());
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// What is no HTTP, or HTTP that contradicts itself, is an error.
pub async fn nonsense<F: Factory>(factory: &F) {
    const NONSENSE: [&str; 4] = [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ];
    let mut server: Vec<Script> = NONSENSE.iter().map(|nonsense| answers(std::slice::from_ref(nonsense))).collect();
    server.push(answers(&[OK]));
    case(factory, server, async |transport| {
        for nonsense in NONSENSE {
            let error = ask(transport, &get(), &mut Bytes::new(b"")).await.unwrap_err();
            assert!(matches!(error, SendError::Transport(_)), "{nonsense:?}: {error}");
        }
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// Headers that do not fit are an error, not a cut value, and the next request is right.
pub async fn head_too_small<F: Factory>(factory: &F) {
    const NAMED: &str =
        "HTTP/1.1 200 OK\r\nx-amz-archive-id: 0123456789012345678901234567890123456789\r\nContent-Length: 2\r\n\r\nok";
    let small = script(|peer| {
        peer.request();
        peer.say(NAMED);
        peer.until_closed();
    });
    case(factory, vec![small, answers(&[NAMED])], async |transport| {
        let mut arena = [0; 39];
        let mut head = Head::new(&mut arena);
        let error = transport.send(&get(), &mut Bytes::new(b""), &mut head).await.err().expect("an error");
        assert!(matches!(&error, SendError::Head(head) if head.header == "x-amz-archive-id"), "{error}");
        let mut arena = [0; 41];
        let mut head = Head::new(&mut arena);
        transport.send(&get(), &mut Bytes::new(b""), &mut head).await.expect("a response");
        assert_eq!(head.with_body(b"").header(Header::ArchiveId).map(str::len), Some(40));
    })
    .await;
}

/// A source that fails after some bytes.
struct Failing {
    good: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct CardPulled;

impl std::fmt::Display for CardPulled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the card was pulled")
    }
}

impl std::error::Error for CardPulled {}

impl embedded_io_async::Error for CardPulled {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Failing {
    type Error = CardPulled;
}

impl Read for Failing {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, CardPulled> {
        let count = self.good.min(into.len());
        self.good -= count;
        into[..count].fill(b'x');
        if count > 0 { Ok(count) } else { Err(CardPulled) }
    }
}

impl Source for Failing {
    fn size(&self) -> u64 {
        1_000_000
    }
    async fn rewind(&mut self) -> Result<(), CardPulled> {
        Ok(())
    }
}

/// Whatever of the head may have come, not all of a [`Failing`] body has.
fn no_whole_body(peer: &mut Peer) {
    let came = peer.until_closed();
    if let Some(end) = came.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
        let (head, body) = came.split_at(end + 4);
        let head = std::str::from_utf8(head).expect("a head of text");
        assert_eq!(content_length(head), Some(1_000_000), "{head}");
        assert!(body.len() < 1_000_000, "all of the body came");
    }
}

/// A source's own error is told, and the server does not get a body that looks whole.
pub async fn source_fails<F: Factory>(factory: &F) {
    const GOOD: [usize; 3] = [1, 100_000, 999_999];
    let mut server = vec![];
    for _ in GOOD {
        server.push(script(|peer| {
            no_whole_body(peer);
        }));
    }
    server.push(answers(&[OK]));
    case(factory, server, async |transport| {
        for good in GOOD {
            let error = ask(transport, &post(), &mut Failing { good }).await.unwrap_err();
            assert!(matches!(error, SendError::Source(CardPulled)), "{good}: {error}");
        }
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// A source that fails before its first byte: whether anything was sent by then is the transport's affair.
pub async fn source_fails_at_once<F: Factory>(factory: &F) {
    let server = ScriptedServer::start(vec![script(|peer| {
        no_whole_body(peer);
    })]);
    let mut transport = factory.transport(server.address(), LONG);
    let error = ask(&mut transport, &post(), &mut Failing { good: 0 }).await.unwrap_err();
    assert!(matches!(error, SendError::Source(CardPulled)), "{error}");
    drop(transport);
    // A transport that had not connected yet is connected for.
    drop(std::net::TcpStream::connect(server.address()));
    tokio::task::spawn_blocking(|| server.done()).await.expect("the script came to its end");
}

/// An answer's body that is dropped unread does not get into the next answer.
pub async fn body_dropped<F: Factory>(factory: &F) {
    let unread = script(|peer| {
        peer.request();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
        peer.say(&"x".repeat(1000));
        peer.until_closed();
    });
    case(factory, vec![unread, answers(&[OK])], async |transport| {
        let mut arena = [0; 64];
        let mut head = Head::new(&mut arena);
        transport.send(&get(), &mut Bytes::new(b""), &mut head).await.unwrap();
        let mut body = transport.body();
        assert!(body.read(&mut [0; 10]).await.unwrap() > 0);
        drop(body);
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// A request whose future is dropped half way, in its body or while it waits for the answer, leaves the next one alone.
pub async fn send_dropped<F: Factory>(factory: &F) {
    let unanswered = || {
        script(|peer| {
            peer.head();
            peer.until_closed();
        })
    };
    case(factory, vec![unanswered(), unanswered(), answers(&[OK])], async |transport| {
        for size in [LARGE, 1000] {
            let (request, body) = (post(), vec![7; size]);
            let mut body = Bytes::new(&body);
            tokio::select! {
                biased;
                answer = ask(transport, &request, &mut body) => panic!("{answer:?}"),
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
            }
        }
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// A silent server is given up, wherever it falls silent.
pub async fn stalls<F: Factory>(factory: &F) {
    let server = vec![
        script(|peer| {
            peer.request();
            peer.until_closed();
        }),
        script(|peer| {
            peer.request();
            peer.say("HTTP/1.1 200 OK\r\nContent-");
            peer.until_closed();
        }),
        script(|peer| {
            peer.request();
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.");
            peer.until_closed();
        }),
        answers(&[OK]),
    ];
    case_with(factory, SHORT, server, async |transport| {
        for _ in 0..3 {
            let error = ask(transport, &get(), &mut Bytes::new(b"")).await.unwrap_err();
            assert!(matches!(error, SendError::Transport(_)), "{error}");
        }
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// A server that takes no more of a body is given up.
pub async fn stall_while_sending<F: Factory>(factory: &F) {
    let server = script(|peer| {
        peer.head();
        // Longer than the transport's patience, and without reading.
        std::thread::sleep(SHORT * 2);
        peer.until_closed();
    });
    case_with(factory, SHORT, vec![server, answers(&[OK])], async |transport| {
        let body = vec![7; LARGE];
        let error = ask(transport, &post(), &mut Bytes::new(&body)).await.unwrap_err();
        assert!(matches!(error, SendError::Transport(_)), "{error}");
        assert_eq!(ask_nothing(transport).await, ok());
    })
    .await;
}

/// A connection that the server closed while it was idle is not used.
pub async fn idle_connection_closed<F: Factory>(factory: &F) {
    let brief = || {
        script(|peer| {
            peer.request();
            peer.say(OK);
            peer.close();
        })
    };
    case(factory, vec![brief(), brief(), brief()], async |transport| {
        for _ in 0..3 {
            assert_eq!(ask(transport, &post(), &mut Bytes::new(b"body")).await.unwrap(), ok());
            // Time for the close to get here.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
}

/// When nobody listens, that is an error.
pub async fn nobody_there<F: Factory>(factory: &F) {
    let server = ScriptedServer::start(vec![]);
    let address = server.address();
    server.done();
    let error = ask(&mut factory.transport(address, LONG), &get(), &mut Bytes::new(b"")).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent(_)), "{error}");
}
