//! The public SigV4 suite: requests as text, and each step of their signatures.

use std::path::{Path, PathBuf};

use glacier_core::sign::Scope;
use glacier_core::{Credentials, Request, Timestamp};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::signing::{self, Signed};
use super::{NotPassed, Outcome, Report, Rule, same, text};
use crate::vectors;

/// What a URL cannot carry as it is and a HTTP client encodes.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'#');

/// Every folder below `suite` that has a request is a case.
pub(super) fn replay(suite: &Path, report: &mut Report) -> Result<(), String> {
    let mut cases = Vec::new();
    list(suite, &mut cases)?;
    for folder in cases {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        report.count_case("sigv4-suite:header", &format!("sigv4-suite/{name}/header"), || header(&folder));
        if folder.join("query-signed-request.txt").exists() {
            report.count_case("sigv4-suite:query", &format!("sigv4-suite/{name}/query"), || query(&folder));
        }
    }
    Ok(())
}

fn list(folder: &Path, cases: &mut Vec<PathBuf>) -> Result<(), String> {
    let mut below = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        below.push(entry.map_err(|error| error.to_string())?.path());
    }
    below.sort();
    if below.iter().any(|path| path.ends_with("request.txt")) {
        cases.push(folder.to_path_buf());
    }
    below.iter().filter(|path| path.is_dir()).try_for_each(|path| list(path, cases))
}

fn read(folder: &Path, name: &str) -> Result<String, NotPassed> {
    std::fs::read_to_string(folder.join(name)).map_err(|error| NotPassed::Failed(format!("{name}: {error}")))
}

/// The signature in a query: the URL without it is what was signed.
fn query(folder: &Path) -> Outcome {
    let context = vectors::read(&folder.join("context.json"))?;
    if context["normalize"] != true {
        return Err(NotPassed::Skipped(Rule::NotNormalized));
    }
    let mut parsed = Parsed::new(&read(folder, "query-signed-request.txt")?)?;
    let (credentials, _) = context_of(&context, &parsed)?;
    let mut signature = "";
    let sent = parsed.query.clone();
    let signed: Vec<&str> = sent
        .split('&')
        .filter(|pair| match pair.split_once('=') {
            Some(("X-Amz-Signature", value)) => {
                signature = value;
                false
            }
            // A token that is left out of the signature is added after it.
            Some(("X-Amz-Security-Token", _)) => context["omit_session_token"] != true,
            _ => true,
        })
        .collect();
    parsed.query = signed.join("&");
    let ours = parsed.signed_in(&context, &credentials, &parsed.headers)?;
    same("canonical request", ours.canonical.as_str(), read(folder, "query-canonical-request.txt")?.as_str())?;
    same("string to sign", ours.string_to_sign.as_str(), read(folder, "query-string-to-sign.txt")?.as_str())?;
    let ours = signing::signature(&ours.authorization);
    same("signature", ours, read(folder, "query-signature.txt")?.as_str())?;
    same("signature in the URL", ours, signature)?;
    Ok(vec![])
}

fn header(folder: &Path) -> Outcome {
    let file = |name: &str| read(folder, name);
    let parsed = Parsed::new(&file("request.txt")?)?;
    let canonical = file("header-canonical-request.txt")?;
    if !folder.join("context.json").exists() {
        return old_form(&parsed, &canonical);
    }
    let context = vectors::read(&folder.join("context.json"))?;
    if context["normalize"] != true {
        return Err(NotPassed::Skipped(Rule::NotNormalized));
    }
    let (credentials, headers) = context_of(&context, &parsed)?;
    let signed = parsed.signed_in(&context, &credentials, &headers)?;
    same("canonical request", signed.canonical.as_str(), canonical.as_str())?;
    same("string to sign", signed.string_to_sign, file("header-string-to-sign.txt")?)?;
    same("signature", signing::signature(&signed.authorization), file("header-signature.txt")?.as_str())?;
    let sent = file("header-signed-request.txt")?;
    let authorization = sent.lines().find_map(|line| line.strip_prefix("Authorization:")).unwrap_or_default().trim();
    same("authorization", signed.authorization.as_str(), authorization)?;
    Ok(vec![])
}

