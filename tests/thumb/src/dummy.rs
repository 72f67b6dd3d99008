//! A transport, a source and credentials about which the compiler knows nothing.

use core::fmt;
use core::hint::black_box;

use embedded_io_async::{ErrorKind, ErrorType, Read};
use glacier_core::{
    Credentials, Environment, Head, NoCredentials, ProvideCredentials, Request, SendError, Source, Timestamp, Transport,
};

use crate::runtime::{bytes, either, number, text, wait};

#[derive(Clone, Copy, Debug)]
pub struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text())
    }
}

impl core::error::Error for Broken {}

impl embedded_io_async::Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

pub struct Wire;

impl Transport for Wire {
    type Error = Broken;
    type Body<'t> = Stream;

    async fn send<S: Source>(
        &mut self,
        request: &Request<'_>,
        body: &mut S,
        head: &mut Head<'_>,
    ) -> Result<(), SendError<Broken, S::Error>> {
        black_box((request.method, request.host, request.path, request.query, request.headers, body.size()));
        let mut piece = [0; 16];
        loop {
            match body.read(&mut piece).await.map_err(SendError::Source)? {
                0 => break,
                got => drop(black_box(piece.get(..got))),
            }
        }
        wait().await;
        if either() {
            return Err(if either() { SendError::NotSent(Broken) } else { SendError::Transport(Broken) });
        }
        head.start(number() as u16);
        while either() {
            head.push(text(), bytes())?;
        }
        Ok(())
    }

    fn body(&mut self) -> Stream {
        Stream
    }
}

pub struct Stream;

impl ErrorType for Stream {
    type Error = Broken;
}

impl Read for Stream {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Broken> {
        wait().await;
        black_box(&mut *into);
        if either() { Ok(black_box(into.len())) } else { Err(Broken) }
    }
}

impl Source for Stream {
    fn size(&self) -> u64 {
        number()
    }
    async fn rewind(&mut self) -> Result<(), Broken> {
        wait().await;
        if either() { Ok(()) } else { Err(Broken) }
    }
}

pub struct Keys;

impl ProvideCredentials for Keys {
    async fn credentials(&mut self, _: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        wait().await;
        Credentials::new(text(), text(), either().then(text)).map_err(|_| NoCredentials(text()))
    }
}

pub struct World;

impl Environment for World {
    fn now(&mut self) -> Option<Timestamp> {
        either().then(|| Timestamp::from_unix(number()))
    }
    async fn sleep_ms(&mut self, milliseconds: u32) {
        black_box(milliseconds);
        wait().await;
    }
    fn random(&mut self) -> u32 {
        number() as u32
    }
}
