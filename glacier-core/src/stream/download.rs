//! The output of a job, hashed while it is read and checked at its end.

use embedded_io_async::{BufRead, ErrorType, Read};

use crate::error::Error;
use crate::hash::{LeafPairHasher, TreeHash};
use crate::response::{Header, Response};
use crate::wire::{DecodeError, decimal};

/// The headers of GetJobOutput.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct JobOutput<'b> {
    /// 200 for the whole output, 206 for a range; a range that starts at 0 may come with either.
    pub status: u16,
    /// The tree hash of just these bytes, when they are a node of the archive's tree. Never with inventories.
    pub tree_hash: Option<TreeHash>,
    /// `bytes A-B/total`, for a range.
    pub content_range: Option<&'b str>,
    /// `bytes`, when ranges can be asked for.
    pub accept_ranges: Option<&'b str>,
    /// `application/octet-stream` for archives, `application/json` or `text/csv` for inventories.
    pub content_type: Option<&'b str>,
    /// The archive's description.
    pub description: Option<&'b str>,
    /// The bytes in this response, if it states them.
    pub size: Option<u64>,
}

/// A job's output while it is read.
///
/// It may be dropped before its end: the transport gives the next request a clean connection.
#[derive(Debug)]
pub struct Download<'b, B> {
    output: JobOutput<'b>,
    body: B,
    hasher: LeafPairHasher<&'b mut [u8]>,
    /// The bytes that there must be, as the caller knows from elsewhere.
    expected: Option<u64>,
    /// Bytes that were lent by `fill_buf` and hashed, and not yet consumed.
    lent: usize,
    verified: Option<TreeHash>,
}

impl<'b> JobOutput<'b> {
    pub(crate) fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        let tree_hash = response.tree_hash()?;
        // A length that cannot be read would leave a download that ends early unnoticed.
        let size = match response.header(Header::ContentLength) {
            Some(text) => Some(decimal(text).ok_or(DecodeError::InvalidHeader(Header::ContentLength.name()))?),
            None => None,
        };
        Ok(JobOutput {
            status: response.status(),
            tree_hash,
            content_range: response.header(Header::ContentRange),
            accept_ranges: response.header(Header::AcceptRanges),
            content_type: response.header(Header::ContentType),
            description: response.header(Header::ArchiveDescription),
            size,
        })
    }
}

impl<'b, B: Read> Download<'b, B> {
    // Cannot fail: a `Result` of more than 1 KiB would be moved once more, which on a device is stack.
    pub(crate) fn new(output: JobOutput<'b>, body: B) -> Self {
        Download { output, body, hasher: LeafPairHasher::new(&mut []), expected: None, lent: 0, verified: None }
    }

    /// Lends memory for the verification, 1 MiB: where the processor hashes two leaves at once, it then costs half.
    ///
    /// See [`LeafPairHasher`]. For hosts; with less memory, and on other processors, nothing changes.
    #[must_use]
    pub fn in_pairs(mut self, memory: &'b mut [u8]) -> Self {
        self.hasher.work_in(memory);
        self
    }

    /// States how many bytes there must be, as the job's description or the range that was asked for says. Reading fails at the first
    /// byte beyond, and at an earlier end, whatever length the response announces.
    #[must_use]
    pub fn expecting(self, bytes: u64) -> Self {
        Download { expected: Some(bytes), ..self }
    }

    /// The headers of the output.
    pub fn output(&self) -> &JobOutput<'b> {
        &self.output
    }

    /// Reads the next bytes; 0 at the end, and then length and tree hash are as announced.
    ///
    /// What is read before the end is not verified yet: do not put it in its final place before this has returned 0. A future that is
    /// dropped loses nothing.
    ///
    /// # Errors
    /// [`DecodeError::DownloadLength`] at the end, or as soon as there are more bytes than announced or expected;
    /// [`DecodeError::DownloadMismatch`] at the end; [`Error::Transport`] before it.
    pub async fn read(&mut self, into: &mut [u8]) -> Result<usize, Error<B::Error>> {
        let got = self.body.read(into).await.map_err(Error::Transport)?;
        if let Some(piece) = into.get(..got).filter(|piece| !piece.is_empty()) {
            let known = self.lent.min(got);
            self.hasher.update(piece.get(known..).unwrap_or_default());
            self.lent -= known;
            within(&self.output, self.expected, self.hasher.position())?;
        } else if !into.is_empty() {
            self.verified = Some(verified(&self.output, self.expected, &mut self.hasher)?);
        }
        Ok(got)
    }

    /// The tree hash of all bytes read, once [`read`](Download::read) has returned 0: to be compared with the job's
    /// `SHA256TreeHash` when the output announced none.
    pub fn tree_hash(&self) -> Option<TreeHash> {
        self.verified
    }

    /// Bytes read so far.
    pub fn position(&self) -> u64 {
        self.hasher.position().saturating_sub(self.lent as u64)
    }
}

