//! What each kind of fault does to a request, whichever way it is sent.

use glacier_core::Method;
use glacier_std::local::*;

use crate::harness::*;

/// What a client sees of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A response: its status and error code, and whether body and tree hash are what they should be.
    Response {
        status: u16,
        code: String,
        body: Vec<u8>,
        tree: Option<String>,
    },
    /// A response whose body breaks off.
    Broken {
        status: u16,
        length: usize,
        body: Vec<u8>,
    },
    /// The connection ends without a response.
    Ended,
    Reset,
    /// No response comes.
    Nothing,
}

/// What is expected of one kind.
pub(crate) struct Case {
    pub(crate) fault: Fault,
    pub(crate) request: Asked,
    pub(crate) expected: Expected,
    pub(crate) is_performed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Upload,
    Download,
    Job,
}

impl Asked {
    fn operation(self) -> &'static str {
        match self {
            Asked::Upload => "UploadArchive",
            Asked::Download => "GetJobOutput",
            Asked::Job => "InitiateJob",
        }
    }
}

pub(crate) enum Expected {
    Response(u16, &'static str),
    Broken(usize),
    Ended,
    Reset,
    Nothing,
    /// One bit of the body is wrong.
    WrongBody,
    /// One digit of the tree hash is wrong.
    WrongTree,
}

/// All kinds; each has at least one case.
pub(crate) fn cases() -> Vec<Case> {
    let cases: Vec<Case> = Fault::KINDS.into_iter().flat_map(of_kind).collect();
    assert!(Fault::KINDS.into_iter().all(|kind| cases.iter().any(|case| case.fault.kind() == kind)));
    cases
}

fn of_kind(kind: &str) -> Vec<Case> {
    use Asked::{Download, Job, Upload};
    let case = |fault, request, expected, is_performed| Case { fault, request, expected, is_performed };
    let cut = |bytes, request, expected| case(Fault::CutResponse { bytes }, request, expected, true);
    let error = |fault, status, code| vec![case(fault, Upload, Expected::Response(status, code), false)];
    match kind {
        "error" => error(Fault::Error { status: 507, code: "Shelf.Full".into(), message: Some("m".into()) }, 507, "Shelf.Full"),
        "throttle" => error(Fault::Throttle, 400, "ThrottlingException"),
        "expired-credentials" => error(Fault::ExpiredCredentials, 403, "ExpiredTokenException"),
        "insufficient-capacity" => error(Fault::InsufficientCapacity, 503, "InsufficientCapacityException"),
        "no-longer-supported" => error(Fault::NoLongerSupported, 400, "NoLongerSupportedException"),
        "delay" => vec![case(Fault::Delay { seconds: 0.01 }, Upload, Expected::Response(201, ""), true)],
        "stall" => vec![case(Fault::Stall, Upload, Expected::Nothing, false), case(Fault::Stall, Job, Expected::Nothing, false)],
        "reset" => vec![case(Fault::Reset, Upload, Expected::Reset, false), case(Fault::Reset, Job, Expected::Reset, false)],
        "lose-reply" => {
            vec![case(Fault::LoseReply, Upload, Expected::Ended, true), case(Fault::LoseReply, Job, Expected::Ended, true)]
        }
        "cut-request" => [0, 10, BODY as u64, u64::MAX]
            .into_iter()
            .flat_map(|bytes| [Upload, Job].map(|request| case(Fault::CutRequest { bytes }, request, Expected::Ended, false)))
            .collect(),
        "cut-response" => vec![
            cut(0, Upload, Expected::Ended),
            cut(0, Download, Expected::Broken(0)),
            cut(1, Download, Expected::Broken(1)),
            cut(BODY as u64 - 1, Download, Expected::Broken(BODY - 1)),
            cut(BODY as u64, Download, Expected::Ended),
            cut(u64::MAX, Download, Expected::Ended),
        ],
        "corrupt" => vec![
            case(Fault::Corrupt { r#where: CorruptedPart::Body }, Download, Expected::WrongBody, true),
            case(Fault::Corrupt { r#where: CorruptedPart::TreeHash }, Download, Expected::WrongTree, true),
            case(Fault::Corrupt { r#where: CorruptedPart::TreeHash }, Upload, Expected::WrongTree, true),
        ],
        "job-fails" => vec![case(Fault::JobFails { message: Some("broken tape".into()) }, Job, Expected::Response(202, ""), true)],
        other => panic!("{other} has no case"),
    }
}

/// The length of what is uploaded and downloaded.
pub(crate) const BODY: usize = 70_001;

/// A vault `v` with an archive and a job that has prepared it for download.
pub(crate) struct Bench {
    pub(crate) harness: Harness,
    pub(crate) archive: String,
    pub(crate) job: String,
}

impl Bench {
    pub(crate) async fn new(mut harness: Harness) -> Self {
        let archive = harness.upload(&data(BODY), "").await;
        let job = harness.retrieve(&archive, None).await;
        Bench { harness, archive, job }
    }

    /// Method, path, headers and body of a request.
    pub(crate) fn request(&self, asked: Asked) -> (Method, String, Vec<(String, String)>, Vec<u8>) {
        let header = |name: &str, value: String| (name.to_owned(), value);
        match asked {
            Asked::Upload => {
                let body = data(BODY);
                let headers =
                    vec![header("x-amz-sha256-tree-hash", tree(&body).to_string()), header("x-amz-content-sha256", linear(&body))];
                (Method::Post, "/-/vaults/v/archives".into(), headers, body)
            }
            Asked::Download => (Method::Get, format!("/-/vaults/v/jobs/{}/output", self.job), vec![], vec![]),
            Asked::Job => {
                let body = serde_json::json!({ "Type": "archive-retrieval", "ArchiveId": self.archive }).to_string();
                (Method::Post, "/-/vaults/v/jobs".into(), vec![], body.into_bytes())
            }
        }
    }

    /// Orders the fault for the next request of this kind.
    pub(crate) fn order(&self, case: &Case) {
        let rule =
            FaultRule { nth: Some(1), vault: Some("v".into()), ..FaultRule::new(case.request.operation(), case.fault.clone()) };
        self.harness.vaults.set_faults(FaultScript::new(7, vec![rule]).unwrap());
    }

    /// How many archives and jobs there are.
    async fn count(&self) -> (u64, usize) {
        let vault = self.harness.raw(Method::Get, "/-/vaults/v", "", &[], b"").await.json();
        let jobs = self.harness.raw(Method::Get, "/-/vaults/v/jobs", "", &[], b"").await.json();
        (vault["NumberOfArchives"].as_u64().unwrap(), jobs["JobList"].as_array().unwrap().len())
    }

    /// Judges what was seen of a fresh bench's request, and what was done.
    pub(crate) async fn judge(&self, case: &Case, seen: Seen) {
        let shown = format!("{:?} {:?}: {seen:?}", case.fault, case.request);
        let shown = &shown[..shown.len().min(300)];
        let whole = data(BODY);
        let right_tree = tree(&whole).to_string();
        let is_download = case.request == Asked::Download;
        match (&case.expected, seen) {
            (Expected::Response(status, code), Seen::Response { status: got, code: got_code, body, .. }) => {
                assert_eq!((got, got_code.as_str()), (*status, *code), "{shown}");
                if got >= 300 {
                    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
                    assert_eq!(json["code"], *code);
                    assert!(!json["message"].as_str().unwrap().is_empty());
                }
            }
            (Expected::Broken(length), Seen::Broken { status: 200, length: announced, body }) => {
                assert_eq!((announced, body.len()), (BODY, *length), "{shown}");
                assert!(body == whole[..*length]);
            }
            (Expected::Ended, Seen::Ended) | (Expected::Reset, Seen::Reset) | (Expected::Nothing, Seen::Nothing) => {}
            (Expected::WrongBody, Seen::Response { status: 200, body, tree, .. }) => {
                assert_eq!((body.len(), tree), (BODY, Some(right_tree)));
                let bits: u32 = body.iter().zip(&whole).map(|(got, right)| (got ^ right).count_ones()).sum();
                assert_eq!(bits, 1, "{shown}");
            }
            (Expected::WrongTree, Seen::Response { status: 200 | 201, body, tree: Some(tree), .. }) => {
                assert_eq!((tree.len(), tree.bytes().zip(right_tree.bytes()).filter(|(a, b)| a != b).count()), (64, 1), "{shown}");
                assert!(tree.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));
                assert!(!is_download || body == whole);
            }
            _ => panic!("{shown}"),
        }
        assert_eq!(self.harness.vaults.faults().rules[0].hits, 1, "{shown}");
        let added = u64::from(case.is_performed && case.request == Asked::Upload);
        let jobs = 1 + usize::from(case.is_performed && case.request == Asked::Job);
        assert_eq!(self.count().await, (1 + added, jobs), "{shown}");
    }
}

/// A script with faults by chance.
pub(crate) fn mixed(seed: u64) -> FaultScript {
    let rule = |operation: &str, percent, fault| FaultRule { percent: Some(percent), ..FaultRule::new(operation, fault) };
    let rules = vec![
        rule("*", 5.0, Fault::Throttle),
        rule("*", 5.0, Fault::Reset),
        rule("*", 5.0, Fault::LoseReply),
        rule("GetJobOutput", 10.0, Fault::Corrupt { r#where: CorruptedPart::Body }),
        rule("GetJobOutput", 10.0, Fault::CutResponse { bytes: 1000 }),
        rule("UploadArchive", 5.0, Fault::CutRequest { bytes: 1000 }),
    ];
    FaultScript::new(seed, rules).unwrap()
}

/// What was seen, without what is never the same.
pub(crate) fn shown(seen: Seen) -> String {
    match seen {
        Seen::Response { status, code, body, .. } => {
            let wrong = if status == 200 { body.iter().zip(&data(BODY)).position(|(got, right)| got != right) } else { None };
            format!("{status} {code} wrong {wrong:?}")
        }
        Seen::Broken { status, length, body } => format!("Broken {status} {length} {}", body.len()),
        other => format!("{other:?}"),
    }
}
