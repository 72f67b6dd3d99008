//! The responses of the service to valid requests.

use crate::output::JobOutput;
use crate::request::Head;

/// A response: its head, and whether the output of the job follows.
pub(crate) struct Response {
    pub(crate) head: String,
    pub(crate) with_output: bool,
}

/// The response to the `number`-th request of a connection.
pub(crate) fn respond(request: &Head, output: &JobOutput, number: u64) -> Response {
    let path: Vec<&str> = request.path.split('/').filter(|piece| !piece.is_empty()).collect();
    let tree_hash = request.tree_hash.as_ref().map(|hash| format!("x-amz-sha256-tree-hash: {hash}\r\n")).unwrap_or_default();
    let archive = format!("{tree_hash}x-amz-archive-id: archive-{number}\r\nLocation: /archive\r\n");
    let (status, headers) = match (request.method.as_str(), path.as_slice()) {
        ("POST", [_, "vaults", _, "archives"] | [_, "vaults", _, "multipart-uploads", _]) => ("201 Created", archive),
        ("POST", [_, "vaults", _, "multipart-uploads"]) => {
            ("201 Created", format!("x-amz-multipart-upload-id: upload-{number}\r\nLocation: /upload\r\n"))
        }
        ("PUT", [_, "vaults", _, "multipart-uploads", _]) => ("204 No Content", tree_hash),
        ("GET", [_, "vaults", _, "jobs", _, "output"]) => {
            let head = format!("Content-Type: application/octet-stream\r\nx-amz-sha256-tree-hash: {}\r\n", output.tree_hash());
            return Response { head: frame("200 OK", &head, output.size(), number), with_output: true };
        }
        _ => ("404 Not Found", String::new()),
    };
    Response { head: frame(status, &headers, 0, number), with_output: false }
}

fn frame(status: &str, headers: &str, length: u64, number: u64) -> String {
    let length = if status.starts_with("204") { String::new() } else { format!("Content-Length: {length}\r\n") };
    format!("HTTP/1.1 {status}\r\nx-amzn-RequestId: {number}\r\n{length}{headers}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_of(method: &str, path: &str) -> String {
        let request = Head { method: method.into(), path: path.into(), tree_hash: Some("ab".into()), ..Head::default() };
        respond(&request, &JobOutput::new(5).unwrap(), 7).head
    }

    #[test]
    fn every_request_of_a_transfer_is_answered() {
        let archive = head_of("POST", "/-/vaults/v/archives");
        assert!(
            archive.starts_with("HTTP/1.1 201 ")
                && archive.contains("x-amz-sha256-tree-hash: ab\r\nx-amz-archive-id: archive-7\r\n")
        );
        assert!(head_of("POST", "/-/vaults/v/multipart-uploads").contains("x-amz-multipart-upload-id: upload-7\r\n"));
        let part = head_of("PUT", "/-/vaults/v/multipart-uploads/u");
        assert!(part.starts_with("HTTP/1.1 204 ") && part.contains("tree-hash: ab") && !part.contains("Content-Length"));
        assert!(head_of("POST", "/-/vaults/v/multipart-uploads/u").contains("x-amz-archive-id"));
        assert!(head_of("GET", "/-/vaults/v/jobs/j/output").contains("Content-Length: 5\r\n"));
        assert!(head_of("GET", "/").starts_with("HTTP/1.1 404 "));
    }
}
