//! The page: its text, its safety and its headers.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{get, golden, server, world};
use crate::domain::snapshot::Snapshot;
use crate::domain::verdict::State;
use crate::http::answer::answer;

#[tokio::test]
async fn the_whole_page() {
    let page = get(server(world::snapshot()).0, "/").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let (head, rest) = page.body.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    golden("page.html", &format!("{head}<style></style>{body}"));
}

#[tokio::test]
async fn the_policy_allows_exactly_the_style_of_the_page() {
    let page = get(server(world::snapshot()).0, "/").await;
    let style = page.body.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let digest = base64(&Sha256::digest(style.as_bytes()));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(policy.contains(&format!("style-src 'sha256-{digest}';")), "the style's digest is {digest}");
}

#[tokio::test]
async fn nothing_is_loaded_from_elsewhere_and_nothing_is_markup() {
    let page = get(server(world::snapshot()).0, "/").await.body;
    for forbidden in ["http://", "https://", "src=", "<script", "<link", "url(", "@import", "<check the role>"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("S3 says FAILED &amp; &quot;will not&quot; retry: &lt;check the role&gt;"));
}

#[test]
fn the_answer_in_every_case() {
    let all = answer(&world::snapshot(), None);
    let text = "No: 2 of 5 destinations are not replicated to as configured: \
                billing to billing-replica-1, images to images-replica-1.";
    assert_eq!((all.tone, all.text.as_str()), ("bad", text));
    check(|snapshot| snapshot.routes.clear(), "fair", "Cannot tell: no route is monitored yet.");
    check(|_| {}, "good", "Yes: canaries prove replication to 1 destination up to 2026-05-04T11:58:59.000Z.");
    check(set(State::Paused), "fair", "Cannot tell: every route is paused.");
    check(
        set(State::Unknown),
        "fair",
        "Cannot tell: of 1 of 1 destination nothing is known at present: orders to orders-replica-1.",
    );
    check(
        set(State::Late),
        "fair",
        "Yes, but late at 1 of 1 destination: canaries prove replication up to 2026-05-04T11:58:59.000Z.",
    );
    check(
        set(State::Misconfigured),
        "bad",
        "No: 1 of 1 destination is not replicated to as configured: orders to orders-replica-1.",
    );
}

#[test]
fn what_is_too_old_is_no_answer() {
    let answer = answer(&world::healthy(), Some(Duration::from_millis(37_900)));
    let text = "Cannot tell: the monitor itself is stuck, what it shows is 37 s old.";
    assert_eq!((answer.tone, answer.text.as_str()), ("bad", text));
}

fn set(state: State) -> impl Fn(&mut Snapshot) {
    move |snapshot| {
        let mut orders = snapshot.routes[0].as_ref().clone();
        orders.destinations[0].state = state;
        snapshot.routes[0] = Arc::new(orders);
    }
}

fn check(change: impl Fn(&mut Snapshot), tone: &str, text: &str) {
    let mut snapshot = world::healthy();
    change(&mut snapshot);
    let answer = answer(&snapshot, None);
    assert_eq!((answer.tone, answer.text.as_str()), (tone, text));
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = usize::try_from(group >> (18 - 6 * place) & 63).unwrap();
            text.push(if place <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}
