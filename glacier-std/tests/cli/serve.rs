//! `glacier serve`: prints one line when ready, shuts down cleanly, accepts the configured keys.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use crate::fixture::{Finished, Server, command};

#[test]
fn is_ready_once_it_says_so_and_exits_with_0() {
    let dir = tempfile::tempdir().unwrap();
    for signal in ["TERM", "INT"] {
        // Whoever reads the line may stop the server at once.
        let mut server = Server::start(dir.path(), &[]);
        assert_eq!(server.stop(signal), Some(0), "{signal}");
        assert_eq!(server.ready["account"], "000000000000");
        let mut server = Server::start(dir.path(), &[]);
        let list: Finished = command(dir.path()).args(["--endpoint-url", &server.url, "vault", "list"]).output().unwrap().into();
        assert_eq!(list.success(), "");
        assert_eq!(server.stop(signal), Some(0), "{signal}");
    }
}

#[test]
fn accepts_only_the_configured_key() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--access-key", "AKID", "--secret-key", "hush"]);
    let list = |id: &str, secret: &str| -> Finished {
        let mut command = command(dir.path());
        command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret).env("AWS_REGION", "mars-north-1");
        command.args(["--endpoint-url", &server.url, "vault", "list"]).output().unwrap().into()
    };
    assert_eq!(list("AKID", "hush").success(), "");
    list("test", "test").failed(254, &["UnrecognizedClientException", "access key"]);
    list("AKID", "wrong").failed(254, &["InvalidSignatureException", "secret access key"]);
    assert!(!list("AKID", "wr0ng-s3cret").err.contains("wr0ng"));
}

#[test]
fn reports_why_it_cannot_serve() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let serve = |arguments: &[&str]| -> Finished { command(dir.path()).arg("serve").args(arguments).output().unwrap().into() };
    let taken = server.url.strip_prefix("http://").unwrap();
    serve(&["--data", "other", "--listen", taken]).failed(255, &["cannot listen", taken]);
    serve(&["--data", "data", "--listen", "127.0.0.1:0"]).failed(255, &["in use"]);
    serve(&["--data", "other", "--tls-cert", "nosuch", "--tls-key", "nosuch"]).failed(253, &["nosuch"]);
    serve(&["--data", "other", "--access-key", "AKID"]).failed(252, &["GLACIER_SERVE_SECRET_KEY"]);
}

#[test]
fn a_directory_in_use_by_a_server_cannot_be_opened() {
    let dir = tempfile::tempdir().unwrap();
    let _server = Server::start(dir.path(), &[]);
    let list: Finished = command(dir.path()).args(["--local", "data", "vault", "list"]).output().unwrap().into();
    list.failed(255, &["in use", "glacier serve"]);
}

/// Starts a server, which prints this on standard error, and stops it once it is ready.
fn ready_and_warning(options: &[&str]) -> (serde_json::Value, String) {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command(dir.path());
    command.args(["serve", "--data", "data"]).args(options).env("GLACIER_SERVE_SECRET_KEY", "hush").stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut ready = Vec::new();
    let mut stdout = child.stdout.take().unwrap();
    let mut byte = [0];
    while stdout.read(&mut byte).unwrap() == 1 && byte != [b'\n'] {
        ready.push(byte[0]);
    }
    crate::fixture::signal(&child, "TERM");
    let finished: Finished = child.wait_with_output().unwrap().into();
    assert_eq!(finished.code, 0, "{finished:?}");
    (serde_json::from_slice(&ready).unwrap(), finished.err)
}

#[test]
fn on_all_addresses_it_prints_a_url_that_works_and_warns_of_the_test_key() {
    for (listen, host) in
        [("0.0.0.0:0", "http://127.0.0.1:"), ("127.0.0.1:0", "http://127.0.0.1:"), ("localhost:0", "http://localhost:")]
    {
        let (ready, err) = ready_and_warning(&["--listen", listen]);
        assert!(ready["url"].as_str().unwrap().starts_with(host), "{ready}");
        assert_eq!(err.contains("warning: whoever reaches 0.0.0.0:"), listen.starts_with("0.0.0.0"), "{err}");
        assert_eq!(err.contains("--access-key"), listen.starts_with("0.0.0.0"), "{err}");
    }
    let (_, err) = ready_and_warning(&["--listen", "0.0.0.0:0", "--access-key", "AKID", "--quiet"]);
    assert_eq!(err, "");
    let (_, err) = ready_and_warning(&["--listen", "0.0.0.0:0", "--access-key", "test", "--secret-key", "test", "--quiet"]);
    assert!(err.contains("warning"), "not being asked for notes does not silence a warning: {err}");
}

