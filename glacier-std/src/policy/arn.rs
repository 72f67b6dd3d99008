//! Amazon Resource Names: six parts, of which the last may contain colons.

/// The six parts: `arn`, partition, service, region, account, resource.
pub(super) fn parts(arn: &str) -> Option<[&str; 6]> {
    let mut parts = arn.splitn(6, ':');
    let all = [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    (all[0] == "arn").then_some(all)
}

/// Whether this is an account's id: twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts() {
        let arn = "arn:aws:glacier:us-west-2:111122223333:vaults/a:b";
        assert_eq!(parts(arn), Some(["arn", "aws", "glacier", "us-west-2", "111122223333", "vaults/a:b"]));
        assert_eq!(parts("arn:aws:glacier"), None);
        assert_eq!(parts("urn:a:b:c:d:e"), None);
        assert!(is_account("111122223333") && !is_account("11112222333") && !is_account("11112222333x"));
    }
}
