//! The contract of `Transport` (`src/battery.rs`), on each transport of this project.

mod embassy;
mod gateway;
mod link;
mod sites;
mod sockets;
mod state;
mod time;
mod vault;

use glacier_tests::battery;
use tokio::task::LocalSet;

use embassy::Embassy;
use sites::{InProcess, Served};
use sockets::{Embedded, Hyper};

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
        mod embassy_net {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::LocalSet::new().run_until(super::battery::$case(&super::Embassy { lost: None })).await;
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

/// Each case that needs no wire as a test of each transport.
macro_rules! run_with_vault {
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

run_with_vault! {
    bodies_there_and_back signed_as_sent posts_without_body refusals wrong_secret moody_bodies call_dropped answer_dropped
    buffers_of_any_size clock_learned
}

/// TCP's own repairs, and the time-outs of the transport, which must bear with them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_cable_that_loses_frames() {
    let cases = async {
        let bad = Embassy { lost: Some(7) };
        battery::framings_and_reuse(&bad).await;
        battery::body_dropped(&bad).await;
        vault::signed_as_sent(&Served(bad)).await;
    };
    LocalSet::new().run_until(cases).await;
}
