//! What is set for a vault or an account: tags, notifications, policies, locks, capacity.

use std::collections::BTreeMap;

use glacier_core::Method;
use serde_json::{Value, json};

use crate::bytes::LEAF;
use crate::operations::{Limit, Operation, Which};
use crate::policies::{ACTIONS, Rule};
use crate::reference::{Lock, Made, RetrievalPolicy, VAULTS};
use crate::run::{Check, DENIED, INVALID, LIMIT_EXCEEDED, MISSING, NOT_FOUND, Refusal, Run, done, same};
use crate::service::{Call, PLACES};
use crate::time::{DAY, date, next_month};

impl Run {
    pub(crate) fn perform_setting(&mut self, operation: &Operation) -> Check {
        match *operation {
            Operation::AddTags { vault, first, count } => self.add_tags(vault.into(), first, count),
            Operation::AddInvalidTag { vault } => {
                let errors = self.errors(vault, &[INVALID]);
                let body = json!({"Tags": {"good": "", "b*d": ""}}).to_string();
                let response = self.send(vault.into(), Method::Post, "/tags", "operation=add", &[], body.as_bytes())?;
                done(&response, 204, &errors).map(|_| ())
            }
            Operation::RemoveTags { vault, first, count } => self.remove_tags(vault.into(), first, count),
            Operation::ListTags { vault } => self.list_tags(vault.into()),
            Operation::SetNotifications { vault, events } => self.set_notifications(vault.into(), events),
            Operation::GetNotifications { vault } => {
                let expected = self.vault(vault.into()).and_then(|vault| vault.notifications.clone());
                self.get(vault, "/notification-configuration", expected)
            }
            Operation::DeleteNotifications { vault } => {
                self.remove(vault, "/notification-configuration", |vault| vault.notifications = None)
            }
            Operation::SetAccessPolicy { vault, policy } => self.set_access_policy(vault.into(), policy),
            Operation::GetAccessPolicy { vault } => {
                let expected = self.vault(vault.into()).and_then(|vault| vault.access_policy.clone());
                self.get(vault, "/access-policy", expected.map(|policy| json!({"Policy": policy})))
            }
            Operation::DeleteAccessPolicy { vault } => self.remove(vault, "/access-policy", |vault| {
                vault.access_policy = None;
                vault.access_rule = None;
            }),
            Operation::InitiateLock { vault, policy } => self.initiate_lock(vault.into(), policy),
            Operation::GetLock { vault } => self.get_lock(vault),
            Operation::AbortLock { vault } => self.abort_lock(vault.into()),
            Operation::CompleteLock { vault, which } => self.complete_lock(vault.into(), which),
            Operation::SetRetrievalPolicy { place, strategy } => self.set_retrieval_policy(place.into(), strategy),
            Operation::GetRetrievalPolicy { place } => self.get_retrieval_policy(place.into()),
            Operation::PurchaseCapacity { place } => self.purchase_capacity(place.into()),
            Operation::ListCapacity { place } => self.list_capacity(place.into()),
            ref other => Err(format!("an operation that is not performed: {other:?}")),
        }
    }

    pub(crate) fn look_at_settings(&mut self, vault: u8) -> Check {
        self.list_tags(vault.into())?;
        self.get_lock(vault)?;
        self.perform_setting(&Operation::GetNotifications { vault })?;
        self.perform_setting(&Operation::GetAccessPolicy { vault })?;
        let (place, _) = VAULTS[usize::from(vault)];
        self.get_retrieval_policy(place)?;
        self.list_capacity(place)
    }

    /// The errors of a request that may also be about a vault that does not exist.
    fn errors(&mut self, vault: u8, errors: &[Refusal]) -> Vec<Refusal> {
        let mut errors = errors.to_vec();
        if self.vault(vault.into()).is_none() {
            errors.push(NOT_FOUND);
        }
        errors
    }

    /// Gets a document, which is not found if nothing is set.
    fn get(&mut self, vault: u8, rest: &str, expected: Option<Value>) -> Check {
        let errors = if expected.is_none() { vec![NOT_FOUND] } else { vec![] };
        let response = self.send(vault.into(), Method::Get, rest, "", &[], b"")?;
        if done(&response, 200, &errors)? { same(&response.json()?, &expected.unwrap_or_default()) } else { Ok(()) }
    }

    /// Deletes what is set; it is not an error if nothing is.
    fn remove(&mut self, vault: u8, rest: &str, remove: impl FnOnce(&mut crate::reference::Vault)) -> Check {
        let errors = self.errors(vault, &[]);
        let response = self.send(vault.into(), Method::Delete, rest, "", &[], b"")?;
        if done(&response, 204, &errors)?
            && let Some(vault) = self.vault(vault.into())
        {
            remove(vault);
        }
        Ok(())
    }

