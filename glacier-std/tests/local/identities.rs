//! Who asks: accounts and regions apart, access keys with their owners, and what is said of a signature that does not match.

use glacier_core::Method::{Get, Post, Put};
use glacier_core::ops::*;
use glacier_core::*;
use glacier_std::local::*;

use crate::harness::*;

const ONE: &str = "111122223333";
const TWO: &str = "444455556666";
const SESSION: &str = "arn:aws:sts::444455556666:assumed-role/audit/july";

/// A service with keys of two accounts; the second is temporary and expires an hour later.
fn harness() -> Harness {
    let end = Timestamp::from_unix(THEN / 1000 + 3600);
    Harness::with_settings(|settings| {
        settings.with_account(ONE).with_access_keys(vec![
            AccessKey::new("ONE", "secret-one"),
            AccessKey::new("TWO", "secret-two").with_principal(SESSION).with_session_token("tick").with_expiry(end),
        ])
    })
}

fn caller(harness: &Harness, key: &'static str, region: &str) -> LocalClient {
    let (secret, token) = if key == "ONE" { ("secret-one", None) } else { ("secret-two", Some("tick")) };
    let endpoint = Endpoint::new(region, "localhost").unwrap();
    Client::new(LocalTransport::new(&harness.vaults), endpoint, Credentials::new(key, secret, token).unwrap())
}

/// The ARNs of a caller's vaults.
async fn listed(client: &mut LocalClient, now: Timestamp) -> Vec<String> {
    let mut buf = [0; 4096];
    let mut page = client.list(&ListVaults::default(), now, &mut buf).await.unwrap();
    let mut arns = Vec::new();
    while let Some(vault) = page.next().await.unwrap() {
        arns.push(vault.arn.unwrap().to_string());
    }
    arns
}

#[tokio::test]
async fn each_account_and_region_has_vaults_of_its_own() {
    let harness = harness();
    let now = harness.now();
    let mut buf = [0; 2048];
    let places = [("ONE", ONE, "us-east-1", "aws"), ("ONE", ONE, "cn-north-1", "aws-cn"), ("TWO", TWO, "us-east-1", "aws")];
    for (key, account, region, partition) in places {
        let mut client = caller(&harness, key, region);
        assert_eq!(listed(&mut client, now).await, [""; 0]);
        let created = client.send(&CreateVault { vault: vault() }, now, &mut buf).await.unwrap();
        assert_eq!(created.location, Some(format!("/{account}/vaults/v").as_str()));
        // The same name again is the same vault.
        client.send(&CreateVault { vault: vault() }, now, &mut buf).await.unwrap();
        assert_eq!(listed(&mut client, now).await, [format!("arn:{partition}:glacier:{region}:{account}:vaults/v")]);
    }
    // What one of them loses, the others keep.
    caller(&harness, "ONE", "us-east-1").send(&DeleteVault { vault: vault() }, now, &mut buf).await.unwrap();
    for ((key, _, region, _), count) in places.into_iter().zip([0, 1, 1]) {
        assert_eq!(listed(&mut caller(&harness, key, region), now).await.len(), count, "{key} {region}");
    }
}

#[tokio::test]
async fn another_account_in_the_path_is_denied() {
    let harness = harness();
    let now = harness.now();
    let mut buf = [0; 2048];
    let mut one = caller(&harness, "ONE", "us-east-1");
    one.send(&CreateVault { vault: vault() }, now, &mut buf).await.unwrap();
    let theirs = VaultRef { account: AccountId::try_from(ONE).unwrap(), ..vault() };
    assert!(one.send(&DescribeVault { vault: theirs }, now, &mut buf).await.is_ok());
    let mut two = caller(&harness, "TWO", "us-east-1");
    let denied = two.send(&DescribeVault { vault: theirs }, now, &mut buf).await.map(|_| ());
    let Err(Error::Service(error)) = denied else { panic!() };
    let (code, message) = (error.code, error.whole_message());
    assert_eq!(code, ErrorCode::AccessDenied);
    let words = [SESSION, "glacier:DescribeVault", ONE, TWO];
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
}

#[tokio::test]
async fn a_temporary_key_needs_its_token_and_expires() {
    let harness = harness();
    let mut buf = [0; 2048];
    let mut two = caller(&harness, "TWO", "us-east-1");
    let list = ListProvisionedCapacity::default();
    assert!(two.list(&list, harness.now(), &mut buf).await.is_ok());
    let endpoint = || Endpoint::new(TEST_REGION, "localhost").unwrap();
    for token in [None, Some("tack")] {
        let credentials = Credentials::new("TWO", "secret-two", token).unwrap();
        let mut wrong = Client::new(LocalTransport::new(&harness.vaults), endpoint(), credentials);
        assert_eq!(service_error(wrong.list(&list, harness.now(), &mut buf).await.map(|_| ())).0, ErrorCode::UnrecognizedClient);
    }
    // By wall time, at its end and not before.
    harness.clock.advance(3_599_000);
    assert!(two.list(&list, harness.now(), &mut buf).await.is_ok());
    harness.clock.advance(1000);
    let (code, message) = service_error(two.list(&list, harness.now(), &mut buf).await.map(|_| ()));
    assert_eq!((code, message.as_str()), (ErrorCode::ExpiredToken, "The security token included in the request is expired."));
    let mut one = caller(&harness, "ONE", "us-east-1");
    assert!(one.list(&list, harness.now(), &mut buf).await.is_ok(), "another key does not expire");
}

