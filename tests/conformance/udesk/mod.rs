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
mod triggers;
mod v1_reading;
mod v1_refusals;
mod v1_writing;
mod v2_customers;
mod v2_reading;
mod v2_refusals;
mod v2_writing;

use deskbridge::sandbox::Switches;

use crate::support::{Check, at_the_defaults, under_every_other_value_of};
use desk::Desk;

/// All checks, by what they are about.
fn checks() -> Vec<&'static Check<Desk>> {
    let areas = [
        v1_reading::CHECKS,
        v1_writing::CHECKS,
        v1_refusals::CHECKS,
        customers::CHECKS,
        v2_reading::CHECKS,
        v2_writing::CHECKS,
        v2_refusals::CHECKS,
        v2_customers::CHECKS,
        round_trip::CHECKS,
        lists::CHECKS,
        signatures::CHECKS,
        limits::CHECKS,
        failures::CHECKS,
        triggers::CHECKS,
    ];
    areas.into_iter().flatten().collect()
}

/// A test for each switch, so that they run in parallel and a failure names the switch.
macro_rules! every_check_passes_under_every_value_of {
    ($($switch:ident),+ $(,)?) => {
        const SWEPT: &[&str] = &[$(stringify!($switch)),+];

        mod every_check_passes_under_every_value_of {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
                async fn $switch() {
                    under_every_other_value_of(stringify!($switch), &checks(), Desk::start).await;
                }
            )+
        }
    };
}

every_check_passes_under_every_value_of!(
    clock_skew_s,
    udesk_sign,
    udesk_v2_sign,
    udesk_rate_limit,
    udesk_rate_limit_per_minute,
    udesk_write_status,
    udesk_token_key,
    udesk_delivery,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_check_passes_with_all_switches_at_their_defaults() {
    at_the_defaults(&checks(), Desk::start).await;
}

/// The vendors' clocks are one switch; all others of this vendor bear its name.
#[test]
fn no_switch_of_this_vendor_is_left_out() {
    let of_this_vendor = Switches::NAMES.iter().filter(|name| name.starts_with("udesk_"));
    let expected: Vec<&str> = ["clock_skew_s"].into_iter().chain(of_this_vendor.copied()).collect();
    assert_eq!(expected, SWEPT);
}

#[test]
fn no_two_checks_have_one_name() {
    let mut names: Vec<&str> = checks().iter().map(|check| check.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}
