//! One connection: a request after the other until the client hangs up.

use std::io;

use crate::answer::answer;
use crate::output::JobOutput;
use crate::request::Head;
use crate::stream::Stream;

/// Bytes in which a head has room.
const HEAD: usize = 64 << 10;

/// Answers what the client asks.
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
        // What of the body came with the head, then the rest.
        let here = (held - end).min(usize::try_from(head.length).unwrap_or(usize::MAX));
        buffer.copy_within(end + here..held, 0);
        held -= end + here;
        stream.discard(head.length - here as u64)?;
        let answer = answer(&head, output, number);
        stream.write_all(answer.head.as_bytes())?;
        if answer.with_output {
            stream.send(output)?;
        }
    }
    Ok(())
}
