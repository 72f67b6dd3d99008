//! The name of an operation, for messages.

use std::any::type_name;

/// The operation's name in the API reference, which is that of its type: `DescribeVault` for `glacier_core::ops::vault::DescribeVault<'_>`.
pub(super) fn operation_name<O>() -> &'static str {
    let path = type_name::<O>().split('<').next().unwrap_or_default();
    path.rsplit("::").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::ops;

    #[test]
    fn types_are_named_as_in_the_api_reference() {
        assert_eq!(operation_name::<ops::DescribeVault<'_>>(), "DescribeVault");
        assert_eq!(operation_name::<ops::ListVaults<'_>>(), "ListVaults");
        assert!(ops::catalogue::OPERATIONS.iter().any(|row| row.name == operation_name::<ops::ListJobs<'_>>()));
    }
}
