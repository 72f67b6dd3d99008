//! The replay program on the project's copy of the vectors: nothing differs, and nothing is skipped silently.
//! The vectors come from AWS's service, whose leaves have 1 MiB, so they do not apply to a simulation (`--cfg glacier_sim`).
#![cfg(not(glacier_sim))]

use std::path::Path;

use glacier_tests::replay::{self, Count, Rule};
use glacier_tests::vectors;
use serde_json::Value;

#[test]
fn every_vector_agrees() {
    let report = replay::run(&vectors::folder()).unwrap();
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
    // As counted in counts.json by whoever recorded them: each request is a case of the client and one of the signer.
    let counts = vectors::read(&vectors::folder().join("counts.json")).unwrap();
    let sum = |folder: &str| {
        let files = counts.as_object().unwrap().iter().filter(|(file, _)| file.starts_with(folder));
        files.map(|(_, count)| count.as_u64().unwrap() as usize).sum()
    };
    let passed = |passed| Count { passed, failed: 0, skipped: 0 };
    // Of the 40 cases of the signature suite, 7 have paths that are not normalised and 2 have no query signature.
    let suite = |passed| Count { passed, failed: 0, skipped: 7 };
    let expected = [
        ("align", passed(33)),
        ("descriptions:decode", passed(151)),
        ("descriptions:encode_mt2", passed(29)),
        ("descriptions:restore", passed(22)),
        ("endpoints", passed(71)),
        ("errors", passed(72)),
        ("guide-signing", passed(2)),
        ("inventory", passed(29)),
        ("pagination", passed(22)),
        ("policies:evaluate", passed(284)),
        ("policies:validate", passed(72)),
        ("presigned", passed(26)),
        ("requests", passed(sum("requests/"))),
        ("responses", passed(sum("responses/"))),
        ("retries", passed(43)),
        ("signer", passed(sum("requests/"))),
        ("sigv4-suite:header", suite(33)),
        ("sigv4-suite:query", suite(31)),
        ("treehash:combine", passed(10)),
        ("treehash:negative", passed(1)),
        ("treehash:parts", passed(8)),
        ("treehash:ranges", passed(103)),
        ("treehash:whole", passed(43)),
        ("validation", passed(56)),
        ("waiters", passed(18)),
    ];
    assert_eq!(report.counts.into_iter().collect::<Vec<_>>(), expected);
}

/// Cases that found a difference once, and cases in which a rule explains the difference.
#[test]
fn every_recorded_case_agrees() {
    let report = replay::run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded")).unwrap();
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
    assert_eq!(report.total(), Count { passed: 122, failed: 0, skipped: 0 });
    let rule = |rule| report.rules.get(&rule).copied();
    assert_eq!((rule(Rule::NotIdempotent), rule(Rule::OneAttempt), rule(Rule::ClockSkew)), (Some(4), Some(2), Some(1)));
    assert_eq!(report.no_vectors, ["README.md"]);
}

