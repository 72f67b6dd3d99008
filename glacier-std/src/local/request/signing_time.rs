//! When a request is signed, and whether that is near enough.

use glacier_core::Timestamp;

use super::authorization::{Authorization, Form};
use super::signature_errors::signature_error;
use crate::local::model::ApiError;

/// The largest difference between the time of a request and the service's, in seconds.
const MAX_SKEW: u64 = 15 * 60;

impl Authorization {
    /// The time that the request is signed for.
    pub(super) fn signing_time(&self) -> Result<Timestamp, ApiError> {
        let text = self
            .date
            .as_deref()
            .ok_or_else(|| signature_error("Authorization requires an 'X-Amz-Date' or a 'Date' header in ISO 8601 basic form."))?;
        // What is signed is the time in this one form.
        let date = Timestamp::parse_iso(text)
            .filter(|date| basic(*date) == text)
            .ok_or_else(|| signature_error(format!("The date {text} does not have the form YYYYMMDDTHHMMSSZ.")))?;
        let day = &self.day;
        if text.get(..8) != Some(day) {
            return Err(signature_error(format!(
                "Date in Credential scope does not match the date of the request: '{day}' against '{text}'."
            )));
        }
        Ok(date)
    }

    /// The request must be signed for a time within 15 minutes of `now`; a presigned URL also for an earlier one, if it has not expired.
    pub(super) fn check_time(&self, date: Timestamp, now: Timestamp) -> Result<(), ApiError> {
        let at = |seconds: u64| basic(Timestamp::from_unix(seconds));
        let (date_text, now_text) = (basic(date), basic(now));
        match self.form {
            Form::Header if date.unix() + MAX_SKEW < now.unix() => {
                let earliest = at(now.unix() - MAX_SKEW);
                let message = format!("Signature expired: {date_text} is now earlier than {earliest} ({now_text} - 15 min.)");
                return Err(signature_error(message));
            }
            Form::Presigned { expires } if date.unix() + expires < now.unix() => {
                let end = at(date.unix() + expires);
                let message = format!("Signature expired: {end} ({date_text} + {expires} s) is now earlier than {now_text}");
                return Err(signature_error(message));
            }
            Form::Header | Form::Presigned { .. } => {}
        }
        if date.unix() > now.unix() + MAX_SKEW {
            let latest = at(now.unix() + MAX_SKEW);
            let message = format!("Signature not yet current: {date_text} is still later than {latest} ({now_text} + 15 min.)");
            return Err(signature_error(message));
        }
        Ok(())
    }
}

/// `YYYYMMDDTHHMMSSZ`
fn basic(moment: Timestamp) -> String {
    moment.to_string().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use glacier_core::{ErrorCode, Method, Request};

    fn read(day: &str, date: (&str, &str)) -> Result<Timestamp, (ErrorCode, String)> {
        let value = format!("AWS4-HMAC-SHA256 Credential=AK/{day}/r/glacier/aws4_request, SignedHeaders=host, Signature=00");
        let headers = [date, ("Authorization", value.as_str())];
        let request = Request { method: Method::Get, host: "h", path: "/", query: "", headers: &headers };
        let read = Authorization::of(&request).and_then(|found| found.signing_time());
        read.map_err(|error| (error.code, error.message))
    }

    #[test]
    fn a_date_has_one_form_and_is_of_the_day_of_the_scope() {
        // From `date -u -d 2012-05-25T00:24:53Z +%s`.
        assert_eq!(read("20120525", ("Date", "20120525T002453Z")), Ok(Timestamp::from_unix(1_337_905_493)));
        for text in ["2012-05-25T00:24:53Z", "20120525", "20120525T002453", "20120525T002453.5Z", "Fri, 25 May 2012 00:24:53 GMT"] {
            let (code, message) = read("20120525", ("x-amz-date", text)).unwrap_err();
            assert!(code == ErrorCode::InvalidSignature && message.contains("does not have the form"), "{text}: {message}");
        }
        let (code, message) = read("20120526", ("x-amz-date", "20120525T002453Z")).unwrap_err();
        assert!(code == ErrorCode::InvalidSignature && message.contains("'20120526' against '20120525T002453Z'"), "{message}");
        assert_eq!(read("20120525", ("accept", "*/*")).unwrap_err().0, ErrorCode::InvalidSignature);
    }

    #[test]
    fn a_url_is_good_until_its_expiry() {
        let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20120525%2Fr%2Fglacier%2Faws4_request&X-Amz-Date=d\
            &X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
        let request = Request { method: Method::Get, host: "h", path: "/", query, headers: &[] };
        let url = Authorization::of(&request).unwrap();
        let then = Timestamp::from_unix(1_337_905_493);
        let check = |seconds: i64| {
            let now = Timestamp::from_unix(then.unix().checked_add_signed(seconds).unwrap());
            url.check_time(then, now).map_err(|error| {
                assert_eq!(error.code, ErrorCode::InvalidSignature);
                error.message
            })
        };
        for seconds in [-900, 0, 901, 3600] {
            assert_eq!(check(seconds), Ok(()), "{seconds}");
        }
        assert!(check(-901).unwrap_err().starts_with("Signature not yet current: 20120525T002453Z"));
        let expired = "Signature expired: 20120525T012453Z (20120525T002453Z + 3600 s) is now earlier than 20120525T012454Z";
        assert_eq!(check(3601).unwrap_err(), expired);
    }
}
