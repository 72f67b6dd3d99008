//! The list of the cases, and what runs them.

use std::boxed::Box;
use std::println;

use super::factory::Factory;

/// Calls a macro with the names of all cases, separated by spaces, for example to make a test of each.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_transport_case {
    ($run:ident) => {
        $run! {
            request_unchanged content_length_rules bodies_arrive
            framings_and_reuse response_until_close connection_close_is_obeyed informational_responses_skipped redirect_not_followed
            early_response_body_read early_response_then_close early_response_body_unread
            early_success_is_an_error early_success_then_close close_without_response
            truncated_responses truncated_response_stays_an_error surplus_bytes_discarded malformed_responses head_too_small
            source_fails source_fails_at_once
            body_dropped body_not_asked_for send_dropped
            silent_server server_stops_reading
            connection_refused idle_connection_closed idle_connection_reset
        }
    };
}

macro_rules! name {
    ($($case:ident)*) => {
        /// The names of all cases.
        pub const CASES: &[&str] = &[$(stringify!($case)),*];

        /// Runs one case by its name.
        ///
        /// # Panics
        /// When the transport fails the case, and when there is no case of this name.
        pub async fn run<F: Factory>(factory: &F, case: &str) {
            $(if case == stringify!($case) {
                // Boxed, as the future would else be as large as that of all cases.
                return Box::pin(super::$case(factory)).await;
            })*
            panic!("no such case: {case:?}; the cases are {CASES:?}");
        }
    };
}

crate::__for_each_transport_case!(name);

/// Runs all cases one after the other, and prints the name of each before it begins.
///
/// # Panics
/// When the transport fails a case.
pub async fn run_all<F: Factory>(factory: &F) {
    for case in CASES {
        println!("transport battery: {case}");
        run(factory, case).await;
    }
}

#[cfg(test)]
mod tests {
    use super::CASES;

    #[test]
    fn every_case_is_in_the_list() {
        let files = [
            include_str!("connection.rs"),
            include_str!("dropped.rs"),
            include_str!("early_response.rs"),
            include_str!("framing.rs"),
            include_str!("invalid_response.rs"),
            include_str!("request.rs"),
            include_str!("silence.rs"),
            include_str!("source.rs"),
        ];
        let functions = files.iter().flat_map(|file| file.lines()).filter_map(|line| line.strip_prefix("pub async fn "));
        let mut names: std::vec::Vec<&str> = functions.filter_map(|rest| rest.split('<').next()).collect();
        let mut listed = CASES.to_vec();
        names.sort_unstable();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }
}
