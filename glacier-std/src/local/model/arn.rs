//! Amazon Resource Names: of vaults, of an account's root, and the partition of AWS that a region belongs to.

/// The partitions beside `aws`, each with the prefix of its regions. What follows the prefix is a place and a number, as in `cn-north-1`.
const PARTITIONS: [(&str, &str); 7] = [
    ("aws-cn", "cn-"),
    ("aws-us-gov", "us-gov-"),
    ("aws-eusc", "eusc-de-"),
    ("aws-iso", "us-iso-"),
    ("aws-iso-b", "us-isob-"),
    ("aws-iso-e", "eu-isoe-"),
    ("aws-iso-f", "us-isof-"),
];

/// The partition of a region, or of the pseudo region of a whole partition, such as `aws-cn-global`; `aws` for a region that nobody knows.
fn partition_of(region: &str) -> &'static str {
    let global = region.strip_suffix("-global");
    let is_of = |name, prefix| region.strip_prefix(prefix).is_some_and(is_place_and_number) || global == Some(name);
    PARTITIONS.into_iter().find(|(name, prefix)| is_of(*name, *prefix)).map_or("aws", |(name, _)| name)
}

/// `north-1`
fn is_place_and_number(rest: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    rest.split_once('-').is_some_and(|(place, number)| {
        !place.is_empty() && place.bytes().all(is_word) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The ARN of a vault.
pub(crate) fn vault_arn(account: &str, region: &str, vault: &str) -> String {
    format!("arn:{}:glacier:{region}:{account}:vaults/{vault}", partition_of(region))
}

/// The ARN of an account as a principal. Accounts belong to one partition; a key that names none acts in that of the region it signs for.
pub(crate) fn root_arn(account: &str, region: &str) -> String {
    format!("arn:{}:iam::{account}:root", partition_of(region))
}

/// The account in the ARN of a principal: the root of an account, a user, a role or a session. `None` for any other text.
pub(crate) fn principal_account(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let &["arn", partition, service, "", account, resource] = parts.as_slice() else { return None };
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    let is_principal = match (service, kind) {
        ("iam", "root") => resource == "root",
        ("iam", "user" | "role") | ("sts", "federated-user") => is_name,
        // The role, and the name of the session.
        ("sts", "assumed-role") => {
            is_name && name.split_once('/').is_some_and(|(role, session)| !role.is_empty() && !session.is_empty())
        }
        _ => false,
    };
    let is_partition = partition == "aws" || PARTITIONS.into_iter().any(|(name, _)| name == partition);
    (is_partition && is_account(account) && is_principal).then_some(account)
}

/// Whether this is an account's id: 12 digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn names_are_written_with_their_partition() {
        assert_eq!(vault_arn("111122223333", "cn-north-1", "v"), "arn:aws-cn:glacier:cn-north-1:111122223333:vaults/v");
        assert_eq!(root_arn("111122223333", "us-gov-west-1"), "arn:aws-us-gov:iam::111122223333:root");
        for (region, partition) in
            [("cn-north", "aws"), ("cn-", "aws"), ("cn--1", "aws"), ("xcn-north-1", "aws"), ("us-gov-1", "aws")]
        {
            assert_eq!(partition_of(region), partition, "{region}");
        }
    }

    #[test]
    fn principals_are_roots_users_roles_and_sessions() {
        for resource in
            ["iam::111122223333:root", "iam::111122223333:user/a", "iam::111122223333:user/path/a", "iam::111122223333:role/r"]
                .into_iter()
                .chain(["sts::111122223333:assumed-role/r/session@host", "sts::111122223333:federated-user/f"])
        {
            for partition in ["aws", "aws-cn", "aws-iso-f"] {
                assert_eq!(principal_account(&format!("arn:{partition}:{resource}")), Some("111122223333"), "{resource}");
            }
        }
        for arn in [
            "",
            "*",
            "111122223333",
            "arn:aws:iam::111122223333",
            "arn:aws:iam::111122223333:",
            "arn:aws:iam::111122223333:root/",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:user/a b",
            "arn:aws:iam::111122223333:group/g",
            "arn:aws:iam::11112222333:root",
            "arn:aws:iam::1111-2222-33:root",
            "arn:aws:iam:us-east-1:111122223333:root",
            "arn:aws:sts::111122223333:root",
            "arn:aws:sts::111122223333:assumed-role/r",
            "arn:aws:sts::111122223333:assumed-role/r/",
            "arn:mars:iam::111122223333:root",
            "ARN:aws:iam::111122223333:root",
            " arn:aws:iam::111122223333:root",
        ] {
            assert_eq!(principal_account(arn), None, "{arn}");
        }
    }

    /// The partitions that AWS's own rules give each region, by the domain of its endpoint.
    #[test]
    fn partitions_are_those_of_the_endpoints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/endpoints.json");
        // The published crate has no vectors.
        let Ok(text) = std::fs::read(path) else { return };
        let cases: Value = serde_json::from_slice(&text).unwrap();
        let domains = [
            (".amazonaws.com.cn", "aws-cn"),
            (".api.amazonwebservices.com.cn", "aws-cn"),
            (".amazonaws.eu", "aws-eusc"),
            (".api.amazonwebservices.eu", "aws-eusc"),
            (".c2s.ic.gov", "aws-iso"),
            (".api.aws.ic.gov", "aws-iso"),
            (".sc2s.sgov.gov", "aws-iso-b"),
            (".api.aws.scloud", "aws-iso-b"),
            (".cloud.adc-e.uk", "aws-iso-e"),
            (".csp.hci.ic.gov", "aws-iso-f"),
            (".api.aws.hci.ic.gov", "aws-iso-f"),
            (".amazonaws.com", "aws"),
            (".api.aws", "aws"),
        ];
        let mut checked = std::collections::BTreeMap::new();
        for case in cases.as_array().unwrap() {
            let (Some(region), Some(url)) = (case["input"]["Region"].as_str(), case["url"].as_str()) else { continue };
            let Some((_, partition)) = domains.iter().find(|(domain, _)| url.ends_with(&format!("{region}{domain}"))) else {
                continue;
            };
            // The commercial and the government's partition share their domains.
            let partition = if region.contains("us-gov") { "aws-us-gov" } else { partition };
            assert_eq!(partition_of(region), partition, "{region}");
            *checked.entry(partition).or_insert(0) += 1;
        }
        let all = ["aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov"];
        assert_eq!(checked.keys().copied().collect::<Vec<_>>(), all, "{checked:?}");
    }
}
