//! Tree hashes: whole bodies, ranges, parts, leaves, and parts that do not combine.

use std::cell::RefCell;

use glacier_core::hash::PartTree;
use glacier_core::values::ContentRange;
use glacier_core::{ByteRange, LEAF_SIZE, Layout, PartSize, PayloadHasher, TreeHash};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{NotPassed, Outcome, Report, align, number, same, signing, text};
use crate::second::{root, tree_hash};
use crate::vectors;

pub(super) fn replay(report: &mut Report, file: &str, data: &Value) {
    let Some(sections) = data.as_object() else { return report.fail_file(file, "it is not an object of sections") };
    let generated = RefCell::new(Generated::default());
    for (section, cases) in sections {
        let (kind, replay): (&'static str, Replay) = match section.as_str() {
            "whole" => ("treehash:whole", whole),
            "ranges" => ("treehash:ranges", range),
            "parts" => ("treehash:parts", parts),
            "combine" => ("treehash:combine", combine),
            "negative" => ("treehash:negative", negative),
            _ => {
                report.fail_file(&format!("{file}:{section}"), "this program does not know a section of this name");
                continue;
            }
        };
        report.cases(kind, &format!("{file}:{section}"), cases, |case| replay(case, generated.borrow_mut().data(case)?));
    }
}

type Replay = fn(&Value, &[u8]) -> Outcome;

/// The data generated last, as many cases use the same.
#[derive(Default)]
struct Generated {
    rule: Value,
    data: Vec<u8>,
}

impl Generated {
    fn data(&mut self, case: &Value) -> Result<&[u8], NotPassed> {
        let rule = case.get("data").unwrap_or(&Value::Null);
        if self.rule != *rule {
            self.data = vectors::body(rule)?.unwrap_or_default();
            self.rule = rule.clone();
        }
        Ok(&self.data)
    }
}

/// Both hashes in one pass, in pieces that end on no boundary.
fn hashes(data: &[u8]) -> Result<(String, String), NotPassed> {
    let mut hasher = PayloadHasher::new();
    for piece in data.chunks(777_777) {
        hasher.update(piece);
    }
    let hashes = hasher.finish().map_err(|error| error.to_string())?;
    Ok((hashes.linear.to_string(), hashes.tree.to_string()))
}

fn whole(case: &Value, data: &[u8]) -> Outcome {
    let (linear, tree) = hashes(data)?;
    same("chunks", (data.len() as u64).div_ceil(LEAF_SIZE).max(1), number(case, "chunks")?)?;
    same("sha256", linear.as_str(), text(case, "sha256")?)?;
    same("tree hash", tree.as_str(), text(case, "tree_hash")?)?;
    Ok(vec![])
}

fn range(case: &Value, data: &[u8]) -> Outcome {
    let range = align::compare(case, data.len() as u64)?;
    same("length", range.len(), number(case, "length")?)?;
    let (linear, tree) = hashes(slice(data, range)?)?;
    same("sha256", linear.as_str(), text(case, "sha256")?)?;
    same("tree hash", tree.as_str(), text(case, "tree_hash")?)?;
    Ok(vec![])
}

fn slice(data: &[u8], range: ByteRange) -> Result<&[u8], NotPassed> {
    let bytes = usize::try_from(range.first()).ok().zip(usize::try_from(range.last()).ok());
    bytes
        .and_then(|(first, last)| data.get(first..=last))
        .ok_or_else(|| NotPassed::Failed(format!("{range} lies outside the data")))
}

fn parts(case: &Value, data: &[u8]) -> Outcome {
    let size = PartSize::from_bytes(number(case, "part_size")?).map_err(|error| error.to_string())?;
    let layout = Layout::new(data.len() as u64, size).map_err(|error| error.to_string())?;
    let expected = case["parts"].as_array().ok_or_else(|| "the case has no parts".to_string())?;
    same("count", layout.count(), expected.len() as u64)?;
    let mut whole = PartTree::new(size);
    for (range, part) in layout.parts().zip(expected) {
        same("start", range.first(), number(part, "start")?)?;
        same("end", range.last(), number(part, "end")?)?;
        let header = signing::written(|out| glacier_core::Wire::wire(&ContentRange(range), out));
        same("content range", header.as_str(), text(part, "content_range")?)?;
        let bytes = slice(data, range)?;
        let (_, tree) = hashes(bytes)?;
        same("tree hash of a part", tree.as_str(), text(part, "tree_hash")?)?;
        let hash: TreeHash = tree.parse().map_err(|error| format!("{error}"))?;
        whole.push(range.len(), hash).map_err(|error| error.to_string())?;
    }
    same("tree hash", whole.finish().map_err(|error| error.to_string())?.to_string().as_str(), text(case, "tree_hash")?)?;
    Ok(vec![])
}

fn combine(case: &Value, _: &[u8]) -> Outcome {
    let leaves = number(case, "leaves")?;
    let mut tree = PartTree::new(PartSize::MIN);
    for leaf in 0..leaves {
        let hash = TreeHash::from_bytes(Sha256::digest(format!("leaf-{leaves}-{leaf}")).into());
        tree.push(PartSize::MIN.bytes(), hash).map_err(|error| error.to_string())?;
    }
    same("root", tree.finish().map_err(|error| error.to_string())?.to_string().as_str(), text(case, "root")?)?;
    Ok(vec![])
}

/// Parts of a size that is not a power of two: the type rejects them, because they do not combine to the archive's tree hash.
fn negative(case: &Value, data: &[u8]) -> Outcome {
    let part_size = number(case, "part_size")?;
    if PartSize::from_bytes(part_size).is_ok() {
        return Err(NotPassed::Failed(format!("a part size of {part_size} was accepted")));
    }
    let digests = data.chunks(part_size as usize).map(tree_hash).collect();
    let combined = root(digests).ok_or_else(|| "the case has no data".to_string())?;
    same("combined", vectors::to_hex(&combined).as_str(), text(case, "combined")?)?;
    let (_, tree) = hashes(data)?;
    same("tree hash", tree.as_str(), text(case, "tree_hash")?)?;
    if tree == vectors::to_hex(&combined) {
        return Err(NotPassed::Failed("such parts combine after all".into()));
    }
    Ok(vec![])
}

/// A range of a case.
pub(super) fn byte_range(case: &Value) -> Result<ByteRange, NotPassed> {
    ByteRange::new(number(case, "start")?, number(case, "end")?).map_err(|error| NotPassed::Failed(error.to_string()))
}
