//! Posts notifications to a URL of this machine, each until it is accepted or has been tried for a minute.

use std::collections::BTreeSet;
use std::time::Duration;

use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::first::first;
use crate::local::model::Post;
use crate::local::service::{NotificationsUrl, Vaults};

/// Notifications that are posted at once, so that one that is not accepted holds up few others.
const AT_ONCE: usize = 8;
/// How long to wait before each try but the first.
const WAITS: [Duration; 4] = if cfg!(test) { [Duration::from_millis(10); 4] } else { seconds([1, 4, 15, 40]) };
/// How long a receiver may take, as with SNS.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 15 });
/// How long to wait when it cannot be recorded what became of a post: then it is posted again.
const PAUSE: Duration = Duration::from_secs(5);

const fn seconds(all: [u64; 4]) -> [Duration; 4] {
    let [one, two, three, four] = all;
    [Duration::from_secs(one), Duration::from_secs(two), Duration::from_secs(three), Duration::from_secs(four)]
}

/// Posts what there is to post, for ever.
pub(super) async fn post_all(vaults: &Vaults) {
    let Some(url) = vaults.notifications_url() else { return std::future::pending().await };
    let (mut tasks, mut in_flight) = (JoinSet::new(), BTreeSet::new());
    loop {
        // As many of these as are in flight may be.
        let queue = vaults.posts(2 * AT_ONCE).await;
        for (place, post) in queue {
            if in_flight.len() < AT_ONCE && in_flight.insert(place) {
                tasks.spawn(deliver(vaults.clone(), url.clone(), place, post));
            }
        }
        let mut ended = None;
        let one_ends = async {
            match tasks.join_next().await {
                Some(place) => ended = Some(place),
                None => std::future::pending().await,
            }
        };
        // What waits for room is started when one ends, and what could not be read is read again.
        let _ = timeout(PAUSE, first(one_ends, vaults.posts_changed())).await;
        match ended {
            Some(Ok(place)) => drop(in_flight.remove(&place)),
            // It panicked: which one it was is not known, so all are taken up again.
            Some(Err(_)) => {
                tasks.shutdown().await;
                in_flight.clear();
            }
            None => {}
        }
    }
}

/// Tries to post a notification, and records what became of it.
async fn deliver(vaults: Vaults, url: NotificationsUrl, place: u64, post: Post) -> u64 {
    let mut waits = WAITS.into_iter();
    let error = loop {
        let tried = timeout(RESPONSE_TIMEOUT, send(&url, &post)).await;
        let Err(error) = tried.unwrap_or_else(|_| Err(format!("no response within {} seconds", RESPONSE_TIMEOUT.as_secs()))) else {
            break None;
        };
        match waits.next() {
            Some(wait) => sleep(wait).await,
            None => break Some(error),
        }
    };
    if vaults.end_post(place, post, error).await.is_err() {
        sleep(PAUSE).await;
    }
    place
}

/// What SNS posts. There is nothing that could sign it and nothing to unsubscribe from, so those members are empty.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'p> {
    r#type: &'static str,
    message_id: &'p str,
    topic_arn: &'p str,
    message: &'p str,
    timestamp: String,
    signature_version: &'static str,
    signature: &'static str,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: &'static str,
    #[serde(rename = "UnsubscribeURL")]
    unsubscribe_url: &'static str,
}

