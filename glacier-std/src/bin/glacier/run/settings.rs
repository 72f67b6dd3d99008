//! What the environment and the profile say of the command itself: how results are printed, and how often requests are sent.

use glacier_core::retry::RetryPolicy;
use glacier_std::config::{Config, ConfigError, Found, RetryMode, process_env};

use super::error::CommandError;
use crate::args::{GlobalArgs, OutputFormat};
use crate::output::print_stderr;

/// The environment and the shared files. Only a command that calls a service fails with the error.
pub(crate) fn load_config(global: &GlobalArgs) -> Result<Config<'static>, ConfigError> {
    Config::load(&process_env, global.profile.as_deref())
}

/// `--output`, `AWS_DEFAULT_OUTPUT`, the profile's `output`; else text.
pub(crate) fn output_format(
    global: &GlobalArgs,
    config: &Result<Config<'static>, ConfigError>,
) -> Result<OutputFormat, CommandError> {
    if let Some(format) = global.output {
        return Ok(format);
    }
    let found = match config {
        Ok(config) => config.output(),
        // What cannot be read does not matter to a command that calls no service; one that does fails with it soon.
        Err(_) => None,
    };
    found.map_or(Ok(OutputFormat::Text), |found| closest(&found))
}

/// The closest of our formats: JSON is YAML too, and a table is text.
fn closest(found: &Found<String>) -> Result<OutputFormat, CommandError> {
    match found.value.to_ascii_lowercase().as_str() {
        "json" | "yaml" | "yaml-stream" => Ok(OutputFormat::Json),
        "text" | "table" => Ok(OutputFormat::Text),
        _ => Err(CommandError::config(format_args!(
            "{:?} (from {}) is not an output format: use json or text, or --output",
            found.value, found.from
        ))),
    }
}

/// The retries of requests that move no archive. With `-v` it is said what is not done as the mode has it.
pub(crate) fn control_retries(global: &GlobalArgs, config: &Config<'_>) -> Result<RetryPolicy, CommandError> {
    let mode = config.retry_mode().map_err(CommandError::config)?;
    if let Some(Found { value: RetryMode::Adaptive, from }) = mode
        && global.verbose > 0
    {
        print_stderr(format_args!("retry mode adaptive from {from}: retries are those of the mode standard, without a rate limit"));
    }
    config.retry_policy().map_err(CommandError::config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_the_aws_command_become_the_closest_one() {
        let closest = |value: &str| closest(&Found { value: value.into(), from: "AWS_DEFAULT_OUTPUT".into() });
        for (value, format) in [
            ("json", OutputFormat::Json),
            ("JSON", OutputFormat::Json),
            ("yaml", OutputFormat::Json),
            ("yaml-stream", OutputFormat::Json),
            ("text", OutputFormat::Text),
            ("table", OutputFormat::Text),
        ] {
            assert_eq!(closest(value).unwrap(), format, "{value}");
        }
        let error = closest("xml").unwrap_err();
        assert_eq!(error.code, super::super::error::code::CONFIG);
        assert!(error.to_string().contains("\"xml\" (from AWS_DEFAULT_OUTPUT)"), "{error}");
    }
}