/// Whether there are no more bytes than the response announces and the caller expects.
fn within(output: &JobOutput<'_>, expected: Option<u64>, got: u64) -> Result<(), DecodeError> {
    match output.size.into_iter().chain(expected).min() {
        Some(most) if got > most => Err(DecodeError::DownloadLength { expected: most, got }),
        _ => Ok(()),
    }
}

/// The hash of all bytes, if their number and their hash are as announced and expected.
fn verified(
    output: &JobOutput<'_>,
    expected: Option<u64>,
    hasher: &mut LeafPairHasher<&mut [u8]>,
) -> Result<TreeHash, DecodeError> {
    let got = hasher.position();
    if let Some(expected) = output.size.into_iter().chain(expected).find(|expected| *expected != got) {
        return Err(DecodeError::DownloadLength { expected, got });
    }
    let hash = hasher.root().map_err(|_| DecodeError::DownloadMismatch)?;
    if output.tree_hash.is_some_and(|expected| expected != hash) {
        return Err(DecodeError::DownloadMismatch);
    }
    Ok(hash)
}

impl<B: Read<Error: 'static>> ErrorType for Download<'_, B> {
    type Error = Error<B::Error>;
}

/// As [`Download::read`]: for the readers of inventories, and whatever else takes a [`Read`].
impl<B: Read<Error: 'static>> Read for Download<'_, B> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        Download::read(self, into).await
    }
}

/// As [`Download::read`], without a copy of the bytes where the transport lends them. The end is an empty piece, and then length and
/// tree hash are as announced.
impl<B: BufRead<Error: 'static>> BufRead for Download<'_, B> {
    async fn fill_buf(&mut self) -> Result<&[u8], Self::Error> {
        let piece = self.body.fill_buf().await.map_err(Error::Transport)?;
        if piece.is_empty() {
            self.verified = Some(verified(&self.output, self.expected, &mut self.hasher)?);
        }
        // Asked again before all was consumed, it lends bytes again, and perhaps more.
        self.hasher.update(piece.get(self.lent..).unwrap_or_default());
        self.lent = self.lent.max(piece.len());
        within(&self.output, self.expected, self.hasher.position())?;
        Ok(piece)
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.lent);
        self.lent -= count;
        self.body.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Head;
    use crate::testing::block_on;
    use std::vec;
    use std::vec::Vec;

    /// From `printf 'hello, world' | sha256sum`, which below 1 MiB is the tree hash.
    const HASH: &str = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";

