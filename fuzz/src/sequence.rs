//! A sequence of requests to the local vault: any operation, with parameters that fit or do not, signed rightly or wrongly, and advances of
//! time between them. Most of what an input says is short, and every input says something.

use std::time::Duration;

use glacier_core::ops::catalogue::{BodyKind, OPERATIONS, OperationInfo};
use glacier_std::local::TimeMode;
use sha2::{Digest, Sha256};

use crate::second;
use crate::service::{Answer, Service, Signing, VAULT};

/// Requests of a sequence, at most.
const MOST: usize = 16;
/// Values that a header or a parameter may have besides what an input spells itself.
const VALUES: [&str; 24] = [
    "",
    "0",
    "1",
    "2",
    "50",
    "1048576",
    "2097152",
    "4294967296",
    "true",
    "false",
    "InProgress",
    "Succeeded",
    "add",
    "remove",
    "bytes 0-0/*",
    "bytes 0-1048575/*",
    "bytes 1048576-1048576/*",
    "bytes=0-0",
    "bytes=1-",
    "bytes=-1",
    "bytes=9-0",
    "a,\"b\"\\",
    "2012-06-01",
    "18446744073709551615",
];
const HEADERS: [&str; 12] = [
    "x-amz-archive-description",
    "x-amz-part-size",
    "Content-Range",
    "Range",
    "x-amz-archive-size",
    "x-amz-sha256-tree-hash",
    "x-amz-content-sha256",
    "x-amz-glacier-version",
    "x-amz-security-token",
    "Content-Type",
    "x-amz-meta-other",
    "Authorization",
];
const PARAMETERS: [&str; 6] = ["limit", "marker", "statuscode", "completed", "operation", "other"];
/// Bodies; `ID` stands for an id that was told before.
const BODIES: [&str; 22] = [
    "",
    "{}",
    r#"{"Type":"archive-retrieval","ArchiveId":"ID","Tier":"Expedited"}"#,
    r#"{"Type":"archive-retrieval","ArchiveId":"ID"}"#,
    r#"{"Type":"archive-retrieval","ArchiveId":"ID","Tier":"Bulk","RetrievalByteRange":"0-0","Description":"d"}"#,
    r#"{"Type":"archive-retrieval","ArchiveId":"ID","RetrievalByteRange":"0-1048575"}"#,
    r#"{"Type":"inventory-retrieval"}"#,
    r#"{"Type":"inventory-retrieval","Format":"CSV","InventoryRetrievalParameters":{"Limit":"1"}}"#,
    r#"{"Type":"inventory-retrieval","InventoryRetrievalParameters":{"StartDate":"2026-01-01T00:00:00Z","EndDate":"2027-01-01T00:00:00Z"}}"#,
    r#"{"Type":"inventory-retrieval","InventoryRetrievalParameters":{"Limit":"1","Marker":"ID"}}"#,
    r#"{"Tags":{"a":"b","c":""}}"#,
    r#"{"Tags":{}}"#,
    r#"{"TagKeys":["a"]}"#,
    r#"{"SNSTopic":"arn:aws:sns:us-east-1:000000000000:t","Events":["ArchiveRetrievalCompleted"]}"#,
    r#"{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":1}]}}"#,
    r#"{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":9223372036854775807}]}}"#,
    r#"{"Policy":{"Rules":[{"Strategy":"None"}]}}"#,
    r#"{"Policy":{"Rules":[{"Strategy":"FreeTier"}]}}"#,
    r#"{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"glacier:*\",\"Resource\":\"arn:aws:glacier:us-east-1:000000000000:vaults/examplevault\"}]}"}"#,
    r#"{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"glacier:DeleteArchive\",\"Resource\":\"arn:aws:glacier:us-east-1:000000000000:vaults/examplevault\",\"Condition\":{\"NumericLessThan\":{\"glacier:ArchiveAgeInDays\":\"365\"}}}]}"}"#,
    r#"{"Policy":""}"#,
    "[",
];

/// Performs the sequence that these bytes say.
pub fn perform(data: &[u8]) {
    let mut input = Input(data);
    let mode = input.byte();
    let time = if mode & 1 == 0 { TimeMode::Manual } else { TimeMode::Instant };
    let service = Service::new(time, mode & 2 != 0);
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..MOST {
        if input.0.is_empty() {
            break;
        }
        match OPERATIONS.get(usize::from(input.byte() % 40)) {
            Some(operation) => {
                let answer = request(&service, &mut input, operation, &ids);
                let names = ["x-amz-archive-id", "x-amz-multipart-upload-id", "x-amz-job-id", "x-amz-lock-id"];
                ids.extend(names.iter().filter_map(|name| answer.header(name)).map(str::to_owned));
            }
            // Seconds to half a year.
            None => service.advance(Duration::from_millis((1 << (input.byte() % 34)) + u64::from(input.byte()))),
        }
    }
    service.still_works();
}

