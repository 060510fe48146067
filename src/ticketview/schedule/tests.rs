//! A clock that is moved by hand, and what is due by it.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{AT_MOST_TIMES, LEAST_PACE, LONGEST_OWN_PAUSE, LONGEST_PAUSE, Schedule, Step};

const EVERY: Duration = Duration::from_secs(60);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A schedule with the list read and these views on it.
fn of(views: &[&str], now: Instant) -> Schedule {
    let mut schedule = Schedule::new(EVERY, now);
    schedule.listed(views.iter().map(|view| (*view, false)), now);
    schedule
}

fn view(id: &str) -> Step {
    Step::View(id.to_owned())
}

/// Does what is due until nothing is; the views that were read, none of which has changed.
fn read_all(schedule: &mut Schedule, views: &[&str], now: Instant) -> Vec<String> {
    let mut read = Vec::new();
    loop {
        match schedule.next(now) {
            Step::List => schedule.listed(views.iter().map(|view| (*view, false)), now),
            Step::View(view) => {
                schedule.read(&view, false, now);
                read.push(view);
            }
            Step::Wait(_) => return read,
        }
    }
}

#[test]
fn the_list_comes_first_and_then_every_view_once() {
    let now = Instant::now();
    let mut schedule = Schedule::new(EVERY, now);
    assert_eq!(schedule.next(now), Step::List);
    assert_eq!(read_all(&mut schedule, &["2", "15"], now), ["15", "2"]);
    assert_eq!(schedule.next(now), Step::Wait(now + EVERY));
}

#[test]
fn a_view_that_changes_is_read_more_and_more_often_and_goes_back_when_it_does_not() {
    let now = Instant::now();
    let mut schedule = of(&["2"], now);
    let mut wait = |changed| {
        schedule.read("2", changed, now);
        match schedule.next(now) {
            Step::Wait(until) => until - now,
            other => panic!("{other:?}"),
        }
    };
    let faster: Vec<Duration> = (0..4).map(|_| wait(true)).collect();
    assert_eq!(faster, [30_000, 15_000, 7_500, 7_500].map(Duration::from_millis));
    let slower: Vec<Duration> = (0..6).map(|_| wait(false)).collect();
    assert!(slower.is_sorted() && slower[5] == EVERY, "{slower:?}");
    assert_eq!(EVERY / AT_MOST_TIMES, faster[3]);
}

#[test]
fn a_view_whose_count_on_the_list_differs_is_due_at_once() {
    let now = Instant::now();
    let mut schedule = of(&["2", "15"], now);
    read_all(&mut schedule, &["2", "15"], now);
    schedule.listed([("2", true), ("15", false)].into_iter(), now + seconds(1));
    assert_eq!(schedule.next(now + seconds(1)), view("2"));
}

#[test]
fn what_an_operator_wants_goes_before_all_that_is_due() {
    let now = Instant::now();
    let mut schedule = of(&["1", "2", "3"], now);
    schedule.want("3", now + seconds(5));
    assert_eq!(schedule.next(now + seconds(5)), view("3"));
}

#[test]
fn deliveries_hasten_a_view_no_more_than_once_in_two_seconds() {
    let now = Instant::now();
    let mut schedule = of(&["2"], now);
    schedule.read("2", false, now);
    schedule.hasten("2", now + seconds(1));
    assert_eq!(schedule.next(now + seconds(1)), Step::Wait(now + seconds(2)));
    schedule.hasten("2", now + seconds(10));
    assert_eq!(schedule.next(now + seconds(10)), view("2"));
}

#[test]
fn deliveries_without_end_keep_neither_a_view_nor_the_list_from_being_read() {
    let now = Instant::now();
    let views: Vec<String> = (0..20).map(|view| view.to_string()).collect();
    let mut schedule = Schedule::new(EVERY, now);
    let (mut reads, mut lists, mut at) = (vec![0; views.len()], 0, now);
    for _ in 0..600 {
        at += seconds(1);
        schedule.hasten_list(at);
        match schedule.next(at) {
            Step::List => {
                schedule.listed(views.iter().map(|view| (view.as_str(), false)), at);
                lists += 1;
            }
            Step::View(id) => {
                reads[id.parse::<usize>().unwrap()] += 1;
                schedule.read(&id, true, at);
            }
            Step::Wait(_) => {}
        }
    }
    assert!(reads.iter().all(|reads| *reads >= 20), "{reads:?}");
    assert!((10..=120).contains(&lists), "{lists}");
}

#[test]
fn deliveries_hasten_the_list_no_more_than_once_in_some_seconds() {
    for (every, least) in [(8, 2), (32, 4), (3600, 5)] {
        let now = Instant::now();
        let mut schedule = Schedule::new(seconds(every), now);
        schedule.listed(std::iter::empty(), now);
        schedule.hasten_list(now + seconds(1));
        assert_eq!(schedule.next(now + seconds(1)), Step::Wait(now + seconds(least)));
        assert_eq!(schedule.next(now + seconds(least)), Step::List);
    }
}

#[test]
fn what_an_operator_wants_goes_before_a_list_that_deliveries_hasten() {
    let now = Instant::now();
    let mut schedule = of(&["2"], now);
    schedule.read("2", false, now);
    schedule.hasten_list(now + seconds(20));
    schedule.want("2", now + seconds(30));
    assert_eq!(schedule.next(now + seconds(30)), view("2"));
}

