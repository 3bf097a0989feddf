//! What one destination shows: each status, and when a value goes.

use super::*;
use crate::domain::object::Trouble;

const LATENCY: Metric = Metric::ReplicationLatency;
const FAILED: Metric = Metric::OperationsFailed;

fn shown(evidence: &Evidence, metric: Metric) -> (Status, Option<f64>, Option<UnixMillis>) {
    let reading = *readings(evidence).of(metric);
    (reading.status, reading.value, reading.at)
}

#[test]
fn without_a_rule_that_publishes_there_is_nothing_to_read() {
    let unpublished = RuleSeen::Found { id: Arc::from("r"), publishes_metrics: false };
    for (rule, status) in [
        (RuleSeen::Unread, Status::NoDataYet),
        (RuleSeen::Unreadable(Trouble::AccessDenied), Status::Unreadable),
        (RuleSeen::Absent, Status::NoRule),
        (unpublished, Status::NotEnabled),
        (rule("r"), Status::NoDataYet),
    ] {
        let mut evidence = Evidence::new(true, moment(BEGINNING));
        evidence.saw_rule(&rule);
        for metric in Metric::ALL {
            assert_eq!(shown(&evidence, metric), (status, None, None), "{rule:?}");
        }
    }
    assert_eq!(readings(&Evidence::new(false, moment(BEGINNING))), Readings::off());
}

#[test]
fn a_pending_metric_shows_its_newest_minute_and_zero_only_where_that_was_said() {
    let mut evidence = evidence();
    let now = minute(30);
    evidence.learn(LATENCY, &complete(now, vec![point(10, 7.0), point(28, 0.0)]), moment(now));
    assert_eq!(shown(&evidence, LATENCY), (Status::Ok, Some(0.0), Some(minute(28))));
    assert!(readings(&evidence).of(LATENCY).provisional);
    evidence.learn(LATENCY, &complete(now, vec![point(10, 7.0), point(25, 3.0)]), moment(now));
    assert_eq!(shown(&evidence, LATENCY), (Status::Ok, Some(3.0), Some(minute(25))), "a minute can be withdrawn");
    assert!(!readings(&evidence).of(LATENCY).provisional);
    evidence.learn(LATENCY, &complete(now, Vec::new()), moment(now));
    assert_eq!(shown(&evidence, LATENCY), (Status::Stale, None, Some(minute(25))));
}

#[test]
fn what_is_older_than_twenty_minutes_goes_and_its_timestamp_stays() {
    let mut evidence = evidence();
    evidence.learn(LATENCY, &complete(minute(30), vec![point(28, 4.0)]), moment(minute(30)));
    let due = evidence.next_due().unwrap();
    assert_eq!(due, moment(minute(48)).mono.plus(Duration::from_millis(1)));
    assert!(!evidence.age(moment(minute(48))), "not older than twenty minutes yet");
    assert_eq!(shown(&evidence, LATENCY), (Status::Ok, Some(4.0), Some(minute(28))));
    assert!(evidence.age(Moment { mono: due, wall: minute(48).plus(Duration::from_millis(1)) }));
    assert_eq!(shown(&evidence, LATENCY), (Status::Stale, None, Some(minute(28))));
    assert_eq!(evidence.next_due(), None);
    evidence.learn(LATENCY, &complete(minute(60), vec![point(58, 1.0)]), moment(minute(60)));
    assert_eq!(shown(&evidence, LATENCY), (Status::Ok, Some(1.0), Some(minute(58))));
}

#[test]
fn a_wall_clock_that_was_put_back_delays_the_end_and_loses_it_not() {
    let mut evidence = evidence();
    evidence.learn(LATENCY, &complete(minute(30), vec![point(28, 4.0)]), moment(minute(30)));
    let due = evidence.next_due().unwrap();
    assert!(!evidence.age(Moment { mono: due, wall: minute(40) }));
    let later = evidence.next_due().unwrap();
    assert!(later > due);
    assert!(evidence.age(Moment { mono: later, wall: minute(49) }));
}

