//! The one handler: an encoded request in, a response out. The in-process transport and the HTTP server are two ways to call it.

use embedded_io_async::Read;
use glacier_core::hash::LinearHasher;
use glacier_core::ops::catalogue::BodyKind;
use glacier_core::{ErrorCode, LinearHash, Method, Request, Timestamp, VaultName};

use super::faults;
use super::outcome::Outcome;
use super::request_log::Trace;
use super::settings::{Settings, TEST_REGION};
use super::vaults::{Inner, Vaults};
use crate::local::faults::Drawn;
use crate::local::model::{ApiError, Times};
use crate::local::ops::{UploadError, perform};
use crate::local::request::{
    ApiRequest, Claim, Origin, QueryParameters, RequestHeaders, Route, announced_hash, check_empty_body, check_hash, check_limits,
    check_repeated, check_version, content_hash, route,
};
use crate::local::response::LocalResponse;
use crate::local::store::TransactionError;

/// The largest body that is not an archive or a part of one.
const MAX_JSON: u64 = 64 << 10;

impl Vaults {
    /// Handles one request, whose body has `size` bytes if that is known.
    ///
    /// A request that fails is responded to as soon as that is clear; its body may then not have been read to the end. Without a
    /// [fault script](crate::local::FaultScript) there is always a response.
    ///
    /// Needs a tokio runtime: work that waits for the disk runs on its blocking threads; and with its time, if a fault script has delays.
    ///
    /// # Cancel safety
    /// The future can be dropped at any point: the request is then done completely or not at all.
    ///
    /// # Errors
    /// That of the body, if it could not be read: nothing was stored then.
    pub async fn handle<B: Read>(&self, request: &Request<'_>, size: Option<u64>, body: &mut B) -> Result<Outcome, B::Error> {
        self.handle_from(Origin::IN_PROCESS, request, size, body).await
    }

    /// Handles one request of a peer elsewhere.
    pub(crate) async fn handle_from<B: Read>(
        &self,
        origin: Origin,
        request: &Request<'_>,
        size: Option<u64>,
        body: &mut B,
    ) -> Result<Outcome, B::Error> {
        let times = self.inner.times();
        let request_id = self.inner.context.ids.request();
        let route = route(request.method, request.path, request.query);
        let mut trace = Trace::new(route.as_ref().ok().map(|route| route.operation.name));
        let drawn = route.as_ref().ok().and_then(|route| self.inner.faults.draw(route.operation.name, &route.vault));
        let call = Call { origin, request, route, size, times, request_id: &request_id, drawn: drawn.as_ref() };
        let outcome = self.outcome(call, body, &mut trace).await?;
        if let Some(log) = &self.inner.log {
            log.add(trace.into_request(times.vault, &request_id, request.method.as_str(), request.path));
        }
        Ok(outcome)
    }

    /// What becomes of a request.
    async fn outcome<B: Read>(&self, call: Call<'_>, body: &mut B, trace: &mut Trace) -> Result<Outcome, B::Error> {
        let Call { request_id, times, drawn, .. } = call;
        if let Some(drawn) = drawn
            && let Some(outcome) = faults::before(drawn, body).await?
        {
            trace.hit(drawn.fault.kind(), false);
            return Ok(outcome);
        }
        let is_told = self.inner.settings.explain_signatures || call.origin.is_loopback();
        let response = match process(&self.inner, call, body, trace).await {
            Ok(response) => response,
            Err(UploadError::Operation(error)) => {
                if let Some(error) = error.store_error() {
                    self.inner.context.store.report(error);
                }
                let mut error = error.into_api_error();
                trace.failed(&error);
                error.signed = error.signed.filter(|_| is_told);
                LocalResponse::error(&error)
            }
            Err(UploadError::Body(error)) => return Err(error),
        };
        trace.responded(&response);
        let response = response.finish(request_id, times.wall.timestamp());
        let Some(drawn) = drawn else { return Ok(Outcome::Response(response)) };
        let outcome = faults::after(drawn, response);
        if drawn.has_hit() {
            trace.hit(drawn.fault.kind(), matches!(outcome, Outcome::Response(_)));
        }
        Ok(outcome)
    }

    /// Whether the body of a request is an archive or a part of one, whose signature is verified before its body is read.
    #[cfg(feature = "serve")]
    pub(crate) fn is_upload(request: &Request<'_>) -> bool {
        is_upload(route(request.method, request.path, request.query).as_ref())
    }

    /// The response to a request that could not be read, whatever its method and path are.
    #[cfg_attr(not(feature = "serve"), expect(dead_code))]
    pub(crate) fn error_response(&self, error: &ApiError, method: &str, path: &str) -> LocalResponse {
        let (times, request_id) = (self.inner.times(), self.inner.context.ids.request());
        let response = LocalResponse::error(error);
        if let Some(log) = &self.inner.log {
            let mut trace = Trace::new(None);
            trace.responded(&response);
            log.add(trace.into_request(times.vault, &request_id, method, path));
        }
        response.finish(&request_id, times.wall.timestamp())
    }
}

/// A request with all that is known about it before it is looked at.
struct Call<'c> {
    origin: Origin,
    request: &'c Request<'c>,
    route: Result<Route, ApiError>,
    size: Option<u64>,
    times: Times,
    request_id: &'c str,
    /// The fault that is to happen to it.
    drawn: Option<&'c Drawn>,
}