#[test]
fn a_vendor_that_turned_a_view_away_is_asked_for_nothing_before_it_allows() {
    let now = Instant::now();
    let mut schedule = of(&["2", "15"], now);
    schedule.failed("15", true, seconds(30), 1.0, now);
    schedule.hasten_list(now + seconds(10));
    schedule.want("2", now + seconds(10));
    assert_eq!(schedule.next(now + seconds(10)), Step::Wait(now + seconds(30)));
    assert_eq!(schedule.next(now + seconds(30)), Step::List);
}

#[test]
fn a_view_that_fails_alone_holds_up_no_other_and_is_tried_ever_later() {
    let now = Instant::now();
    let mut schedule = of(&["2", "15"], now);
    schedule.failed("15", false, Duration::ZERO, 1.0, now);
    assert_eq!(schedule.next(now), view("2"));
    let mut at = now;
    for wait in [10, 20, 40, 80, 160, 320, 600, 600] {
        schedule.failed("15", false, Duration::ZERO, 1.0, at);
        schedule.read("2", false, at + seconds(wait));
        schedule.listed([("2", false), ("15", false)].into_iter(), at + seconds(wait) - EVERY + seconds(1));
        at += seconds(wait);
        assert_eq!(schedule.next(at), view("15"), "{wait}");
    }
}

#[test]
fn after_a_failure_that_others_may_share_the_list_is_looked_at() {
    let now = Instant::now();
    let mut schedule = of(&["2", "15"], now);
    schedule.failed("15", true, Duration::ZERO, 1.0, now);
    assert_eq!(schedule.next(now), Step::List);
}

#[test]
fn while_the_list_fails_it_alone_is_tried_and_when_it_is_back_everything_once() {
    let now = Instant::now();
    let views = ["1", "2", "3"];
    let mut schedule = of(&views, now);
    let (mut at, mut tries) = (now, 0);
    while at < now + seconds(3600) {
        at = schedule.down(Duration::ZERO, 0.5, at);
        tries += 1;
        assert_eq!(schedule.next(at - seconds(1)), Step::Wait(at));
        assert_eq!(schedule.next(at), Step::List);
    }
    assert!(tries < 90, "{tries} calls in an hour");
    assert_eq!(read_all(&mut schedule, &views, at), views);
}

#[test]
fn the_vendors_wish_to_be_left_alone_is_kept() {
    let now = Instant::now();
    let mut schedule = of(&[], now);
    assert_eq!(schedule.down(seconds(900), 0.0, now), now + seconds(900));
}

#[test]
fn an_operator_may_look_whether_the_vendor_is_back() {
    let now = Instant::now();
    let mut schedule = of(&["2"], now);
    schedule.down(Duration::ZERO, 1.0, now);
    schedule.hasten("2", now);
    schedule.hasten_list(now);
    assert!(matches!(schedule.next(now), Step::Wait(_)));
    schedule.want("2", now);
    assert_eq!(schedule.next(now), Step::List);
}

#[test]
fn many_views_share_what_there_is_whatever_their_pace() {
    let now = Instant::now();
    let views: Vec<String> = (0..1000).map(|view| view.to_string()).collect();
    let mut schedule = Schedule::new(EVERY, now);
    let mut reads = vec![0; views.len()];
    let mut at = now;
    // A second each, so that a round takes far longer than it should; every tenth changes each time.
    for _ in 0..5000 {
        at += seconds(1);
        match schedule.next(at) {
            Step::List => schedule.listed(views.iter().map(|view| (view.as_str(), false)), at),
            Step::View(id) => {
                let number: usize = id.parse().unwrap();
                reads[number] += 1;
                schedule.read(&id, number.is_multiple_of(10), at);
            }
            Step::Wait(_) => {}
        }
    }
    assert!(
        reads.iter().all(|reads| (4..=6).contains(reads)),
        "{:?}",
        (reads.iter().min(), reads.iter().max())
    );
}

proptest! {
    #[test]
    fn waits_are_bounded_whatever_happens(
        every in 1..7200_u64,
        events in prop::collection::vec((0..4_u8, any::<bool>(), 0.0..1.0_f64), 1..60),
    ) {
        let (mut now, every) = (Instant::now(), seconds(every));
        let mut schedule = Schedule::new(every, now);
        schedule.listed([("2", false)].into_iter(), now);
        for (event, flag, chance) in events {
            match event {
                0 => drop(schedule.down(Duration::ZERO, chance, now)),
                1 => schedule.failed("2", flag, Duration::ZERO, chance, now),
                2 => schedule.read("2", flag, now),
                _ => schedule.listed([("2", flag)].into_iter(), now),
            }
            if let Step::Wait(until) = schedule.next(now) {
                prop_assert!(until > now);
                prop_assert!(until - now <= every.max(LONGEST_PAUSE).max(LONGEST_OWN_PAUSE));
                // Nobody asked for the view, so that only the list comes sooner.
                if event == 2 && schedule.next(until) != Step::List {
                    prop_assert!(until - now >= LEAST_PACE.min(every));
                }
                now = until;
            }
        }
    }
}
