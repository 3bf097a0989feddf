//! Looks at keys on paused time: when, how often, for whom, and what is learnt from them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::cloud::{CloudError, Detail, KeySource};
use crate::domain::key::{KeyFacts, KeyFound, KeyManager, KeyState};
use crate::domain::name::KmsKey;
use crate::domain::object::Trouble;
use crate::domain::observation::Side;
use crate::runtime::keys;

const ARN: &str = "arn:aws:kms:us-east-1:222222222222:key/a";
const MANAGED: &str = "arn:aws:kms:us-east-1:222222222222:key/aws-s3";
const THERE: Side = Side::Destination(0);

/// A KMS that answers as it is told, and remembers what it was asked.
#[derive(Debug, Clone, Default)]
struct Kms {
    answers: Arc<Mutex<BTreeMap<String, Result<KeyState, Trouble>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Kms {
    fn answering(key: &str, answer: Result<KeyState, Trouble>) -> Self {
        let kms = Self::default();
        kms.answer(key, answer);
        kms
    }

    fn answer(&self, key: &str, answer: Result<KeyState, Trouble>) {
        self.answers.lock().unwrap().insert(key.to_owned(), answer);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl KeySource for Kms {
    async fn describe_key(&self, key: &KmsKey) -> Result<KeyFacts, CloudError> {
        self.asked.lock().unwrap().push(key.to_string());
        tokio::time::sleep(Duration::from_millis(20)).await;
        let answer = self.answers.lock().unwrap().get(key.as_str()).copied().unwrap_or(Err(Trouble::KmsNotFound));
        let state = answer.map_err(|kind| {
            let (operation, status, code, message) = ("DescribeKey", None, None, None);
            CloudError::new(Detail {
                kind,
                operation,
                status,
                code,
                message,
                request_id: None,
                retry_after: None,
                source: None,
            })
        })?;
        let is_managed = key.as_str() == MANAGED;
        Ok(KeyFacts {
            arn: KmsKey::new(if is_managed { MANAGED } else { ARN }),
            account: None,
            region: None,
            state,
            deletion: None,
            manager: if is_managed { KeyManager::Aws } else { KeyManager::Customer },
            spec: None,
            usage: None,
            multi_region: false,
        })
    }
}

/// Routes with a destination key of that name, all reached in the same way.
fn channels(kms: &Kms, count: u32, key: Option<&str>, every: Option<u64>) -> Vec<Arc<Channel<Kms>>> {
    let permits = Permits::new(Arc::new(Semaphore::new(4)), Arc::new(Semaphore::new(4)));
    let channel = |id| {
        let mut route = route();
        route.keys = every.map(Duration::from_secs);
        route.destinations[0].kms_key = key.map(KmsKey::new);
        Arc::new(Channel {
            id: RouteId(id),
            route: Arc::new(route),
            source: Gate::new(kms.clone(), permits.clone(), ConnectionId(0)),
            destinations: vec![Gate::new(kms.clone(), permits.clone(), ConnectionId(1))],
            rules: LiveRules::default(),
        })
    };
    (0..count).map(channel).collect()
}

/// What is observed, each with its route and side.
struct Watched(mpsc::Receiver<Observation>, JoinHandle<()>);

impl Watched {
    fn start(channels: &[Arc<Channel<Kms>>]) -> Self {
        let (observations, observed) = mpsc::channel(1_000);
        Self(observed, spawn(keys::keep_looking(channels.to_vec(), clock(), Reporter::new(observations))))
    }

    fn looks(&mut self) -> Vec<(u32, Side, Option<KeyFound>)> {
        let mut looks = Vec::new();
        while let Ok(observation) = self.0.try_recv() {
            let Observation::Key { route, side, look, .. } = observation else { panic!("{observation:?}") };
            looks.push((route.0, side, look.map(|look| look.found)));
        }
        looks
    }
}

async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_is_looked_at_once_a_round_for_all_who_need_it() {
    let kms = Kms::answering("alias/a", Ok(KeyState::Enabled));
    let channels = channels(&kms, 3, Some("alias/a"), Some(300));
    let mut watched = Watched::start(&channels);
    sleep(2).await;
    assert_eq!(kms.asked(), ["alias/a"]);
    let looks = watched.looks();
    assert_eq!(
        looks.iter().map(|(route, side, _)| (*route, *side)).collect::<Vec<_>>(),
        [0, 1, 2].map(|id| (id, THERE))
    );
    for channel in &channels {
        let expected = channel.expectations();
        assert_eq!(expected.destination(0).unwrap().key, Some(KmsKey::new(ARN)));
    }
    sleep(290).await;
    assert!(kms.asked().is_empty());
    sleep(20).await;
    assert_eq!(kms.asked(), ["alias/a"]);
    watched.1.abort();
}

#[tokio::test(start_paused = true)]
async fn nobody_asks_for_keys_that_are_not_expected_or_not_wanted() {
    let kms = Kms::default();
    let mut watched = Watched::start(&channels(&kms, 1, None, Some(5)));
    let mut off = Watched::start(&channels(&kms, 1, Some("alias/a"), None));
    sleep(600).await;
    assert!(kms.asked().is_empty() && watched.looks().is_empty() && off.looks().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_missing_answer_is_asked_for_again_sooner() {
    for (answer, found, again) in [
        (Trouble::TimedOut, KeyFound::NoAnswer(Trouble::TimedOut), 60),
        (Trouble::AccessDenied, KeyFound::Denied, 300),
        (Trouble::KmsNotFound, KeyFound::Missing, 300),
        (Trouble::NotFound, KeyFound::NoAnswer(Trouble::NotFound), 60),
    ] {
        let kms = Kms::answering("alias/a", Err(answer));
        let channels = channels(&kms, 1, Some("alias/a"), Some(300));
        let mut watched = Watched::start(&channels);
        sleep(again - 2).await;
        assert_eq!((kms.asked().len(), watched.looks()), (1, vec![(0, THERE, Some(found))]));
        assert_eq!(channels[0].expectations().destination(0).unwrap().key, None, "nothing is resolved");
        sleep(4).await;
        assert_eq!(kms.asked().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_key_of_the_rule_is_looked_at_as_soon_as_it_is_known() {
    let kms = Kms::answering("alias/rule", Ok(KeyState::Disabled));
    let channels = channels(&kms, 1, None, Some(300));
    let mut watched = Watched::start(&channels);
    sleep(10).await;
    assert!(kms.asked().is_empty());
    channels[0].destinations[0].keys().rule = Some(KmsKey::new("alias/rule"));
    sleep(2).await;
    assert_eq!(kms.asked(), ["alias/rule"]);
    assert!(matches!(watched.looks()[..], [(0, THERE, Some(KeyFound::Facts(_)))]));
    assert_eq!(channels[0].expectations().destination(0).unwrap().rule_key, Some(KmsKey::new(ARN)));
    channels[0].destinations[0].keys().rule = None;
    sleep(2).await;
    assert_eq!(watched.looks(), [(0, THERE, None)]);
    assert!(kms.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_strange_key_on_an_object_is_asked_about_once() {
    let kms = Kms::answering(ARN, Ok(KeyState::Enabled));
    kms.answer(MANAGED, Ok(KeyState::Enabled));
    let channels = channels(&kms, 1, Some(ARN), Some(300));
    let mut watched = Watched::start(&channels);
    sleep(2).await;
    for key in [ARN, "not-an-arn", MANAGED, MANAGED] {
        channels[0].destinations[0].keys().saw(key);
        sleep(2).await;
    }
    assert_eq!(kms.asked(), [ARN, MANAGED]);
    assert_eq!(channels[0].expectations().destination(0).unwrap().managed_key, Some(KmsKey::new(MANAGED)));
    assert_eq!(watched.looks().len(), 1, "a stranger's state is nobody's concern");
}
