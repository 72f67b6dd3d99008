//! ListVaults, ListMultipartUploads, ListParts, ListJobs: a page, from the start or from a marker that was given before.

use glacier_core::Method;
use serde_json::{Value, json};

use crate::bytes::tree;
use crate::jobs::check_job;
use crate::operations::{From, List, Status};
use crate::reference::{After, Job, ListName, Marker, VAULTS};
use crate::run::{Check, INVALID, NOT_FOUND, Refusal, Run, done, same};
use crate::service::{Call, PLACES, Response};

/// The members of a page: its items, what else it has, and the marker of the next one.
struct Page {
    items: Vec<Value>,
    rest: Value,
    marker: Option<String>,
}

/// What a page is asked for.
struct Asked {
    name: Option<ListName>,
    limit: usize,
    after: After,
}

impl Run {
    /// All pages.
    pub(crate) fn list_all(&mut self, what: List) -> Check {
        let mut more = self.list(what, None, From::Start)?;
        while more {
            more = self.list(what, None, From::Marker(0))?;
        }
        Ok(())
    }

    /// Whether there is another page.
    pub(crate) fn list(&mut self, what: List, limit: Option<u8>, from: From) -> Check<bool> {
        let name = self.list_name(what);
        let most = if matches!(what, List::Vaults { .. }) { 10 } else { 50 };
        let mut errors: Vec<Refusal> = if name.is_none() { vec![NOT_FOUND] } else { vec![] };
        if limit.is_some_and(|limit| !(1..=most).contains(&limit)) {
            errors.push(INVALID);
        }
        let mut query: Vec<String> = limit.iter().map(|limit| format!("limit={limit}")).collect();
        let markers = self.reference.markers.iter().rev();
        let found = match from {
            From::Start => None,
            From::Marker(which) => markers.filter(|marker| Some(&marker.list) == name.as_ref()).nth(which.into()).cloned(),
            From::ForeignMarker(which) => markers.filter(|marker| Some(&marker.list) != name.as_ref()).nth(which.into()).cloned(),
            From::Garbage => None,
        };
        let text = if matches!(from, From::Garbage) {
            Some("5.0123456789abcdef")
        } else {
            found.as_ref().map(|found| found.text.as_str())
        };
        query.extend(text.map(|text| format!("marker={}", encoded(text))));
        if matches!(from, From::Garbage) || (found.is_some() && matches!(from, From::ForeignMarker(_))) {
            errors.push(INVALID);
        }
        let after = found.map_or(After::Start, |marker| marker.after);
        let asked = Asked { name, limit: limit.unwrap_or(most).into(), after };
        match what {
            List::Vaults { place } => self.list_vaults(place.into(), &asked, query, &errors),
            List::Uploads { vault } => self.list_uploads(vault.into(), &asked, query, &errors),
            List::Parts { which } => {
                let made = self.pick_upload(which);
                let response =
                    self.send(made.vault, Method::Get, &format!("/multipart-uploads/{}", made.id), &query.join("&"), &[], b"")?;
                let Some(page) = page(&response, &errors, "Parts")? else { return Ok(false) };
                let upload = self.upload(&made).ok_or("the parts of an upload that is over")?;
                same(&page.rest, &upload.document(made.vault))?;
                let parts = upload.parts.iter().map(|(first, bytes)| {
                    let range = format!("{first}-{}", first + bytes.len() - 1);
                    (After::Byte(*first), json!({"RangeInBytes": range, "SHA256TreeHash": tree(bytes)}))
                });
                let parts: Vec<_> = parts.collect();
                self.check_page(&asked, page, parts)
            }
            List::Jobs { vault, status, completed } => {
                query.extend(status.map(|status| format!("statuscode={status:?}")));
                query.extend(completed.map(|completed| format!("completed={completed}")));
                if status == Some(Status::Other) {
                    errors.push(INVALID);
                }
                let response = self.send(vault.into(), Method::Get, "/jobs", &query.join("&"), &[], b"")?;
                let Some(page) = page(&response, &errors, "JobList")? else { return Ok(false) };
                self.check_jobs(vault.into(), &asked, page, status, completed)
            }
        }
    }

    fn list_name(&mut self, what: List) -> Option<ListName> {
        match what {
            List::Vaults { place } => Some(ListName::Vaults { place: place.into() }),
            List::Uploads { vault } => self.vault(vault.into()).map(|vault| ListName::Uploads { vault: vault.number }),
            List::Jobs { vault, .. } => self.vault(vault.into()).map(|vault| ListName::Jobs { vault: vault.number }),
            List::Parts { which } => {
                let made = self.pick_upload(which);
                let upload = self.upload(&made).filter(|upload| upload.ended.is_none());
                upload.map(|upload| ListName::Parts { upload: upload.id.clone() })
            }
        }
    }

    /// By name, in ASCII order.
    fn list_vaults(&mut self, place: usize, asked: &Asked, query: Vec<String>, errors: &[Refusal]) -> Check<bool> {
        let mut here: Vec<usize> = (0..VAULTS.len()).filter(|vault| VAULTS[*vault].0 == place).collect();
        for vault in &here {
            self.settle(*vault)?;
        }
        let call = Call { method: Method::Get, path: "/vaults", query: &query.join("&"), headers: &[], body: b"" };
        let response = self.send_to(place, "-", &call)?;
        let Some(page) = page(&response, errors, "VaultList")? else { return Ok(false) };
        same(&page.rest, &json!({}))?;
        here.retain(|vault| self.vault(*vault).is_some());
        here.sort_by_key(|vault| VAULTS[*vault].1);
        let mut expected = Vec::new();
        for vault in here {
            let item = page.items.iter().find(|item| item["VaultName"] == VAULTS[vault].1).cloned();
            if let Some(item) = item.clone() {
                self.check_vault(vault, item)?;
            }
            expected.push((After::Name(VAULTS[vault].1.to_owned()), item.unwrap_or_default()));
        }
        let last = page.items.last().map(|item| item["VaultARN"].as_str().unwrap_or_default().to_owned());
        if page.marker.is_some() && page.marker != last {
            return Err(format!("the marker {:?} is not the ARN of the last vault", page.marker));
        }
        self.check_page(asked, page, expected)
    }

