//! Encodes and signs one upload N times with a cached key; `count` counts the instructions with valgrind.

use std::hint::black_box;

use glacier_core::ops::{BodyHashes, UploadArchive};
use glacier_core::{Credentials, Description, Endpoint, PayloadHashes, SignedRequest, Signer, Timestamp, VaultRef};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let often: u32 = std::env::args().nth(1).ok_or("usage: sign-count N")?.parse()?;
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None)?;
    let endpoint = Endpoint::new("us-east-1", "glacier.us-east-1.amazonaws.com")?;
    let linear = "5c5cfd40fd037f8da0d11985463d63c894e077cd1602e61c513028a96c134991".parse()?;
    let tree = "56ba3a1e0bb1d7a5544d171b649a0da5b0c54623f4a305df9bac05316187bd08".parse()?;
    let body = BodyHashes::try_from(PayloadHashes::from_parts(linear, tree, 4096))?;
    let description = Some(Description::try_from("a description")?);
    let upload = UploadArchive { vault: VaultRef::try_from("examplevault")?, description, body };
    let mut signer = Signer::new();
    let mut buf = [0; 1024];
    for _ in 0..often {
        let now = Timestamp::from_unix(black_box(1_795_339_589));
        let (request, _) = SignedRequest::new(black_box(&upload), &endpoint, &credentials, &mut signer, now, &mut buf)?;
        black_box(request.as_request());
    }
    Ok(())
}
