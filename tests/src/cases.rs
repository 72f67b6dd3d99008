//! The number of cases of a property test.

/// The number in the variable `PROPTEST_CASES`, or `default`. proptest reads the variable only for tests that set no number themselves.
///
/// # Panics
/// When the variable is not a number.
pub fn property_cases(default: u32) -> u32 {
    std::env::var("PROPTEST_CASES").map_or(default, |cases| cases.parse().expect("PROPTEST_CASES is a number"))
}
