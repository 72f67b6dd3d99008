//! Vaults in memory do what vaults in a folder do, and touch no disk.

use glacier_core::*;

use crate::harness::{LEAF, *};

#[tokio::test]
async fn archives_come_back_in_any_form() {
    let mut harness = Harness::in_memory();
    assert_eq!(harness.vaults.found(), []);
    harness.create("v").await;
    let body = data(2 * LEAF + 77);
    let whole = harness.upload(&body, "whole").await;
    assert!(harness.fetch(&whole).await == body);
    let upload = harness.begin(PartSize::MIN).await;
    let part = usize::try_from(PartSize::MIN.bytes()).unwrap();
    let parts = data(part + 9);
    harness.part(&upload, 0, &data(part)).await.unwrap();
    harness.part(&upload, part, &parts[part..]).await.unwrap();
    harness.part(&upload, 0, &parts[..part]).await.unwrap();
    let pieced = harness.complete(&upload, &parts).await.unwrap();
    assert!(harness.fetch(&pieced).await == parts);
    let job = harness.retrieve(&whole, None).await;
    let response = harness.raw(Method::Delete, &format!("/-/vaults/v/archives/{pieced}"), "", &[], b"").await;
    assert_eq!(response.status, 204);
    assert!(harness.output(&job, None).await.unwrap().data == body);
    assert_eq!(harness.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.json()["NumberOfArchives"], 1);
}

#[tokio::test]
async fn handles_share_the_vaults_and_two_openings_do_not() {
    let mut first = Harness::in_memory();
    first.create("v").await;
    let (clone, other) = (first.vaults.clone(), Harness::in_memory());
    first = Harness { client: client(&clone), vaults: clone, ..first };
    assert_eq!(first.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.status, 200);
    assert_eq!(other.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.status, 404);
}
