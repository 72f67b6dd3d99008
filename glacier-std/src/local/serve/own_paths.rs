//! The paths of this server itself, under `/_glacier/`. They are no part of the API, and nothing there is signed. Health is always there, and
//! asks neither the vaults nor the disk, so that it is known while both are busy; control and its console are there if they were asked for.

use std::sync::Arc;

use embedded_io_async::Read;
use hyper::Method;
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use serde_json::json;

use super::body::{BodyError, RequestBody};
use super::connections::Slot;
use super::console;
use super::control::{Action, document, error};
use super::control_access::ControlAccess;
use crate::local::request::Origin;
use crate::local::response::LocalResponse;
use crate::local::service::Vaults;

/// No account and no vault of the API can have this name.
const OWN: &str = "/_glacier";
const HEALTH: &str = "/health";

/// Whether a path is one of this server and not of the API.
pub(super) fn is_own(path: &str) -> bool {
    below(path).is_some()
}

/// The response to a request for a path of this server, and whether the request was read to its end.
pub(super) async fn respond(
    vaults: &Vaults,
    control: Option<&ControlAccess>,
    peer: Origin,
    slot: &Arc<Slot>,
    head: &Parts,
    incoming: Incoming,
) -> (LocalResponse, bool) {
    let action = match action(control, peer, head) {
        Ok(action) => action,
        Err(response) => return (response, incoming.is_end_stream()),
    };
    let (limit, announced) = (action.max_body(), incoming.size_hint().lower());
    if announced > limit as u64 {
        return (too_large(limit), incoming.is_end_stream());
    }
    let mut body = RequestBody::small(incoming, slot);
    let response = match read(&mut body, limit).await {
        Ok(Some(bytes)) => action.perform(vaults, head.uri.query().unwrap_or_default(), &bytes).await,
        Ok(None) => too_large(limit),
        Err(BodyError::TimedOut) => error(408, "RequestTimeout", "The body was received too slowly"),
        // The peer is gone; nobody receives this response.
        Err(BodyError::Connection(cause)) => error(400, "BadRequest", &format!("The body could not be read: {cause}")),
    };
    let is_read = body.is_read();
    (response, is_read)
}

/// What a request asks control to do; or the response, if that is known already.
fn action(control: Option<&ControlAccess>, peer: Origin, head: &Parts) -> Result<Action, LocalResponse> {
    let path = below(head.uri.path()).unwrap_or_default();
    if path == HEALTH {
        return Err(match head.method {
            Method::GET | Method::HEAD => document(200, &json!({ "status": "ok" })),
            _ => only_get(&format!("{OWN}{HEALTH}"), &head.method),
        });
    }
    let Some(control) = control else {
        let message = format!(
            "This server has no such path under {OWN}/: use {OWN}{HEALTH}, or start it with --control to have the console and control there"
        );
        return Err(error(404, "NotFound", &message));
    };
    let is_page = matches!(path, "" | "/");
    let checked = if is_page { control.check_page(peer, &head.headers) } else { control.check(peer, &head.headers) };
    checked.map_err(|why| error(403, "Forbidden", &why))?;
    if is_page {
        return Err(match head.method {
            Method::GET | Method::HEAD => console::page(),
            _ => only_get(&format!("{OWN}/"), &head.method),
        });
    }
    Action::of(&head.method, path.trim_start_matches('/'))
}

/// The path below that of this server.
fn below(path: &str) -> Option<&str> {
    path.strip_prefix(OWN).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A whole body; `None` if it is larger than the limit.
async fn read(body: &mut RequestBody, limit: usize) -> Result<Option<Vec<u8>>, BodyError> {
    let (mut bytes, mut buf) = (Vec::new(), [0; 4096]);
    loop {
        let got = body.read(&mut buf).await?;
        let chunk = buf.get(..got).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(Some(bytes));
        }
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(chunk);
    }
}

fn too_large(limit: usize) -> LocalResponse {
    error(400, "BadRequest", &format!("The body of this request is larger than the limit of {limit} bytes: send a smaller one"))
}

fn only_get(path: &str, method: &Method) -> LocalResponse {
    let message = format!("{path} has no method {method}: use GET or HEAD");
    error(405, "MethodNotAllowed", &message).with("Allow", "GET, HEAD")
}

#[cfg(test)]
mod tests {
    use super::*;
    /// The response that is known without the body.
    async fn asked(control: Option<&ControlAccess>, method: Method, path: &str) -> (u16, Vec<(&'static str, String)>, String) {
        let request = hyper::Request::builder().method(method).uri(path).header("host", "localhost").body(()).unwrap();
        let response = action(control, Origin::PIPE, &request.into_parts().0).unwrap_err();
        let (status, headers) = (response.status(), response.headers().map(|(name, value)| (name, value.to_owned())).collect());
        let mut body = [0; 500];
        let length = response.into_body().read_chunk(&mut body).await.unwrap();
        (status, headers, String::from_utf8_lossy(&body[..length]).into_owned())
    }

    #[tokio::test]
    async fn health_is_a_constant_document() {
        for control in [None, Some(&ControlAccess::new(None))] {
            for method in [Method::GET, Method::HEAD] {
                let (status, headers, body) = asked(control, method, "/_glacier/health").await;
                assert_eq!((status, body.as_str()), (200, r#"{"status":"ok"}"#));
                for header in [("Content-Type", "application/json"), ("Content-Length", "15"), ("Cache-Control", "no-store")] {
                    assert!(headers.contains(&(header.0, header.1.to_owned())), "{headers:?}");
                }
            }
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
                let (status, headers, body) = asked(control, method.clone(), "/_glacier/health").await;
                assert_eq!(status, 405);
                assert!(headers.contains(&("Allow", "GET, HEAD".to_owned())), "{headers:?}");
                assert!(body.contains(method.as_str()) && body.contains("use GET or HEAD"), "{body}");
            }
        }
    }

    #[tokio::test]
    async fn without_control_there_is_nothing_but_health() {
        for path in ["/_glacier", "/_glacier/", "/_glacier/health/", "/_glacier//health", "/_glacier/advance", "/_glacier/state"] {
            for method in [Method::GET, Method::POST] {
                let (status, _, body) = asked(None, method, path).await;
                let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                assert_eq!((status, &body["code"]), (404, &"NotFound".into()), "{path}");
                let message = body["message"].as_str().unwrap();
                assert!(message.contains("/_glacier/health") && message.contains("--control"), "{body}");
            }
        }
    }

    #[tokio::test]
    async fn the_page_has_two_paths_and_two_methods() {
        let access = ControlAccess::new(None);
        for path in ["/_glacier", "/_glacier/", "/_glacier/?x=1"] {
            for method in [Method::GET, Method::HEAD] {
                let (status, headers, _) = asked(Some(&access), method, path).await;
                assert_eq!(status, 200);
                assert!(headers.contains(&("Content-Type", "text/html; charset=utf-8".to_owned())), "{headers:?}");
            }
            assert_eq!(asked(Some(&access), Method::POST, path).await.0, 405);
        }
        assert_eq!(asked(Some(&access), Method::GET, "/_glacier//").await.0, 404);
    }

    #[test]
    fn paths_of_the_api_are_left_to_it() {
        for path in
            ["/", "/-/vaults", "/_glacierhealth", "/-/vaults/_glacier/health", "//_glacier/health", "*", "/%5Fglacier/health"]
        {
            assert!(!is_own(path), "{path}");
        }
        assert!(is_own("/_glacier") && is_own("/_glacier/") && is_own("/_glacier/health"));
    }
}
