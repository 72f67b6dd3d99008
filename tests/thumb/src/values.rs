//! Everything in core that needs no client: sizes, ranges, layouts, hashes, ids, times, texts, signatures, heads and responses.

use core::hint::black_box;

use glacier_core::hash::{LinearHasher, PartTree};
use glacier_core::ops::{InitiateJobOutput, Job, UploadArchiveOutput, UploadMultipartPartOutput, Vault};
use glacier_core::sign::{Scope, canonical_request, string_to_sign};
use glacier_core::values::{ContentRange, Range};
use glacier_core::{
    ArchiveId, Buffer, ByteRange, Credentials, DecodeError, ErrorCode, FromResponse, Head, Header, Layout, LinearHash, Message,
    Method, PartSize, PayloadHasher, Request, Response, ServiceError, ServiceErrorText, Signer, Sink, Text, Timestamp, TreeHash,
    TreeHasher, Truncated, VaultName, Wire,
};

use crate::runtime::{both, bytes, debug, either, number, show, text};

/// Calls all of it.
pub fn all() {
    sizes();
    ranges();
    hashes();
    ids();
    times();
    texts();
    responses();
    signatures();
}

fn wire(value: &dyn Wire) {
    let mut room = [0; 128];
    let mut out = Buffer::new(black_box(&mut room));
    value.wire(&mut out);
    out.put(bytes());
    debug((out.len(), out.is_empty()));
    both(out.finish());
}

fn sizes() {
    for size in [PartSize::from_bytes(number()), PartSize::from_mib(number())] {
        if let Some(size) = both(size) {
            show(size.bytes());
            debug((size, size < PartSize::MAX, size == PartSize::MIN));
            wire(&size);
        }
    }
    let Some(size) = both(PartSize::smallest_for(number())) else { return };
    let Some(layout) = both(Layout::new(number(), size)) else { return };
    debug((layout.size(), layout.part_size(), layout.count(), layout.part(number())));
    for part in layout.parts() {
        debug(part);
    }
}

fn ranges() {
    for range in [ByteRange::new(number(), number()), ByteRange::with_length(number(), number())] {
        let Some(range) = both(range) else { continue };
        show(range);
        debug((range.first(), range.last(), range.len()));
        debug((range.is_mib_aligned(number()), range.is_tree_hash_aligned(number())));
        wire(&range);
        wire(&ContentRange(range));
        wire(&Range::Bytes(range));
        wire(&Range::From(number()));
    }
    both(text().parse::<ByteRange>());
}

fn hashes() {
    both(text().parse::<LinearHash>());
    both(text().parse::<TreeHash>());
    let mut linear = LinearHasher::new();
    linear.update(bytes());
    let linear = linear.finish();
    show(linear);
    wire(&linear);
    let mut tree = TreeHasher::new();
    tree.update(bytes());
    show(tree.position());
    let Some(size) = both(PartSize::from_mib(number())) else { return };
    let given = TreeHash::from_bytes(*linear.as_bytes());
    let mut parts = PartTree::new(size);
    both(parts.push(number(), given));
    debug((parts.size(), parts.part_size()));
    both(parts.finish());
    if let Some(hash) = both(tree.finish()) {
        show(hash);
        wire(&hash);
    }
    let mut payload = PayloadHasher::new();
    payload.update(bytes());
    both(payload.finish());
}

fn ids() {
    let Some(id) = both(ArchiveId::try_from(text())) else { return };
    show(id);
    if let Some(owned) = both(id.to_owned::<192>()) {
        show(owned.as_id());
        debug(owned.clone());
    }
    if let Some(name) = both(VaultName::try_from(text())) {
        show(name);
        debug(name.as_str());
    }
}

fn times() {
    let now = Timestamp::from_unix(number());
    show(now);
    wire(&now);
    debug((now.unix(), Timestamp::parse_iso(text()), Timestamp::parse_http(text())));
}

fn texts() {
    for text in [Text::from_plain(text()), Text::from_escaped(text())].into_iter().flatten() {
        show(text);
        debug((text.raw(), text.as_plain(), text.is_empty(), text == *crate::runtime::text()));
        text.chars().for_each(|character| show(character));
    }
    let truncated = Truncated::<16>::new(&text());
    show(truncated);
    debug((truncated.as_str(), truncated.is_whole()));
    let code = ErrorCode::from_name(text());
    debug((code, code.name()));
}

fn responses() {
    let mut arena = [0; 256];
    let mut head = Head::new(black_box(&mut arena));
    head.start(number() as u16);
    while either() {
        both(head.push(text(), bytes()));
    }
    debug(head.status());
    let response = head.with_body(bytes());
    debug((response.status(), response.is_success(), response.request_id(), Header::Date.name()));
    debug(response.header(Header::Location));
    both(response.require(Header::JobId));
    output::<Vault<'_>>(&response);
    output::<Job<'_>>(&response);
    output::<UploadArchiveOutput<'_>>(&response);
    output::<InitiateJobOutput<'_>>(&response);
    output::<UploadMultipartPartOutput>(&response);
    show(ServiceError::from_response(&response));
    let full = ServiceErrorText::from_response(&response);
    debug(full);
    match full.message {
        Message::Json(text) => show(text),
        Message::Raw(text) => show(text),
    }
}

fn output<'b, A: FromResponse<'b> + core::fmt::Debug>(response: &Response<'b>) {
    let outcome: Result<A, DecodeError> = A::from_response(response);
    both(outcome);
}

fn signatures() {
    let token = either().then(text);
    let Some(credentials) = both(Credentials::new(text(), text(), token)) else { return };
    debug((&credentials, credentials.access_key_id()));
    let headers = [(text(), text())];
    let request = Request { method: Method::Get, host: text(), path: text(), query: text(), headers: black_box(&headers) };
    debug(request);
    let payload = LinearHash::EMPTY;
    let scope = Scope { region: text(), service: text() };
    let mut room = [0; 256];
    let mut out = Buffer::new(black_box(&mut room));
    let now = Timestamp::from_unix(number());
    Signer::new().authorization(&scope, &credentials, now, &request, &payload, &mut out);
    canonical_request(&request, &payload, &mut out);
    string_to_sign(&scope, now, &request, &payload, &mut out);
    both(out.finish());
}
