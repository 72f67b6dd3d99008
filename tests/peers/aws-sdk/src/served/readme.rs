//! The README's program for the SDK: its lines are here, in their order, as a test compares them.

use aws_sdk_glacier::config::{BehaviorVersion, Credentials, Region};

use super::check::Outcome;
use super::server::Server;

const README: &str = include_str!("../../../../../README.md");
const HERE: &str = include_str!("readme.rs");

pub(super) async fn program(server: &Server) -> Outcome {
    let config = aws_sdk_glacier::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url("http://127.0.0.1:4566")
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .build();
    // This server has a port of its own, and the SDK is built without TLS here.
    let http_client = aws_smithy_http_client::Builder::new().build_http();
    let config = config.to_builder().endpoint_url(&server.url).http_client(http_client).build();
    let glacier = aws_sdk_glacier::Client::from_conf(config);
    glacier.create_vault().vault_name("photos").send().await?;
    same_lines()
}

fn same_lines() -> Outcome {
    let program = README.split_once("\n```rs\n").and_then(|(_, rest)| rest.split_once("\n```\n"));
    let (program, _) = program.ok_or("the README has no program for this SDK")?;
    let mut here = HERE.lines().map(str::trim);
    for line in program.lines().map(str::trim) {
        if !here.any(|other| other == line) {
            return Err(format!("not the README's program: {line}").into());
        }
    }
    Ok(())
}
