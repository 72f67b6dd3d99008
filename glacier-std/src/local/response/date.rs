//! The `Date` header.

use std::time::{Duration, UNIX_EPOCH};

use glacier_core::Timestamp;

/// The form of the `Date` header.
pub(super) fn http_date(time: Timestamp) -> String {
    // The crate formats years up to 9999, where a `Timestamp` ends too, and panics after them.
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(time.unix()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_form_of_http() {
        // From `date -u -d @1332263023`.
        assert_eq!(http_date(Timestamp::from_unix(1_332_263_023)), "Tue, 20 Mar 2012 17:03:43 GMT");
        assert_eq!(http_date(Timestamp::from_unix(u64::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
