//! The bytes of a connection, in plain text or through TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::sendfile;
use rustix::net::{RecvFlags, recv};
use rustls::pki_types::PrivateKeyDer;
use rustls::version::TLS13;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::output::{JobOutput, Piece};

/// Bytes discarded at a time. Plain text is discarded in the kernel and never written here.
const DISCARD: usize = 1 << 20;

/// The connection to a client.
pub(crate) struct Stream {
    socket: Socket,
    room: Vec<u8>,
}

enum Socket {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Stream {
    pub(crate) fn new(tcp: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        let socket = match tls {
            None => Socket::Plain(tcp),
            Some(config) => {
                let connection = ServerConnection::new(config).map_err(io::Error::other)?;
                Socket::Tls(Box::new(StreamOwned::new(connection, tcp)))
            }
        };
        Ok(Stream { socket, room: vec![0; DISCARD] })
    }

    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.socket {
            Socket::Plain(tcp) => tcp.read(into),
            Socket::Tls(tls) => tls.read(into),
        }
    }

    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.socket {
            Socket::Plain(tcp) => tcp.write_all(bytes),
            Socket::Tls(tls) => tls.write_all(bytes).and_then(|()| tls.flush()),
        }
    }

    /// Discards the next `count` bytes, those of plain text inside the kernel.
    pub(crate) fn discard(&mut self, count: u64) -> io::Result<()> {
        let mut left = count;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(self.room.len());
            let got = match &mut self.socket {
                Socket::Plain(tcp) => recv(&*tcp, &mut self.room[..most], RecvFlags::TRUNC)?.1,
                Socket::Tls(tls) => tls.read(&mut self.room[..most])?,
            };
            if got == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            left -= got as u64;
        }
        Ok(())
    }

    /// Sends the whole output, in plain text from a copy in the kernel.
    pub(crate) fn send(&mut self, output: &JobOutput) -> io::Result<()> {
        for piece in output.pieces() {
            match (piece, &mut self.socket) {
                (Piece::Stamp(bytes), _) => self.write_all(&bytes)?,
                (Piece::Noise(bytes, at), Socket::Plain(tcp)) => {
                    let (mut at, end) = (at, at + bytes.len() as u64);
                    while at < end {
                        let left = (end - at) as usize;
                        if sendfile(&*tcp, output.file(), Some(&mut at), left)? == 0 {
                            return Err(io::ErrorKind::WriteZero.into());
                        }
                    }
                }
                (Piece::Noise(bytes, _), Socket::Tls(_)) => self.write_all(bytes)?,
            }
        }
        Ok(())
    }
}

/// TLS 1.3 with a certificate that is generated here and written to `certificate`.
pub(crate) fn tls_config(certificate: &Path) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error>> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    std::fs::write(certificate, made.cert.pem())?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    Ok(Arc::new(config))
}
