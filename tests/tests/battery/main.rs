//! The contract of `Transport` on each transport of this project: `glacier_core::testing::battery` byte by byte on a wire, and the cases
//! of `vault` against a vault service.

mod embassy;
mod gateway;
mod link;
mod reconnecting;
mod sites;
mod sockets;
mod state;
mod time;
mod vault;

use glacier_core::testing::battery;
use tokio::task::LocalSet;

use embassy::Embassy;
use sites::{InProcess, Served};
use sockets::{Embedded, Hyper};

/// Each case as a test of each transport.
macro_rules! on_each_transport {
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
        mod embassy_net {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::LocalSet::new().run_until(super::battery::$case(&super::Embassy { lost: None })).await;
            })*
        }
    };
}

battery::for_each_case!(on_each_transport);

/// Each case that needs a vault as a test of each transport.
macro_rules! on_each_transport_to_a_vault {
    ($($case:ident)*) => {
        mod vault_in_process {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::vault::$case(&super::InProcess).await;
            })*
        }
        mod vault_by_hyper {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::vault::$case(&super::Served(super::Hyper)).await;
            })*
        }
        mod vault_by_embassy_net {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let case = super::vault::$case(&super::Served(super::Embassy { lost: None }));
                super::LocalSet::new().run_until(case).await;
            })*
        }
    };
}

on_each_transport_to_a_vault! {
    bodies_go_up_and_come_back request_arrives_as_signed posts_without_body service_errors wrong_secret
    failing_and_changed_bodies call_dropped download_dropped buffers_of_any_size clock_learned
}

/// TCP sends lost frames again, and the transport's timeouts must leave it the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_cable_that_loses_frames() {
    let cases = async {
        let lossy = Embassy { lost: Some(7) };
        battery::framings_and_reuse(&lossy).await;
        battery::body_dropped(&lossy).await;
        vault::request_arrives_as_signed(&Served(lossy)).await;
    };
    LocalSet::new().run_until(cases).await;
}