    /// All of the tags, or none.
    fn add_tags(&mut self, vault: usize, first: u8, count: u8) -> Check {
        let salt = self.reference.next();
        let tags: BTreeMap<String, String> = (first..first + count)
            .map(|n| (format!("key {n}"), if n % 5 == 0 { String::new() } else { format!("{salt}") }))
            .collect();
        let mut all = self.vault(vault).map(|vault| vault.tags.clone()).unwrap_or_default();
        all.extend(tags.clone());
        let mut errors = if self.vault(vault).is_none() { vec![NOT_FOUND] } else { vec![] };
        if tags.is_empty() || tags.len() > 10 {
            errors.push(INVALID);
        }
        if all.len() > 50 {
            errors.push(LIMIT_EXCEEDED);
        }
        let body = json!({"Tags": tags}).to_string();
        let response = self.send(vault, Method::Post, "/tags", "operation=add", &[], body.as_bytes())?;
        if done(&response, 204, &errors)?
            && let Some(vault) = self.vault(vault)
        {
            vault.tags = all;
        }
        Ok(())
    }

    fn remove_tags(&mut self, vault: usize, first: u8, count: u8) -> Check {
        let keys: Vec<String> = (first..first + count).map(|n| format!("key {n}")).collect();
        let mut errors = if self.vault(vault).is_none() { vec![NOT_FOUND] } else { vec![] };
        if keys.is_empty() || keys.len() > 10 {
            errors.push(INVALID);
        }
        let body = json!({"TagKeys": keys}).to_string();
        let response = self.send(vault, Method::Post, "/tags", "operation=remove", &[], body.as_bytes())?;
        if done(&response, 204, &errors)?
            && let Some(vault) = self.vault(vault)
        {
            vault.tags.retain(|key, _| !keys.contains(key));
        }
        Ok(())
    }

    fn list_tags(&mut self, vault: usize) -> Check {
        let expected = self.vault(vault).map(|vault| json!({"Tags": vault.tags}));
        self.get(u8::try_from(vault).unwrap_or_default(), "/tags", expected)
    }

    fn set_notifications(&mut self, vault: usize, events: u8) -> Check {
        let all = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted", "JobCompleted"];
        let events = match events {
            0 => &all[..0],
            1 => &all[..1],
            2 => &all[1..2],
            3 => &all[..2],
            _ => &all[..],
        };
        let topic = format!("arn:aws:sns:us-east-1:000000000000:topic{}", self.reference.next());
        let body = json!({"SNSTopic": topic, "Events": events});
        let mut errors = match events.len() {
            0 => vec![MISSING, INVALID],
            3 => vec![INVALID],
            _ => vec![],
        };
        if self.vault(vault).is_none() {
            errors.push(NOT_FOUND);
        }
        let response = self.send(vault, Method::Put, "/notification-configuration", "", &[], body.to_string().as_bytes())?;
        if done(&response, 204, &errors)?
            && let Some(vault) = self.vault(vault)
        {
            vault.notifications = Some(body);
        }
        Ok(())
    }

    /// The text of a policy, what it denies, and the errors of one that is not about this vault.
    fn policy(&mut self, vault: usize, policy: u8) -> (String, Option<Rule>, Vec<Refusal>) {
        let (place, name) = VAULTS[vault];
        let name = if policy == 0 { "another" } else { name };
        let arn = PLACES[place].arn(name);
        let actions = ["glacier:*", "glacier:GetJobOutput", "glacier:DescribeJob", "glacier:DescribeVault"];
        let number = usize::from(policy);
        let denied = number.checked_sub(actions.len());
        let rule = denied.map(|denied| ACTIONS.get(denied).map_or_else(Rule::holding, |action| Rule::denying(action)));
        let statement = match &rule {
            Some(rule) => rule.statement(&arn),
            None => {
                let root = format!("arn:aws:iam::{}:root", PLACES[place].account);
                json!({"Effect": "Allow", "Principal": {"AWS": root}, "Action": actions[number], "Resource": arn})
            }
        };
        let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let mut errors = if policy == 0 { vec![INVALID] } else { vec![] };
        if self.vault(vault).is_none() {
            errors.push(NOT_FOUND);
        }
        (text, rule, errors)
    }

    fn set_access_policy(&mut self, vault: usize, policy: u8) -> Check {
        let (text, rule, errors) = self.policy(vault, policy);
        let body = json!({"Policy": text}).to_string();
        let response = self.send(vault, Method::Put, "/access-policy", "", &[], body.as_bytes())?;
        if done(&response, 204, &errors)?
            && let Some(vault) = self.vault(vault)
        {
            vault.access_policy = Some(text);
            vault.access_rule = rule;
        }
        Ok(())
    }

    pub(crate) fn initiate_lock(&mut self, vault: usize, policy: u8) -> Check {
        let (policy, rule, mut errors) = self.policy(vault, policy);
        if self.vault(vault).is_some_and(|vault| vault.lock.is_some()) {
            errors.push(DENIED);
        }
        let body = json!({"Policy": policy}).to_string();
        let response = self.send(vault, Method::Post, "/lock-policy", "", &[], body.as_bytes())?;
        if done(&response, 201, &errors)? {
            let (id, created) = (response.required("x-amz-lock-id")?.to_owned(), self.reference.now);
            self.reference.locks.push(Made { id: id.clone(), vault });
            if let Some(vault) = self.vault(vault) {
                vault.lock = Some(Lock { id, policy, rule, created, is_locked: false });
            }
        }
        Ok(())
    }

