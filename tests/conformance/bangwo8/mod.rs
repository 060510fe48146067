//! Bangwo8: every check under every value of every switch that this vendor has.

mod desk;
mod lists;
mod tickets;
mod ticket_writes;
mod ticket_lists;
mod ticketviews;
mod fields;
mod field_options;
mod companies;
mod company_search;
mod people;
mod attachments;
mod assets;
mod asset_page;
mod access;
mod failures;

use deskbridge::sandbox::Switches;

use crate::support::{Check, at_the_defaults, under_every_other_value_of};
use desk::Desk;

/// All checks, by what they are about.
fn checks() -> Vec<&'static Check<Desk>> {
    let areas = [
        tickets::CHECKS,
        ticket_writes::CHECKS,
        ticket_lists::CHECKS,
        ticketviews::CHECKS,
        fields::CHECKS,
        field_options::CHECKS,
        companies::CHECKS,
        company_search::CHECKS,
        people::CHECKS,
        attachments::CHECKS,
        assets::CHECKS,
        asset_page::CHECKS,
        access::CHECKS,
        failures::CHECKS,
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
    ticket_enums,
    dropdown_on_v1_read,
    tickets_per_page,
    empty_page_link,
    counts,
    single_ticket_v1,
    missing_ticket,
    write_result,
    business_error_status,
    duplicate_requestid,
    unauthorized_body,
    new_token,
    rate_limit,
    rate_limit_per_minute,
    required_fields,
    upload_path,
    time_zone,
    clock_skew_s,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_check_passes_with_all_switches_at_their_defaults() {
    at_the_defaults(&checks(), Desk::start).await;
}

#[test]
fn no_switch_of_this_vendor_is_left_out() {
    let of_this_vendor = Switches::NAMES.iter().filter(|name| !name.starts_with("udesk_"));
    assert_eq!(of_this_vendor.copied().collect::<Vec<_>>(), SWEPT);
}

#[test]
fn no_two_checks_have_one_name() {
    let mut names: Vec<&str> = checks().iter().map(|check| check.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}
