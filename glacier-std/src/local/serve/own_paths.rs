//! The paths of this server itself, under `/_glacier/`. They are no part of the API: nothing there is signed, and neither the vaults nor
//! the disk is asked, so that health is known while both are busy.

use hyper::Method;
use serde_json::json;

use crate::local::response::LocalResponse;

/// No account and no vault of the API can have this name.
const OWN: &str = "/_glacier";
const HEALTH: &str = "/_glacier/health";

/// The response to a request for a path of this server; `None` if the path is one of the API.
pub(super) fn respond(method: &Method, path: &str) -> Option<LocalResponse> {
    let rest = path.strip_prefix(OWN)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let response = match (path, method) {
        (HEALTH, &Method::GET | &Method::HEAD) => document(200, &json!({ "status": "ok" })),
        (HEALTH, other) => {
            let message = format!("{HEALTH} has no method {other}: use GET or HEAD");
            document(405, &json!({ "code": "MethodNotAllowed", "message": message })).with("Allow", "GET, HEAD")
        }
        _ => {
            let message = format!("This server has no such path under {OWN}/: use {HEALTH}");
            document(404, &json!({ "code": "NotFound", "message": message }))
        }
    };
    Some(response)
}

fn document(status: u16, document: &serde_json::Value) -> LocalResponse {
    let text = document.to_string();
    let length = text.len().to_string();
    // Said here, as hyper does not know the length of what HEAD leaves out.
    LocalResponse::json(status, text.into()).with("Content-Length", length)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(method: Method, path: &str) -> Option<(u16, Vec<(&'static str, String)>, String)> {
        let response = respond(&method, path)?;
        let (status, headers) = (response.status(), response.headers().map(|(name, value)| (name, value.to_owned())).collect());
        let mut body = [0; 200];
        let length = response.into_body().read_chunk(&mut body).await.unwrap();
        Some((status, headers, String::from_utf8(body[..length].to_vec()).unwrap()))
    }

    #[tokio::test]
    async fn health_is_a_constant_document() {
        for method in [Method::GET, Method::HEAD] {
            let (status, headers, body) = asked(method, "/_glacier/health").await.unwrap();
            assert_eq!((status, body.as_str()), (200, r#"{"status":"ok"}"#));
            assert_eq!(headers, [("Content-Type", "application/json".to_owned()), ("Content-Length", "15".to_owned())]);
        }
    }

    #[tokio::test]
    async fn other_methods_and_paths_are_errors_that_name_what_there_is() {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let (status, headers, body) = asked(method.clone(), "/_glacier/health").await.unwrap();
            assert_eq!(status, 405);
            assert!(headers.contains(&("Allow", "GET, HEAD".to_owned())), "{headers:?}");
            assert!(body.contains(method.as_str()) && body.contains("use GET or HEAD"), "{body}");
        }
        for path in ["/_glacier", "/_glacier/", "/_glacier/health/", "/_glacier/healthy", "/_glacier//health", "/_glacier/advance"]
        {
            for method in [Method::GET, Method::POST] {
                let (status, _, body) = asked(method, path).await.unwrap();
                let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                assert_eq!((status, &body["code"]), (404, &"NotFound".into()), "{path}");
                assert!(body["message"].as_str().unwrap().contains("/_glacier/health"), "{body}");
            }
        }
    }

    #[tokio::test]
    async fn paths_of_the_api_are_left_to_it() {
        for path in
            ["/", "/-/vaults", "/_glacierhealth", "/-/vaults/_glacier/health", "//_glacier/health", "*", "/%5Fglacier/health"]
        {
            assert!(asked(Method::GET, path).await.is_none(), "{path}");
        }
    }
}
