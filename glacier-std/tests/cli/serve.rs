//! `glacier serve`: prints one line when ready, shuts down cleanly, accepts the configured keys.

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
