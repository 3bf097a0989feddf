//! Assumed roles: how they are asked for, held, renewed, given up, and refused.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_types::date_time::{DateTime, Format};

use super::*;
use crate::aws::credentials::{FAILURE_KEPT, RENEW_AHEAD};
use crate::aws::{CallMeter, ClientPool, Environment, S3Bucket};
use crate::cloud::{CanaryStore, CloudError};
use crate::domain::connection::AssumedRole;
use crate::domain::name::InstanceName;
use crate::domain::object::Trouble;

const ROLE: &str = "arn:aws:iam::222222222222:role/replicanary";
const HOUR: Duration = Duration::from_secs(3600);

/// An STS and an S3 that a test can break.
#[derive(Debug, Default)]
struct World {
    assumed: AtomicU32,
    sts_refuses: AtomicBool,
    /// The S3 refuses sessions before this one.
    oldest_accepted: AtomicU32,
}

fn connection_with_role() -> Connection {
    let role = AssumedRole { arn: ROLE.to_owned(), external_id: Some(Secret::new("ex ternal".to_owned())) };
    Connection { role: Some(role), ..connection() }
}

fn session_answer(number: u32, end: SystemTime) -> Reply {
    let end = DateTime::from(end).fmt(Format::DateTime).unwrap();
    Reply::status(200).body(&format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{number}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>token{number}</SessionToken>\
         <Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    ))
}

fn refusal(code: &str) -> Reply {
    Reply::status(403).body(&format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>not for you</Message></Error>\
         <RequestId>STS1</RequestId></ErrorResponse>"
    ))
}

/// The world, with sessions that end after `lifetime` by a clock that differs from ours by `ahead`.
fn world(lifetime: Duration, ahead: Duration) -> (Arc<World>, Canned) {
    let world = Arc::new(World::default());
    let clock = Arc::new(std::sync::OnceLock::<Canned>::new());
    let (inner, inner_clock) = (Arc::clone(&world), Arc::clone(&clock));
    let canned = Canned::new(move |seen| {
        let now = inner_clock.get().unwrap().clock();
        if seen.is_sts() {
            if inner.sts_refuses.load(Ordering::Relaxed) {
                return Ok(refusal("AccessDenied"));
            }
            let number = inner.assumed.fetch_add(1, Ordering::Relaxed) + 1;
            return Ok(session_answer(number, now + ahead + lifetime));
        }
        let number = seen.header("x-amz-security-token").and_then(|token| token.strip_prefix("token")?.parse().ok());
        let stale = number.is_none_or(|number: u32| number < inner.oldest_accepted.load(Ordering::Relaxed));
        let expired = || Reply::s3(400).with("content-type", "application/xml");
        Ok(if stale { expired() } else { Reply::s3(200).with("etag", "\"e\"") })
    });
    clock.set(canned.clone()).unwrap();
    (world, canned)
}

async fn head(bucket: &S3Bucket) -> Result<(), CloudError> {
    bucket.head(&key(), Some(&version())).await.map(drop)
}

