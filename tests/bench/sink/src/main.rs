//! Just enough of the service for uploads and downloads to succeed, with as little work as possible on this side: what arrives is discarded
//! inside the kernel, and what is sent comes from 1 MiB of memory. It checks no signature and stores nothing.
//!
//! usage: bench-sink [--port N] [--output-size BYTES] [--tls CERTIFICATE]
//!
//! It listens on 127.0.0.1, by default on a free port, which it prints to standard output. With `--tls` it serves TLS 1.3, and writes the
//! certificate that it generated into that file, for clients to trust.

mod connection;
mod output;
mod request;
mod response;
mod stream;

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use crate::connection::serve;
use crate::output::JobOutput;
use crate::stream::Stream;

/// The stack of a connection's thread.
const STACK: usize = 256 << 10;

/// The options.
struct Args {
    port: u16,
    output_size: u64,
    tls: Option<PathBuf>,
}

impl Args {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Args { port: 0, output_size: 1 << 30, tls: None };
        while let Some(option) = words.next() {
            let value = words.next().ok_or_else(|| format!("{option} needs a value"))?;
            let number = || value.parse::<u64>().map_err(|error| format!("{option} {value}: {error}"));
            match option.as_str() {
                "--port" => args.port = number()?.try_into().map_err(|_| format!("{value} is not a valid port"))?,
                "--output-size" => args.output_size = number()?,
                "--tls" => args.tls = Some(value.into()),
                _ => return Err(format!("no such option: {option}")),
            }
        }
        Ok(args)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse(std::env::args().skip(1))?;
    let tls = args.tls.as_deref().map(stream::tls_config).transpose()?;
    let output = Arc::new(JobOutput::new(args.output_size)?);
    let listener = TcpListener::bind(("127.0.0.1", args.port))?;
    println!("{}", listener.local_addr()?);
    for tcp in listener.incoming() {
        let (tcp, output, tls) = (tcp?, Arc::clone(&output), tls.clone());
        let connection = move || -> io::Result<()> { serve(Stream::new(tcp, tls)?, &output) };
        // How a connection ends is up to its client.
        std::thread::Builder::new().stack_size(STACK).spawn(move || _ = connection())?;
    }
    Ok(())
}
