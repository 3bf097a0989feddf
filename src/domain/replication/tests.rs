//! Which rule takes which object.

use super::*;

fn rule(id: &str, priority: Option<i32>, prefix: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        enabled: true,
        priority,
        filter: Filter { prefix: prefix.to_owned(), tags: BTreeMap::new() },
        bucket: "there".to_owned(),
        ..Rule::default()
    }
}

fn winner(rules: Vec<Rule>, key: &str) -> Option<String> {
    let configuration = Replication { role: String::new(), rules };
    configuration.winner("there", key, &BTreeMap::new()).map(|rule| rule.id.clone())
}

#[test]
fn the_highest_priority_wins_whatever_the_order() {
    let (low, high) = (rule("low", Some(1), ""), rule("high", Some(2), "a/"));
    assert_eq!(winner(vec![low.clone(), high.clone()], "a/b").as_deref(), Some("high"));
    assert_eq!(winner(vec![high.clone(), low.clone()], "a/b").as_deref(), Some("high"));
    assert_eq!(winner(vec![high, low], "b").as_deref(), Some("low"));
}

#[test]
fn rules_that_are_disabled_or_lead_elsewhere_take_nothing() {
    let off = Rule { enabled: false, ..rule("off", Some(9), "") };
    let elsewhere = Rule { bucket: "elsewhere".to_owned(), ..rule("elsewhere", Some(8), "") };
    assert_eq!(winner(vec![off, elsewhere], "key"), None);
}

#[test]
fn every_tag_has_to_be_there_with_its_value() {
    let tags = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let filter = Filter { prefix: "p/".to_owned(), tags: tags(&[("team", "storage"), ("tier", "1")]) };
    assert!(filter.matches("p/key", &tags(&[("tier", "1"), ("team", "storage"), ("more", "")])));
    assert!(!filter.matches("p/key", &tags(&[("team", "storage")])));
    assert!(!filter.matches("p/key", &tags(&[("team", "storage"), ("tier", "2")])));
    assert!(!filter.matches("q/key", &tags(&[("team", "storage"), ("tier", "1")])));
}