fn request(service: &Service, input: &mut Input<'_>, operation: &OperationInfo, ids: &[String]) -> Answer {
    let how = input.byte();
    let body = body(input, operation, ids);
    // Hashes of the body as they are, unless the input says others.
    let mut headers: Vec<(String, String)> = vec![("x-amz-glacier-version".into(), "2012-06-01".into())];
    let needs_tree = operation.body == BodyKind::Stream || operation.name == "CompleteMultipartUpload";
    if needs_tree && how & 1 == 0 {
        headers.push(("x-amz-sha256-tree-hash".into(), hex(&second::tree_hash(&body))));
    }
    match operation.name {
        "UploadArchive" => headers.push(("x-amz-content-sha256".into(), hex(&Sha256::digest(&body)))),
        "UploadMultipartPart" => {
            headers.push(("x-amz-content-sha256".into(), hex(&Sha256::digest(&body))));
            if how & 2 == 0 {
                headers.push(("Content-Range".into(), format!("bytes 0-{}/*", body.len().max(1) - 1)));
            }
        }
        "InitiateMultipartUpload" if how & 2 == 0 => headers.push(("x-amz-part-size".into(), "1048576".into())),
        "CompleteMultipartUpload" if how & 2 == 0 => headers.push(("x-amz-archive-size".into(), body.len().to_string())),
        _ => {}
    }
    if how & 4 != 0 {
        for _ in 0..input.byte() % 4 {
            let name = HEADERS[usize::from(input.byte()) % HEADERS.len()];
            let value = input.value(ids);
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            headers.push((name.into(), value.replace(['\r', '\n'], " ").trim().to_owned()));
        }
    }
    let mut query = operation.query.to_owned();
    if how & 8 != 0 {
        for _ in 0..input.byte() % 4 {
            let name = PARAMETERS[usize::from(input.byte()) % PARAMETERS.len()];
            query = format!("{query}&{name}={}", encoded(&input.value(ids)));
        }
        query = query.trim_start_matches('&').to_owned();
    }
    let path = path(input, operation, ids, how & 16 != 0);
    let signing = match how >> 5 {
        7 => match input.byte() % 4 {
            0 => Signing::ByAnotherAccount,
            1 => Signing::UnknownKey,
            2 => Signing::WrongSecret,
            _ => Signing::None,
        },
        _ => Signing::Right,
    };
    // Only what is uploaded has a body of its own; that of CompleteMultipartUpload says what was uploaded.
    let sent: &[u8] = if operation.name == "CompleteMultipartUpload" { b"" } else { &body };
    service.send(operation.method, &path, &query, &crate::borrowed(&headers), sent, signing)
}

fn body(input: &mut Input<'_>, operation: &OperationInfo, ids: &[String]) -> Vec<u8> {
    if operation.body == BodyKind::Stream || operation.name == "CompleteMultipartUpload" {
        // Two bytes of the input make the body of a part and of the archive that it is completed to.
        return vec![input.byte(); usize::from(input.byte())];
    }
    if operation.body == BodyKind::Empty {
        return Vec::new();
    }
    let which = usize::from(input.byte());
    let text = BODIES.get(which % (BODIES.len() + 3)).map_or_else(|| input.text(), |text| (*text).to_owned());
    text.replace("ID", &input.id(ids)).into_bytes()
}

fn path(input: &mut Input<'_>, operation: &OperationInfo, ids: &[String], is_odd: bool) -> String {
    let account = if is_odd { input.value(ids) } else { "-".to_owned() };
    let segments = operation.path.split('/').map(|segment| match segment {
        "{vaultName}" if is_odd => encoded(&input.value(ids)),
        "{vaultName}" => VAULT.to_owned(),
        id if id.starts_with('{') => encoded(&input.id(ids)),
        word => word.to_owned(),
    });
    let segments: Vec<String> = segments.collect();
    format!("/{}{}", encoded(&account), segments.join("/"))
}

/// What is left of an input.
struct Input<'d>(&'d [u8]);

impl Input<'_> {
    /// The next byte; 0 at the end.
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn text(&mut self) -> String {
        let length = usize::from(self.byte()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    /// An id that was told, mostly the last.
    fn id(&mut self, ids: &[String]) -> String {
        let which = usize::from(self.byte());
        if which >= 250 {
            return self.text();
        }
        ids.iter().rev().nth(which % ids.len().max(1)).cloned().unwrap_or_default()
    }

    fn value(&mut self, ids: &[String]) -> String {
        match usize::from(self.byte()) {
            which if which < VALUES.len() * 4 => VALUES[which / 4].to_owned(),
            which if which < 160 => self.id(ids),
            _ => self.text(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
