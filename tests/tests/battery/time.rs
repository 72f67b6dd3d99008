//! SNTP over embassy-net's UDP: a device asks a server at the other end of the cable.

use embassy_net::udp::{PacketMetadata, UdpSocket};
use embassy_net::{IpAddress, IpEndpoint, Stack};
use glacier_embedded::{ClockSource, Device, EmbassyUdp, sntp};
use tokio::task::{LocalSet, spawn_local};

use crate::embassy::{GATEWAY, pair};

fn socket(stack: Stack<'static>) -> UdpSocket<'static> {
    let meta = || vec![PacketMetadata::EMPTY; 2].leak();
    UdpSocket::new(stack, meta(), vec![0; 256].leak(), meta(), vec![0; 256].leak())
}

/// A server of stratum 1 at 2026-11-25T22:10:00Z, which is 0xeeb1db38 seconds after 1900. Before each response it sends a packet that
/// is not SNTP.
async fn serve(stack: Stack<'static>) {
    let mut socket = socket(stack);
    socket.bind(123).expect("the port");
    loop {
        let mut request = [0; 128];
        let Ok((48, from)) = socket.recv_from(&mut request).await else { panic!("a request has 48 bytes") };
        assert_eq!(request[0], 0x23, "version 4, a client");
        let mut response = [0; 48];
        response[..2].copy_from_slice(&[0x24, 1]);
        response[24..32].copy_from_slice(&request[40..48]);
        for time in [32, 40] {
            response[time..time + 4].copy_from_slice(&0xeeb1_db38_u32.to_be_bytes());
        }
        socket.send_to(b"noise", from.endpoint).await.expect("sending");
        socket.send_to(&response, from.endpoint).await.expect("sending");
    }
}

#[tokio::test]
async fn a_device_gets_the_time_by_sntp() {
    let asking = async {
        let (far, near) = pair(None);
        spawn_local(serve(far));
        let server = IpEndpoint::new(IpAddress::Ipv4(GATEWAY), 123);
        let mut udp = EmbassyUdp::connect(socket(near), server).expect("a free port");
        let mut device = Device::new(embassy_time::Delay, || embassy_time::Instant::now().as_millis(), 7);
        assert_eq!(device.now(), None);
        sntp::synchronize(&mut udp, &mut device).await.expect("a response");
        let now = device.now().expect("a time").unix();
        // However slow this machine is.
        assert!((1_795_644_600..1_795_648_200).contains(&now), "{now}");
        assert_eq!(device.clock().source(), Some(ClockSource::Sntp));
    };
    LocalSet::new().run_until(asking).await;
}
