//! From start to SIGTERM: states, metrics, API, and nothing left behind.

use std::time::Duration;

use super::process::{Simulated, daemon, eventually, get, request};

#[test]
fn a_daemon_becomes_healthy_serves_everything_and_drains() {
    let simulated = Simulated::start("life", &[]);
    let (mut process, address) = daemon(&simulated.config);

    let healthy =
        eventually(Duration::from_secs(40), || get(address, "/health").ok().filter(|answer| answer.status == 200));
    let answer = get(address, "/health").unwrap();
    assert!(healthy.is_some(), "{}\n{}", answer.body, process.output());
    assert!(answer.body.contains("\"status\":\"healthy\""), "{}", answer.body);

    let routes = get(address, "/api/v1/routes").unwrap().json();
    let routes = routes["routes"].as_array().unwrap();
    assert!(routes.len() >= 6, "{routes:?}");
    for route in routes {
        let leg = &route["destinations"][0];
        assert_eq!(route["state"], "healthy", "{route}");
        assert!(leg["verdicts"]["replicated"].as_u64().unwrap() >= 1, "{leg}");
        assert!(leg["recovery_point"].is_string(), "{leg}");
        assert!(leg["lag_seconds"]["p50"].as_f64().unwrap() > 0.0, "{leg}");
    }
    let name = routes[0]["name"].as_str().unwrap();
    let one = get(address, &format!("/api/v1/routes/{name}")).unwrap().json();
    let report = &one["reports"][0];
    assert_eq!(report["verdict"], "replicated", "{report}");
    assert!(report["lag_seconds"]["low"].as_f64().unwrap() <= report["lag_seconds"]["high"].as_f64().unwrap());
    // Cleaning follows the source's COMPLETED, which comes after the verdict.
    let cleaned = eventually(Duration::from_secs(20), || {
        let one = get(address, &format!("/api/v1/routes/{name}")).ok()?.json();
        let mut reports = one["reports"].as_array()?.iter();
        reports.any(|report| report["stages"].to_string().contains("\"cleaned\"")).then_some(())
    });
    assert!(cleaned.is_some(), "no report says that its canary was removed");

    let metrics = get(address, "/metrics").unwrap();
    assert!(metrics.head.contains("text/plain"), "{}", metrics.head);
    let bucket = routes[0]["destinations"][0]["bucket"].as_str().unwrap();
    let healthy = format!("replicanary_route_state{{route=\"{name}\",destination=\"{bucket}\",state=\"healthy\"}} 1");
    assert!(metrics.body.contains(&healthy), "{healthy} is not in:\n{}", metrics.body);
    assert!(get(address, "/").unwrap().body.contains(name));

    let asked = request(address, "POST", &format!("/api/v1/routes/{name}/probe"), "").unwrap();
    assert!(matches!(asked.status, 200..=202 | 429), "{} {}", asked.status, asked.body);
    assert_eq!(get(address, "/api/v1/routes/nowhere").unwrap().status, 404);
    assert_eq!(request(address, "DELETE", "/api/v1/routes", "").unwrap().status, 405);

    process.signal("TERM");
    let status = process.wait(Duration::from_secs(40));
    assert_eq!(status.code(), Some(0), "{}", process.output());
    assert!(process.output().contains("no canary is left behind"), "{}", process.output());
    drop(simulated.process);
}

#[test]
fn the_demo_shows_every_state_it_announces() {
    let address = super::process::free_address();
    let mut demo = super::process::Process::start(&["demo", "--listen", &address.to_string()]);
    let up = eventually(Duration::from_secs(10), || get(address, "/readyz").ok());
    assert!(up.is_some(), "the demo answers within ten seconds:\n{}", demo.output());

    let as_announced = || {
        let routes = get(address, "/api/v1/routes").ok()?.json();
        let announced = demo.output();
        let wrong: Vec<String> = routes["routes"]
            .as_array()?
            .iter()
            .filter_map(|route| {
                let (name, state) = (route["name"].as_str()?, route["state"].as_str()?);
                let line = announced.lines().find(|line| line.split_whitespace().next() == Some(name))?;
                let expected = line.split_whitespace().nth(1)?;
                (expected != state).then(|| format!("{name}: {state} instead of {expected}: {}", route["message"]))
            })
            .collect();
        Some(wrong)
    };
    let settled = eventually(Duration::from_secs(45), || as_announced().filter(Vec::is_empty));
    assert!(settled.is_some(), "{:#?}\n{}", as_announced(), demo.output());

    let routes = get(address, "/api/v1/routes").unwrap().json();
    let states: std::collections::BTreeSet<String> =
        routes["routes"].as_array().unwrap().iter().map(|route| route["state"].to_string()).collect();
    assert!(states.len() >= 4, "{states:?}");
    assert!(states.contains("\"stalled\""), "{states:?}");

    demo.signal("INT");
    let status = demo.wait(Duration::from_secs(60));
    assert_eq!(status.code(), Some(0), "{}", demo.output());
}