#[test]
fn failures_are_the_sum_of_the_window_and_idle_is_not_zero() {
    let mut evidence = evidence();
    let now = minute(30);
    evidence.learn(FAILED, &complete(now, Vec::new()), moment(now));
    assert_eq!(shown(&evidence, FAILED), (Status::Idle, None, None));
    let minutes = vec![
        Point { at: minute(5), value: 2.0, samples: 9.0 },
        Point { at: minute(9), value: 0.0, samples: 3.0 },
        Point { at: minute(29), value: 1.0, samples: 1.0 },
    ];
    evidence.learn(FAILED, &complete(now, minutes), moment(now));
    let reading = *readings(&evidence).of(FAILED);
    assert_eq!((reading.status, reading.value, reading.samples), (Status::Ok, Some(3.0), Some(13.0)));
    evidence.learn(FAILED, &complete(now, vec![Point { at: minute(9), value: 0.0, samples: 3.0 }]), moment(now));
    assert_eq!(shown(&evidence, FAILED), (Status::Ok, Some(0.0), Some(minute(9))));
    let late = minute(51);
    assert!(evidence.age(moment(late)));
    assert_eq!(shown(&evidence, FAILED), (Status::Stale, None, Some(minute(9))));
}

#[test]
fn no_answer_makes_neither_a_zero_nor_a_silence_nor_a_lower_sum() {
    for (obstacle, status) in [
        (Obstacle::Incomplete, Status::Ok),
        (Obstacle::Forbidden, Status::Unreadable),
        (Obstacle::NoAnswer(Trouble::Throttled), Status::Unreadable),
    ] {
        for (metric, value) in [(LATENCY, 4.0), (FAILED, 5.0)] {
            let mut evidence = evidence();
            evidence.learn(metric, &Look::Failed(obstacle), moment(minute(29)));
            assert_eq!(shown(&evidence, metric), (Status::Unreadable, None, None), "{obstacle:?}");
            let minutes = vec![point(20, 1.0), point(28, 4.0)];
            evidence.learn(metric, &complete(minute(30), minutes), moment(minute(30)));
            evidence.learn(metric, &Look::Failed(obstacle), moment(minute(31)));
            assert_eq!(shown(&evidence, metric), (status, Some(value), Some(minute(28))), "{obstacle:?}");
            evidence.learn(metric, &Look::Failed(obstacle), moment(minute(60)));
            assert_eq!(shown(&evidence, metric), (Status::Unreadable, None, Some(minute(28))), "{obstacle:?}");
        }
    }
}

#[test]
fn another_rule_begins_anew_and_an_unreadable_configuration_changes_nothing() {
    let mut evidence = evidence();
    evidence.learn(LATENCY, &complete(minute(30), vec![point(28, 4.0)]), moment(minute(30)));
    for same in [rule("r"), RuleSeen::Unreadable(Trouble::TimedOut), RuleSeen::Unread] {
        evidence.saw_rule(&same);
        assert_eq!(shown(&evidence, LATENCY), (Status::Ok, Some(4.0), Some(minute(28))), "{same:?}");
    }
    evidence.saw_rule(&rule("another"));
    assert_eq!(shown(&evidence, LATENCY), (Status::NoDataYet, None, None));
    assert_eq!(readings(&evidence).rule_id().map(AsRef::as_ref), Some("another"));
}

#[test]
fn every_metric_that_says_less_than_it_could_has_words() {
    let route = crate::domain::fixture::route("orders", 1);
    let destination = &route.destinations[0];
    let words =
        |reading: &Reading, rule: &RuleSeen| words::message(Metric::BytesPending, reading, rule, &route, destination);
    for status in Status::ALL {
        let message = words(&Reading::nothing(status), &rule("r"));
        assert_eq!(message.is_none(), matches!(status, Status::Off | Status::Ok), "{status:?}: {message:?}");
    }
    let denied = Reading { obstacle: Some(Obstacle::Forbidden), ..Reading::nothing(Status::Unreadable) };
    let message = words(&denied, &rule("r")).unwrap();
    assert!(message.contains("cloudwatch:GetMetricData") && message.contains("us-east-1"), "{message}");
    let unread = words(&Reading::nothing(Status::Unreadable), &RuleSeen::Unreadable(Trouble::AccessDenied)).unwrap();
    assert!(unread.contains("s3:GetReplicationConfiguration"), "{unread}");
}
