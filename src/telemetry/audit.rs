//! What operators had done, counted: those refusals too that are too many to be written down one by one.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::metrics::Metrics;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithAction {
    action: &'static str,
    result: &'static str,
}

#[derive(Default)]
pub(super) struct AuditMetrics {
    actions: Family<WithAction, Counter>,
}

impl AuditMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "What operators wanted done, by action and whether it was done, failed or was forbidden";
        registry.register("operator_actions", help, self.actions.clone());
    }
}

impl Metrics {
    /// An operator's action ended so: `done`, `failed` or `forbidden`.
    pub fn acted(&self, action: &'static str, result: &'static str) {
        self.audit.actions.get_or_create(&WithAction { action, result }).inc();
    }
}