/// An entry of a file of credentials.
fn entry(id: &str, secret: &str, account: &str, more: &str) -> String {
    format!(
        r#"{{"accessKeyId": "{id}", "secretAccessKey": "{secret}", "principal": "arn:aws:iam::{account}:user/u", "account": "{account}"{more}}}"#
    )
}

#[test]
fn what_a_file_of_credentials_lists_is_accepted_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let one = entry("AKIDONE", "hush-1", "111122223333", "");
    let two = entry("AKIDTWO", "hush-2", "444455556666", r#", "sessionToken": "tick""#);
    let past = entry("AKIDOLD", "hush-3", "111122223333", r#", "expires": "2020-01-01T00:00:00Z""#);
    std::fs::write(dir.path().join("keys.json"), format!("[{one}, {two}, {past}]")).unwrap();
    let server = Server::start(dir.path(), &["--credentials", "keys.json"]);
    assert_eq!((&server.ready["account"], &server.ready["accessKey"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    let run = |id: &str, secret: &str, token: &str, arguments: &[&str]| -> Finished {
        let mut command = command(dir.path());
        command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret).env("AWS_REGION", "eusc-de-east-1");
        if !token.is_empty() {
            command.env("AWS_SESSION_TOKEN", token);
        }
        command.args(["--endpoint-url", &server.url, "--output", "json"]).args(arguments).output().unwrap().into()
    };
    let (create, list) = (["vault", "create", "photos"], ["vault", "list"]);
    run("AKIDONE", "hush-1", "", &create).success();
    let listed = run("AKIDONE", "hush-1", "", &list).json();
    assert_eq!(listed["VaultList"][0]["VaultARN"], "arn:aws-eusc:glacier:eusc-de-east-1:111122223333:vaults/photos", "{listed}");
    // The other account has none.
    assert_eq!(run("AKIDTWO", "hush-2", "tick", &list).json()["VaultList"], serde_json::json!([]));
    run("AKIDTWO", "hush-2", "", &list).failed(254, &["UnrecognizedClientException"]);
    run("AKIDTWO", "hush-2", "tack", &list).failed(254, &["UnrecognizedClientException"]);
    run("AKIDOLD", "hush-3", "", &list).failed(254, &["ExpiredTokenException"]);
    run("test", "test", "", &list).failed(254, &["UnrecognizedClientException"]);
    let denied = run("AKIDTWO", "hush-2", "tick", &["--account-id", "111122223333", "vault", "list"]);
    denied.failed(254, &["AccessDeniedException", "arn:aws:iam::444455556666:user/u"]);
}

#[test]
fn a_malformed_file_of_credentials_is_named_with_its_entry() {
    let dir = tempfile::tempdir().unwrap();
    let serve = |text: &str, options: &[&str]| -> Finished {
        std::fs::write(dir.path().join("keys.json"), text).unwrap();
        command(dir.path()).args(["serve", "--data", "data", "--credentials", "keys.json"]).args(options).output().unwrap().into()
    };
    let good = entry("AKID", "hush", "111122223333", "");
    let wrong = format!("[{good}, {}]", entry("AKIE", "hush", "1111", ""));
    let finished = serve(&wrong, &[]);
    finished.failed(253, &["keys.json", "entry 2", "principal"]);
    assert!(!finished.err.contains("hush"), "{finished:?}");
    serve("[", &[]).failed(253, &["keys.json", "entry 1"]);
    serve(&" ".repeat(2 << 20), &[]).failed(253, &["keys.json", "1024 KiB"]);
    assert!(!dir.path().join("data").exists());
    for option in [&["--access-key", "AKID", "--secret-key", "s"][..], &["--no-verify-signatures"]] {
        let finished = serve(&format!("[{good}]"), option);
        assert!(finished.code == 252 && finished.err.contains("cannot be used with"), "{finished:?}");
    }
}

#[test]
fn without_signatures_anybody_is_the_default_account_and_a_warning_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--no-verify-signatures", "--account-id", "111122223333"]);
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    };
    let head = "Host: h\r\nx-amz-glacier-version: 2012-06-01\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let created = ask(&format!("PUT /-/vaults/photos HTTP/1.1\r\n{head}"));
    assert!(created.starts_with("HTTP/1.1 201 ") && created.contains("/111122223333/vaults/photos"), "{created}");
    let found = ask(&format!("GET /111122223333/vaults/photos HTTP/1.1\r\n{head}"));
    assert!(found.contains("arn:aws:glacier:us-east-1:111122223333:vaults/photos"), "{found}");
    let list: Finished = command(dir.path())
        .env("AWS_ACCESS_KEY_ID", "anybody")
        .args(["--endpoint-url", &server.url, "--region", "us-east-1", "vault", "list"])
        .output()
        .unwrap()
        .into();
    assert!(list.success().contains("photos"), "{list:?}");

    let (ready, err) = ready_and_warning(&["--listen", "0.0.0.0:0", "--no-verify-signatures", "--quiet"]);
    assert!(err.contains("warning: whoever reaches 0.0.0.0:") && err.contains("--no-verify-signatures"), "{err}");
    assert_eq!((ready["account"].as_str(), &ready["accessKey"]), (Some("000000000000"), &serde_json::Value::Null));
    assert_eq!(ready_and_warning(&["--listen", "127.0.0.1:0", "--no-verify-signatures"]).1, "");
}

#[test]
fn a_name_to_listen_on_is_resolved() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_on(dir.path(), "localhost:0");
    let list: Finished = command(dir.path()).args(["--endpoint-url", &server.url, "vault", "list"]).output().unwrap().into();
    assert_eq!(list.success(), "");
    let serve = |listen: &str| -> Finished {
        command(dir.path()).args(["serve", "--data", "o", "--listen", listen]).output().unwrap().into()
    };
    let finished = serve("localhost");
    assert!(finished.code == 252 && finished.err.contains("HOST:PORT"), "{finished:?}");
    serve("nosuch.invalid:4566").failed(255, &["cannot listen on nosuch.invalid:4566"]);
}

