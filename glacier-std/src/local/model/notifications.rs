//! The notification configuration of a vault.

use serde::{Deserialize, Serialize};

use super::api_error::ApiError;

const EVENTS: [&str; 2] = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"];

/// Which events of a vault are told to which topic. The members are those of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Notifications {
    events: Vec<String>,
    #[serde(rename = "SNSTopic")]
    topic: String,
}

impl Notifications {
    pub(crate) fn new(topic: Option<String>, events: Option<Vec<String>>) -> Result<Self, ApiError> {
        let topic = topic.filter(|topic| !topic.is_empty()).ok_or_else(|| ApiError::missing("SNSTopic"))?;
        let events = events.filter(|events| !events.is_empty()).ok_or_else(|| ApiError::missing("Events"))?;
        check_topic(&topic)?;
        if let Some(other) = events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
            return Err(ApiError::invalid(format!("Invalid event: {other}. The events are {}", EVENTS.join(" and "))));
        }
        Ok(Notifications { events, topic })
    }

    /// The topic that is told of this event, if one is.
    pub(crate) fn topic_of(&self, event: &str) -> Option<&str> {
        self.events.iter().any(|configured| configured == event).then_some(&self.topic)
    }
}

/// The ARN of a topic.
fn check_topic(topic: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = topic.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "sns", region, account, name]
            if partition.starts_with("aws") && !region.is_empty() && account.len() == 12 && !name.is_empty() =>
        {
            Ok(())
        }
        _ => Err(ApiError::invalid(format!("Invalid SNS topic: {topic}. The form is arn:aws:sns:REGION:ACCOUNT:NAME"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ErrorCode;

    #[test]
    fn topic_and_events_are_required_and_known() {
        let topic = || Some("arn:aws:sns:us-west-2:111122223333:done".to_owned());
        let events = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        assert!(Notifications::new(topic(), events(&EVENTS)).is_ok());
        for (topic, events, code) in [
            (None, events(&EVENTS), ErrorCode::MissingParameterValue),
            (Some(String::new()), events(&EVENTS), ErrorCode::MissingParameterValue),
            (topic(), None, ErrorCode::MissingParameterValue),
            (topic(), events(&[]), ErrorCode::MissingParameterValue),
            (topic(), events(&["JobCompleted"]), ErrorCode::InvalidParameterValue),
            (Some("done".into()), events(&EVENTS), ErrorCode::InvalidParameterValue),
            (Some("arn:aws:sqs:us-west-2:111122223333:q".into()), events(&EVENTS), ErrorCode::InvalidParameterValue),
        ] {
            assert_eq!(Notifications::new(topic, events).unwrap_err().code, code);
        }
    }
}
