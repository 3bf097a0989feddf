//! What routes inherit: from `defaults`, from anchors, from the environment.

use std::time::Duration;

use super::{messages, read};

#[test]
fn a_routes_own_keys_go_before_the_defaults_and_those_before_the_built_in_ones() {
    let text = r#"
defaults: { canary: { interval: 10s, objective: 1m, deadline: 5m, tags: { team: a, tier: gold } }, poll: { floor: 1s } }
routes:
  - name: first
    source: &source { bucket: first, region: eu-west-1, account: "111111111111" }
    destinations: &destinations [{ bucket: replica, region: us-east-1, account: "222222222222" }]
  - name: second
    source: { <<: *source, bucket: second }
    destinations: *destinations
    canary: { objective: 2m, tags: { team: b } }
    poll: { resolution: 50% }
"#;
    let config = read(text).unwrap_or_else(|faults| panic!("{faults}"));
    let [first, second] = &config.routes[..] else { panic!("two routes") };
    assert_eq!(first.route.canary.objective, Duration::from_secs(60));
    assert_eq!(first.route.canary.tags.len(), 2);
    assert_eq!(second.route.canary.interval, Duration::from_secs(10));
    assert_eq!(second.route.canary.objective, Duration::from_secs(120));
    assert_eq!(second.route.canary.abandon_after, Duration::from_secs(172_800));
    assert_eq!(second.route.canary.tags.values().collect::<Vec<_>>(), ["b"]);
    assert_eq!((second.route.poll.floor, second.route.poll.resolution), (Duration::from_secs(1), 0.5));
    assert_eq!(second.route.source.bucket.as_str(), "second");
    assert_eq!(second.route.source.account, first.route.source.account);
    assert_eq!(second.destinations, first.destinations);
}

#[test]
fn a_default_that_every_route_makes_good_is_no_fault() {
    let defaults = "defaults: { canary: { objective: 90m } }";
    let text = format!("{defaults}{}    canary: {{ deadline: 3h }}\n", super::ROUTE);
    assert_eq!(read(&text).unwrap().routes[0].route.canary.objective, Duration::from_secs(5400));
    assert_eq!(messages(&format!("{defaults}{}", super::ROUTE)).len(), 1);
}

#[test]
fn a_variable_is_a_value_and_never_structure() {
    let text = super::ROUTE.replace("bucket: orders-a,", "bucket: \"${INJECTED}\",");
    let env =
        |name: &str| (name == "INJECTED").then(|| "a, account: \"333333333333\" }\n    paused: true #".to_owned());
    let faults = crate::config::parse(&text, "f", &env).unwrap_err();
    assert_eq!(faults.faults.len(), 1);
    assert_eq!(faults.faults[0].path, "routes[0].source.bucket");
    assert!(!faults.to_string().contains("333333333333"));
}

#[test]
fn variables_stand_in_every_kind_of_text() {
    let env = |name: &str| {
        Some(match name {
            "NAME" => "orders".to_owned(),
            "MINUTES" => "5".to_owned(),
            "CONTENT" => "content".to_owned(),
            "PORT" => "1234".to_owned(),
            _ => return None,
        })
    };
    let text = super::ROUTE
        .replace("name: orders", "name: ${NAME}")
        .replace("us-east-1,", "us-east-1, verify: \"${CONTENT}\",");
    let text = format!(
        "listen: \"127.0.0.1:${{PORT}}\"{text}    canary:\n      objective: ${{MINUTES}}m\n      \
         tags: {{ a: \"$${{NAME}}\" }}\n"
    );
    let wrong = crate::config::parse(&text, "f", &env).unwrap_err();
    assert_eq!(wrong.faults.iter().map(|fault| fault.path.as_str()).collect::<Vec<_>>(), ["routes[0].canary.tags.a"]);
    let config = crate::config::parse(&text.replace("$${NAME}", "${NAME}"), "f", &env).unwrap();
    assert_eq!(config.listen.port(), 1234);
    assert_eq!(config.routes[0].route.canary.objective, Duration::from_secs(300));
    assert_eq!(config.routes[0].route.canary.tags["a"], "orders");
}
