//! Shared by the targets: second implementations to compare with, and bodies in pieces.

mod cpu_limit;
#[path = "../../tests/src/pieces.rs"]
pub mod pieces;
pub mod prefix;
#[path = "../../tests/src/second.rs"]
pub mod second;
pub mod sequence;
pub mod service;

pub use cpu_limit::CpuLimit;

use std::convert::Infallible;

use glacier_core::{Error, FromResponse, Head, List, Listing, Method, Request, Response};
use pieces::Pieces;
use pollster::block_on;

/// Reads a whole list from `body`: the number of its items, or the error.
pub fn list<L: List>(body: &[u8], sizes: &[usize], room: usize) -> Result<usize, Error<Infallible>> {
    let mut buf = vec![0; room];
    let mut listing = Listing::<_, L>::new(Pieces::new(body, sizes), &mut buf);
    block_on(async {
        let mut count = 0;
        while listing.next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    })
}

/// Calls `decode` with a response of this status and body, whose headers are the lines before the first empty one.
pub fn response(data: &[u8], decode: impl Fn(&Response<'_>)) {
    let end = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(0);
    let (lines, body) = data.split_at(end);
    let mut arena = [0; 256];
    let mut head = Head::new(&mut arena);
    head.start(u16::from(data.first().copied().unwrap_or(200)) * 3);
    for line in lines.split(|byte| *byte == b'\n') {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let _full = head.push(&String::from_utf8_lossy(name), value.strip_prefix(b":").unwrap_or_default());
    }
    decode(&head.with_body(body.strip_prefix(b"\n\n").unwrap_or(body)));
}

/// Decodes a response, also as one that must come from Glacier, and drops the output.
pub fn decode<'b, T: FromResponse<'b>>(response: &Response<'b>) {
    let _either = (T::from_response(response).map(|_| ()), T::from_service(response).map(|_| ()));
}

/// The headers in the form of a request.
pub fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The PUT request that the second implementation signs, in our form.
pub fn request<'r>(second: &'r second::Signable, headers: &'r [(&'r str, &'r str)]) -> Request<'r> {
    Request { method: Method::Put, host: &second.host, path: &second.path, query: &second.query, headers }
}