/// The connections are still open when the process has ended, and no peer ever closed one.
#[test]
fn a_signal_ends_connections_without_a_request() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path(), &[]);
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let connect = || TcpStream::connect(&address).unwrap();
    let (fresh, mut used, mut half) = (connect(), connect(), connect());
    half.write_all(b"GET /-/vaults HTT").unwrap();
    used.write_all(b"GET /-/vaults HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut response = [0; 12];
    used.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"HTTP/1.1 400");
    assert_eq!(server.stop("TERM"), Some(0));
    for mut stream in [fresh, used, half] {
        let mut rest = Vec::new();
        let _closed_or_reset = stream.read_to_end(&mut rest);
    }
}

/// Sends a request that is not signed; the response.
fn unsigned(url: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: h\r\nx-amz-glacier-version: 2012-06-01\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn a_notification_is_a_line_of_the_file_and_is_posted() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("http://{}/hook", receiver.local_addr().unwrap());
    let options = ["--no-verify-signatures", "--notifications-file", "told.jsonl", "--notifications-url", &hook];
    let server = Server::start(dir.path(), &options);
    let configuration = r#"{"SNSTopic": "arn:aws:sns:us-east-1:000000000000:done", "Events": ["InventoryRetrievalCompleted"]}"#;
    for (method, path, body) in [
        ("PUT", "/-/vaults/v", ""),
        ("PUT", "/-/vaults/v/notification-configuration", configuration),
        ("POST", "/-/vaults/v/jobs", r#"{"Type": "inventory-retrieval"}"#),
    ] {
        let response = unsigned(&server.url, method, path, body);
        assert!(response.starts_with("HTTP/1.1 20"), "{method} {path}: {response}");
    }
    let (mut stream, _) = receiver.accept().unwrap();
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    while !request.ends_with(b"}") {
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&request));
        request.extend_from_slice(&piece[..length]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    let request = String::from_utf8(request).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n") && head.contains("x-amz-sns-message-type: Notification"), "{head}");
    let posted: serde_json::Value = serde_json::from_str(body).unwrap();
    let lines = std::fs::read_to_string(dir.path().join("told.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(&lines).unwrap();
    let message: serde_json::Value = serde_json::from_str(posted["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&line["message"], &line["topic"]), (&message, &posted["TopicArn"]));
    assert_eq!(message["Action"], "InventoryRetrieval");
}

#[test]
fn notifications_go_to_a_regular_file_and_to_this_machine() {
    let dir = tempfile::tempdir().unwrap();
    let serve = |option: &str, value: &str| -> Finished {
        command(dir.path()).args(["serve", "--data", "data", "--listen", "127.0.0.1:0", option, value]).output().unwrap().into()
    };
    let refused = serve("--notifications-url", "http://example.com/hook");
    assert!(
        refused.code == 252 && refused.err.contains("this machine") && refused.err.contains("http://127.0.0.1:"),
        "{refused:?}"
    );
    let refused = serve("--notifications-url", "https://127.0.0.1/");
    assert!(refused.code == 252 && refused.err.contains("not an http URL"), "{refused:?}");
    assert!(!dir.path().join("data").exists());
    serve("--notifications-file", ".").failed(255, &[". is a folder", "regular file"]);
    serve("--notifications-file", "data/glacier.redb").failed(255, &["data/glacier.redb is in the folder of the vaults"]);
}

/// The response to a request that is written into a connection of its own.
fn ask(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn control_is_there_if_it_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let state = "GET /_glacier/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut server = Server::start(dir.path(), &[]);
    assert_eq!(server.ready["console"], serde_json::Value::Null);
    let response = ask(&server.url, state);
    assert!(response.starts_with("HTTP/1.1 404 ") && response.contains("--control"), "{response}");
    assert_eq!(server.stop("TERM"), Some(0));

    let server = Server::start(dir.path(), &["--control", "--time", "manual"]);
    assert_eq!(server.ready["console"], format!("{}/_glacier/", server.url));
    let list: Finished = command(dir.path()).args(["--endpoint-url", &server.url, "vault", "list"]).output().unwrap().into();
    list.success();
    let response = ask(&server.url, state);
    assert!(response.starts_with("HTTP/1.1 200 ") && response.contains(r#""mode":"manual""#), "{response}");
    let response = ask(&server.url, &state.replace("state", "log"));
    assert!(response.contains(r#""operation":"ListVaults""#), "{response}");
    let page = ask(&server.url, &state.replace("state", ""));
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("<title>Glacier local vault</title>"));
}

#[test]
fn a_control_token_comes_from_the_environment_or_an_option_and_is_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let serve = |arguments: &[&str], token: &str| -> Finished {
        let mut command = command(dir.path());
        command.env("GLACIER_SERVE_CONTROL_TOKEN", token).args(["serve", "--data", "data", "--listen", "127.0.0.1:0"]);
        command.args(arguments).output().unwrap().into()
    };
    for finished in [serve(&["--control"], "hush hush"), serve(&["--control", "--control-token", "hush hush"], "")] {
        finished.failed(252, &["--control-token", "1 to 1024 visible ASCII"]);
        assert!(!finished.err.contains("hush"), "{finished:?}");
    }
    let finished = serve(&["--control-token", "hush"], "");
    assert!(finished.code == 252 && finished.err.contains("--control") && !finished.err.contains("hush"), "{finished:?}");

    let server = Server::start(dir.path(), &["--control", "--control-token", "hush-1"]);
    let of = |token: &str| {
        let head = format!("Host: vaults.example.org\r\nConnection: close\r\n{token}\r\n");
        ask(&server.url, &format!("GET /_glacier/state HTTP/1.1\r\n{head}"))
    };
    assert!(of("").starts_with("HTTP/1.1 403 "));
    assert!(of("x-glacier-control-token: hush\r\n").starts_with("HTTP/1.1 403 "));
    assert!(of("x-glacier-control-token: hush-1\r\n").starts_with("HTTP/1.1 200 "));
    assert!(!server.ready.to_string().contains("hush"));
}
