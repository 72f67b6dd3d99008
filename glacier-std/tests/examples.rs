//! The examples run without arguments, against a local vault.
#![cfg(all(feature = "http", feature = "local", feature = "transfer"))]
#![allow(dead_code, reason = "their main functions")]

#[path = "../examples/list_and_prune.rs"]
mod list_and_prune;
#[path = "../examples/restore_a_range.rs"]
mod restore_a_range;
#[path = "../examples/test_against_a_local_vault.rs"]
mod test_against_a_local_vault;
#[path = "../examples/upload_a_file.rs"]
mod upload_a_file;

#[tokio::test]
async fn an_archive_is_listed_and_pruned() {
    list_and_prune::run(&[]).await.unwrap();
}

#[tokio::test]
async fn a_range_is_restored() {
    restore_a_range::run(&[]).await.unwrap();
}

#[tokio::test]
async fn code_is_tested_against_a_local_vault() {
    test_against_a_local_vault::run(&[]).await.unwrap();
}

#[tokio::test]
async fn a_file_is_uploaded() {
    upload_a_file::run(&[]).await.unwrap();
}
