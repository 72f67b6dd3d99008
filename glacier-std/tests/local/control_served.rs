//! Control over HTTP: who may use it, its paths, and what it says about mistakes.

use glacier_core::Method::{Get, Put};
use glacier_std::local::serve::Server;
use serde_json::{Value, json};

use crate::harness::*;
use crate::peer::*;

/// Vaults with control.
async fn served(token: Option<&str>) -> Served {
    let harness = Harness::with_settings(|settings| settings.with_time(glacier_std::local::TimeMode::Manual).with_request_log());
    let server = Server::bind(&harness.vaults, "127.0.0.1:0", None).await.unwrap();
    run(harness, server.with_control(token.map(|token| token.parse().unwrap())))
}

fn get(path: &str, more: &str) -> String {
    format!("GET /_glacier{path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n")
}

fn post(path: &str, body: &str) -> String {
    format!("POST /_glacier{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn json_of(response: &HttpResponse) -> Value {
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    serde_json::from_slice(&response.body).unwrap()
}

impl Served {
    /// Status and document of each response on one connection.
    async fn ask(&self, requests: Vec<String>) -> Vec<(String, Value)> {
        let asked = self.talk(move |mut peer| {
            let ask = |request: String| peer.ask(&request);
            requests.into_iter().map(ask).map(|response| (response.status().to_owned(), json_of(&response))).collect()
        });
        asked.await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_does_what_it_says() {
    let served = served(None).await;
    let create = served.head(Put, "/-/vaults/v", &[], b"", "");
    served.talk(move |mut peer| assert_eq!(peer.ask(&create).status(), "201")).await;
    let script = r#"{"seed": 7, "rules": [{"operation": "ListVaults", "nth": 2, "fault": {"kind": "throttle"}}]}"#;
    let answers = served
        .ask(vec![
            post("/advance", r#"{"seconds": 3600.0}"#),
            post("/inventory", r#"{"vault": "v"}"#),
            post("/inventory", r#"{"vault": "v", "region": "us-east-1", "account": "000000000000"}"#),
            post("/faults", script),
            get("/faults", ""),
            get("/state", ""),
            get("/vault?account=000000000000&region=us-east-1&name=v", ""),
            get("/log", ""),
            post("/faults", r#"{"rules": []}"#),
            post("/reset", "{}"),
            post("/reset", ""),
            get("/state", ""),
            get("/log", ""),
        ])
        .await;
    let [advanced, taken, again, set, faults, state, vault, log, cleared, reset, empty, after, emptied] = &answers[..] else {
        panic!("{answers:?}")
    };
    let ok = |document: Value| ("200".to_owned(), document);
    assert_eq!(*advanced, ok(json!({ "now": "2026-01-02T04:04:05.678Z" })));
    assert_eq!(*taken, ok(json!({ "taken": "2026-01-02T04:04:05.678Z", "archives": 0, "bytes": 0 })));
    assert_eq!(again, taken);
    assert_eq!((set, cleared), (&ok(json!({ "rules": 1 })), &ok(json!({ "rules": 0 }))));
    let mut rules: Value = serde_json::from_str(script).unwrap();
    rules["rules"][0]["hits"] = 0.into();
    assert_eq!(*faults, ok(rules));
    assert_eq!((&state.1["vaults"][0]["name"], &state.1["mode"]), (&"v".into(), &"manual".into()));
    assert_eq!(*vault, ok(json!({ "archives": [], "uploads": [], "jobs": [], "capped": [] })));
    assert_eq!((&log.1["requests"][0]["operation"], &log.1["after"]), (&"CreateVault".into(), &json!(null)));
    assert_eq!((reset, empty), (&ok(json!({})), &ok(json!({}))));
    assert_eq!((&after.1["vaults"], &after.1["now"]), (&json!([]), &advanced.1["now"]));
    assert_eq!(emptied.1["requests"], json!([]));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_on_after_a_request() {
    let served = served(None).await;
    let list = served.head(Get, "/-/vaults", &[], b"", "");
    served
        .talk(move |mut peer| {
            let ids: Vec<String> = (0..3)
                .map(|_| peer.ask(&list).header("x-amzn-requestid").unwrap().to_owned())
                .map(|id| id.to_lowercase())
                .collect();
            let log = json_of(&peer.ask(&get("/log", "")));
            let listed = |log: &Value| -> Vec<String> {
                let rows = log["requests"].as_array().unwrap().iter();
                rows.map(|row| row["requestId"].as_str().unwrap().to_lowercase()).collect()
            };
            assert_eq!(listed(&log), ids);
            let first = log["requests"][0]["requestId"].as_str().unwrap().to_owned();
            let rest = json_of(&peer.ask(&get(&format!("/log?after={first}"), "")));
            assert_eq!((listed(&rest), &rest["after"]), (ids[1..].to_vec(), &json!(first)));
            let all = json_of(&peer.ask(&get("/log?after=none", "")));
            assert_eq!((listed(&all), &all["after"]), (ids, &json!(null)));
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_is_listed_too() {
    let served = served(None).await;
    served
        .talk(|mut peer| {
            assert_eq!(peer.ask("PATCH /-/vaults/v HTTP/1.1\r\nHost: localhost\r\n\r\n").status(), "400");
            let log = json_of(&peer.ask(&get("/log", "")));
            let row = &log["requests"][0];
            assert_eq!((&row["method"], &row["path"], &row["status"]), (&"PATCH".into(), &"/-/vaults/v".into(), &400.into()));
            assert_eq!((&row["operation"], &row["principal"], &row["why"]), (&json!(null), &json!(null), &json!(null)));
            assert!(row["message"].as_str().unwrap().contains("PATCH is not a method"), "{row}");
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_say_what_to_send() {
    let served = served(None).await;
    let cases = [
        (post("/advance", r#"{"seconds": -1}"#), "400", "seconds"),
        (post("/advance", r#"{"seconds": 1e300}"#), "400", "a number of seconds from 0"),
        (post("/advance", r#"{"seconds": "1"}"#), "400", "a number of seconds from 0"),
        (post("/advance", "[1]"), "400", "an object in braces"),
        (post("/advance", r#"{"seconds": 99999999999}"#), "400", "3153600000"),
        (post("/advance", r#"{"second": 1}"#), "400", "unknown field `second`"),
        (post("/advance", ""), "400", r#"{"seconds": 3600}"#),
        (post("/advance", r#"{"seconds": 1} x"#), "400", "trailing"),
        (post("/inventory", r#"{"vault": "nosuch"}"#), "404", "nosuch"),
        (post("/inventory", r#"{"name": "v"}"#), "400", r#"{"vault": "NAME"}"#),
        (post("/reset", r#"{"vault": "v"}"#), "400", "no body"),
        (post("/faults", r#"{"rules": [{"operation": "Nothing", "fault": {"kind": "reset"}}]}"#), "400", "Nothing"),
        (post("/faults", "{"), "400", "fault script"),
        (get("/vault?account=1&region=r", ""), "400", "name"),
        (get("/vault?account=000000000000&region=us-east-1&name=nosuch", ""), "404", "nosuch"),
        (get("/nothing", ""), "404", "advance, inventory, faults, reset, state, vault, log"),
        (get("/advance", ""), "405", "POST"),
        (post("/state", ""), "405", "GET"),
        (post("/", ""), "405", "GET or HEAD"),
    ];
    let (requests, expected): (Vec<String>, Vec<_>) =
        cases.into_iter().map(|(request, status, words)| (request, (status, words))).unzip();
    for ((status, document), (expected, words)) in served.ask(requests.clone()).await.into_iter().zip(expected) {
        assert_eq!(status, expected, "{document}");
        assert!(document["code"].is_string() && document["message"].as_str().unwrap().contains(words), "{words}: {document}");
    }
    // Nothing of it was done.
    assert_eq!(served.harness.vaults.now().unix(), THEN / 1000);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_limited_and_what_is_left_is_not_the_next_request() {
    let served = served(None).await;
    for (path, limit) in [("/advance", 64 << 10), ("/faults", 1 << 20)] {
        served
            .talk(move |mut peer| {
                // One that fits is read; one that is announced as too large is not.
                let fits = peer.ask(&post(path, &" ".repeat(limit)));
                assert_eq!((fits.status(), fits.header("connection")), ("400", None));
                peer.say(&format!("POST /_glacier{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", limit + 1));
                let response = peer.hear();
                assert_eq!((response.status(), response.header("connection")), ("400", Some("close")));
                assert!(json_of(&response)["message"].as_str().unwrap().contains(&limit.to_string()));
            })
            .await;
    }
    served
        .talk(|mut peer| {
            // Nor one that turns out to be.
            peer.say("POST /_glacier/reset HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
            peer.say(&chunk.repeat(2));
            peer.say("1\r\n");
            peer.say(" \r\n");
            let response = peer.hear();
            assert_eq!((response.status(), response.header("connection")), ("400", Some("close")));
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_is_for_this_machine_and_no_web_page_of_others() {
    let served = served(None).await;
    let own = served.address.to_string();
    let state = |host: &str, more: &str| format!("GET /_glacier/state HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
    let requests = vec![
        state("localhost", ""),
        state(&own, &format!("Origin: http://{own}\r\n")),
        state("[::1]:4566", ""),
        state("vaults.example.org", ""),
        state(&own, "Origin: http://evil.example\r\n"),
        state(&own, "Origin: null\r\n"),
        // A page whose name was made to mean this machine.
        state("evil.example", "Origin: http://evil.example\r\n"),
        format!("GET /_glacier/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        format!("POST /_glacier/reset HTTP/1.1\r\nHost: {own}\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n"),
    ];
    let answers = served.ask(requests).await;
    let statuses: Vec<&str> = answers.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(statuses, ["200", "200", "200", "403", "403", "403", "403", "403", "403"]);
    for (_, document) in &answers[3..] {
        assert_eq!(document["code"], "Forbidden");
        assert!(document["message"].as_str().unwrap().contains("use "), "{document}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_control_to_any_host() {
    let served = served(Some("open-sesame")).await;
    let ask = |path: &str, host: &str, more: &str| format!("GET /_glacier{path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
    let answers = served
        .ask(vec![
            ask("/state", "vaults.example.org", "x-glacier-control-token: open-sesame\r\n"),
            ask("/state", "vaults.example.org", ""),
            ask("/state", "vaults.example.org", "x-glacier-control-token: open\r\n"),
            ask("/state", "localhost", ""),
            ask("/state", "localhost", "x-glacier-control-token: open\r\n"),
            ask("/state", "vaults.example.org", "x-glacier-control-token: open-sesame\r\nOrigin: http://evil.example\r\n"),
        ])
        .await;
    let statuses: Vec<&str> = answers.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(statuses, ["200", "403", "403", "200", "403", "403"]);
    assert!(answers.iter().all(|(_, document)| !document.to_string().contains("sesame")));
    let page = served.talk(|mut peer| peer.ask("GET /_glacier/ HTTP/1.1\r\nHost: vaults.example.org\r\n\r\n")).await;
    assert_eq!((page.status(), page.header("content-type")), ("200", Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'; script-src 'sha256-"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_control_its_paths_are_not_there() {
    let served = serve(None).await;
    for path in ["/state", "/", "", "/log", "/advance"] {
        let (status, document) = served.ask(vec![get(path, "")]).await.remove(0);
        assert_eq!((status.as_str(), &document["code"]), ("404", &"NotFound".into()));
        assert!(document["message"].as_str().unwrap().contains("--control"), "{document}");
    }
    let (status, _) = served.ask(vec![post("/reset", "{}")]).await.remove(0);
    assert_eq!(status, "404");
    served.end().await;
}
