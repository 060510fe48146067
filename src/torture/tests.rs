//! The judge, judged: a history as it should be passes, and whatever is planted in it is found.

use proptest::prelude::*;

use super::*;

/// A lane's events: whether each is a reply, how often its effect was repeated, and whether its answer was heard.
type Script = Vec<(bool, usize, bool)>;

fn scripts() -> impl Strategy<Value = Vec<Script>> {
    let event = (any::<bool>(), 0..3usize, prop::bool::weighted(0.9));
    prop::collection::vec(prop::collection::vec(event, 1..12), 1..8)
}

/// What happens if all goes well. The lanes take turns, so that their events interleave.
fn history(lanes: &[Script]) -> History {
    let mut history = History::default();
    let longest = lanes.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (0..longest).flat_map(|n| {
        lanes.iter().enumerate().filter_map(move |(l, lane)| lane.get(n).map(|event| (l, n, *event)))
    });
    for (sequence, (lane, n, (reply, repeated, heard))) in (1i64..).zip(turns) {
        let reply = reply && n > 0;
        let event = format!("{lane}-{n}");
        let sent = 10 * sequence as u64;
        history.posts.push(Post {
            event: event.clone(),
            lane: format!("lane {lane}"),
            asks: if reply { Asks::Reply } else { Asks::Fields },
            sent,
            answer: heard.then_some(Answer { at: sent + 5, sequence }),
        });
        let what = |again| match (reply, n, again) {
            (true, ..) => What::Replied,
            (false, 0, 0) => What::Made,
            _ => What::Changed,
        };
        let times = if reply { 1 } else { 1 + repeated };
        let target = format!("target {lane}");
        history.effects.extend((0..times).map(|again| Effect {
            event: event.clone(),
            what: what(again),
            target: target.clone(),
        }));
        history.records.push(Record { event, sequence, ended: Ended::Applied, uncertain: false });
    }
    history
}

fn one_lane() -> History {
    let heard = |reply| (reply, 0, true);
    history(&[vec![heard(false), heard(false), heard(true), heard(false)]])
}

fn violations(history: &History) -> Vec<Violation> {
    judge(history).violations
}