/// Posts a notification once, on a connection of its own. An error says why it was not accepted.
async fn send(url: &NotificationsUrl, post: &Post) -> Result<(), String> {
    let request = request(url, post)?;
    let stream = TcpStream::connect(url.addresses()).await.map_err(|error| format!("cannot connect to {url}: {error}"))?;
    let failed = |error: hyper::Error| format!("{url} did not respond: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let mut response = None;
    let exchange = async { response = Some(sender.send_request(request).await) };
    // The connection ends first if the receiver closes it; the response is there then, too.
    let driven = async {
        let _ = connection.await;
        std::future::pending().await
    };
    first(driven, exchange).await;
    match response {
        Some(Ok(response)) if response.status().is_success() => Ok(()),
        Some(Ok(response)) => Err(format!("{url} responded with the status {}", response.status().as_u16())),
        Some(Err(error)) => Err(failed(error)),
        None => Err(format!("{url} did not respond")),
    }
}

fn request(url: &NotificationsUrl, post: &Post) -> Result<Request<String>, String> {
    let Post { id, notification } = post;
    let envelope = Envelope {
        r#type: "Notification",
        message_id: id,
        topic_arn: notification.topic(),
        message: notification.message(),
        timestamp: notification.at.to_string(),
        signature_version: "1",
        signature: "",
        signing_cert_url: "",
        unsubscribe_url: "",
    };
    let body = serde_json::to_string(&envelope).map_err(|error| error.to_string())?;
    let mut request = Request::new(body);
    *request.method_mut() = hyper::Method::POST;
    *request.uri_mut() = url.path().parse().map_err(|error| format!("{url} cannot be requested: {error}"))?;
    // There is one subscription to every topic.
    let subscription = format!("{}:00000000-0000-4000-8000-000000000000", notification.topic());
    for (name, value) in [
        (HOST, url.authority()),
        (USER_AGENT, "Amazon Simple Notification Service Agent"),
        (CONTENT_TYPE, "text/plain; charset=UTF-8"),
        (CONNECTION, "close"),
        (HeaderName::from_static("x-amz-sns-message-type"), "Notification"),
        (HeaderName::from_static("x-amz-sns-message-id"), id),
        (HeaderName::from_static("x-amz-sns-topic-arn"), notification.topic()),
        (HeaderName::from_static("x-amz-sns-subscription-arn"), &subscription),
    ] {
        let value = HeaderValue::from_str(value).map_err(|_| format!("{name} cannot have the value {value:?}"))?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::model::{Moment, Notification};
    use crate::local::service::Settings;
    use crate::local::store::{StoreError, Writer};
    use serde_json::Value;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
    use tokio::task::JoinHandle;

    const TOPIC: &str = "arn:aws:sns:us-west-2:123456789012:MyTopic";
    const ID: &str = "165545c9-2a5c-472c-8df2-7ff2be2b3b1b";
    const MESSAGE: &str = r#"{"JobId":"j","StatusCode":"Succeeded"}"#;

    /// What a receiver does with one request after the other; with all that follow as with the last.
    #[derive(Clone, Copy)]
    enum Does {
        Respond(u16),
        Stall,
        Close,
    }

    struct Receiver {
        url: NotificationsUrl,
        requests: UnboundedReceiver<(String, Value)>,
        running: JoinHandle<()>,
    }

    impl Receiver {
        async fn new(script: &'static [Does]) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap()).parse().unwrap();
            let (sender, requests) = unbounded_channel();
            let running = tokio::spawn(async move {
                let mut stalled = Vec::new();
                for n in 0.. {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let _ = sender.send(read(&mut stream).await);
                    match script.get(n).or(script.last()).unwrap() {
                        Does::Respond(status) => {
                            let response = format!("HTTP/1.1 {status} Status\r\nContent-Length: 2\r\n\r\nok");
                            stream.write_all(response.as_bytes()).await.unwrap();
                        }
                        Does::Stall => stalled.push(stream),
                        Does::Close => {}
                    }
                }
            });
            Receiver { url, requests, running }
        }

        /// Waits for so many requests; the last.
        async fn hear(&mut self, requests: usize) -> (String, Value) {
            for _ in 1..requests {
                self.requests.recv().await.unwrap();
            }
            self.requests.recv().await.unwrap()
        }
    }

    /// The head and the body of a request.
    async fn read(stream: &mut TcpStream) -> (String, Value) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        (head, serde_json::from_slice(&body).unwrap())
    }

    fn vaults(url: &NotificationsUrl) -> Vaults {
        Vaults::in_memory(Settings::default().with_notifications_url(url.clone())).unwrap()
    }

    fn add(vaults: &Vaults, topic: &str) {
        let (topic, event, message) = (topic.into(), "ArchiveRetrievalCompleted".into(), MESSAGE.into());
        let notification = Notification { at: Moment(1_335_920_046_655), topic, event, message };
        let work = |records: &Writer<'_>| records.add_notification(notification, Some(ID.into()));
        vaults.store().write::<_, StoreError>(work).unwrap();
    }

    /// Posts until nothing is left to post; why what failed did.
    async fn failures(vaults: &Vaults) -> Vec<String> {
        let empty = async {
            while !vaults.posts(1).await.is_empty() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(60), first(post_all(vaults), empty)).await.unwrap();
        let failed = vaults.failed_notifications().unwrap();
        assert!(failed.iter().all(|failed| failed.message_id() == ID && failed.notification().message() == MESSAGE));
        failed.iter().map(|failed| failed.error().to_owned()).collect()
    }

    /// From the guide, "HTTP/HTTPS headers" and "HTTP/HTTPS notification JSON format".
    #[tokio::test]
    async fn a_post_has_the_form_of_sns_and_the_same_id_with_each_try() {
        let mut receiver = Receiver::new(&[Does::Respond(500), Does::Close, Does::Respond(302), Does::Respond(204)]).await;
        let vaults = vaults(&receiver.url);
        add(&vaults, TOPIC);
        assert_eq!(failures(&vaults).await, [""; 0]);
        for n in 1..=4 {
            let (head, body) = receiver.hear(1).await;
            assert!(head.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{n}: {head}");
            for line in [
                format!("host: {}", receiver.url.authority()),
                "content-type: text/plain; charset=UTF-8".into(),
                "user-agent: Amazon Simple Notification Service Agent".into(),
                "x-amz-sns-message-type: Notification".into(),
                format!("x-amz-sns-message-id: {ID}"),
                format!("x-amz-sns-topic-arn: {TOPIC}"),
                format!("x-amz-sns-subscription-arn: {TOPIC}:00000000-0000-4000-8000-000000000000"),
            ] {
                assert!(head.contains(&format!("\r\n{line}\r\n")), "{n}: no {line} in {head}");
            }
            let expected = serde_json::json!({
                "Type": "Notification", "MessageId": ID, "TopicArn": TOPIC, "Message": MESSAGE, "Timestamp": "2012-05-02T00:54:06.655Z",
                "SignatureVersion": "1", "Signature": "", "SigningCertURL": "", "UnsubscribeURL": ""
            });
            assert_eq!(body, expected, "{n}");
        }
        assert!(receiver.requests.try_recv().is_err());
    }

    #[tokio::test]
    async fn five_tries_and_then_it_has_failed() {
        let mut receiver = Receiver::new(&[Does::Respond(404)]).await;
        let to = vaults(&receiver.url);
        add(&to, TOPIC);
        let failed = failures(&to).await;
        assert!(matches!(&failed[..], [error] if error.ends_with("/hook?a=b responded with the status 404")), "{failed:?}");
        receiver.hear(5).await;
        assert!(receiver.requests.try_recv().is_err());
        // Nobody listens there any more, and no header can have such a topic.
        receiver.running.abort();
        let _ = receiver.running.await;
        add(&to, TOPIC);
        add(&to, "a\nb");
        let failed = failures(&to).await;
        assert!(failed[1].contains("cannot connect to http://127.0.0.1:"), "{failed:?}");
        assert!(failed[2].contains("x-amz-sns-topic-arn cannot have the value"), "{failed:?}");
    }

    #[tokio::test]
    async fn who_does_not_respond_holds_up_no_other() {
        let mut receiver = Receiver::new(&[Does::Stall, Does::Respond(200)]).await;
        let vaults = vaults(&receiver.url);
        (0..20).for_each(|_| add(&vaults, TOPIC));
        assert_eq!(failures(&vaults).await, [""; 0]);
        receiver.hear(21).await;
        assert!(receiver.requests.try_recv().is_err(), "one was posted twice, as it got no response");
    }

    #[tokio::test]
    async fn what_is_not_accepted_is_posted_after_a_restart_with_the_same_id() {
        let mut receiver = Receiver::new(&[Does::Stall, Does::Respond(200)]).await;
        let folder = tempfile::tempdir().unwrap();
        let settings = || Settings::default().with_notifications_url(receiver.url.clone());
        let vaults = Vaults::open(folder.path(), settings()).unwrap();
        add(&vaults, TOPIC);
        // The server ends while it waits for the response.
        let mut requests = receiver.requests;
        let mut heard = Vec::new();
        first(post_all(&vaults), async { heard.extend(requests.recv().await) }).await;
        drop(vaults);
        let settings = Settings::default().with_notifications_url(receiver.url.clone());
        // The task that posted it lets go of the folder once it runs.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let vaults = Vaults::open(folder.path(), settings).unwrap();
        assert_eq!(failures(&vaults).await, [""; 0]);
        heard.extend(requests.recv().await);
        assert_eq!(heard[0], heard[1]);
        receiver.requests = requests;
    }
}
