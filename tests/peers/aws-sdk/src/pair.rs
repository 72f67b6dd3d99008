//! Compares one request of the SDK with one of glacier-core.

use std::fmt::Debug;
use std::future::Future;
use std::time::{Duration, SystemTime};

use aws_sdk_glacier::config::timeout::TimeoutConfig;
use aws_sdk_glacier::config::{Credentials as SdkCredentials, Region, StalledStreamProtectionConfig};
use aws_smithy_async::time::StaticTimeSource;
use glacier_core::sign::Scope;
use glacier_core::{Bytes, Client, Credentials, Encode, Endpoint, Error, Fetch, List, Operation, Timestamp, Upload};
use glacier_std::config::BaseUrl;
use glacier_std::http::{HttpOptions, HttpTransport};

use crate::compare::{differences, signed_alike};
use crate::recorder::{Recorded, Recorder};
use crate::report::Report;

const REGION: &str = "eu-west-1";
const SCOPE: Scope<'_> = Scope { region: REGION, service: "glacier" };
// The placeholders of the AWS documentation.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd";
/// 2012-05-25T00:24:53Z, the time of the developer guide's examples.
const NOW: u64 = 1_337_905_493;

pub(crate) struct Pair {
    pub(crate) sdk: aws_sdk_glacier::Client,
    ours: Client<HttpTransport, Credentials<'static>>,
    recorder: Recorder,
    report: Report,
}

impl Pair {
    pub(crate) fn new(report: Report) -> Result<Self, Box<dyn std::error::Error>> {
        let recorder = Recorder::start()?;
        let url = format!("http://{}", recorder.host());
        let transport = HttpTransport::new(&BaseUrl::parse(&url)?, &HttpOptions::default())?;
        let ours = Client::new(transport, Endpoint::new(REGION, &recorder.host())?, credentials()?);
        Ok(Pair { sdk: sdk(&url), ours, recorder, report })
    }

    /// An operation with a small response.
    pub(crate) async fn operation<O: Operation + Sync, T, E: Debug>(
        &mut self,
        name: &str,
        theirs: impl Future<Output = Result<T, E>>,
        ours: &O,
    ) {
        let theirs = self.theirs(theirs).await;
        let sent = whatever_came_back(self.ours.send(ours, now(), &mut [0; 4096]).await.map(drop));
        self.compare(name, theirs, sent);
    }

    /// An operation with a body.
    pub(crate) async fn upload<O: Upload + Sync, T, E: Debug>(
        &mut self,
        name: &str,
        theirs: impl Future<Output = Result<T, E>>,
        ours: &O,
        body: &[u8],
    ) {
        let theirs = self.theirs(theirs).await;
        let sent = self.ours.upload(ours, &mut Bytes::new(body), now(), &mut [0; 4096]).await.map(drop);
        self.compare(name, theirs, sent);
    }

    /// An operation whose response is a list.
    pub(crate) async fn list<L: List + Encode + Sync, T, E: Debug>(
        &mut self,
        name: &str,
        theirs: impl Future<Output = Result<T, E>>,
        ours: &L,
    ) {
        let theirs = self.theirs(theirs).await;
        let sent = whatever_came_back(self.ours.list(ours, now(), &mut [0; 4096]).await.map(drop));
        self.compare(name, theirs, sent);
    }

    /// An operation whose response is a stream.
    pub(crate) async fn fetch<O: Fetch + Sync, T, E: Debug>(
        &mut self,
        name: &str,
        theirs: impl Future<Output = Result<T, E>>,
        ours: &O,
    ) {
        let theirs = self.theirs(theirs).await;
        let sent = self.ours.fetch(ours, now(), &mut [0; 4096]).await.map(drop);
        self.compare(name, theirs, sent);
    }

    pub(crate) fn into_report(self) -> Report {
        self.report
    }

    async fn theirs<T, E: Debug>(&self, sent: impl Future<Output = Result<T, E>>) -> Result<Recorded, String> {
        sent.await.map_err(|error| format!("the SDK's request: {error:?}"))?;
        self.recorder.only().map_err(|reason| format!("the SDK's request: {reason}"))
    }

    fn compare<E: Debug>(&mut self, name: &str, theirs: Result<Recorded, String>, sent: Result<(), E>) {
        let ours = match sent {
            Ok(()) => self.recorder.only().map_err(|reason| format!("our request: {reason}")),
            Err(error) => Err(format!("our request: {error:?}")),
        };
        let outcome = theirs.and_then(|theirs| {
            signed_alike(&theirs, &SCOPE, &credentials()?, now())?;
            Ok(differences(&theirs, &ours?))
        });
        self.report.case(name, outcome);
    }
}

/// The recorder responds to everything with `{}`, which is no output of many operations; only the request is looked at.
fn whatever_came_back<T>(sent: Result<(), Error<T>>) -> Result<(), Error<T>> {
    match sent {
        Err(Error::Decode(_)) => Ok(()),
        sent => sent,
    }
}

fn credentials() -> Result<Credentials<'static>, String> {
    Credentials::new(KEY, SECRET, Some(TOKEN)).map_err(|error| error.to_string())
}

fn now() -> Timestamp {
    Timestamp::from_unix(NOW)
}

/// The SDK with its defaults, except for a fixed clock and sleeps that return at once.
fn sdk(url: &str) -> aws_sdk_glacier::Client {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(30)).build();
    let config = aws_sdk_glacier::Config::builder()
        .region(Region::new(REGION))
        .endpoint_url(url)
        .credentials_provider(SdkCredentials::new(KEY, SECRET, Some(TOKEN.into()), None, "placeholder"))
        .time_source(StaticTimeSource::new(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    aws_sdk_glacier::Client::from_conf(config)
}
