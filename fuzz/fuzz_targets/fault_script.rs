//! The reader of fault scripts: nothing fails, errors say something, and what was written from a script is read as the same one.
#![no_main]
use glacier_std::local::FaultScript;

libfuzzer_sys::fuzz_target!(|json: &[u8]| {
    let _limit = glacier_fuzz::CpuLimit::begin();
    let script = match FaultScript::parse(json) {
        Ok(script) => script,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert_eq!(FaultScript::new(script.seed(), script.rules().to_vec()).as_ref(), Ok(&script));
    let written = serde_json::to_vec(&script).expect("a script can be written");
    let again = FaultScript::parse(&written).expect("what was written can be read");
    assert_eq!((again.seed(), again.rules().len()), (script.seed(), script.rules().len()));
    for (rule, other) in script.rules().iter().zip(again.rules()) {
        // The last bit of a fraction may be lost on the way.
        let shown = |percent: Option<f64>| percent.map(|percent| format!("{percent:.6}"));
        assert_eq!((&rule.operation, &rule.vault, rule.nth, rule.times), (&other.operation, &other.vault, other.nth, other.times));
        assert_eq!((shown(rule.percent), rule.fault.kind()), (shown(other.percent), other.fault.kind()));
    }
});
