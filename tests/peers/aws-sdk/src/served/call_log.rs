//! Which operations the SDK has performed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_glacier::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_glacier::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_glacier::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;

/// The calls of a client and of its clones, noted by the SDK itself.
#[derive(Clone, Debug, Default)]
pub(super) struct CallLog(Arc<Mutex<Vec<(String, bool)>>>);

impl CallLog {
    /// The calls that have ended: the operation, and whether it succeeded.
    pub(super) fn calls(&self) -> Vec<(String, bool)> {
        self.lock().clone()
    }

    /// The operations that succeeded.
    pub(super) fn succeeded(&self) -> BTreeSet<String> {
        self.lock().iter().filter(|(_, succeeded)| *succeeded).map(|(name, _)| name.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for CallLog {
    fn name(&self) -> &'static str {
        "CallLog"
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let name = bag.load::<Metadata>().ok_or("an operation without a name")?.name().to_owned();
        let succeeded = context.output_or_error().is_some_and(|outcome| outcome.is_ok());
        self.lock().push((name, succeeded));
        Ok(())
    }
}
