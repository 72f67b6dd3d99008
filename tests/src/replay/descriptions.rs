//! Names in archive descriptions: what is found in them, what is written, and where it may be restored to.

use glacier_std::description::{CannotWrite, Damage, Details, Format, Problem, read, restore_path, write_mt2};
use serde_json::{Value, json};

use super::{NotPassed, Outcome, Report, same, text};

pub(super) fn replay(report: &mut Report, file: &str, data: &Value) {
    for (section, cases) in data.as_object().into_iter().flatten() {
        match section.as_str() {
            "decode" => report.cases("descriptions:decode", file, cases, decode),
            "encode_mt2" => report.cases("descriptions:encode_mt2", file, cases, encode),
            "restore" => report.cases("descriptions:restore", file, cases, restore),
            _ => report.fail_file(file, &format!("this program does not know a section {section}")),
        }
    }
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Mt1 => "mt1",
        Format::Mt2 => "mt2",
        Format::FastGlacier => "fastglacier",
        Format::CloudBerry => "cloudberry",
        Format::Json => "json",
        Format::Plain => "plain",
        _ => "another",
    }
}

fn decode(case: &Value) -> Outcome {
    let (format, result) = read(text(case, "description")?);
    same("format", format_name(format), text(case, "format")?)?;
    let stored = match (result, case["error"].as_str()) {
        (Ok(stored), None) => stored,
        (Err(damage), Some(expected)) => {
            let ours = match damage {
                Damage::Base64 => "base64",
                Damage::Utf8 => "utf8",
                Damage::Json => "json",
                Damage::Field => "field",
                _ => "another",
            };
            return same("error", ours, expected).map(|()| vec![]);
        }
        (ours, theirs) => return Err(NotPassed::Failed(format!("ours {ours:?}, theirs {theirs:?}"))),
    };
    let code = |problem: &Problem| match problem {
        Problem::Original => "ce",
        Problem::Flags => "flags",
        Problem::Mtime => "mtime",
        Problem::Utf7 => "utf7",
        Problem::Version => "version",
        _ => "another",
    };
    let mut problems: Vec<_> = stored.problems.iter().map(code).collect();
    problems.sort_unstable();
    let mut ours = json!({ "name": stored.name, "mtime": stored.mtime, "problems": problems });
    match stored.details {
        Details::FastGlacier { version, original } => {
            ours["version"] = json!(version);
            ours["ce"] = original.map_or(Value::Null, |original| {
                let (compressed, encrypted) = (original.compressed, original.encrypted);
                json!({ "compressed": compressed, "encrypted": encrypted, "md5": original.md5, "size": original.size })
            });
        }
        Details::CloudBerry { flags } => ours["flags"] = json!(flags),
        Details::Json { kind } => ours["type"] = json!(kind),
        _ => {}
    }
    same("decoded", &ours, &case["decoded"])?;
    Ok(vec![])
}

fn encode(case: &Value) -> Outcome {
    // A time that is missing cannot be given; one out of range stands for it.
    let mtime = case["mtime"].as_i64().unwrap_or(i64::MIN);
    match (write_mt2(text(case, "name")?, mtime), case["error"].as_str()) {
        (Ok(description), None) => same("description", description.as_str(), text(case, "description")?)?,
        (Err(error), Some(expected)) => {
            let ours = match error {
                CannotWrite::Name => "name",
                CannotWrite::Mtime => "mtime",
                CannotWrite::Length { .. } => "length",
                _ => "another",
            };
            same("error", ours, expected)?;
        }
        (ours, theirs) => return Err(NotPassed::Failed(format!("ours {ours:?}, theirs {theirs:?}"))),
    }
    Ok(vec![])
}

fn restore(case: &Value) -> Outcome {
    let format = match text(case, "format")? {
        "mt1" => Format::Mt1,
        "mt2" => Format::Mt2,
        "fastglacier" => Format::FastGlacier,
        "cloudberry" => Format::CloudBerry,
        "json" => Format::Json,
        "plain" => Format::Plain,
        other => return Err(NotPassed::Failed(format!("this program does not know the format {other}"))),
    };
    let ours = restore_path(format, text(case, "name")?);
    let ours = ours.map_or(Value::Null, |found| json!({ "path": found.path, "dir": found.is_folder }));
    same("restore", &ours, &case["restore"])?;
    Ok(vec![])
}
