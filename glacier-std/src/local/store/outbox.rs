//! Notifications that are to be delivered: those for the file and those to post are two queues, so that neither waits for the other.

use redb::ReadableTable;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::reader::ReadTables;
use super::tables::{COUNTERS, FAILED_POSTS, OUTBOX, POSTS, decode, save};
use super::writer::Writer;
use crate::local::model::{FailedNotification, Notification, Post};

/// The counter with the length of the file of notifications from which on it is not known what is in it.
const WRITTEN: &str = "notifications_written";

/// Notifications that could not be posted and that are remembered; of more, the oldest are forgotten.
const FAILED: u64 = 1_000;

/// Reads the queues, oldest first, each notification with its place in the sequence.
pub(crate) trait ReadOutbox: ReadTables {
    /// What is not in the file yet.
    fn unwritten_notifications(&self, limit: usize) -> Result<Vec<(u64, Notification)>, StoreError> {
        queue(&self.table(OUTBOX)?, limit)
    }

    /// The length that the file had when its lines were last recorded as written; none before that.
    fn written_length(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.table(COUNTERS)?.get(WRITTEN)?.map(|length| length.value()))
    }

    /// What is not posted yet.
    fn posts(&self, limit: usize) -> Result<Vec<(u64, Post)>, StoreError> {
        queue(&self.table(POSTS)?, limit)
    }

    /// What could not be posted.
    fn failed_posts(&self) -> Result<Vec<(u64, FailedNotification)>, StoreError> {
        queue(&self.table(FAILED_POSTS)?, usize::MAX)
    }
}

impl<T: ReadTables> ReadOutbox for T {}

fn queue<R: DeserializeOwned>(table: &impl ReadableTable<u64, &'static [u8]>, limit: usize) -> Result<Vec<(u64, R)>, StoreError> {
    let rows = table.iter()?.map(|row| {
        let (place, record) = row?;
        Ok((place.value(), decode::<u64, R>(&place.value(), record.value())?))
    });
    rows.take(limit).collect()
}

impl Writer<'_> {
    /// Adds a notification, to be written into the file and, with an id, to be posted.
    pub(crate) fn add_notification(&self, notification: Notification, post: Option<String>) -> Result<(), StoreError> {
        let place = self.next_sequence()?;
        save(&mut self.transaction.open_table(OUTBOX)?, place, &notification)?;
        match post {
            Some(id) => save(&mut self.transaction.open_table(POSTS)?, place, &Post { id, notification }),
            None => Ok(()),
        }
    }

    /// The notifications up to a place in the sequence are in the file, which has this length now.
    pub(crate) fn set_notifications_written(&self, up_to: u64, length: u64) -> Result<(), StoreError> {
        self.transaction.open_table(OUTBOX)?.retain_in(..=up_to, |_, _| false)?;
        self.set_written_length(length)
    }

    /// What the file has from this length on is of the notifications that are still in the queue, or of nobody.
    pub(crate) fn set_written_length(&self, length: u64) -> Result<(), StoreError> {
        self.transaction.open_table(COUNTERS)?.insert(WRITTEN, length)?;
        Ok(())
    }

    /// A notification was posted, or could not be, and then this is why.
    #[cfg_attr(not(any(feature = "serve", test)), expect(dead_code))]
    pub(crate) fn end_post(&self, place: u64, post: &Post, error: Option<String>) -> Result<(), StoreError> {
        if self.transaction.open_table(POSTS)?.remove(place)?.is_none() {
            return Ok(());
        }
        let Some(error) = error else { return Ok(()) };
        let mut failed = self.transaction.open_table(FAILED_POSTS)?;
        save(&mut failed, place, &FailedNotification { post: post.clone(), error })?;
        while redb::ReadableTableMetadata::len(&failed)? > FAILED {
            failed.pop_first()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use super::*;
    use crate::local::model::Moment;

    fn notification(topic: &str) -> Notification {
        Notification { at: Moment(1), topic: topic.into(), event: "e".into(), message: "{}".into() }
    }

    #[test]
    fn the_queues_are_independent_and_failures_are_not_remembered_without_end() {
        let store = Store::in_memory(None).unwrap();
        let write =
            |work: &dyn Fn(&Writer<'_>) -> Result<(), StoreError>| store.write::<_, StoreError>(|writer| work(writer)).unwrap();
        write(&|writer| {
            writer.add_notification(notification("a"), Some("id-a".into()))?;
            writer.add_notification(notification("b"), None)
        });
        let read = || {
            let read = store.records.read::<_, StoreError>(|reader| {
                Ok((reader.unwritten_notifications(9)?, reader.posts(9)?, reader.failed_posts()?, reader.written_length()?))
            });
            read.unwrap()
        };
        let (unwritten, posts, failed, length) = read();
        let topics: Vec<&str> = unwritten.iter().map(|(_, notification)| notification.topic()).collect();
        assert_eq!((topics.as_slice(), posts.len(), failed.len(), length), (&["a", "b"][..], 1, 0, None));
        write(&|writer| writer.set_notifications_written(unwritten[0].0, 77));
        let (rest, same, _, length) = read();
        assert_eq!((rest[0].1.topic(), rest.len(), &same, length), ("b", 1, &posts, Some(77)));
        let (place, post) = &posts[0];
        write(&|writer| writer.end_post(*place, post, Some("refused".into())));
        write(&|writer| writer.end_post(*place, post, Some("again".into())));
        let (_, posts, failed, _) = read();
        assert_eq!((posts.len(), failed.len(), failed[0].1.error(), failed[0].1.message_id()), (0, 1, "refused", "id-a"));
        write(&|writer| {
            for n in 0..FAILED {
                writer.add_notification(notification("c"), Some(format!("id-{n}")))?;
            }
            for (place, post) in writer.posts(usize::MAX)? {
                writer.end_post(place, &post, Some("refused".into()))?;
            }
            Ok(())
        });
        let (_, posts, failed, _) = read();
        assert_eq!((posts.len(), failed.len() as u64, failed[0].1.message_id()), (0, FAILED, "id-0"));
    }
}