/// The credentials, and the headers that the signer adds before it signs.
fn context_of<'a>(context: &'a Value, parsed: &Parsed) -> Result<(Credentials<'a>, Vec<(String, String)>), NotPassed> {
    let secret = &context["credentials"];
    let token = secret["token"].as_str();
    let credentials = Credentials::new(text(secret, "access_key_id")?, text(secret, "secret_access_key")?, token)
        .map_err(|error| error.to_string())?;
    let mut headers = parsed.headers.clone();
    let stamp = text(context, "timestamp")?.replace(['-', ':'], "");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-amz-date")) {
        headers.push(("X-Amz-Date".into(), stamp));
    }
    if let (Some(token), false) = (token, context["omit_session_token"] == true) {
        headers.push(("X-Amz-Security-Token".into(), token.into()));
    }
    if context["sign_body"] == true {
        let hash = <sha2::Sha256 as sha2::Digest>::digest(&parsed.body);
        headers.push(("x-amz-content-sha256".into(), vectors::to_hex(&hash)));
    }
    Ok((credentials, headers))
}

/// Two cases have only a request and its canonical form, whose date is another than the request's.
fn old_form(parsed: &Parsed, canonical: &str) -> Outcome {
    let date = canonical.lines().find_map(|line| line.strip_prefix("x-amz-date:")).unwrap_or_default();
    let mut headers = parsed.headers.clone();
    for (name, value) in &mut headers {
        if name.eq_ignore_ascii_case("x-amz-date") {
            *value = date.to_string();
        }
    }
    let now = Timestamp::parse_iso(date).ok_or_else(|| format!("no time: {date}"))?;
    let credentials = Credentials::new("AKID", "secret", None).map_err(|error| error.to_string())?;
    let scope = Scope { region: "us-east-1", service: "service" };
    let signed = parsed.signed(&parsed.path, &scope, &credentials, now, &headers)?;
    same("canonical request", signed.canonical.as_str(), canonical)?;
    Ok(vec![Rule::OldForm])
}

/// A request, read from the suite's text.
struct Parsed {
    method: String,
    path: String,
    query: String,
    host: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Parsed {
    fn new(text: &str) -> Result<Self, NotPassed> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
        let (method, target) = first.split_once(' ').ok_or_else(|| format!("no request line: {first}"))?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            match (line.strip_prefix([' ', '\t']), headers.last_mut()) {
                // A folded line belongs to the header above it.
                (Some(_), Some((_, value))) => {
                    value.push('\n');
                    value.push_str(line);
                }
                _ => {
                    let (name, value) = line.split_once(':').ok_or_else(|| format!("no header: {line}"))?;
                    headers.push((name.to_string(), value.to_string()));
                }
            }
        }
        let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, host)| host.trim().to_string());
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
        Ok(Parsed {
            method: method.to_string(),
            path: path.to_string(),
            query: utf8_percent_encode(query, QUERY).to_string(),
            host: host.ok_or_else(|| "the request has no host".to_string())?,
            headers,
            body: body.as_bytes().to_vec(),
        })
    }

    /// The request signed in a case's context.
    ///
    /// These cases encode a path once, as S3 does; this signer encodes once more what is on the wire. So it is given the bare path.
    fn signed_in(&self, context: &Value, credentials: &Credentials<'_>, headers: &[(String, String)]) -> Result<Signed, NotPassed> {
        let now = text(context, "timestamp")?;
        let now = Timestamp::parse_iso(now).ok_or_else(|| format!("no time: {now}"))?;
        let scope = Scope { region: text(context, "region")?, service: text(context, "service")? };
        let path = percent_decode_str(&self.path).decode_utf8().map_err(|error| error.to_string())?;
        self.signed(&path, &scope, credentials, now, headers)
    }

    fn signed(
        &self,
        path: &str,
        scope: &Scope<'_>,
        credentials: &Credentials<'_>,
        now: Timestamp,
        headers: &[(String, String)],
    ) -> Result<Signed, NotPassed> {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let method = signing::method(&self.method)?;
        let request = Request { method, host: &self.host, path, query: &self.query, headers: &headers };
        Ok(Signed::new(scope, credentials, now, &request, &self.body))
    }
}