    fn get_lock(&mut self, vault: u8) -> Check {
        let expected = self.vault(vault.into()).and_then(|vault| vault.lock.as_ref()).map(|lock| {
            let state = if lock.is_locked { "Locked" } else { "InProgress" };
            let mut document = json!({"Policy": lock.policy, "State": state, "CreationDate": date(lock.created)});
            if !lock.is_locked {
                document["ExpirationDate"] = json!(date(lock.created + DAY));
            }
            document
        });
        self.get(vault, "/lock-policy", expected)
    }

    fn abort_lock(&mut self, vault: usize) -> Check {
        let errors = match self.vault(vault).map(|vault| &vault.lock) {
            None => vec![NOT_FOUND],
            Some(Some(lock)) if lock.is_locked => vec![DENIED],
            Some(_) => vec![],
        };
        let response = self.send(vault, Method::Delete, "/lock-policy", "", &[], b"")?;
        if done(&response, 204, &errors)?
            && let Some(vault) = self.vault(vault)
        {
            vault.lock = None;
        }
        Ok(())
    }

    /// Completing again with the right id is not an error.
    fn complete_lock(&mut self, vault: usize, which: Which) -> Check {
        let made = self.pick_lock(which);
        let errors = match self.vault(vault).and_then(|vault| vault.lock.as_ref()) {
            None => vec![NOT_FOUND],
            Some(lock) if lock.id == made.id => vec![],
            Some(lock) if lock.is_locked => vec![DENIED],
            Some(_) => vec![INVALID],
        };
        let response = self.send(vault, Method::Post, &format!("/lock-policy/{}", made.id), "", &[], b"")?;
        if done(&response, 204, &errors)?
            && let Some(lock) = self.vault(vault).and_then(|vault| vault.lock.as_mut())
        {
            lock.is_locked = true;
        }
        Ok(())
    }

    fn set_retrieval_policy(&mut self, place: usize, strategy: Limit) -> Check {
        let (rule, policy, errors) = match strategy {
            Limit::None => (json!({"Strategy": "None"}), RetrievalPolicy::None, vec![]),
            Limit::FreeTier => (json!({"Strategy": "FreeTier"}), RetrievalPolicy::FreeTier, vec![]),
            Limit::BytesPerHour(sixteenths) => {
                let rate = u64::from(sixteenths) * LEAF as u64 / 16;
                (json!({"Strategy": "BytesPerHour", "BytesPerHour": rate}), RetrievalPolicy::BytesPerHour(rate), vec![])
            }
            Limit::Invalid(true) => (json!({"Strategy": "BytesPerHour"}), RetrievalPolicy::None, vec![MISSING, INVALID]),
            Limit::Invalid(false) => (json!({"Strategy": "None", "BytesPerHour": 1}), RetrievalPolicy::None, vec![INVALID]),
        };
        let body = json!({"Policy": {"Rules": [rule]}}).to_string();
        let call = Call { method: Method::Put, path: "/policies/data-retrieval", query: "", headers: &[], body: body.as_bytes() };
        let response = self.send_to(place, "-", &call)?;
        if done(&response, 204, &errors)? {
            self.reference.accounts[place].policy = policy;
        }
        Ok(())
    }

    fn get_retrieval_policy(&mut self, place: usize) -> Check {
        let call = Call { method: Method::Get, path: "/policies/data-retrieval", query: "", headers: &[], body: b"" };
        let response = self.send_to(place, "-", &call)?;
        done(&response, 200, &[])?;
        let rule = match self.reference.accounts[place].policy {
            RetrievalPolicy::None => json!({"Strategy": "None"}),
            RetrievalPolicy::FreeTier => json!({"Strategy": "FreeTier"}),
            RetrievalPolicy::BytesPerHour(rate) => json!({"Strategy": "BytesPerHour", "BytesPerHour": rate}),
        };
        same(&response.json()?, &json!({"Policy": {"Rules": [rule]}}))
    }

    fn purchase_capacity(&mut self, place: usize) -> Check {
        let call = Call { method: Method::Post, path: "/provisioned-capacity", query: "", headers: &[], body: b"" };
        let response = self.send_to(place, "-", &call)?;
        let now = self.reference.now;
        let units = &mut self.reference.accounts[place].units;
        let errors = if units.len() >= 2 { vec![LIMIT_EXCEEDED] } else { vec![] };
        if done(&response, 201, &errors)? {
            units.push((response.required("x-amz-capacity-id")?.to_owned(), now, next_month(now)));
        }
        Ok(())
    }

    fn list_capacity(&mut self, place: usize) -> Check {
        let call = Call { method: Method::Get, path: "/provisioned-capacity", query: "", headers: &[], body: b"" };
        let response = self.send_to(place, "-", &call)?;
        done(&response, 200, &[])?;
        let units = self.reference.accounts[place].units.iter();
        let units: Vec<Value> = units
            .map(|(id, start, end)| json!({"CapacityId": id, "StartDate": date(*start), "ExpirationDate": date(*end)}))
            .collect();
        same(&response.json()?, &json!({"ProvisionedCapacityList": units}))
    }
}
