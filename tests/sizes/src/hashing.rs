//! The hash functions, which every image links, so that they do not count for any operation.

use core::hint::black_box;

use glacier_core::hash::LinearHasher;
use glacier_core::{PayloadHasher, Sink, TreeHasher};

pub fn all() {
    let mut linear = LinearHasher::new();
    black_box::<&mut dyn Sink>(&mut linear).put(black_box(b"a"));
    black_box(linear.clone().finish());
    let mut tree = TreeHasher::new();
    tree.update(black_box(b"a"));
    black_box(tree.clone().finish()).ok();
    let mut both = PayloadHasher::new();
    both.update(black_box(b"a"));
    black_box(both.finish()).ok();
}