async fn process<B: Read>(
    inner: &Inner,
    call: Call<'_>,
    body: &mut B,
    trace: &mut Trace,
) -> Result<LocalResponse, UploadError<B::Error>> {
    let Call { origin, request, route, size, times, request_id, drawn } = call;
    check_limits(request)?;
    check_repeated(request)?;
    let claim = inner.claim(request, times.wall.timestamp())?;
    let headers = RequestHeaders::of(request);
    // What the signature covers: of an upload the announced hash, of any other request the body itself.
    let (payload, bytes) = if is_upload(route.as_ref()) {
        let announced = if claim.needs_proof() { content_hash(&headers)? } else { LinearHash::EMPTY };
        (announced, Vec::new())
    } else {
        let bytes = small_body(size, body).await?;
        (hash(&bytes), bytes)
    };
    let explain = inner.log.is_some() || inner.settings.explain_signatures || origin.is_loopback();
    inner.verifier.verify(&claim, request, &payload, explain)?;
    let (caller, region) = claim.into_identity();
    trace.principal = Some(caller.principal.clone());
    check_version(&headers)?;
    let route = route?;
    if !is_upload(Ok(&route)) {
        check_hash(announced_hash(&headers)?, &payload)?;
        check_empty_body(route.operation, bytes.len())?;
    }
    if !route.vault.is_empty() {
        VaultName::try_from(route.vault.as_str()).map_err(|error| ApiError::invalid(format!("Invalid vault name: {error}")))?;
    }
    let method = request.method;
    let request = ApiRequest {
        operation: route.operation,
        owner: if route.account == "-" { caller.account.clone() } else { route.account },
        caller,
        origin,
        region,
        vault: route.vault,
        id: route.id,
        query: QueryParameters::parse(request.query)?,
        headers,
        body: bytes,
        times,
        request_id: request_id.to_owned(),
        job_failure: drawn.and_then(faults::job_failure),
    };
    if let Some(drawn) = drawn
        && let Some(response) = faults::instead(drawn).await
    {
        return Ok(response);
    }
    // What only reads is done all the same: it tells what was true before.
    if let Err(error) = inner.catch_up(times).await
        && method != Method::Get
    {
        return Err(error.into());
    }
    perform(&inner.context, request, size, body).await
}

impl Inner {
    /// Who signed the request, or, where signatures are not verified, who is taken to have.
    fn claim(&self, request: &Request<'_>, now: Timestamp) -> Result<Claim<'_>, ApiError> {
        let Settings { access_keys, account, .. } = &self.settings;
        if self.settings.verify_signatures {
            Claim::of(request, access_keys, account, now)
        } else {
            Ok(Claim::unverified(request, account, TEST_REGION))
        }
    }
}

fn is_upload(route: Result<&Route, &ApiError>) -> bool {
    route.is_ok_and(|route| route.operation.body == BodyKind::Stream)
}

/// A body that is held in memory.
async fn small_body<B: Read>(size: Option<u64>, body: &mut B) -> Result<Vec<u8>, UploadError<B::Error>> {
    let too_large =
        || ApiError::new(ErrorCode::BadRequest, format!("The body of this request is larger than the limit of {MAX_JSON} bytes"));
    if size.is_some_and(|size| size > MAX_JSON) {
        return Err(too_large().into());
    }
    let mut bytes = Vec::new();
    let mut buf = [0; 4096];
    loop {
        let got = body.read(&mut buf).await.map_err(UploadError::Body)?;
        let chunk = buf.get(..got).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(bytes);
        }
        if (bytes.len() + chunk.len()) as u64 > MAX_JSON {
            return Err(too_large().into());
        }
        bytes.extend_from_slice(chunk);
    }
}

fn hash(bytes: &[u8]) -> LinearHash {
    let mut hasher = LinearHasher::new();
    hasher.update(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    use glacier_core::Bytes;

    /// The body of the error for a signature that does not match, as a peer with this address gets it.
    async fn mismatch(address: &str, settings: Settings) -> serde_json::Value {
        let vaults = Vaults::in_memory(settings).unwrap();
        let date = vaults.inner.times().wall.timestamp().to_string().replace(['-', ':'], "");
        let credential = format!("test/{}/us-east-1/glacier/aws4_request", date.get(..8).unwrap());
        let authorization = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature=0");
        let headers = [("x-amz-date", date.as_str()), ("authorization", authorization.as_str())];
        let request = Request { method: Method::Get, host: "h", path: "/-/vaults", query: "", headers: &headers };
        let origin = Origin { address: address.parse::<IpAddr>().unwrap(), ..Origin::IN_PROCESS };
        let response = vaults.handle_from(origin, &request, Some(0), &mut Bytes::new(b"")).await.unwrap().into_response().unwrap();
        assert_eq!(response.status(), 403);
        let mut body = [0; 2000];
        let length = response.into_body().read_chunk(&mut body).await.unwrap();
        serde_json::from_slice(body.get(..length).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn only_peers_on_this_machine_are_told_what_is_signed() {
        let explain = || Settings::default().with_explain_signatures(true);
        for (address, settings, is_told) in [
            ("127.0.0.1", Settings::default(), true),
            ("127.9.9.9", Settings::default(), true),
            ("::1", Settings::default(), true),
            ("::ffff:127.0.0.1", Settings::default(), true),
            ("192.0.2.1", Settings::default(), false),
            ("::ffff:192.0.2.1", Settings::default(), false),
            ("10.0.0.1", Settings::default(), false),
            ("2001:db8::1", Settings::default(), false),
            ("192.0.2.1", explain(), true),
        ] {
            let error = mismatch(address, settings).await;
            for member in ["canonicalRequest", "stringToSign"] {
                assert_eq!(error[member].is_string(), is_told, "{address}: {error}");
            }
            assert!(error["message"].as_str().unwrap().ends_with("Consult the service documentation for details."), "{error}");
        }
    }
}
