//! Vault services that each kind of transport can reach.

use std::future::pending;
use std::time::Duration;

use glacier_core::testing::battery::Factory;
use glacier_std::local::{LocalTransport, Vaults, serve::Server};

use crate::vault::Site;

/// The service in this process, without a network.
pub(crate) struct InProcess;

impl Site for InProcess {
    type Transport = LocalTransport;

    async fn open(&self, vaults: &Vaults) -> LocalTransport {
        LocalTransport::new(vaults)
    }
}

/// The same service over HTTP, by a transport of this kind.
pub(crate) struct Served<F>(pub(crate) F);

impl<F: Factory> Site for Served<F> {
    type Transport = F::Transport;

    async fn open(&self, vaults: &Vaults) -> F::Transport {
        let server = Server::bind(vaults, "127.0.0.1:0", None).await.expect("a port");
        let transport = self.0.transport(server.address(), Duration::from_secs(60));
        // It ends with the test's runtime.
        tokio::spawn(server.run(pending()));
        transport
    }
}
