//! A script: rules in order, and the seed of their chances.

use std::fmt;

use serde::Serialize;

use super::members::read;
use super::rule::FaultRule;

/// Rules of a script, at most.
const MAX_RULES: usize = 1000;

/// Which requests go wrong, and how. The first rule that a request is due for decides; every rule counts its matches.
///
/// ```
/// use glacier_std::local::{Fault, FaultRule, FaultScript};
///
/// let script = FaultScript::parse(br#"{"seed": 7, "rules": [{"operation": "*", "percent": 5, "fault": {"kind": "reset"}}]}"#)?;
/// assert_eq!(script, FaultScript::new(7, vec![FaultRule { percent: Some(5.0), ..FaultRule::new("*", Fault::Reset) }])?);
/// # Ok::<(), glacier_std::local::FaultScriptError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FaultScript {
    seed: u64,
    rules: Vec<FaultRule>,
}

/// A fault script that cannot be obeyed: which rule, which member, its value and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultScriptError(String);

impl FaultScript {
    /// These rules, in this order. The same seed gives the same run again.
    ///
    /// # Errors
    /// If a rule has a value out of range, an operation that does not exist, or a fault that cannot happen to its operation.
    pub fn new(seed: u64, rules: Vec<FaultRule>) -> Result<Self, FaultScriptError> {
        if rules.len() > MAX_RULES {
            return Err(FaultScriptError(format!("there are {} rules: use up to {MAX_RULES}", rules.len())));
        }
        for (number, rule) in rules.iter().enumerate() {
            rule.check().map_err(|error| FaultScriptError(format!("rules[{number}].{error}")))?;
        }
        Ok(FaultScript { seed, rules })
    }

    /// From JSON, `{"seed": 7, "rules": [{"operation", "vault"?, "nth"?, "times"?, "percent"?, "fault": {"kind", …}}]}`.
    ///
    /// # Errors
    /// Also if the text is not JSON of that form, has unknown members, or one twice.
    pub fn parse(json: &[u8]) -> Result<Self, FaultScriptError> {
        let (seed, rules) = read(json).map_err(FaultScriptError)?;
        FaultScript::new(seed, rules)
    }

    /// What the chances follow from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[FaultRule] {
        &self.rules
    }
}

impl fmt::Display for FaultScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fault script is not valid: {}", self.0)
    }
}

