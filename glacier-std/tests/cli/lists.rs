//! Vaults and jobs, under the member names of the Glacier API.

use crate::bench::Bench;

#[test]
fn lists_of_many_pages() {
    for bench in Bench::both() {
        assert_eq!(bench.run(&["--output", "json", "vault", "list"]).good(), r#"{"VaultList":[]}"#);
        assert_eq!(bench.run(&["vault", "list"]).good(), "");
        // More than two pages of the service's ten.
        let names: Vec<_> = (0..23).map(|n| format!("v{n:02}")).collect();
        for name in &names {
            bench.run(&["vault", "create", name]).good();
        }
        let list = bench.json(&["vault", "list"]);
        let list = list["VaultList"].as_array().unwrap();
        assert_eq!(list.iter().map(|vault| vault["VaultName"].as_str().unwrap()).collect::<Vec<_>>(), names);
        let text = bench.run(&["vault", "list"]);
        assert_eq!(text.good().lines().count(), 23);
        let info = bench.json(&["vault", "info", "v07"]);
        assert_eq!(info["VaultARN"], list[7]["VaultARN"]);
        for member in ["CreationDate", "LastInventoryDate", "NumberOfArchives", "SizeInBytes"] {
            assert!(info.get(member).is_some(), "{member} in {info}");
        }
    }
}

#[test]
fn a_vault_is_created_used_and_deleted() {
    for bench in Bench::both() {
        bench.write("f", b"x");
        assert_eq!(bench.json(&["vault", "create", "v"])["location"], "/000000000000/vaults/v");
        let id = bench.run(&["upload", "v", "f", "--description", "-a text-"]).good().to_owned();
        bench.run(&["restore", "v", &id, "-o", "t"]).good();
        let jobs = bench.json(&["job", "list", "v"]);
        let job = &jobs["JobList"][0];
        assert_eq!((&job["Action"], &job["ArchiveId"]), (&"ArchiveRetrieval".into(), &id.as_str().into()));
        let info = bench.json(&["job", "info", "v", job["JobId"].as_str().unwrap()]);
        assert_eq!(
            (&info["StatusCode"], &info["ArchiveSizeInBytes"], &info["SNSTopic"]),
            (&"Succeeded".into(), &1.into(), &serde_json::Value::Null)
        );
        bench.run(&["vault", "delete", "v"]).failed(254, &["InvalidParameterValueException", "not empty"]);
        assert_eq!(bench.run(&["archive", "delete", "v", &id]).good(), "");
        assert_eq!(bench.json(&["vault", "delete", "v"]), serde_json::json!({}));
        bench.run(&["vault", "info", "v"]).failed(254, &["ResourceNotFoundException", "glacier vault create v"]);
    }
}