#[tokio::test]
async fn a_marker_is_of_the_account_and_region_that_ask() {
    let harness = Harness::with_vault().await;
    let marker = |arn: &str| format!("marker={}", arn.replace(':', "%3A").replace('/', "%2F"));
    let list = async |arn: &str| harness.raw(Get, "/-/vaults", &marker(arn), &[], b"").await;
    assert_eq!(list("arn:aws:glacier:us-east-1:000000000000:vaults/a").await.json()["VaultList"][0]["VaultName"], "v");
    for arn in [
        "arn:aws:glacier:us-east-2:000000000000:vaults/a",
        "arn:aws-cn:glacier:us-east-1:000000000000:vaults/a",
        "arn:aws:glacier:us-east-1:111122223333:vaults/a",
        "arn:aws:glacier:us-east-1:000000000000:vaults/a/b",
    ] {
        assert_eq!(list(arn).await.code, "InvalidParameterValueException", "{arn}");
    }
}

#[tokio::test]
async fn without_verification_anybody_may_ask_and_bodies_are_checked() {
    let harness = Harness::with_settings(|settings| settings.with_account(ONE).with_verify_signatures(false));
    let ask = async |method, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let headers = [("x-amz-glacier-version", API_VERSION)].iter().chain(headers);
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_string())).collect();
        send(&harness.vaults, &Signed { method, path: path.into(), query: String::new(), headers }, body).await
    };
    let created = ask(Put, "/-/vaults/v", &[], b"").await;
    assert_eq!((created.status, created.location), (201, Some(format!("/{ONE}/vaults/v"))));
    // Any key, any date, any signature; the region is that of the signature.
    let signed =
        |region: &str| format!("AWS4-HMAC-SHA256 Credential=x/20010101/{region}/glacier/aws4_request, SignedHeaders=, Signature=0");
    let here = ask(Get, "/-/vaults/v", &[("authorization", &signed(TEST_REGION))], b"").await;
    assert_eq!(here.json()["VaultARN"], format!("arn:aws:glacier:us-east-1:{ONE}:vaults/v"));
    assert_eq!(ask(Get, "/-/vaults/v", &[("authorization", &signed("eu-west-1"))], b"").await.status, 404);
    assert_eq!(ask(Get, "/-/vaults/v", &[("authorization", "Bearer x")], b"").await.status, 200);
    assert_eq!(ask(Get, &format!("/{TWO}/vaults/v"), &[], b"").await.code, "AccessDeniedException");

    let (root, sum, other) = (tree(b"x").to_string(), linear(b"x"), linear(b"y"));
    let upload = async |more: &[(&str, &str)]| {
        let headers = [&[("x-amz-sha256-tree-hash", root.as_str())][..], more].concat();
        ask(Post, "/-/vaults/v/archives", &headers, b"x").await
    };
    assert_eq!(upload(&[]).await.status, 201, "a hash that nothing covers may be left out");
    assert_eq!(upload(&[("x-amz-content-sha256", &sum)]).await.status, 201);
    assert_eq!(upload(&[("x-amz-content-sha256", &other)]).await.code, "InvalidParameterValueException");
    let parameters = br#"{"Type":"inventory-retrieval"}"#;
    assert_eq!(ask(Post, "/-/vaults/v/jobs", &[], parameters).await.status, 202);
    let wrong = ask(Post, "/-/vaults/v/jobs", &[("x-amz-content-sha256", &other)], parameters).await;
    assert_eq!(wrong.code, "InvalidParameterValueException");
    assert!(wrong.message.contains(&linear(parameters)), "{}", wrong.message);
}

#[tokio::test]
async fn a_body_on_create_vault_is_refused() {
    let harness = Harness::in_memory();
    let refused = harness.raw(Put, "/-/vaults/v", "", &[], b"{}").await;
    assert_eq!((refused.status, refused.code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(harness.raw(Get, "/-/vaults/v", "", &[], b"").await.status, 404);
}

/// A request that was changed after it was signed.
fn changed(harness: &Harness) -> Signed {
    Signed { path: "/-/vaults/w".into(), ..signed(harness.now(), Get, "/-/vaults/v", "", &[], b"") }
}

#[tokio::test]
async fn a_mismatch_is_explained_in_members_of_its_own() {
    let harness = Harness::in_memory();
    let wrong = changed(&harness);
    let error = send(&harness.vaults, &wrong, b"").await.json();
    let right = signed(harness.now(), Get, "/-/vaults/w", "", &[], b"").headers.pop().unwrap().1;
    let right = right.rsplit('=').next().unwrap();
    assert!(right.len() == 64 && !error.to_string().contains(right), "{error}");
    let expected = format!(
        "GET\n/-/vaults/w\n\nhost:localhost\nx-amz-date:20260102T030405Z\nx-amz-glacier-version:2012-06-01\n\n\
         host;x-amz-date;x-amz-glacier-version\n{}",
        linear(b"")
    );
    assert_eq!(error["canonicalRequest"], expected);
    let to_sign =
        format!("AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/glacier/aws4_request\n{}", linear(expected.as_bytes()));
    assert_eq!(error["stringToSign"], to_sign);
    let members: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 5, "{members:?}");
}

#[cfg(feature = "serve")]
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_on_this_machine_is_told_what_was_signed() {
    let served = crate::peer::serve(None).await;
    let wrong = served.head(Get, "/-/vaults/v", &[], b"", "").replacen("/-/vaults/v ", "/-/vaults/w ", 1);
    let response = served.talk(move |mut peer| peer.ask(&wrong)).await;
    assert_eq!(response.status(), "403");
    let error: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert!(error["canonicalRequest"].as_str().unwrap().starts_with("GET\n/-/vaults/w\n\nhost:127.0.0.1"), "{error}");
    served.end().await;
}