impl std::error::Error for FaultScriptError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::faults::{CorruptedPart, Fault};

    fn parse(fault: &str) -> Result<FaultScript, String> {
        let json = format!(r#"{{"rules": [{{"operation": "InitiateJob", "fault": {fault}}}]}}"#);
        FaultScript::parse(json.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_is_read_and_written() {
        let text = |text: &str| Some(text.to_owned());
        for (json, fault) in [
            (
                r#"{"kind":"error","status":418,"code":"Teapot","message":"m"}"#,
                Fault::Error { status: 418, code: "Teapot".into(), message: text("m") },
            ),
            (r#"{"kind":"error","status":300,"code":"A"}"#, Fault::Error { status: 300, code: "A".into(), message: None }),
            (r#"{"kind":"throttle"}"#, Fault::Throttle),
            (r#"{"kind":"delay","seconds":0.5}"#, Fault::Delay { seconds: 0.5 }),
            (r#"{"kind":"stall"}"#, Fault::Stall),
            (r#"{"kind":"cut-request","bytes":0}"#, Fault::CutRequest { bytes: 0 }),
            (r#"{"kind":"cut-response","bytes":18446744073709551615}"#, Fault::CutResponse { bytes: u64::MAX }),
            (r#"{"kind":"reset"}"#, Fault::Reset),
            (r#"{"kind":"lose-reply"}"#, Fault::LoseReply),
            (r#"{"kind":"corrupt","where":"body"}"#, Fault::Corrupt { r#where: CorruptedPart::Body }),
            (r#"{"kind":"expired-credentials"}"#, Fault::ExpiredCredentials),
            (r#"{"kind":"job-fails","message":"m"}"#, Fault::JobFails { message: text("m") }),
            (r#"{"kind":"job-fails"}"#, Fault::JobFails { message: None }),
            (r#"{"kind":"insufficient-capacity"}"#, Fault::InsufficientCapacity),
            (r#"{"kind":"no-longer-supported"}"#, Fault::NoLongerSupported),
        ] {
            let script = parse(json).unwrap();
            assert_eq!((&script.rules()[0].fault, script.seed()), (&fault, 0));
            assert_eq!(serde_json::to_string(&fault).unwrap(), json);
            assert!(json.contains(&format!("\"{}\"", fault.kind())), "{json}");
        }
        for kind in Fault::KINDS {
            // Complete, or with a member missing; never unknown.
            let error = parse(&format!(r#"{{"kind":"{kind}"}}"#)).err().unwrap_or_default();
            assert!(error.is_empty() || error.ends_with(" is missing: add it"), "{error}");
        }
    }

    #[test]
    fn a_script_is_written_as_it_is_read() {
        let json = r#"{"seed":7,"rules":[{"operation":"*","vault":"v","nth":2,"times":3,"percent":0.5,"fault":{"kind":"corrupt","where":"tree-hash"}},{"operation":"GetJobOutput","fault":{"kind":"stall"}}]}"#;
        let script = FaultScript::parse(json.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&script).unwrap(), json);
        assert_eq!(FaultScript::parse(br#"{"rules":[]}"#), Ok(FaultScript::default()));
        let with_null = br#"{"seed":null,"rules":[{"operation":"*","vault":null,"fault":{"kind":"stall","bytes":null}}]}"#;
        assert_eq!(FaultScript::parse(with_null), FaultScript::new(0, vec![FaultRule::new("*", Fault::Stall)]));
    }

    #[test]
    fn errors_say_place_value_and_remedy() {
        let rule = |members: &str| format!(r#"{{"rules":[{{"operation":"*","fault":{{"kind":"stall"}}}},{{{members}}}]}}"#);
        let stall = r#""fault":{"kind":"stall"}"#;
        for (members, expected) in [
            (
                format!(r#""operation":"Upload",{stall}"#),
                r#"rules[1].operation is "Upload", which is not one: use * for all, or one of CreateVault, "#,
            ),
            (stall.to_owned(), "rules[1].operation is missing: add it"),
            (format!(r#""operation":"*","nth":0,{stall}"#), "rules[1].nth is 0: matches are counted from 1"),
            (format!(r#""operation":"*","nth":1.5,{stall}"#), "rules[1].nth is 1.5: use a whole number from 0"),
            (format!(r#""operation":"*","nth":-1,{stall}"#), "rules[1].nth is -1: use a whole number"),
            (format!(r#""operation":"*","nth":"2",{stall}"#), r#"rules[1].nth is "2": use a whole number"#),
            (format!(r#""operation":"*","times":0,{stall}"#), "rules[1].times is 0: use 1 or more"),
            (format!(r#""operation":"*","percent":101,{stall}"#), "rules[1].percent is 101: use 0 to 100"),
            (format!(r#""operation":"*","percent":-0.5,{stall}"#), "rules[1].percent is -0.5: use 0 to 100"),
            (format!(r#""operation":"*","vault":"a b",{stall}"#), r#"rules[1].vault is "a b", which is not a name of a vault: "#),
            (format!(r#""operation":"ListVaults","vault":"v",{stall}"#), "but ListVaults is about no vault: leave vault out"),
            (
                format!(r#""operation":"*","chance":1,{stall}"#),
                "unknown field `chance`, expected one of `operation`, `vault`, `nth`",
            ),
            (format!(r#""operation":"*","nth":1,"nth":1,{stall}"#), "duplicate field `nth`"),
            (r#""operation":"*""#.to_owned(), "missing field `fault`"),
        ] {
            let error = FaultScript::parse(rule(&members).as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}\n{expected}");
        }
        for (json, expected) in [
            ("", "EOF"),
            ("[]", "invalid type: sequence, expected an object in braces"),
            (r#"{"rules":[["*"]]}"#, "invalid type: sequence, expected an object in braces"),
            (r#"{"rules":[{"operation":"*","fault":["stall"]}]}"#, "invalid type: sequence, expected an object in braces"),
            (r#"{"rules":[{"operation":"*","fault":"stall"}]}"#, "invalid type: string"),
            (r#"{"rules":[]} x"#, "trailing characters"),
            (r#"{"seed":-1,"rules":[]}"#, "seed is -1: use a whole number from 0 to 18446744073709551615"),
            (r#"{"seed":1,"rules":[],"mode":1}"#, "unknown field `mode`, expected `seed` or `rules`"),
        ] {
            let error = FaultScript::parse(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_fault_that_cannot_be_is_an_error() {
        for (fault, expected) in [
            (r#"{"kind":"drop"}"#, r#"rules[0].fault.kind is "drop", which is not one: use one of error, throttle, delay, "#),
            (r#"{}"#, "rules[0].fault.kind is missing: add it"),
            (r#"{"kind":"throttle","bytes":5}"#, "bytes is 5, but the kind throttle has no bytes: leave it out"),
            (r#"{"kind":"error","status":500,"code":"A","bytes":5}"#, "bytes is 5, but the kind error has no bytes: leave it out"),
            (r#"{"kind":"error","code":"A"}"#, "status is missing: add it"),
            (r#"{"kind":"error","status":299,"code":"A"}"#, "status is 299: use the HTTP status of an error, 300 to 599"),
            (r#"{"kind":"error","status":600,"code":"A"}"#, "status is 600: "),
            (r#"{"kind":"error","status":65536,"code":"A"}"#, "status is 65536: "),
            (r#"{"kind":"error","status":500,"code":"A B"}"#, r#"code is "A B": use 1 to 128 visible ASCII characters"#),
            (r#"{"kind":"error","status":500,"code":""}"#, r#"code is "": "#),
            (r#"{"kind":"delay","seconds":-1}"#, "seconds is -1: use 0 to 86400, fractions allowed"),
            (r#"{"kind":"delay","seconds":86401}"#, "seconds is 86401: "),
            (r#"{"kind":"delay","seconds":"1"}"#, r#"seconds is "1": use a number"#),
            (r#"{"kind":"cut-request","bytes":-1}"#, "bytes is -1: use a whole number"),
            (r#"{"kind":"corrupt","where":"head"}"#, r#"where is "head": use body or tree-hash"#),
            (r#"{"kind":"corrupt","where":"tree-hash"}"#, "where is tree-hash, which the response of InitiateJob does not have"),
        ] {
            let error = parse(fault).unwrap_err();
            assert!(error.contains(expected), "{error}\n{expected}");
        }
        assert!(FaultScript::new(0, vec![FaultRule::new("*", Fault::JobFails { message: None })]).is_ok());
        for operation in ["ListVaults", "DescribeJob"] {
            let error =
                FaultScript::new(0, vec![FaultRule::new(operation, Fault::JobFails { message: None })]).unwrap_err().to_string();
            assert!(
                error.contains("rules[0].fault.kind is job-fails, which does not fit") && error.ends_with("use InitiateJob"),
                "{error}"
            );
        }
        let nan = FaultRule { percent: Some(f64::NAN), ..FaultRule::new("*", Fault::Delay { seconds: f64::NAN }) };
        assert!(FaultScript::new(0, vec![nan]).is_err());
        assert!(FaultScript::new(0, vec![FaultRule::new("*", Fault::Delay { seconds: f64::NAN })]).is_err());
        assert!(
            FaultScript::new(0, vec![FaultRule::new("*", Fault::Reset); 1001]).unwrap_err().to_string().contains("use up to 1000")
        );
    }
}
