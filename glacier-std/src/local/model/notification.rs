//! A notification: what a topic is told when a job of a vault is done.

use glacier_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::Moment;

/// A notification to a topic. A job that is done makes one for the topic of its vault, if the vault's configuration has the event, and one for
/// the topic that the job was begun with, if that is another. Jobs that fail make them as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    pub(crate) at: Moment,
    pub(crate) topic: String,
    pub(crate) event: String,
    pub(crate) message: String,
}

impl Notification {
    /// The vault time when the job was done, rounded down to a second.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at.timestamp()
    }

    /// The ARN of the topic, as it was given.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// `ArchiveRetrievalCompleted` or `InventoryRetrievalCompleted`.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The text of the message: the JSON of DescribeJob, as it was when the job was done. Of a list of more than 10,000 archives it has
    /// neither the size nor the marker, as those are known once the list is written.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// As a line of the file of notifications, without the end of the line: an object with `at`, `topic`, `event` and `message`, which is an
    /// object, too. The same notification is always the same line.
    #[must_use]
    pub fn to_line(&self) -> String {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let Notification { at, topic, event, message } = self;
        format!(r#"{{"at":"{at}","topic":{},"event":{},"message":{message}}}"#, text(topic), text(event))
    }
}

/// A notification that is posted to a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Post {
    /// A UUID, the same with each try.
    pub(crate) id: String,
    pub(crate) notification: Notification,
}

/// A notification that could not be posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedNotification {
    pub(crate) post: Post,
    pub(crate) error: String,
}

impl FailedNotification {
    /// What was to be posted.
    #[must_use]
    pub fn notification(&self) -> &Notification {
        &self.post.notification
    }

    /// The `MessageId` of each try, a UUID.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.post.id
    }

    /// Why the last try failed.
    #[must_use]
    pub fn error(&self) -> &str {
        &self.error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_whatever_the_topic() {
        let notification = Notification {
            at: Moment(1_332_263_023_007),
            topic: "a \"topic\"\n".into(),
            event: "ArchiveRetrievalCompleted".into(),
            message: r#"{"JobId":"j","StatusCode":"Succeeded"}"#.into(),
        };
        let expected = concat!(
            r#"{"at":"2012-03-20T17:03:43.007Z","topic":"a \"topic\"\n","event":"ArchiveRetrievalCompleted","#,
            r#""message":{"JobId":"j","StatusCode":"Succeeded"}}"#
        );
        assert_eq!(notification.to_line(), expected);
    }
}
