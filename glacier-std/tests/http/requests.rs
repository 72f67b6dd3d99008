//! Requests are sent as they are given.

use glacier_core::{Bytes, Method, Request, SendError};
use glacier_std::http::HttpError;

use crate::support::{Received, Server, bytes, call, get, got, no_body, post};

#[tokio::test]
async fn method_path_query_and_headers_are_sent_unchanged() {
    let server = Server::once(|peer| {
        let seen = peer.request();
        assert_eq!(
            seen.head,
            "PUT /-/vaults/a%20b/../x?marker=a%2Fb&limit= HTTP/1.1\r\nhost: Glacier.test\r\nx-amz-z: last  but\tfirst \r\nx-amz-a: \
             \r\nauthorization: AWS4-HMAC-SHA256 x=y\r\ncontent-length: 0\r\n\r\n"
        );
        peer.write("HTTP/1.1 204 No Content\r\nx-amzn-RequestId: abc\r\n\r\n");
        peer.until_closed();
    });
    let request = Request {
        method: Method::Put,
        host: "Glacier.test",
        path: "/-/vaults/a%20b/../x",
        query: "marker=a%2Fb&limit=",
        headers: &[("x-amz-z", "last  but\tfirst "), ("x-amz-a", ""), ("authorization", "AWS4-HMAC-SHA256 x=y")],
    };
    let mut transport = server.transport();
    let response = call(&mut transport, &request, &mut no_body()).await.unwrap();
    assert_eq!(response, Received { request_id: Some("abc".into()), ..got(204, b"") });
    drop(transport);
    server.done();
}

#[tokio::test]
async fn content_length_is_sent_with_put_and_post_only() {
    for (method, length) in [
        (Method::Get, None),
        (Method::Delete, None),
        (Method::Put, Some("content-length: 0")),
        (Method::Post, Some("content-length: 0")),
    ] {
        let server = Server::once(move |peer| {
            let seen = peer.request();
            assert_eq!(seen.head.lines().find(|line| line.contains("content-length")), length, "{method:?}");
            assert!(!seen.head.contains("transfer-encoding"), "{}", seen.head);
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            peer.until_closed();
        });
        let mut transport = server.transport();
        assert_eq!(call(&mut transport, &Request { method, ..get("/-/vaults") }, &mut no_body()).await.unwrap(), got(200, b"ok"));
        drop(transport);
        server.done();
    }
}

#[tokio::test]
async fn bodies_of_all_sizes_are_received_whole() {
    for size in [1, 4096, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 3 * 1024 * 1024 + 7] {
        let server = Server::once(move |peer| {
            let seen = peer.request();
            assert!(seen.head.contains(&format!("content-length: {size}\r\n")), "{}", seen.head);
            assert_eq!(seen.body, bytes(size));
            peer.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
            peer.until_closed();
        });
        let sent = bytes(size);
        let mut transport = server.transport();
        assert_eq!(call(&mut transport, &post("/-/vaults/v/archives"), &mut Bytes::new(&sent)).await.unwrap(), got(201, b""));
        drop(transport);
        server.done();
    }
}

#[tokio::test]
async fn characters_that_http_cannot_carry_are_not_sent() {
    let server = Server::start(vec![]);
    let mut transport = server.transport();
    for request in [
        Request { host: "a\r\nb", ..get("/") },
        Request { headers: &[("x-a", "a\r\nb: c")], ..get("/") },
        Request { headers: &[("x a", "")], ..get("/") },
        get("/a b"),
        get("/a#b"),
        get("no-slash"),
        Request { query: "a b", ..get("/") },
    ] {
        let error = call(&mut transport, &request, &mut no_body()).await.unwrap_err();
        assert!(matches!(error, SendError::NotSent(HttpError::Unsendable { .. })), "{request:?}: {error:?}");
    }
    server.done();
}

/// The scripted servers block their threads, so this needs two; `spawn` compiles only for futures that are `Send`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_and_listings_can_be_spawned() {
    use glacier_core::ops::{ListVaults, UploadArchive};
    use glacier_core::{Client, Credentials, Endpoint, Timestamp};
    let server = Server::once(|peer| {
        assert_eq!(peer.request().body, bytes(300_000));
        peer.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        peer.request();
        let body = r#"{"Marker":null,"VaultList":[{"VaultARN":"arn:aws:glacier:eu-west-1:0:vaults/one","VaultName":"one",
                "CreationDate":"2012-03-16T22:22:47.214Z","LastInventoryDate":null,"NumberOfArchives":0,"SizeInBytes":0}]}"#;
        peer.write(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        peer.until_closed();
    });
    let host = server.url().host_header();
    let transport = server.transport();
    let client = move |transport| {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None).unwrap();
        Client::new(transport, Endpoint::new("eu-west-1", &host).unwrap(), credentials)
    };
    let now = Timestamp::from_unix(1_700_000_000);

    let mut uploading = client(transport.clone());
    let upload = tokio::spawn(async move {
        let body = bytes(300_000);
        let mut buffer = [0; 4096];
        let hashes = glacier_core::hash_source(&mut Bytes::new(&body), &mut buffer).await.unwrap();
        let operation = UploadArchive { vault: "photos".try_into().unwrap(), description: None, body: hashes.try_into().unwrap() };
        uploading.upload(&operation, &mut Bytes::new(&body), now, &mut buffer).await.map(drop).map_err(|error| error.to_string())
    });
    assert!(upload.await.unwrap().is_err(), "the server said 404");

    let mut listing = client(transport);
    let list = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        let mut vaults = listing.list(&ListVaults::default(), now, &mut buffer).await.unwrap();
        let mut names = Vec::new();
        while let Some(vault) = vaults.next().await.unwrap() {
            names.push(vault.vault_name.unwrap().to_string());
        }
        names
    });
    assert_eq!(list.await.unwrap(), ["one"]);
    server.done();
}