    /// In the order of their beginning.
    fn list_uploads(&mut self, vault: usize, asked: &Asked, query: Vec<String>, errors: &[Refusal]) -> Check<bool> {
        let response = self.send(vault, Method::Get, "/multipart-uploads", &query.join("&"), &[], b"")?;
        let Some(page) = page(&response, errors, "UploadsList")? else { return Ok(false) };
        same(&page.rest, &json!({}))?;
        let uploads = self.vault(vault).map(|vault| vault.uploads.as_slice()).unwrap_or_default();
        let open = uploads.iter().filter(|upload| upload.ended.is_none());
        let expected = open.map(|upload| (After::Number(upload.number), upload.document(vault))).collect();
        self.check_page(asked, page, expected)
    }

    /// Compares a page with the whole list, in order.
    fn check_page(&mut self, asked: &Asked, page: Page, mut list: Vec<(After, Value)>) -> Check<bool> {
        list.retain(|(place, _)| *place > asked.after);
        let has_more = list.len() > asked.limit;
        list.truncate(asked.limit);
        let (places, items): (Vec<After>, Vec<Value>) = list.into_iter().unzip();
        same(&json!(page.items), &json!(items))?;
        if page.marker.is_some() != has_more {
            return Err(format!("the marker is {:?}, and there is more: {has_more}", page.marker));
        }
        self.keep_marker(asked, page.marker, places.last());
        Ok(has_more)
    }

    fn keep_marker(&mut self, asked: &Asked, marker: Option<String>, last: Option<&After>) {
        if let (Some(list), Some(text), Some(after)) = (asked.name.clone(), marker, last.cloned()) {
            self.reference.markers.push(Marker { list, text, after });
        }
    }

    /// In the order of their beginning; what a filter leaves out tells what the others are.
    fn check_jobs(
        &mut self,
        vault: usize,
        asked: &Asked,
        page: Page,
        status: Option<Status>,
        completed: Option<bool>,
    ) -> Check<bool> {
        same(&page.rest, &json!({}))?;
        let now = self.reference.now;
        let takes_running = matches!(status, None | Some(Status::InProgress)) && completed != Some(true);
        let takes_done = matches!(status, None | Some(Status::Succeeded)) && completed != Some(false);
        let jobs = &mut self.vault(vault).ok_or("jobs of no vault")?.jobs;
        let mut items = page.items.into_iter().peekable();
        let (mut listed, mut last, mut may_follow) = (0, None, false);
        for job in jobs.iter_mut().filter(|job| After::Number(job.number) > asked.after) {
            if items.peek().is_some_and(|item| item["JobId"] == job.id.as_str()) {
                let item = items.next().unwrap_or_default();
                if (item["Completed"] == true && !takes_done) || (item["Completed"] == false && !takes_running) {
                    return Err(format!("the filter does not include {item}"));
                }
                check_job(vault, job, item, now)?;
                (listed, last) = (listed + 1, Some(After::Number(job.number)));
            } else if items.peek().is_none() && page.marker.is_some() {
                may_follow |= (takes_running && job.done.may_be_ahead(now)) || (takes_done && job.done.may_be_kept(now));
            } else {
                left_out(job, takes_running, takes_done, now)?;
            }
        }
        if let Some(item) = items.next() {
            return Err(format!("not a job of the vault, or not in order: {item}"));
        }
        if page.marker.is_some() && (listed != asked.limit || !may_follow) || listed > asked.limit {
            return Err(format!("a page of {listed} jobs of {} with the marker {:?}", asked.limit, page.marker));
        }
        let has_more = page.marker.is_some();
        self.keep_marker(asked, page.marker, last.as_ref());
        Ok(has_more)
    }
}

/// A job is not in a list of those that run, those that are done, or both.
fn left_out(job: &mut Job, takes_running: bool, takes_done: bool, now: u64) -> Check {
    let told = match (takes_running, takes_done) {
        (true, true) => job.done.is_gone(now),
        (true, false) => job.done.narrow(0, now, "not running"),
        (false, true) if job.done.may_be_ahead(now) || job.done.may_be_gone(now) => Ok(()),
        (false, true) => Err("not done".into()),
        (false, false) => Ok(()),
    };
    told.map_err(|problem| format!("the list lacks the job {}: {problem}", job.id))
}

/// The page in a response; `None` for an error that is expected.
fn page(response: &Response, errors: &[Refusal], items: &str) -> Check<Option<Page>> {
    if !done(response, 200, errors)? {
        return Ok(None);
    }
    let mut rest = response.json()?;
    let members = rest.as_object_mut().ok_or("not an object")?;
    let Some(Value::Array(items)) = members.remove(items) else { return Err(format!("no list {items}")) };
    let marker = members.remove("Marker").map(|marker| marker.as_str().unwrap_or_default().to_owned());
    Ok(Some(Page { items, rest, marker }))
}

fn encoded(text: &str) -> String {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    text.chars().map(|c| if unreserved(c) { c.to_string() } else { format!("%{:02X}", u32::from(c)) }).collect()
}

/// The places of the endpoint are there.
#[test]
fn markers_are_encoded() {
    assert_eq!(encoded(&PLACES[0].arn("c.d")), "arn%3Aaws%3Aglacier%3Aus-east-1%3A000000000000%3Avaults%2Fc.d");
}
