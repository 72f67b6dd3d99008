//! What the environment and the profile say of the command itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::fixture::{Finished, Fixture, command};
use crate::service::{self, response};

#[test]
fn the_output_format_is_that_of_the_option_else_the_environment_else_the_profile() {
    for fixture in Fixture::both() {
        let run = |file: &str, env: &[(&str, &str)], arguments: &[&str]| -> Finished {
            fixture.write("config", file.as_bytes());
            let mut command = fixture.command(&[&["vault", "create", "v"], arguments].concat());
            command.env("AWS_CONFIG_FILE", fixture.path("config")).envs(env.iter().copied()).output().unwrap().into()
        };
        let json = |finished: Finished| finished.success().starts_with('{');
        assert!(!json(run("", &[], &[])));
        assert!(json(run("[default]\n  output = json\n", &[], &[])));
        assert!(json(run("[default]\noutput = yaml\n", &[], &[])));
        assert!(!json(run("[default]\noutput = json\n[profile other]\noutput = table\n", &[("AWS_PROFILE", "other")], &[])));
        assert!(!json(run("[default]\noutput = json\n", &[("AWS_DEFAULT_OUTPUT", "text")], &[])));
        assert!(json(run("[default]\noutput = text\n", &[("AWS_DEFAULT_OUTPUT", "json")], &[])));
        assert!(!json(run("", &[("AWS_DEFAULT_OUTPUT", "json")], &["--output", "text"])));
        run("[default]\noutput = xml\n", &[], &[]).failed(253, &["\"xml\"", "profile default", "use json or text"]);
        assert!(json(run("[default]\noutput = xml\n", &[], &["--output", "json"])));
    }
}

#[test]
fn files_that_cannot_be_used_do_not_matter_to_a_command_that_calls_no_service() {
    let fixture = Fixture::local();
    fixture.write("config", b"hush\n");
    let run = |mut command: std::process::Command| -> Finished {
        command.env("AWS_CONFIG_FILE", fixture.path("config")).output().unwrap().into()
    };
    run(fixture.command(&["vault", "list"])).success();
    let mut list = command(fixture.dir.path());
    list.args(["vault", "list"]);
    run(list).failed(253, &["config", "line 1"]);
}

/// How many requests are sent to a service that fails.
fn attempts(file: &str, env: &[(&str, &str)]) -> (u32, Finished) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let url = service::start(move |_| {
        counted.fetch_add(1, Relaxed);
        response("500 Internal Server Error", "x-amzn-RequestId: A\r\n", "{}")
    });
    let fixture = Fixture::local();
    fixture.write("config", file.as_bytes());
    let mut command = command(fixture.dir.path());
    command.env("AWS_CONFIG_FILE", fixture.path("config")).envs(env.iter().copied());
    let finished: Finished = command.args(["--endpoint-url", &url, "-v", "vault", "info", "v"]).output().unwrap().into();
    (count.load(Relaxed), finished)
}

#[test]
fn the_attempts_are_those_of_the_environment_else_the_profile() {
    for (file, env, expected) in [
        ("", &[][..], 3),
        ("[default]\nmax_attempts = 2\n", &[], 2),
        ("[default]\nmax_attempts = 2\n", &[("AWS_MAX_ATTEMPTS", "1")], 1),
        ("", &[("AWS_MAX_ATTEMPTS", "5")], 5),
    ] {
        let (sent, finished) = attempts(file, env);
        assert_eq!(sent, expected, "{file} {env:?}");
        finished.failed(254, &["500"]);
    }
    let (sent, finished) = attempts("", &[("AWS_MAX_ATTEMPTS", "many")]);
    finished.failed(253, &["\"many\"", "AWS_MAX_ATTEMPTS", "whole number"]);
    assert_eq!(sent, 0);
}

#[test]
fn a_retry_mode_is_understood_and_the_difference_is_told() {
    let (sent, finished) = attempts("[default]\nretry_mode = adaptive\n", &[]);
    assert_eq!(sent, 3);
    assert!(finished.err.contains("without a rate limit"), "{}", finished.err);
    let (_, finished) = attempts("", &[("AWS_RETRY_MODE", "fast")]);
    finished.failed(253, &["\"fast\"", "AWS_RETRY_MODE", "standard, adaptive or legacy"]);
}