fn asked(world: &World) -> u32 {
    world.assumed.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn a_role_is_assumed_at_its_own_region_and_counted() {
    let (_, canned) = world(HOUR, Duration::ZERO);
    let bucket = in_process(&canned).bucket(&connection_with_role(), &bucket_name()).await;
    head(&bucket).await.unwrap();
    let seen = canned.seen();
    assert_eq!(seen[0].uri, "https://sts.ap-south-1.amazonaws.com/");
    assert!(seen[0].header("authorization").unwrap().contains("AKIDSTATIC/"), "{seen:?}");
    let body = format!("{}&", seen[0].body);
    for part in [
        "&RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Freplicanary&",
        "&RoleSessionName=replicanary&",
        "&ExternalId=ex%20ternal&",
        "&DurationSeconds=3600&",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(seen[1].header("authorization").unwrap().contains("ASIA1/"), "{seen:?}");
    let records = canned.records();
    let shown: Vec<_> = records.iter().map(|record| (record.service, record.operation, record.outcome)).collect();
    assert_eq!(shown, [("sts", "AssumeRole", Ok(())), ("s3", "HeadObject", Ok(()))]);
    assert_eq!(&*records[0].region, "ap-south-1");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_and_a_name_reach_sts_too() {
    let (_, canned) = world(HOUR, Duration::ZERO);
    let http = aws_smithy_runtime_api::client::http::SharedHttpClient::new(canned.clone());
    let time = aws_smithy_async::time::SharedTimeSource::new(canned.clone());
    let sleep = aws_smithy_async::rt::sleep::SharedAsyncSleep::new(aws_smithy_async::rt::sleep::TokioSleep::new());
    let long = InstanceName::new(&"i".repeat(63)).unwrap();
    let environment = Environment::in_process(http, time, sleep).named(&long);
    let pool = ClientPool::new(environment, CallMeter::silent());
    let connection = Connection {
        endpoint_url: Some("http://127.0.0.1:4566".to_owned()),
        path_style: true,
        ..connection_with_role()
    };
    head(&pool.bucket(&connection, &bucket_name()).await).await.unwrap();
    let sts = &canned.seen()[0];
    assert_eq!(sts.uri, "http://127.0.0.1:4566/");
    assert!(sts.body.contains(&format!("&RoleSessionName=replicanary-{}&", "i".repeat(52))), "{}", sts.body);
}

#[tokio::test(start_paused = true)]
async fn sessions_are_shared_and_renewed_ahead_of_their_end() {
    let (world, canned) = world(HOUR, Duration::ZERO);
    let pool = in_process(&canned);
    let bucket = pool.bucket(&connection_with_role(), &bucket_name()).await;
    let sibling = pool.bucket(&connection_with_role(), &Bucket::new("invoices")).await;
    let (one, two) = tokio::join!(head(&bucket), head(&sibling));
    one.and(two).unwrap();
    assert_eq!(asked(&world), 1, "asked once for both");
    canned.advance(HOUR - RENEW_AHEAD - Duration::from_secs(1));
    head(&bucket).await.unwrap();
    assert_eq!(asked(&world), 1);
    canned.advance(Duration::from_secs(1));
    head(&bucket).await.unwrap();
    assert_eq!(asked(&world), 2);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_used_to_its_end_while_sts_refuses() {
    let (world, canned) = world(HOUR, Duration::ZERO);
    let bucket = in_process(&canned).bucket(&connection_with_role(), &bucket_name()).await;
    head(&bucket).await.unwrap();
    world.sts_refuses.store(true, Ordering::Relaxed);
    canned.advance(HOUR - Duration::from_secs(1));
    head(&bucket).await.unwrap();
    canned.advance(Duration::from_secs(1));
    let error = head(&bucket).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::NoCredentials);
    assert!(matches!(error, CloudError::Denied(_)));
    let chain: Vec<_> =
        std::iter::successors(error.source(), |error| (*error).source()).map(ToString::to_string).collect();
    assert!(chain.iter().any(|link| link.contains("AssumeRole: access_denied")), "{chain:?}");
    assert!(chain.iter().any(|link| link.contains("not for you")), "{chain:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_remembered_for_a_moment() {
    let (world, canned) = world(HOUR, Duration::ZERO);
    world.sts_refuses.store(true, Ordering::Relaxed);
    let bucket = in_process(&canned).bucket(&connection_with_role(), &bucket_name()).await;
    for _ in 0..10 {
        assert_eq!(head(&bucket).await.unwrap_err().kind(), Trouble::NoCredentials);
    }
    assert_eq!(canned.seen().len(), 1, "STS was asked once, S3 never");
    world.sts_refuses.store(false, Ordering::Relaxed);
    canned.advance(FAILURE_KEPT);
    head(&bucket).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn credentials_that_the_server_refuses_are_given_up() {
    let (world, canned) = world(HOUR, Duration::ZERO);
    let bucket = in_process(&canned).bucket(&connection_with_role(), &bucket_name()).await;
    head(&bucket).await.unwrap();
    world.oldest_accepted.store(2, Ordering::Relaxed);
    canned.advance(Duration::from_secs(60));
    assert_eq!(head(&bucket).await.unwrap_err().kind(), Trouble::Refused);
    head(&bucket).await.unwrap();
    assert_eq!(asked(&world), 2);
    // Young credentials are not the reason: nothing is gained by asking again at once.
    world.oldest_accepted.store(9, Ordering::Relaxed);
    for _ in 0..10 {
        assert_eq!(head(&bucket).await.unwrap_err().kind(), Trouble::Refused);
    }
    assert_eq!(asked(&world), 2);
}

#[tokio::test(start_paused = true)]
async fn an_end_by_another_clock_is_not_taken_at_its_word() {
    // A clock two hours ahead would have us use the session for two hours too long.
    let (world, canned) = world(HOUR, 2 * HOUR);
    let bucket = in_process(&canned).bucket(&connection_with_role(), &bucket_name()).await;
    head(&bucket).await.unwrap();
    canned.advance(HOUR - RENEW_AHEAD);
    head(&bucket).await.unwrap();
    assert_eq!(asked(&world), 2);
}

#[tokio::test(start_paused = true)]
async fn what_sts_says_of_the_caller_is_kept() {
    let rows = [
        ("AccessDenied", Trouble::NoCredentials),
        ("MalformedPolicyDocument", Trouble::NoCredentials),
        ("ExpiredToken", Trouble::ExpiredCredentials),
        ("InvalidClientTokenId", Trouble::BadCredentials),
        ("SignatureDoesNotMatch", Trouble::BadCredentials),
        ("Throttling", Trouble::Throttled),
    ];
    for (code, expected) in rows {
        let canned = Canned::always(refusal(code));
        let bucket = in_process(&canned).bucket(&connection_with_role(), &bucket_name()).await;
        let error = bucket.put(&canary()).await.unwrap_err();
        assert_eq!(error.kind(), expected, "{code}");
        assert!(!error.kind().leaves_write_open(), "{code}: nothing was sent");
        assert!(canned.seen().iter().all(Seen::is_sts), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn surroundings_are_not_consulted_in_process() {
    let canned = Canned::always(Reply::s3(200));
    let chain = Connection { credentials: Credentials::Chain, ..connection() };
    let error = head(&in_process(&canned).bucket(&chain, &bucket_name()).await).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::NoCredentials);
    assert!(canned.seen().is_empty());
}