proptest! {
    #[test]
    fn a_history_as_it_should_be_has_nothing_wrong(lanes in scripts()) {
        let history = history(&lanes);
        let verdict = judge(&history);
        prop_assert_eq!(&verdict.violations, &[]);
        prop_assert_eq!(verdict.acknowledged + verdict.unanswered, history.posts.len());
        prop_assert_eq!(verdict.effects - verdict.repeated, history.posts.len());
    }

    #[test]
    fn an_acknowledged_event_that_is_gone_is_found(lanes in scripts(), at in any::<prop::sample::Index>()) {
        let mut history = history(&lanes);
        let post = history.posts[at.index(history.posts.len())].clone();
        history.records.retain(|record| record.event != post.event);
        history.effects.retain(|effect| effect.event != post.event);
        let lost = Violation::Lost { event: post.event };
        prop_assert_eq!(violations(&history).contains(&lost), post.answer.is_some());
    }

    #[test]
    fn an_effect_that_never_came_is_found(lanes in scripts(), at in any::<prop::sample::Index>()) {
        let mut history = history(&lanes);
        let event = history.posts[at.index(history.posts.len())].event.clone();
        history.effects.retain(|effect| effect.event != event);
        let missing = Violation::WithoutEffect { event };
        prop_assert!(violations(&history).contains(&missing));
    }

    #[test]
    fn an_effect_of_an_earlier_event_after_a_later_one_is_found(
        lanes in scripts(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut history = history(&lanes);
        let again = history.effects[at.index(history.effects.len())].clone();
        let lane = |event: &str| event.split('-').next().map(str::to_owned);
        let last = history.effects.iter().rfind(|effect| lane(&effect.event) == lane(&again.event)).cloned();
        history.effects.push(again.clone());
        let found = violations(&history);
        let out_of_order = |violation: &Violation| matches!(violation, Violation::OutOfOrder { .. });
        prop_assert_eq!(found.iter().any(out_of_order), last.is_some_and(|last| last.event != again.event));
    }

    #[test]
    fn a_reply_that_was_added_twice_is_found(lanes in scripts(), at in any::<prop::sample::Index>()) {
        let mut history = history(&lanes);
        let place = at.index(history.effects.len());
        let again = history.effects[place].clone();
        history.effects.insert(place, again.clone());
        let doubled = Violation::Doubled { event: again.event, times: 2 };
        prop_assert_eq!(violations(&history).contains(&doubled), again.what == What::Replied);
    }

    #[test]
    fn a_second_entity_for_a_lane_is_found(lanes in scripts(), at in any::<prop::sample::Index>()) {
        let mut history = history(&lanes);
        let place = at.index(history.effects.len());
        let other = Effect { what: What::Made, target: "another".into(), ..history.effects[place].clone() };
        history.effects.insert(place, other);
        let made_twice = |violation: &Violation| matches!(violation, Violation::MadeTwice { .. });
        prop_assert!(violations(&history).iter().any(made_twice));
    }

    #[test]
    fn an_event_that_never_ends_is_found(lanes in scripts(), at in any::<prop::sample::Index>()) {
        let mut history = history(&lanes);
        let place = at.index(history.records.len());
        history.records[place].ended = Ended::Open("retrying".into());
        let event = history.records[place].event.clone();
        let endless = Violation::NeverEnds { event, status: "retrying".into() };
        prop_assert!(violations(&history).contains(&endless));
    }

    #[test]
    fn the_order_of_what_is_told_makes_no_difference(lanes in scripts(), seed in any::<u64>()) {
        let told = history(&lanes);
        let mut other = told.clone();
        other.posts.sort_by_key(|post| post.sent.wrapping_mul(seed | 1));
        other.records.sort_by_key(|record| record.sequence.wrapping_mul(seed as i64 | 1));
        prop_assert_eq!(judge(&told), judge(&other));
    }
}

#[test]
fn a_place_before_one_that_was_answered_earlier_is_found() {
    let mut history = one_lane();
    history.posts[1].answer = Some(Answer { at: 25, sequence: 3 });
    history.posts[2].answer = Some(Answer { at: 35, sequence: 2 });
    history.records[1].sequence = 3;
    history.records[2].sequence = 2;
    history.effects.swap(1, 2);
    let wrong =
        Violation::PlacedWrongly { lane: "lane 0".into(), first: "0-1".into(), before_it: "0-2".into() };
    assert_eq!(violations(&history), [wrong]);
}

#[test]
fn two_events_under_way_at_once_may_be_placed_either_way() {
    let mut history = one_lane();
    history.posts[2].sent = 21;
    history.posts[1].answer = Some(Answer { at: 25, sequence: 3 });
    history.posts[2].answer = Some(Answer { at: 35, sequence: 2 });
    history.records[1].sequence = 3;
    history.records[2].sequence = 2;
    history.effects.swap(1, 2);
    assert_eq!(violations(&history), []);
}

#[test]
fn an_answer_with_another_place_than_the_record_is_found() {
    let mut history = one_lane();
    history.posts[3].answer = Some(Answer { at: 45, sequence: 9 });
    let renumbered = Violation::Renumbered { event: "0-3".into(), told: 9, recorded: 4 };
    assert_eq!(violations(&history), [renumbered]);
}

#[test]
fn an_effect_that_nobody_asked_for_is_found() {
    let mut history = one_lane();
    let unasked = Effect { event: "?".into(), what: What::Changed, target: "target 0".into() };
    history.effects.push(unasked);
    assert_eq!(violations(&history), [Violation::Unasked { event: "?".into() }]);
}

#[test]
fn an_unanswered_event_may_be_there_or_not_but_not_in_effect_without_a_record() {
    let mut history = one_lane();
    history.posts[3].answer = None;
    assert_eq!(violations(&history), []);
    history.records.pop();
    assert_eq!(violations(&history), [Violation::Unasked { event: "0-3".into() }]);
    history.effects.pop();
    assert_eq!(violations(&history), []);
}

#[test]
fn what_is_said_to_be_uncertain_is_no_violation_and_is_counted() {
    let mut history = one_lane();
    history.records[2].uncertain = true;
    history.records[2].ended = Ended::Held("outcome_unknown".into());
    history.records[3].ended = Ended::Behind;
    history.effects.retain(|effect| effect.event != "0-3");
    let twice = history.effects[2].clone();
    history.effects.push(twice);
    let verdict = judge(&history);
    assert_eq!((verdict.violations.as_slice(), verdict.uncertain, verdict.behind), ([].as_slice(), 1, 1));
}

#[test]
fn an_end_that_nothing_explains_is_found() {
    for (ended, how) in [
        (Ended::Held("store".into()), "held: store"),
        (Ended::Refused("rejected".into()), "refused: rejected"),
        (Ended::GivenUp, "given up"),
        (Ended::Behind, "in effect, yet waiting behind another"),
    ] {
        let mut history = one_lane();
        history.records[3].ended = ended;
        let wrong = Violation::EndedWrongly { event: "0-3".into(), how: how.into() };
        assert_eq!(violations(&history), [wrong]);
    }
}
