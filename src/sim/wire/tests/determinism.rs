//! The same seed and the same calls give the same bytes, to the last header.

use std::time::Duration;

use http::Request;

use super::{ONE, Site};

/// Everything that a few calls were answered with.
async fn session() -> Vec<String> {
    let site = Site::of("default");
    let route = site.simulator.routes().into_iter().find(|route| route.source.account == ONE).unwrap();
    let (bucket, region) = (&route.source.bucket, &route.source.region);
    let mut answers = vec![site.control("GET", "/_sim/world", "").await];
    let put = Request::put(format!("http://127.0.0.1:9000/{bucket}/replicanary/k"))
        .header("x-amz-meta-one", "1")
        .header("x-amz-meta-two", "2")
        .header("x-amz-meta-three", "3")
        .body(String::from("content"))
        .unwrap();
    answers.push(site.send(site.signed(ONE, "s3", region, put)).await);
    for path in ["replicanary/k", "absent", "?versions"] {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let get = Request::get(format!("http://127.0.0.1:9000/{bucket}/{path}")).body(String::new()).unwrap();
        answers.push(site.send(site.signed(ONE, "s3", region, get)).await);
    }
    answers.push(site.form(ONE, "sts", "Action=GetCallerIdentity&Version=2011-06-15").await);
    answers.iter().map(|answer| format!("{answer:?}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_session_can_be_repeated() {
    let first = session().await;
    assert!(first[2].contains("x-amz-meta-three"), "{}", first[2]);
    for _ in 0..5 {
        assert_eq!(session().await, first);
    }
}
