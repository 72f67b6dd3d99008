//! Service errors: status, code and message of each.

use glacier_core::Method::{Delete, Get, Post, Put};
use glacier_core::{Method, PartSize};
use serde_json::json;

use crate::harness::*;

const INVALID: &str = "InvalidParameterValueException";
const MISSING: &str = "MissingParameterValueException";
const NOT_FOUND: &str = "ResourceNotFoundException";

#[track_caller]
fn check(response: &RawResponse, status: u16, code: &str, words: &str) {
    assert_eq!((response.status, response.code.as_str()), (status, code), "{}", response.message);
    assert!(response.message.contains(words), "{words} is not in {}", response.message);
}

#[tokio::test]
async fn invalid_signatures() {
    let harness = Harness::with_vault().await;
    let good = signed(harness.now(), Get, "/-/vaults/v", "", &[], b"");
    assert_eq!(send(&harness.vaults, &good, b"").await.status, 200);

    let mut unsigned = good.clone();
    unsigned.headers.retain(|(name, _)| name != "authorization");
    check(&send(&harness.vaults, &unsigned, b"").await, 400, "MissingAuthenticationTokenException", "");

    let mut other_path = good.clone();
    other_path.path = "/-/vaults/w".into();
    let response = send(&harness.vaults, &other_path, b"").await;
    check(&response, 403, "InvalidSignatureException", "The request signature we calculated does not match");
    let texts = response.json();
    let canonical = texts["canonicalRequest"].as_str().unwrap();
    assert!(canonical.starts_with("GET\n/-/vaults/w\n\nhost:localhost\n"), "{canonical}");

    let mut unknown = good.clone();
    unknown.headers.last_mut().unwrap().1 = unknown.headers.last().unwrap().1.replace("Credential=test", "Credential=tset");
    check(&send(&harness.vaults, &unknown, b"").await, 400, "UnrecognizedClientException", "security token");

    // A body that is not the one that was signed.
    let parameters = signed(harness.now(), Post, "/-/vaults/v/jobs", "", &[], br#"{"Type":"inventory-retrieval"}"#);
    let changed = send(&harness.vaults, &parameters, br#"{"Type":"inventory-retrieval" }"#).await;
    check(&changed, 403, "InvalidSignatureException", "");

    harness.clock.advance(15 * 60 * 1000 + 1000);
    check(&send(&harness.vaults, &good, b"").await, 403, "InvalidSignatureException", "Signature expired");
    // An expired signature does not reveal whether the vault exists.
    check(&send(&harness.vaults, &other_path, b"").await, 403, "InvalidSignatureException", "Signature expired");
}

#[tokio::test]
async fn invalid_versions_accounts_names_and_paths() {
    let harness = Harness::with_vault().await;
    check(&harness.raw(Get, "/-/vaults/v", "", &[("x-amz-glacier-version", "")], b"").await, 400, MISSING, "API version");
    check(&harness.raw(Get, "/-/vaults/v", "", &[("x-amz-glacier-version", "2013-01-01")], b"").await, 400, INVALID, "2013-01-01");
    check(&harness.raw(Get, "/111122223333/vaults/v", "", &[], b"").await, 403, "AccessDeniedException", "000000000000");
    assert_eq!(harness.raw(Get, "/000000000000/vaults/v", "", &[], b"").await.status, 200);
    for name in ["a%20b", "%C3%BC", &"x".repeat(256), "a%2Fb", ".."] {
        check(&harness.raw(Put, &format!("/-/vaults/{name}"), "", &[], b"").await, 400, INVALID, "Invalid vault name");
    }
    for (method, path) in
        [(Get, "/"), (Get, "/-/vaults/"), (Post, "/-/vaults/v"), (Get, "/-/vaults/v/archives"), (Put, "/-/policies/x")]
    {
        check(&harness.raw(method, path, "", &[], b"").await, 400, "BadRequest", "is not an operation");
    }
    check(&harness.raw(Put, "/-/vaults/v", "", &[], &[0; 65_537]).await, 400, "BadRequest", "65536");
}

#[tokio::test]
async fn resources_that_do_not_exist() {
    let harness = Harness::with_vault().await;
    let hash = tree(b"x").to_string();
    let upload =
        [("x-amz-sha256-tree-hash", hash.as_str()), ("x-amz-content-sha256", hash.as_str()), ("content-range", "bytes 0-0/*")];
    let whole = [("x-amz-sha256-tree-hash", hash.as_str()), ("x-amz-archive-size", "1")];
    let leaf = LEAF.to_string();
    let size = [("x-amz-part-size", leaf.as_str())];
    let retrieval = json!({ "Type": "archive-retrieval", "ArchiveId": "a" }).to_string();
    let inventory = json!({ "Type": "inventory-retrieval" }).to_string();
    type Asked<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], &'a [u8]);
    let requests: [Asked<'_>; 17] = [
        (Get, "", &[], b""),
        (Delete, "", &[], b""),
        (Post, "/archives", &upload, b"x"),
        (Delete, "/archives/a", &[], b""),
        (Post, "/multipart-uploads", &size, b""),
        (Get, "/multipart-uploads", &[], b""),
        (Put, "/multipart-uploads/u", &upload, b"x"),
        (Get, "/multipart-uploads/u", &[], b""),
        (Post, "/multipart-uploads/u", &whole, b""),
        (Delete, "/multipart-uploads/u", &[], b""),
        (Post, "/jobs", &[], retrieval.as_bytes()),
        (Post, "/jobs", &[], inventory.as_bytes()),
        (Get, "/jobs", &[], b""),
        (Get, "/jobs/j", &[], b""),
        (Get, "/jobs/j/output", &[], b""),
        (Get, "/jobs/-/output", &[], b""),
        (Get, "/multipart-uploads/-", &[], b""),
    ];
    for (method, rest, headers, body) in requests {
        let response = harness.raw(method, &format!("/-/vaults/none{rest}"), "", headers, body).await;
        check(&response, 404, NOT_FOUND, "Vault not found for ARN: arn:aws:glacier:us-east-1:000000000000:vaults/none");
    }
    assert_eq!(harness.raw(Delete, "/-/vaults/v/archives/-a", "", &[], b"").await.status, 204);
    for (method, rest, headers, body, words) in [
        (Put, "/multipart-uploads/-u", &upload[..], &b"x"[..], "The upload ID was not found: -u"),
        (Get, "/multipart-uploads/-u", &[], b"", "The upload ID was not found: -u"),
        (Post, "/multipart-uploads/-u", &whole, b"", "The upload ID was not found: -u"),
        (Delete, "/multipart-uploads/-u", &[], b"", "The upload ID was not found: -u"),
        (Post, "/jobs", &[], retrieval.as_bytes(), "The archive ID was not found: a"),
        (Get, "/jobs/-j", &[], b"", "The job ID was not found: -j"),
        (Get, "/jobs/-j/output", &[], b"", "The job ID was not found: -j"),
    ] {
        let response = harness.raw(method, &format!("/-/vaults/v{rest}"), "", headers, body).await;
        check(&response, 404, NOT_FOUND, words);
    }
    assert_eq!(files(harness.folder.path(), "staged"), [""; 0]);
    assert_eq!(files(harness.folder.path(), "blobs"), [""; 0]);
}

#[tokio::test]
async fn an_archive_of_another_vault_is_not_deleted() {
    let mut harness = Harness::with_vault().await;
    harness.create("w").await;
    let id = harness.upload(b"kept", "").await;
    let delete = |vault: &str| format!("/-/vaults/{vault}/archives/{id}");
    let response = harness.raw(Delete, &delete("w"), "", &[], b"").await;
    check(&response, 400, INVALID, "The archive is in the vault v, not in w: nothing was deleted");
    assert!(response.message.contains(&id), "{}", response.message);
    assert!(harness.fetch(&id).await == b"kept");
    // What no vault has is not an error, once and again.
    for vault in ["v", "v", "w", "w"] {
        assert_eq!(harness.raw(Delete, &delete(vault), "", &[], b"").await.status, 204, "{vault}");
    }
}

#[tokio::test]
async fn bodies_that_differ_from_what_was_announced() {
    let harness = Harness::with_vault().await;
    let body = data(LEAF + 1);
    let (good, sum) = (tree(&body).to_string(), linear(&body));
    let (other, other_sum) = (tree(b"other").to_string(), linear(b"other"));
    let tree_hash = "x-amz-sha256-tree-hash";
    let content = "x-amz-content-sha256";
    let upload = |headers: Vec<(&'static str, String)>, body: Vec<u8>| {
        let harness = &harness;
        async move {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            harness.raw(Post, "/-/vaults/v/archives", "", &headers, &body).await
        }
    };
    let both = |tree: &str, sum: &str| vec![(tree_hash, tree.to_owned()), (content, sum.to_owned())];
    assert_eq!(upload(both(&good, &sum), body.clone()).await.status, 201);
    assert_eq!(upload(both(&good.to_uppercase(), &sum), body.clone()).await.status, 201);

    let response = upload(both(&other, &sum), body.clone()).await;
    check(&response, 400, INVALID, &format!("Checksum mismatch: expected {other}, computed {good}"));
    let response = upload(both(&good, &other_sum), body.clone()).await;
    check(
        &response,
        400,
        INVALID,
        &format!("x-amz-content-sha256 does not match the computed payload hash. Computed digest: {sum}"),
    );
    check(&upload(vec![(content, sum.clone())], body.clone()).await, 400, MISSING, tree_hash);
    check(&upload(vec![(tree_hash, good.clone())], body.clone()).await, 400, MISSING, content);
    check(&upload(both("12", &sum), body.clone()).await, 400, INVALID, "Invalid x-amz-sha256-tree-hash: 12");
    check(&upload(both(&good, "12"), body.clone()).await, 400, INVALID, "Invalid x-amz-content-sha256: 12");
    check(&upload(both(&tree(b"x").to_string(), &linear(b"")), vec![]).await, 400, INVALID, "Invalid Content-Length: 0");
    for (text, words) in [("caf\u{e9}".to_owned(), "printable ASCII"), ("x".repeat(1025), "1024")] {
        let mut headers = both(&good, &sum);
        headers.push(("x-amz-archive-description", text));
        check(&upload(headers, body.clone()).await, 400, INVALID, words);
    }
    assert_eq!(files(harness.folder.path(), "staged"), [""; 0]);
    assert_eq!(files(harness.folder.path(), "blobs").len(), 2, "only the two good ones");
}

#[tokio::test]
#[cfg_attr(glacier_sim, ignore = "states sizes of the real service")]
async fn invalid_part_sizes_and_ranges() {
    let mut harness = Harness::with_vault().await;
    let begin = "/-/vaults/v/multipart-uploads";
    check(&harness.raw(Post, begin, "", &[], b"").await, 400, MISSING, "x-amz-part-size");
    for size in ["0", "1048575", "3145728", "8589934592", "-1", "1e6"] {
        let response = harness.raw(Post, begin, "", &[("x-amz-part-size", size)], b"").await;
        let words = "Part size must not be null, must be a power of two and be between 1048576 and 4294967296 bytes.";
        check(&response, 400, INVALID, &format!("Invalid part size: {size}. {words}"));
    }
    let id = harness.begin(PartSize::MIN).await;
    let path = format!("{begin}/{id}");
    for (range, length, code, words) in [
        ("", 5, MISSING, "Content-Range"),
        ("bytes=0-4/*", 5, INVALID, "Invalid Content-Range: bytes=0-4/*"),
        ("bytes 0-4/5", 5, INVALID, "Invalid Content-Range: bytes 0-4/5"),
        ("bytes 4-0/*", 5, INVALID, "Invalid Content-Range: bytes 4-0/*"),
        ("bytes 0-5/*", 5, INVALID, "Content-Range: bytes 0-5/* is incompatible with Content-Length: 5"),
        ("bytes 1-5/*", 5, INVALID, "multiple of the part size"),
        ("bytes 0-1048576/*", LEAF + 1, INVALID, "at most 1048576 bytes"),
        ("bytes 10485760000-10485760000/*", 1, INVALID, "at most 10000 parts"),
        ("bytes 18446744073709551615-18446744073709551615/*", 1, INVALID, "Content-Range"),
    ] {
        let body = data(length);
        let (tree, sum) = (tree(&body).to_string(), linear(&body));
        let headers = [("content-range", range), ("x-amz-sha256-tree-hash", &tree), ("x-amz-content-sha256", &sum)];
        check(&harness.raw(Put, &path, "", &headers, &body).await, 400, code, words);
    }
    // The last part that fits.
    let (tree, sum) = (tree(b"z").to_string(), linear(b"z"));
    let headers =
        [("content-range", "bytes 10484711424-10484711424/*"), ("x-amz-sha256-tree-hash", &tree), ("x-amz-content-sha256", &sum)];
    assert_eq!(harness.raw(Put, &path, "", &headers, b"z").await.status, 204);
    for (headers, code, words) in [
        (vec![("x-amz-archive-size", "1")], MISSING, "x-amz-sha256-tree-hash"),
        (vec![("x-amz-sha256-tree-hash", tree.as_str())], MISSING, "x-amz-archive-size"),
        (vec![("x-amz-sha256-tree-hash", tree.as_str()), ("x-amz-archive-size", "-1")], INVALID, "Invalid x-amz-archive-size: -1"),
    ] {
        check(&harness.raw(Post, &path, "", &headers, b"").await, 400, code, words);
    }
}

#[tokio::test]
#[cfg_attr(glacier_sim, ignore = "states sizes of the real service")]
async fn invalid_job_parameters() {
    let mut harness = Harness::with_vault().await;
    let id = harness.upload(&data(3 * LEAF + 5), "").await;
    let retrieval = |range: &str| json!({ "Type": "archive-retrieval", "ArchiveId": id, "RetrievalByteRange": range });
    let inventory = |parameters| json!({ "Type": "inventory-retrieval", "InventoryRetrievalParameters": parameters });
    for (body, code, words) in [
        (json!({}), MISSING, "Type"),
        (json!({ "Type": "" }), MISSING, "Type"),
        (json!({ "Type": "select" }), INVALID, "Invalid job type: select"),
        (json!({ "Type": "ArchiveRetrieval" }), INVALID, "Invalid job type"),
        (json!({ "Type": "archive-retrieval" }), MISSING, "ArchiveId"),
        (json!({ "Type": "archive-retrieval", "ArchiveId": "none" }), NOT_FOUND, "The archive ID was not found: none"),
        (json!({ "Type": "archive-retrieval", "ArchiveId": id, "Tier": "standard" }), INVALID, "Invalid tier"),
        (json!({ "Type": "archive-retrieval", "ArchiveId": id, "Format": "CSV" }), INVALID, "inventory-retrieval jobs only"),
        (json!({ "Type": "archive-retrieval", "ArchiveId": id, "Description": "\u{7f}" }), INVALID, "Invalid job description"),
        (retrieval("0-5"), INVALID, "multiple of 1 MiB"),
        (retrieval("1-1048575"), INVALID, "multiple of 1 MiB"),
        (retrieval("0-3145733"), INVALID, "ends at byte 3145732"),
        (retrieval("1048575-0"), INVALID, "Invalid RetrievalByteRange: 1048575-0"),
        (retrieval("bytes=0-1048575"), INVALID, "The form is A-B"),
        (json!({ "Type": "inventory-retrieval", "ArchiveId": id }), INVALID, "archive-retrieval jobs only"),
        (json!({ "Type": "inventory-retrieval", "RetrievalByteRange": "0-1" }), INVALID, "archive-retrieval jobs only"),
        (json!({ "Type": "inventory-retrieval", "Format": "XML" }), INVALID, "CSV or JSON"),
        (inventory(json!({ "Limit": "0" })), INVALID, "Invalid Limit: 0"),
        (inventory(json!({ "Limit": "many" })), INVALID, "Invalid Limit: many"),
        (inventory(json!({ "StartDate": "yesterday" })), INVALID, "Invalid StartDate: yesterday"),
        (inventory(json!({ "EndDate": "2013-02-30T00:00:00Z" })), INVALID, "Invalid EndDate"),
        (inventory(json!({ "Limit": 5 })), "SerializationException", "not the JSON expected"),
        (json!([]), "SerializationException", "not the JSON expected"),
    ] {
        let response = harness.raw(Post, "/-/vaults/v/jobs", "", &[], body.to_string().as_bytes()).await;
        check(&response, if code == NOT_FOUND { 404 } else { 400 }, code, words);
    }
    for text in ["", "{", "{\"Type\":", "\u{0}"] {
        let response = harness.raw(Post, "/-/vaults/v/jobs", "", &[], text.as_bytes()).await;
        check(&response, 400, "SerializationException", "");
    }
    // Unknown members are ignored, and null means absent.
    let body = json!({ "Type": "archive-retrieval", "ArchiveId": id, "Newer": { "a": [1] }, "SNSTopic": null, "Tier": "Bulk" });
    assert_eq!(harness.raw(Post, "/-/vaults/v/jobs", "", &[], body.to_string().as_bytes()).await.status, 202);
    assert_eq!(files(harness.folder.path(), "staged"), [""; 0]);
}

#[tokio::test]
async fn at_most_a_thousand_vaults() {
    let mut harness = Harness::new();
    for n in 0..1000 {
        harness.create(&format!("v{n}")).await;
    }
    check(&harness.raw(Put, "/-/vaults/one-more", "", &[], b"").await, 400, "LimitExceededException", "1000 vaults");
    assert_eq!(harness.raw(Put, "/-/vaults/v7", "", &[], b"").await.status, 201, "one that exists already");
}
