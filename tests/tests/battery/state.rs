//! The memory that a request takes in addition to its buffers.

use std::mem::size_of_val;
use std::time::Duration;

use glacier_core::ops::UploadArchive;
use glacier_core::retry::RetryPolicy;
use glacier_core::testing::battery::Factory;
use glacier_core::{Bytes, Client, Credentials, Endpoint, PayloadHasher};
use glacier_embedded::Device;
use tokio::task::LocalSet;

use crate::embassy::Embassy;

/// On thumbv7m it is 2,960 bytes; on a host, pointers and much of what is counted here are twice as large.
#[tokio::test]
async fn a_request_needs_little_memory() {
    let measure = async {
        let transport = Embassy { lost: None }.transport("127.0.0.1:1".parse().unwrap(), Duration::from_secs(1));
        let endpoint = Endpoint::new("us-east-1", "10.0.0.1").unwrap();
        let mut client = Client::new(transport, endpoint, Credentials::new("a", "b", None).unwrap());
        let mut device = Device::new(embassy_time::Delay, || embassy_time::Instant::now().as_millis(), 7);
        let (mut hasher, mut body, mut buf) = (PayloadHasher::new(), Bytes::new(b"x"), [0; 64]);
        hasher.update(b"x");
        let hashes = hasher.finish().unwrap();
        let upload = UploadArchive { vault: "v".try_into().unwrap(), description: None, body: hashes.try_into().unwrap() };
        let kept = size_of_val(&client) + size_of_val(&device);
        let running = client.upload_retrying(&upload, &mut body, RetryPolicy::default(), &mut device, &mut buf);
        let state = kept + size_of_val(&running);
        assert!((2000..=5 << 10).contains(&state), "{state} bytes");
    };
    LocalSet::new().run_until(measure).await;
}
