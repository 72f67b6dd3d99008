//! Notification configuration of a vault: which SNS topic is notified of which events.

use crate::request::{Encode, Method, Operation, Payload};
use crate::response::{FromResponse, Response, with_member};
use crate::values::VaultRef;
use crate::wire::json::{FromJson, Items, Object, Text, Value};
use crate::wire::{DecodeError, Path, Sink, Wire, json};

/// `/{account}/vaults/{name}/notification-configuration`
fn configuration_path(vault: &VaultRef<'_>, path: &mut Path<'_>) {
    vault.path(path);
    path.segment(&"notification-configuration");
}

/// An event that can be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NotificationEvent {
    /// An archive is ready for download.
    ArchiveRetrievalCompleted,
    /// An inventory is ready for download.
    InventoryRetrievalCompleted,
}

impl Wire for NotificationEvent {
    fn wire(&self, out: &mut dyn Sink) {
        out.put(match self {
            NotificationEvent::ArchiveRetrievalCompleted => b"ArchiveRetrievalCompleted",
            NotificationEvent::InventoryRetrievalCompleted => b"InventoryRetrievalCompleted",
        });
    }
}

/// Sets the SNS topic of a vault and the events that are published to it. The topic must allow the vault to publish.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-notifications-put.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetVaultNotifications<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// The ARN of the topic. The service requires it.
    pub sns_topic: Option<&'a str>,
    /// The events to publish. The service requires at least one.
    pub events: Option<&'a [NotificationEvent]>,
}

impl Encode for SetVaultNotifications<'_> {
    fn method(&self) -> Method {
        Method::Put
    }
    fn path(&self, path: &mut Path<'_>) {
        configuration_path(&self.vault, path);
    }
    fn payload(&self) -> Payload {
        Payload::Json
    }
    fn json(&self, out: &mut dyn Sink) {
        let mut object = Object::new(out);
        object.text_opt("SNSTopic", self.sns_topic.as_ref().map(|topic| topic as &dyn Wire));
        if let Some(events) = self.events {
            object.texts("Events", events);
        }
        object.end();
    }
}

impl Operation for SetVaultNotifications<'_> {
    type Output<'b> = ();
}

/// Reads the notification configuration of a vault; `ResourceNotFound` when there is none.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-notifications-get.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GetVaultNotifications<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
}

impl Encode for GetVaultNotifications<'_> {
    fn method(&self) -> Method {
        Method::Get
    }
    fn path(&self, path: &mut Path<'_>) {
        configuration_path(&self.vault, path);
    }
}

impl Operation for GetVaultNotifications<'_> {
    type Output<'b> = Notifications<'b>;
}

/// A notification configuration.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct Notifications<'b> {
    /// The topic's ARN.
    #[cfg_attr(feature = "serde", serde(rename = "SNSTopic"))]
    pub sns_topic: Option<Text<'b>>,
    /// The events that are published; each is a string.
    pub events: Option<Items<'b>>,
}

impl<'b> FromJson<'b> for Notifications<'b> {
    fn member(&mut self, name: &str, value: Value<'b>) -> Result<(), DecodeError> {
        match name {
            "SNSTopic" => self.sns_topic = value.text()?,
            "Events" => self.events = value.items()?,
            _ => {}
        }
        Ok(())
    }
}

impl<'b> FromResponse<'b> for Notifications<'b> {
    fn from_response(response: &Response<'b>) -> Result<Self, DecodeError> {
        json::object(response.body)
    }
    fn from_service(response: &Response<'b>) -> Result<Self, DecodeError> {
        with_member(
            Self::from_response(response),
            |found| found.sns_topic.is_some() || found.events.is_some(),
            "SNSTopic",
            response.body,
        )
    }
}

/// Deletes the notification configuration of a vault; some notifications may still arrive for a while.
///
/// [API reference](https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-notifications-delete.html)
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeleteVaultNotifications<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
}

impl Encode for DeleteVaultNotifications<'_> {
    fn method(&self) -> Method {
        Method::Delete
    }
    fn path(&self, path: &mut Path<'_>) {
        configuration_path(&self.vault, path);
    }
}

impl Operation for DeleteVaultNotifications<'_> {
    type Output<'b> = ();
}
