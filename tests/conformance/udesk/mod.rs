//! The real Udesk client against the Udesk simulator: a check for each documented operation and each documented
//! refusal, all of them under every value of every switch that concerns Udesk.
//!
//! The names of the checks are stable; the documentation of the vendors names them. Section signs (§) are those of
//! the project's Udesk contract document.

mod customers;
mod desk;
mod failures;
mod limits;
mod lists;
mod round_trip;
mod signatures;
mod v1_reading;
mod v1_refusals;
mod v1_writing;
mod v2_customers;
mod v2_reading;
mod v2_refusals;
mod v2_writing;

use std::{any::Any, collections::BTreeSet, panic::AssertUnwindSafe};

use deskbridge::sandbox::Switches;
use futures_util::{FutureExt, future::LocalBoxFuture};

use desk::Desk;

/// One thing that must hold whatever the switches say.
struct Check {
    name: &'static str,
    run: for<'a> fn(&'a Desk) -> LocalBoxFuture<'a, ()>,
}

/// A table of functions as checks; a function's name is the check's.
///
/// The checks of a value share a tenant, because to start one for each would take most of the time. Those that read
/// what the tenant has from the start come first; the others look at what they have made themselves.
macro_rules! checks {
    ($($check:ident),+ $(,)?) => {
        pub(super) const CHECKS: &[super::Check] =
            &[$(super::Check { name: stringify!($check), run: |desk| Box::pin($check(desk)) }),+];
    };
}

use checks;

fn all_checks() -> impl Iterator<Item = &'static Check> {
    let tables = [
        v1_reading::CHECKS,
        v2_reading::CHECKS,
        lists::CHECKS,
        v1_refusals::CHECKS,
        v2_refusals::CHECKS,
        v1_writing::CHECKS,
        customers::CHECKS,
        v2_writing::CHECKS,
        v2_customers::CHECKS,
        round_trip::CHECKS,
        signatures::CHECKS,
        limits::CHECKS,
        failures::CHECKS,
    ];
    tables.into_iter().flatten()
}

/// A test for each switch, and the list of them.
macro_rules! under_every_value_of {
    ($($switch:ident),+ $(,)?) => {
        const TURNED: &[&str] = &[$(stringify!($switch)),+];

        $(#[tokio::test(flavor = "multi_thread")]
        async fn $switch() {
            all_hold_under(stringify!($switch)).await;
        })+
    };
}

under_every_value_of! {
    clock_skew_s,
    udesk_delivery,
    udesk_rate_limit,
    udesk_rate_limit_per_minute,
    udesk_sign,
    udesk_token_key,
    udesk_v2_sign,
    udesk_write_status,
}

/// Runs every check under every value of a switch and tells of all that do not hold.
async fn all_hold_under(switch: &str) {
    let mut broken = Vec::new();
    let values = Switches::every_value().into_iter().filter(|(name, _)| *name == switch);
    for (name, value) in values {
        let desk = Desk::start(name, &value).await;
        for check in all_checks() {
            if let Err(what) = outcome(check, &desk).await {
                broken.push(format!("{name}={value}: {}: {what}", check.name));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

async fn outcome(check: &Check, desk: &Desk) -> Result<(), String> {
    desk.calm().await;
    AssertUnwindSafe((check.run)(desk)).catch_unwind().await.map_err(said)
}

fn said(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

#[test]
fn every_switch_of_udesk_is_turned_and_every_check_has_its_own_name() {
    let concerns_udesk = |name: &&&str| name.starts_with("udesk_") || **name == "clock_skew_s";
    let known: BTreeSet<&str> = Switches::NAMES.iter().filter(concerns_udesk).copied().collect();
    assert_eq!(TURNED.iter().copied().collect::<BTreeSet<_>>(), known);
    let names: BTreeSet<&str> = all_checks().map(|check| check.name).collect();
    assert_eq!(names.len(), all_checks().count());
}
