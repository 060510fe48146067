//! A mapping that differs from the shipped one in what can be seen at the target.

use super::{Answer, TestApp};

/// The shipped mapping.
pub(crate) const SHIPPED: &str = include_str!("../../../mappings/udesk-bangwo8.yaml");

/// The shipped mapping with urgent tickets taken for low ones (1 instead of 4), and low ones for urgent ones.
pub(crate) fn calmer() -> String {
    let changed = SHIPPED.replace("low: 1,", "low: 4,").replace("urgency: 4", "urgency: 1");
    assert_ne!(changed, SHIPPED);
    changed
}

/// The priority of the Bangwo8 ticket that an event became.
pub(crate) async fn priority(app: &TestApp, record: &Answer) -> u64 {
    app.ticket(record.str("/target/id")).await["priorityLevel"].as_u64().expect("a priority")
}
