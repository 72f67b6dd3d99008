//! GetJobOutput: the bytes of an archive, of a range of it, or of an inventory; all of them or a range of them.

use glacier_core::ByteRange;

use super::answer::Answer;
use super::call::Call;
use super::check::number;
use super::leaves::range_tree;
use super::output::Output;
use super::records::{Archive, Inventory, Piece, Retrieval, Work};
use super::refuse::Refused;
use super::tables::{ARCHIVES, BLOBS, PIECES};
use super::{Inner, archives, jobs, pieces};

pub(super) fn get(inner: &Inner, call: &Call) -> Result<Answer, Refused> {
    let job = jobs::find(inner, call)?;
    if !job.is_done(call.now) {
        return Err(Refused::invalid(format!("The job is not currently available for download: {}", call.id)));
    }
    match &job.work {
        Work::Archive(retrieval) => archive(inner, call, retrieval),
        Work::Inventory(inventory) => self::inventory(inner, call, inventory),
    }
}

fn archive(inner: &Inner, call: &Call, retrieval: &Retrieval) -> Result<Answer, Refused> {
    let retrieved = retrieval.range()?;
    let wanted = wanted(call, retrieved.len())?;
    // In the archive, where the pieces are counted from.
    let bytes = ByteRange::with_length(retrieved.first() + wanted.range.first(), wanted.range.len())
        .map_err(|error| Refused::unavailable(error.to_string()))?;
    let (archive, pieces, tree) = inner.store.read(|transaction| {
        let archive: Archive = archives::find(&transaction.open_table(ARCHIVES)?, call, &retrieval.archive)?;
        let pieces = pieces::list(&transaction.open_table(PIECES)?, &archive.body)?;
        let tree = match &retrieval.range_tree {
            // Section 5.4 of the API reference: only when what was retrieved has a tree hash, and what is downloaded too.
            Some(whole) if wanted.range.len() == retrieved.len() => Some(whole.clone()),
            Some(_) if wanted.range.is_tree_hash_aligned(retrieved.len()) => {
                let blobs = transaction.open_table(BLOBS)?;
                let tree = range_tree(bytes, archive.part_size()?, &pieces, |piece| pieces::leaves(&blobs, piece))?;
                Some(tree.to_string())
            }
            _ => None,
        };
        Ok((archive, pieces, tree))
    })?;
    let mut answer = wanted.answer("application/octet-stream", Output::new(&inner.blobs, bytes, &pieces)?);
    if let Some(tree) = tree {
        answer = answer.with("x-amz-sha256-tree-hash", tree);
    }
    if !archive.description.is_empty() {
        answer = answer.with("x-amz-archive-description", archive.description);
    }
    Ok(answer)
}

fn inventory(inner: &Inner, call: &Call, inventory: &Inventory) -> Result<Answer, Refused> {
    let wanted = wanted(call, inventory.size)?;
    let file = Piece { blob: inventory.blob, size: inventory.size, tree: glacier_core::TreeHash::from_bytes([0; 32]) };
    let content_type = if inventory.format == "CSV" { "text/csv" } else { "application/json" };
    Ok(wanted.answer(content_type, Output::new(&inner.blobs, wanted.range, &[(0, file)])?))
}

/// Which bytes of the output are asked for.
struct Asked {
    range: ByteRange,
    /// Of the whole output.
    size: u64,
    is_partial: bool,
}

impl Asked {
    fn answer(&self, content_type: &str, output: Output) -> Answer {
        let answer = Answer::output(if self.is_partial { 206 } else { 200 }, content_type, output).with("Accept-Ranges", "bytes");
        if self.is_partial { answer.with("Content-Range", format!("bytes {}/{}", self.range, self.size)) } else { answer }
    }
}

/// Reads the `Range` header. As by the service, one that is malformed is ignored: the whole output comes, with status 200.
fn wanted(call: &Call, size: u64) -> Result<Asked, Refused> {
    let whole = ByteRange::with_length(0, size).map_err(|error| Refused::unavailable(error.to_string()))?;
    let header = call.headers.get("range").unwrap_or_default();
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(Asked { range: whole, size, is_partial: false });
    };
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Some((first, last.min(size - 1))),
        (Some(first), None) if last.is_empty() => Some((first, size - 1)),
        (None, Some(count)) if first.is_empty() && count > 0 => Some((size.saturating_sub(count), size - 1)),
        _ => None,
    };
    let Some((first, last)) = range else { return Ok(Asked { range: whole, size, is_partial: false }) };
    let range = ByteRange::new(first, last)
        .map_err(|_| Refused::invalid(format!("The start of the range is larger than size of retrieved data: {header}")))?;
    Ok(Asked { range, size, is_partial: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::call::Headers;
    use crate::local::routes::Operation;
    use crate::local::time::Moment;

    fn asked(range: &str) -> Result<(u64, u64, bool), u16> {
        let call = Call {
            operation: Operation::GetJobOutput,
            account: String::new(),
            region: String::new(),
            vault: String::new(),
            id: String::new(),
            query: Default::default(),
            headers: Headers::new(&[("Range", range)]),
            body: Vec::new(),
            now: Moment(0),
            request_id: String::new(),
        };
        let asked = wanted(&call, 100).map_err(|refused| refused.status)?;
        Ok((asked.range.first(), asked.range.last(), asked.is_partial))
    }

    #[test]
    fn ranges_of_the_output() {
        for (range, expected) in [
            ("bytes=0-9", Ok((0, 9, true))),
            ("bytes=0-99", Ok((0, 99, true))),
            ("bytes=90-1000", Ok((90, 99, true))),
            ("bytes=99-", Ok((99, 99, true))),
            ("bytes=-1", Ok((99, 99, true))),
            ("bytes=-1000", Ok((0, 99, true))),
            ("bytes=100-", Err(400)),
            ("bytes=100-200", Err(400)),
        ] {
            assert_eq!(asked(range), expected, "{range}");
        }
        for malformed in
            ["", "bytes 0-9/100", "bytes=9-0", "bytes=-", "bytes=-0", "bytes=0-1,3-4", "bytes=+1-2", "0-9", "bytes=a-b"]
        {
            assert_eq!(asked(malformed), Ok((0, 99, false)), "{malformed}");
        }
    }
}