    /// A body that lends at most N bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl ErrorType for Pieces<'_> {
        type Error = core::convert::Infallible;
    }
    impl Read for Pieces<'_> {
        async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
            let most = self.1.min(into.len());
            self.0.read(&mut into[..most]).await
        }
    }
    impl BufRead for Pieces<'_> {
        async fn fill_buf(&mut self) -> Result<&[u8], Self::Error> {
            Ok(&self.0[..self.1.min(self.0.len())])
        }
        fn consume(&mut self, count: usize) {
            self.0 = &self.0[count..];
        }
    }

    type Outcome = Result<TreeHash, Error<core::convert::Infallible>>;

    fn download<'b>(arena: &'b mut [u8], headers: &[(&str, &str)], body: Pieces<'b>) -> Download<'b, Pieces<'b>> {
        let mut head = Head::new(arena);
        head.start(200);
        headers.iter().for_each(|(name, value)| head.push(name, value.as_bytes()).unwrap());
        let map = head.map();
        Download::new(JobOutput::from_response(&Response::in_buffer(map, arena, 0)).unwrap(), body)
    }

    /// By `read`, by `fill_buf`, and by both in turn, consuming less than was lent.
    fn all(headers: &[(&str, &str)], bytes: &[u8], piece: usize) -> [(Outcome, Vec<u8>); 3] {
        [0, 1, 2].map(|way| {
            let (mut arena, mut memory) = ([0; 256], vec![0; 1 << 20]);
            let mut download = download(&mut arena, headers, Pieces(bytes, piece)).in_pairs(&mut memory);
            let (mut out, mut turn) = (Vec::new(), 0);
            let outcome = block_on(async {
                loop {
                    turn += 1;
                    let got = if way == 0 || way == 2 && turn % 3 == 0 {
                        let mut into = vec![0; piece.div_ceil(2)];
                        let got = download.read(&mut into).await?;
                        out.extend_from_slice(&into[..got]);
                        got
                    } else {
                        let lent = download.fill_buf().await?;
                        let got = if way == 1 { lent.len() } else { lent.len().div_ceil(3) };
                        out.extend_from_slice(&lent[..got]);
                        download.consume(got);
                        got
                    };
                    assert_eq!(download.position(), out.len() as u64);
                    if got == 0 {
                        return Ok(download.tree_hash().unwrap());
                    }
                    assert_eq!(download.tree_hash(), None);
                }
            });
            (outcome, out)
        })
    }

    #[test]
    fn both_ways_of_reading_verify() {
        for (outcome, out) in all(&[("content-length", "12"), ("x-amz-sha256-tree-hash", HASH)], b"hello, world", 5) {
            assert_eq!((outcome.unwrap(), &out[..]), (HASH.parse().unwrap(), &b"hello, world"[..]));
        }
        let long: Vec<u8> = (0..(3 << 20) + 7).map(|i: u32| (i % 251) as u8).collect();
        let mut expected = crate::TreeHasher::new();
        expected.update(&long);
        let expected = expected.finish().unwrap();
        for (outcome, out) in all(&[], &long, 40_000) {
            assert_eq!(outcome.unwrap(), expected);
            assert!(out == long);
        }
    }

    #[test]
    fn both_ways_of_reading_reject_a_body_that_is_not_as_announced() {
        for (outcome, _) in all(&[("content-length", "13")], b"hello, world", 5) {
            assert!(matches!(outcome, Err(Error::Decode(DecodeError::DownloadLength { expected: 13, got: 12 }))), "{outcome:?}");
        }
        for (outcome, _) in all(&[("x-amz-sha256-tree-hash", HASH)], b"hello, wOrld", 12) {
            assert!(matches!(outcome, Err(Error::Decode(DecodeError::DownloadMismatch))), "{outcome:?}");
        }
    }
    /// Reads a body of `size` bytes that may not be longer than `most`; the error, and the bytes that were given out before it.
    fn beyond(headers: &[(&str, &str)], expected: Option<u64>, size: usize, by_reference: bool) -> (Outcome, u64) {
        let (bytes, mut arena, mut given) = (vec![7; size], [0; 256], 0);
        let mut download = download(&mut arena, headers, Pieces(&bytes, 5));
        if let Some(expected) = expected {
            download = download.expecting(expected);
        }
        let outcome = block_on(async {
            loop {
                let got = if by_reference {
                    let got = download.fill_buf().await?.len();
                    download.consume(got);
                    got
                } else {
                    download.read(&mut [0; 5]).await?
                };
                given += got as u64;
                if got == 0 {
                    return Ok(download.tree_hash().unwrap());
                }
            }
        });
        (outcome, given)
    }

    #[test]
    fn reading_stops_at_the_least_of_the_announced_and_the_expected_length() {
        let length = |expected, got| Err(Error::Decode(DecodeError::DownloadLength { expected, got }));
        for by_reference in [false, true] {
            for (header, expected, least) in [("30", Some(20), 20), ("20", Some(30), 20), ("20", None, 20), ("", Some(20), 20)] {
                let headers = if header.is_empty() { vec![] } else { vec![("content-length", header)] };
                assert_eq!(beyond(&headers, expected, 1000, by_reference), (length(least, 25), 20), "{header} {expected:?}");
            }
            assert_eq!(beyond(&[], Some(20), 15, by_reference), (length(20, 15), 15));
            assert_eq!(beyond(&[("content-length", "15")], Some(20), 15, by_reference), (length(20, 15), 15));
            assert!(beyond(&[("content-length", "15")], Some(15), 15, by_reference).0.is_ok());
        }
    }
}
