//! More than the contract asks: the transports of this project open a new connection by themselves when the server has closed the kept
//! one while it was idle, so that a call without retries goes through.

use std::time::Duration;

use glacier_core::testing::battery::{Connection, Factory, Script, ScriptedServer};
use glacier_core::{Bytes, Head, Method, Request, Transport};
use tokio::task::LocalSet;

use crate::embassy::Embassy;
use crate::sockets::{Embedded, Hyper};

fn one_response() -> Script {
    Box::new(|connection: &mut Connection| {
        connection.read_request();
        connection.write("HTTP/1.1 204 No Content\r\n\r\n");
        connection.close();
    })
}

async fn reconnects<F: Factory>(factory: &F) {
    let server = ScriptedServer::start(vec![one_response(), one_response(), one_response()]);
    let mut transport = factory.transport(server.address(), Duration::from_secs(120));
    for _ in 0..3 {
        let request = Request { method: Method::Post, host: "glacier.test", path: "/", query: "", headers: &[] };
        let mut arena = [0; 64];
        let mut head = Head::new(&mut arena);
        transport.send(&request, &mut Bytes::new(b"body"), &mut head).await.expect("a new connection");
        assert_eq!(head.status(), 204);
        // Time for the close to arrive.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(transport);
    server.finished().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hyper_reconnects() {
    reconnects(&Hyper).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded_reconnects() {
    reconnects(&Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embassy_net_reconnects() {
    LocalSet::new().run_until(reconnects(&Embassy { lost: None })).await;
}
