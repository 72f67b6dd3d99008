//! The contract of `Transport` (`src/battery.rs`), on each transport of this project.

use std::net::SocketAddr;
use std::time::Duration;

use embedded_hal_async::delay::DelayNs;
use embedded_io_adapters::tokio_1::FromTokio;
use embedded_nal_async::TcpConnect;
use glacier_tests::battery::{self, Factory};
use tokio::net::TcpStream;

/// hyper, as hosts use it.
struct Hyper;

impl Factory for Hyper {
    type Transport = glacier_std::http::HttpTransport;

    fn transport(&self, server: SocketAddr, silence: Duration) -> Self::Transport {
        use glacier_std::config::BaseUrl;
        use glacier_std::http::{HttpTransport, Options};
        let options = Options { connect_timeout: Duration::from_secs(60), idle_timeout: silence, ..Options::default() };
        HttpTransport::new(&BaseUrl::parse(&format!("http://{server}")).unwrap(), &options).unwrap()
    }
}

/// reqwless, as devices use it, over this host's network stack.
struct Embedded;

/// tokio's sockets in the place of embassy-net's.
struct HostNet;

impl TcpConnect for HostNet {
    type Error = std::io::Error;
    type Connection<'a> = FromTokio<TcpStream>;

    async fn connect(&self, remote: SocketAddr) -> Result<FromTokio<TcpStream>, std::io::Error> {
        Ok(FromTokio::new(TcpStream::connect(remote).await?))
    }
}

struct HostDelay;

impl DelayNs for HostDelay {
    async fn delay_ns(&mut self, ns: u32) {
        tokio::time::sleep(Duration::from_nanos(ns.into())).await;
    }
    async fn delay_ms(&mut self, ms: u32) {
        tokio::time::sleep(Duration::from_millis(ms.into())).await;
    }
}

impl Factory for Embedded {
    type Transport = glacier_embedded::HttpTransport<'static, HostNet, HostDelay>;

    fn transport(&self, server: SocketAddr, silence: Duration) -> Self::Transport {
        use glacier_embedded::{HttpTransport, Timeouts};
        let timeouts = Timeouts { connect: Duration::from_secs(60), silence };
        // As in firmware, buffers live as long as the program.
        let (receive, send) = (vec![0; 512].leak(), vec![0; 1024].leak());
        HttpTransport::new(&HostNet, server, HostDelay, timeouts, receive, send)
    }
}

/// Each case of the battery as a test of each transport.
macro_rules! run {
    ($($case:ident)*) => {
        mod hyper {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::battery::$case(&super::Hyper).await;
            })*
        }
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::battery::$case(&super::Embedded).await;
            })*
        }
    };
}

run! {
    request_unchanged content_length_rules bodies_arrive framings_and_reuse until_the_end connection_close_is_obeyed
    informational_skipped redirect_not_followed early_answer_body_read early_answer_hang_up early_answer_body_unread
    hang_up_without_answer short_answers short_answer_stays_an_error long_answer nonsense head_too_small source_fails
    source_fails_at_once body_dropped send_dropped stalls stall_while_sending idle_connection_closed nobody_there
}
