//! Just enough of the service that uploads and downloads succeed, with as little work as possible on this side: what arrives is thrown
//! away inside the kernel, what is sent comes from one MiB of memory. It checks no signature and keeps nothing.
//!
//! usage: bench-sink [--port N] [--output-size BYTES] [--tls CERTIFICATE]
//!
//! It listens on 127.0.0.1, on a free port unless told otherwise, and says which on standard output. With `--tls` it speaks TLS 1.3, and
//! writes the certificate it made for itself into that file, for clients to trust.

mod answer;
mod connection;
mod output;
mod request;
mod stream;

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use crate::connection::serve;
use crate::output::JobOutput;
use crate::stream::Stream;

/// A connection's thread needs little.
const STACK: usize = 256 << 10;

/// What can be set.
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
                "--port" => args.port = number()?.try_into().map_err(|_| format!("{value} is no port"))?,
                "--output-size" => args.output_size = number()?,
                "--tls" => args.tls = Some(value.into()),
                _ => return Err(format!("there is no option {option}")),
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
        // How a connection ends is its client's affair.
        std::thread::Builder::new().stack_size(STACK).spawn(move || _ = connection())?;
    }
    Ok(())
}
