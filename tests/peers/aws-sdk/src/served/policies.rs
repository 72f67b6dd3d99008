//! Access policies, locks, and what belongs to an account: the data retrieval policy and provisioned capacity.

use std::collections::BTreeSet;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::{DataRetrievalPolicy, DataRetrievalRule, JobParameters, VaultAccessPolicy, VaultLockPolicy};

use super::archives::{MIB, data};
use super::check::{ABSENT, DENIED, INVALID, LIMIT, Outcome, equal, fails, some};
use super::server::arn;

pub(super) async fn access_policy(sdk: Client) -> Outcome {
    let vault = "open";
    sdk.create_vault().vault_name(vault).send().await?;
    let get = || sdk.get_vault_access_policy().vault_name(vault).send();
    let set = |text: &str| {
        let policy = VaultAccessPolicy::builder().policy(text).build();
        sdk.set_vault_access_policy().vault_name(vault).policy(policy).send()
    };
    fails(get().await, ABSENT)?;
    // As somebody indents it; it comes back as it is.
    let text = format!(
        "{{\n\t\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \
         \"arn:aws:iam::111122223333:root\"}},\r\n\"Action\": [\"glacier:InitiateJob\"], \"Resource\": \"{}\"}}]}}\n",
        arn(vault)
    );
    set(&text).await?;
    let got = get().await?.policy;
    equal(got.as_ref().and_then(|policy| policy.policy()), Some(text.as_str()), "the policy as it was sent")?;
    fails(set("{").await, INVALID)?;
    for _ in 0..2 {
        sdk.delete_vault_access_policy().vault_name(vault).send().await?;
    }
    fails(get().await, ABSENT)
}

pub(super) async fn lock(sdk: Client) -> Outcome {
    let vault = "locked";
    sdk.create_vault().vault_name(vault).send().await?;
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"keep","Effect":"Deny","Principal":"*","Action":"glacier:DeleteArchive","Resource":"{}","Condition":{{"NumericLessThan":{{"glacier:ArchiveAgeInDays":"365"}}}}}}]}}"#,
        arn(vault)
    );
    let get = || sdk.get_vault_lock().vault_name(vault).send();
    let initiate = || sdk.initiate_vault_lock().vault_name(vault).policy(VaultLockPolicy::builder().policy(&text).build()).send();
    let abort = || sdk.abort_vault_lock().vault_name(vault).send();
    let complete = |id: &str| sdk.complete_vault_lock().vault_name(vault).lock_id(id).send();
    fails(get().await, ABSENT)?;
    let first = some(initiate().await?.lock_id, "lock id")?;
    fails(initiate().await, DENIED)?;
    let state = get().await?;
    equal((state.policy(), state.state()), (Some(text.as_str()), Some("InProgress")), "a lock in progress")?;
    equal((state.creation_date() < state.expiration_date(), state.creation_date().is_some()), (true, true), "its dates")?;
    for _ in 0..2 {
        abort().await?;
    }
    fails(get().await, ABSENT)?;
    let second = some(initiate().await?.lock_id, "lock id")?;
    fails(complete(&first).await, INVALID)?;
    for _ in 0..2 {
        complete(&second).await?;
    }
    let state = get().await?;
    let got = (state.policy(), state.state(), state.expiration_date());
    equal(got, (Some(text.as_str()), Some("Locked"), None), "a locked vault")?;
    fails(abort().await, DENIED)?;
    fails(complete(&first).await, DENIED)?;
    fails(initiate().await, DENIED)
}

pub(super) async fn retrieval_policy(sdk: Client) -> Outcome {
    let vault = "limited";
    sdk.create_vault().vault_name(vault).send().await?;
    let set = |rule: DataRetrievalRule| {
        let policy = DataRetrievalPolicy::builder().rules(rule).build();
        sdk.set_data_retrieval_policy().policy(policy).send()
    };
    let rule =
        |strategy: &str, limit: Option<i64>| DataRetrievalRule::builder().strategy(strategy).set_bytes_per_hour(limit).build();
    let get = async || {
        let policy = some(sdk.get_data_retrieval_policy().send().await?.policy, "policy")?;
        Ok::<_, super::check::Failure>(policy.rules.unwrap_or_default())
    };
    equal(get().await?, vec![rule("None", None)], "the policy at first")?;
    let up = sdk.upload_archive().vault_name(vault).body(ByteStream::from(data(MIB))).send().await?;
    let id = some(up.archive_id, "archive id")?;
    let job = |tier: &str| {
        let parameters = JobParameters::builder().r#type("archive-retrieval").archive_id(&id).tier(tier).build();
        sdk.initiate_job().vault_name(vault).job_parameters(parameters).send()
    };
    for rule in [rule("FreeTier", None), rule("BytesPerHour", Some(i64::MAX)), rule("BytesPerHour", Some(1))] {
        set(rule.clone()).await?;
        equal(get().await?, vec![rule], "the policy")?;
    }
    fails(job("Standard").await, (400, "PolicyEnforcedException"))?;
    job("Bulk").await?;
    fails(set(rule("None", Some(1))).await, INVALID)?;
    set(rule("None", None)).await?;
    job("Standard").await?;
    Ok(())
}

pub(super) async fn capacity(sdk: Client) -> Outcome {
    equal(sdk.list_provisioned_capacity().send().await?.provisioned_capacity_list().len(), 0, "no units")?;
    let mut bought = BTreeSet::new();
    for _ in 0..2 {
        bought.insert(some(sdk.purchase_provisioned_capacity().send().await?.capacity_id, "capacity id")?);
    }
    equal(bought.len(), 2, "units that were bought")?;
    let listed = sdk.list_provisioned_capacity().send().await?;
    let listed = listed.provisioned_capacity_list();
    equal(listed.iter().filter_map(|unit| unit.capacity_id.clone()).collect(), bought, "units")?;
    equal(listed.iter().all(|unit| unit.start_date() < unit.expiration_date()), true, "their dates")?;
    fails(sdk.purchase_provisioned_capacity().send().await, LIMIT)
}
