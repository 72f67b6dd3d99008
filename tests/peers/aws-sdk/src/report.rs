//! The differences that the README's table explains, compared with those that were found.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use glacier_core::ops::catalogue::OPERATIONS;

/// A row of the README's table: in these cases this field has these values.
struct Row {
    cases: Cases,
    field: String,
    /// `-` for none, `*` for any.
    theirs: String,
    ours: String,
    /// The cases in which it occurred.
    seen: Vec<String>,
}

enum Cases {
    All,
    These(Vec<String>),
}

pub(crate) struct Report {
    rows: Vec<Row>,
    cases: Vec<String>,
    passed: u32,
    failed: u32,
}

impl Report {
    /// Reads the table, whose columns are cases (or `all`), field, the SDK's value, ours, and why, all but the last between backticks.
    pub(crate) fn new(readme: &str) -> Self {
        let rows = readme.lines().filter_map(Row::parse).collect();
        Report { rows, cases: Vec::new(), passed: 0, failed: 0 }
    }

    /// Reports one case: its differences by field, each with the SDK's value and ours, or why there was nothing to compare.
    pub(crate) fn case(&mut self, name: &str, found: Result<BTreeMap<String, (String, String)>, String>) {
        self.cases.push(name.into());
        let mut wrong = Vec::new();
        match found {
            Err(reason) => wrong.push(reason),
            Ok(differences) => {
                for (field, (theirs, ours)) in differences {
                    match self.rows.iter_mut().find(|row| row.explains(name, &field, &theirs, &ours)) {
                        Some(row) => row.seen.push(name.into()),
                        None => wrong.push(format!("unexplained: {field}\n  SDK:  {theirs}\n  ours: {ours}")),
                    }
                }
            }
        }
        self.line(name, &wrong);
    }

    /// Reports a case in which no requests are compared.
    pub(crate) fn outcome(&mut self, name: &str, outcome: Result<(), Box<dyn Error + Send + Sync>>) {
        let wrong = outcome.err().map(|error| error.to_string());
        self.line(name, wrong.as_slice());
    }

    /// Checks that every operation was compared and that every row occurred in all its cases. Prints the closing line and returns whether
    /// everything passed.
    pub(crate) fn close(mut self) -> bool {
        let operations: BTreeSet<&str> = self.cases.iter().map(|name| name.split(' ').next().unwrap_or(name)).collect();
        let known = OPERATIONS.iter().map(|operation| operation.name).collect();
        let wrong = (operations != known).then(|| format!("these were compared: {operations:?}"));
        self.line("all 33 operations were compared", wrong.as_slice());
        for row in std::mem::take(&mut self.rows) {
            let meant = match &row.cases {
                Cases::All => &self.cases,
                Cases::These(names) => names,
            };
            let missing: Vec<String> = meant.iter().filter(|name| !row.seen.contains(name)).cloned().collect();
            let wrong = (!missing.is_empty()).then(|| format!("explained, but no difference in {}", missing.join(", ")));
            self.line(&format!("the difference in {} ({}, {})", row.field, row.theirs, row.ours), wrong.as_slice());
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed == 0 && self.passed > 0
    }

    fn line(&mut self, name: &str, wrong: &[String]) {
        if wrong.is_empty() {
            self.passed += 1;
            println!("ok      {name}");
        } else {
            self.failed += 1;
            println!("FAILED  {name}");
            for text in wrong {
                println!("        {}", text.replace('\n', "\n        "));
            }
        }
    }
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let mut columns = line.strip_prefix("| `")?.split(" | ").map(|column| column.replace('`', ""));
        let cases = match columns.next()?.as_str() {
            "all" => Cases::All,
            names => Cases::These(names.split(',').map(|name| name.trim().into()).collect()),
        };
        Some(Row { cases, field: columns.next()?, theirs: columns.next()?, ours: columns.next()?, seen: Vec::new() })
    }

    fn explains(&self, case: &str, field: &str, theirs: &str, ours: &str) -> bool {
        let covered = match &self.cases {
            Cases::All => true,
            Cases::These(names) => names.iter().any(|name| name == case),
        };
        let matches = |row: &str, value: &str| row == value || (row == "*" && value != "-");
        covered && self.field == field && matches(&self.theirs, theirs) && matches(&self.ours, ours)
    }
}