/// What cannot be replayed counts as failed.
#[test]
fn nothing_is_skipped_silently() {
    let folder = std::env::temp_dir().join(format!("glacier-unknown-{}", std::process::id()));
    assert!(replay::run(&folder).unwrap_err().contains("glacier-unknown"), "a folder that does not exist");
    std::fs::create_dir_all(folder.join("requests")).unwrap();
    std::fs::write(folder.join("README.md"), "nothing").unwrap();
    std::fs::write(folder.join("errors.json"), "[]").unwrap();
    assert!(replay::run(&folder).unwrap_err().contains("no case"), "a folder without cases");
    for (file, content, why) in [
        ("new-kind.json", "[{}]", "does not know files of this name"),
        ("errors.json", "[{", "errors.json"),
        ("errors.json", "{}", "not a list of cases"),
        ("errors.json", "[{}]", "the response has no headers"),
        ("treehash.json", r#"{"new": []}"#, "does not know a section"),
        ("inventory.json", r#"[{"body": {"$text": "x"}, "format": "XML"}]"#, "does not know the format XML"),
        (
            "waiters.json",
            r#"[{"responses": [], "params": {"vaultName": "v"}, "waiter": "JobDone"}]"#,
            "does not know the waiter JobDone",
        ),
        ("validation.json", r#"[{"operation": "MeltVault", "params": {}}]"#, "does not know the operation MeltVault"),
        ("retries.json", r#"[{"operation": "MeltVault", "network_error": "x"}]"#, "does not know the operation MeltVault"),
    ] {
        std::fs::write(folder.join(file), content).unwrap();
        let report = replay::run(&folder).unwrap();
        std::fs::remove_file(folder.join(file)).unwrap();
        assert_eq!(report.total(), Count { passed: 0, failed: 1, skipped: 0 }, "{file} {content}");
        assert!(report.failures[0].1.contains(why), "{}", report.failures[0].1);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Each compared member is changed in a copy of its file, and the replay must find it.
#[test]
fn differences_are_found() {
    let folder = std::env::temp_dir().join(format!("glacier-golden-{}", std::process::id()));
    for (file, pointer) in [
        ("requests/DescribeVault.json", "/0/request/method"),
        ("requests/DescribeVault.json", "/0/request/path"),
        ("requests/DescribeVault.json", "/0/request/headers/x-amz-glacier-version"),
        ("requests/DescribeVault.json", "/0/request/headers/Authorization"),
        ("requests/ListJobs.json", "/9/request/query"),
        ("requests/InitiateJob.json", "/0/request/body/$text"),
        ("requests/AbortVaultLock.json", "/0/signing/canonical_request"),
        ("requests/AbortVaultLock.json", "/0/signing/string_to_sign"),
        ("requests/AbortVaultLock.json", "/0/signing/signature"),
        ("responses/DescribeVault.json", "/0/ok/output/VaultName"),
        ("responses/DescribeVault.json", "/0/ok/output/SizeInBytes"),
        ("responses/DescribeVault.json", "/0/ok/request_id"),
        ("responses/ListParts.json", "/0/ok/output/Parts/0/SHA256TreeHash"),
        ("responses/ListParts.json", "/0/ok/output/PartSizeInBytes"),
        ("responses/ListTagsForVault.json", "/0/ok/output/Tags/date"),
        ("responses/UploadArchive.json", "/0/ok/output/archiveId"),
        ("responses/GetJobOutput.json", "/0/ok/output/body/$text"),
        ("errors.json", "/0/error/code"),
        ("errors.json", "/0/error/message"),
        ("errors.json", "/0/error/http_status"),
        ("validation.json", "/0/params/vaultName"),
        ("align.json", "/0/mib_aligned"),
        ("align.json", "/0/tree_hash_aligned"),
        ("treehash.json", "/whole/1/tree_hash"),
        ("treehash.json", "/whole/1/sha256"),
        ("treehash.json", "/ranges/0/tree_hash"),
        ("treehash.json", "/parts/0/parts/1/content_range"),
        ("treehash.json", "/parts/0/tree_hash"),
        ("treehash.json", "/combine/3/root"),
        ("treehash.json", "/negative/0/combined"),
        ("guide-signing.json", "/0/signature"),
        ("endpoints.json", "/0/url"),
        ("endpoints.json", "/68/signing_scope"),
        ("presigned.json", "/0/url"),
        ("presigned.json", "/4/http_method"),
        ("pagination.json", "/1/result/requests/1/query"),
        ("pagination.json", "/1/result/pages/0/VaultList/0/VaultName"),
        ("pagination.json", "/5/pagination_config/MaxItems"),
        ("pagination.json", "/5/result/resume_token"),
        ("pagination.json", "/12/result/error/code"),
        ("waiters.json", "/1/requests"),
        ("waiters.json", "/1/sleeps/1"),
        ("waiters.json", "/3/outcome"),
        ("retries.json", "/0/attempts/standard/requests"),
        ("retries.json", "/0/retryable/standard"),
        ("inventory.json", "/0/records/1/ArchiveDescription"),
        ("inventory.json", "/0/records/1/Size"),
        ("waiters.json", "/3/reason"),
        ("waiters.json", "/1/request/path"),
    ] {
        let mut data = vectors::read(&vectors::folder().join(file)).unwrap();
        keep_small(&mut data);
        change(&mut data, pointer);
        let copy = folder.join(file);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::write(&copy, data.to_string()).unwrap();
        let report = replay::run(&folder).unwrap();
        std::fs::remove_file(copy).unwrap();
        assert!(report.total().failed > 0, "{file}{pointer}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// There is no need to hash hundreds of MiB again for each difference.
fn keep_small(data: &mut Value) {
    for section in ["whole", "ranges", "parts"] {
        if let Some(cases) = data.get_mut(section).and_then(Value::as_array_mut) {
            cases.truncate(3);
        }
    }
}

fn change(data: &mut Value, pointer: &str) {
    if let Some(value) = data.pointer_mut(pointer) {
        *value = match value {
            Value::String(text) => format!("{text}x").into(),
            Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
            Value::Bool(flag) => (!*flag).into(),
            other => panic!("{pointer} is {other}"),
        };
    } else {
        // A member that was missing.
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        data.pointer_mut(parent).unwrap()[name] = "present".into();
    }
}
