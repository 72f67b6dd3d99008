//! One connection: one request after the other until the client closes it.

use std::io;

use crate::output::JobOutput;
use crate::request::Head;
use crate::response::respond;
use crate::stream::Stream;

/// Room for the head of a request.
const HEAD: usize = 64 << 10;

/// Responds to the requests of a client.
pub(crate) fn serve(mut stream: Stream, output: &JobOutput) -> io::Result<()> {
    let mut buffer = vec![0; HEAD];
    let mut held = 0;
    for number in 1.. {
        let (head, end) = loop {
            if let Some(found) = Head::parse(&buffer[..held]) {
                break found;
            }
            match stream.read(&mut buffer[held..])? {
                0 => return Ok(()),
                got => held += got,
            }
        };
        if head.expects {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        // The part of the body that came with the head, then the rest.
        let here = (held - end).min(usize::try_from(head.length).unwrap_or(usize::MAX));
        buffer.copy_within(end + here..held, 0);
        held -= end + here;
        stream.discard(head.length - here as u64)?;
        let response = respond(&head, output, number);
        stream.write_all(response.head.as_bytes())?;
        if response.with_output {
            stream.send(output)?;
        }
    }
    Ok(())
}
