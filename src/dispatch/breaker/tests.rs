use proptest::prelude::*;

use super::*;

const POLICY: Policy =
    Policy { failures: 5, pause: Duration::from_secs(30), longest_pause: Duration::from_secs(300) };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn breaker() -> Breaker {
    Breaker::new(POLICY, 8)
}

fn outage(began: i64) -> Failed {
    Failed { began: at(began), suspect: None, slower: false, rest: Duration::ZERO }
}

fn suspect(began: i64, event: i64) -> Failed {
    Failed { suspect: Some(event), ..outage(began) }
}

fn limit(began: i64, rest_s: u64) -> Failed {
    Failed { slower: true, rest: Duration::from_secs(rest_s), ..outage(began) }
}

/// Held since second 0, for the whole of its first pause.
fn held() -> Breaker {
    let mut breaker = breaker();
    (0..5).for_each(|_| breaker.failed(outage(0), at(0), 1.0));
    breaker
}

#[test]
fn failures_in_a_row_hold_a_connection_and_a_success_between_them_does_not_let_them_add_up() {
    let mut breaker = breaker();
    (0..4).for_each(|_| breaker.failed(outage(0), at(0), 1.0));
    breaker.worked();
    (0..4).for_each(|_| breaker.failed(outage(0), at(0), 1.0));
    assert_eq!((breaker.state(at(0)), breaker.room(0, at(0))), (State::Closed, Room::For(8)));
    breaker.failed(outage(0), at(0), 1.0);
    assert_eq!((breaker.state(at(0)), breaker.room(0, at(0))), (State::Open, Room::From(at(30))));
}

#[test]
fn after_the_pause_one_event_goes_and_its_success_lets_all_go() {
    let mut breaker = held();
    assert_eq!(breaker.room(0, at(29)), Room::From(at(30)));
    assert_eq!((breaker.state(at(30)), breaker.room(0, at(30))), (State::HalfOpen, Room::For(1)));
    assert_eq!(breaker.room(1, at(30)), Room::For(0), "one at a time");
    breaker.worked();
    assert_eq!((breaker.state(at(31)), breaker.room(0, at(31))), (State::Closed, Room::For(8)));
}

#[test]
fn each_trial_in_vain_doubles_the_pause_up_to_its_bound() {
    let (mut breaker, mut now) = (held(), 30);
    for pause in [60, 120, 240, 300, 300] {
        breaker.failed(outage(now), at(now), 1.0);
        assert_eq!(breaker.room(0, at(now)), Room::From(at(now + pause)));
        now += pause;
    }
    breaker.worked();
    (0..5).for_each(|_| breaker.failed(outage(now), at(now), 1.0));
    assert_eq!(
        breaker.room(0, at(now)),
        Room::From(at(now + 30)),
        "a new outage begins with the first pause"
    );
}

#[test]
fn what_was_under_way_when_it_was_held_prolongs_nothing_and_may_end_it() {
    let mut breaker = held();
    breaker.failed(outage(0), at(10), 1.0);
    assert_eq!(breaker.room(0, at(10)), Room::From(at(30)));
    breaker.worked();
    assert_eq!(breaker.room(0, at(10)), Room::For(8));
}

#[test]
fn one_event_that_always_fails_holds_no_other() {
    let mut breaker = breaker();
    (0..100).for_each(|second| breaker.failed(suspect(second, 7), at(second), 1.0));
    assert_eq!(breaker.state(at(100)), State::Closed);
    (8..12).for_each(|event| breaker.failed(suspect(100, event), at(100), 1.0));
    assert_eq!(breaker.state(at(100)), State::Open, "five different ones do");
}

#[test]
fn a_rest_that_is_asked_for_is_kept_in_full_whatever_works_meanwhile() {
    let mut breaker = breaker();
    breaker.failed(limit(0, 90), at(0), 0.0);
    breaker.worked();
    assert_eq!((breaker.state(at(89)), breaker.room(0, at(89))), (State::Resting, Room::From(at(90))));
    assert_eq!((breaker.state(at(90)), breaker.room(0, at(90))), (State::Closed, Room::For(4)));
}

#[test]
fn a_limit_halves_what_goes_at_once_and_each_run_of_successes_adds_one() {
    let mut breaker = breaker();
    (0..3).for_each(|_| breaker.failed(limit(0, 0), at(1), 1.0));
    assert_eq!(breaker.width(), 4, "once for those that were under way together");
    breaker.failed(limit(1, 0), at(2), 1.0);
    assert_eq!(breaker.width(), 2);
    let widths: Vec<usize> = (0..9)
        .map(|_| {
            breaker.worked();
            breaker.width()
        })
        .collect();
    assert_eq!(widths, [2, 3, 3, 3, 4, 4, 4, 4, 5]);
}

#[test]
fn a_connection_without_a_breaker_is_never_held_but_rests_all_the_same() {
    let mut breaker = Breaker::new(Policy { failures: 0, ..POLICY }, 8);
    (0..100).for_each(|second| breaker.failed(outage(second), at(second), 1.0));
    assert_eq!(breaker.room(0, at(100)), Room::For(8));
    breaker.failed(limit(100, 10), at(100), 1.0);
    assert_eq!(breaker.room(0, at(100)), Room::From(at(110)));
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Work,
    Fail { ago: i64, suspect: Option<i64>, slower: bool, rest_s: u64, chance: f64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fail = (0..60i64, prop::option::of(0..3i64), any::<bool>(), 0..100u64, 0.0..1.0f64).prop_map(
        |(ago, suspect, slower, rest_s, chance)| {
            let rest_s = if slower { rest_s } else { 0 };
            Step::Fail { ago, suspect, slower, rest_s, chance }
        },
    );
    let step = prop_oneof![(1..90u64).prop_map(Step::Wait), Just(Step::Work), fail.clone(), fail];
    prop::collection::vec(step, 0..120)
}

proptest! {
    /// Whatever happens: no more at once than was configured, at least one when nothing is in the way, no pause beyond
    /// its bound, no rest cut short, and the end of every outage is found out.
    #[test]
    fn it_keeps_its_bounds_whatever_happens(steps in steps(), most in 1usize..20) {
        let (mut breaker, mut now, mut rests_until) = (Breaker::new(POLICY, most), 0, 0);
        for step in steps {
            match step {
                Step::Wait(seconds) => now += seconds as i64,
                Step::Work => breaker.worked(),
                Step::Fail { ago, suspect, slower, rest_s, chance } => {
                    let rest = Duration::from_secs(rest_s);
                    breaker.failed(Failed { began: at(now - ago), suspect, slower, rest }, at(now), chance);
                    rests_until = rests_until.max(if rest_s > 0 { now + rest_s as i64 } else { 0 });
                }
            }
            prop_assert!((1..=most).contains(&breaker.width()));
            match breaker.room(0, at(now)) {
                Room::For(free) => {
                    prop_assert!((1..=breaker.width()).contains(&free));
                    prop_assert!(now >= rests_until);
                    prop_assert!(free == 1 || breaker.state(at(now)) == State::Closed);
                }
                Room::From(until) => {
                    prop_assert!(until > at(now));
                    prop_assert!(until <= at(now.max(rests_until) + 300));
                    prop_assert!(matches!(breaker.state(at(now)), State::Open | State::Resting));
                    prop_assert!(matches!(breaker.room(0, until), Room::For(1..)));
                }
            }
        }
        breaker.worked();
        prop_assert_eq!(breaker.room(0, at(rests_until.max(now))), Room::For(breaker.width()));
    }
}
