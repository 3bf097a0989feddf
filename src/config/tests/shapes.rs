//! What a file without faults becomes: domain types and connections, key by key.

use std::time::Duration;

use super::read;
use crate::config::{Config, FileShape, RouteConfig, parse, render};
use crate::domain::connection::{Checksums, Connection, Credentials, Secret};
use crate::domain::route::{Cleanup, Observe, Pause, PollSpec, StatusSupport, Verify};
use crate::domain::time::UnixMillis;

fn only(text: &str) -> RouteConfig {
    let config = read(text).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.routes.len(), 1);
    config.routes[0].clone()
}

/// The example of the documentation, as it stands there.
const EXAMPLE: &str = r#"
instance: default            # names this monitor's canaries
listen: 0.0.0.0:9977
defaults: { canary: { interval: 60s, size: 1KiB, objective: 15m, deadline: 60m } }
routes:
  - name: orders
    source:
      { bucket: my-source-bucket-account-a, region: ap-south-1, account: "111111111111",
        role_arn: "arn:aws:iam::111111111111:role/replicanary", external_id: "${EXTERNAL_ID}",
        kms_key: "arn:aws:kms:ap-south-1:111111111111:key/..." }
    destinations:
      - { bucket: my-destination-bucket-account-b, region: us-east-1, account: "222222222222",
          role_arn: "arn:aws:iam::222222222222:role/replicanary", kms_key: "arn:aws:kms:us-east-1:222222222222:key/...",
          verify: content, observe: replica, cleanup: delete }
    canary: { prefix: "replicanary/", interval: 60s, objective: 15m, deadline: 60m, abandon_after: 48h,
              tags: { team: storage }, send_key: false, allow_retained: false, max_pending: 100 }
    poll: { floor: 2s, resolution: 10% }
    replication_status: aws   # none: the server sends no status (S 7)
    paused: false
    settle: 15m
"#;

#[test]
fn the_example_of_the_documentation_is_understood() {
    let RouteConfig { route, source, destinations } = only(EXAMPLE);
    assert_eq!(route.name.as_str(), "orders");
    assert_eq!(route.instance.as_str(), "default");
    assert_eq!(route.source.bucket.as_str(), "my-source-bucket-account-a");
    assert_eq!(route.source.region.as_str(), "ap-south-1");
    assert_eq!(route.source.account.as_ref().unwrap().as_str(), "111111111111");
    assert_eq!(route.source.kms_key.as_ref().unwrap().as_str(), "arn:aws:kms:ap-south-1:111111111111:key/...");
    let [destination] = &route.destinations[..] else { panic!("one destination") };
    assert_eq!((destination.verify, destination.observe), (Verify::Content, Observe::Replica));
    assert_eq!((destination.cleanup, &destination.owner, &destination.storage_class), (Cleanup::Delete, &None, &None));
    assert_eq!(route.canary.tags.iter().collect::<Vec<_>>(), [(&"team".to_owned(), &"storage".to_owned())]);
    assert_eq!(route.canary.abandon_after, Duration::from_secs(48 * 3600));
    assert_eq!(route.poll, PollSpec { floor: Duration::from_secs(2), resolution: 0.1 });
    assert_eq!((route.replication_status, route.pause), (StatusSupport::Aws, None));
    assert_eq!(route.settle, Duration::from_secs(900));
    let role = source.role.as_ref().unwrap();
    assert_eq!(role.arn, "arn:aws:iam::111111111111:role/replicanary");
    assert_eq!(role.external_id, Some(Secret::new("hush-external".to_owned())));
    assert_eq!(source.credentials, Credentials::Chain);
    assert!(!source.path_style && !source.use_fips && !source.use_dual_stack);
    assert_eq!(destinations[0].region.as_str(), "us-east-1");
    assert_eq!(destinations[0].role.as_ref().unwrap().external_id, None);
}

#[test]
fn a_bare_file_has_the_documented_defaults() {
    let config: Config = read(super::ROUTE).unwrap();
    assert_eq!(config.listen, ([0, 0, 0, 0], 9977).into());
    assert_eq!(config.shutdown_grace, Duration::from_secs(25));
    assert_eq!((config.limits.calls, config.limits.calls_per_account), (512, 256));
    let route = &config.routes[0].route;
    let canary = &route.canary;
    assert_eq!((canary.prefix.as_str(), canary.size, canary.max_pending), ("replicanary/", 1024, 100));
    assert_eq!(canary.interval, Duration::from_secs(60));
    assert_eq!(canary.objective, Duration::from_secs(900));
    assert_eq!(canary.deadline, Duration::from_secs(3600));
    assert_eq!(canary.abandon_after, Duration::from_secs(172_800));
    assert!(canary.tags.is_empty() && !canary.send_key && !canary.allow_retained);
    assert_eq!(route.poll, PollSpec { floor: Duration::from_secs(2), resolution: 0.1 });
    assert_eq!(route.destinations[0].verify, Verify::Metadata);
    assert_eq!(config.routes[0].source.checksums, Checksums::WhenSupported);
}

#[test]
fn the_floor_follows_a_short_objective() {
    let route = only(&format!("{}    canary: {{ objective: 10s, deadline: 25s }}\n", super::ROUTE));
    assert_eq!(route.route.poll.floor, Duration::from_millis(100));
}

#[test]
fn an_endpoint_relaxes_what_only_aws_demands() {
    let text = r#"
routes:
  - name: archive
    source: { bucket: Old_Bucket, region: default, endpoint_url: "HTTP://Ceph.local:80/", access_key_id: "7",
              secret_access_key: "${ARCHIVE_SECRET_ACCESS_KEY}", kms_key: testkey-1, checksums: when_required }
    destinations: [{ bucket: Old_Bucket, region: default, endpoint_url: "https://ceph.remote:8443", path_style: false,
                     kms_key: alias/any, storage_class: cold }]
    replication_status: none
"#;
    let RouteConfig { route, source, destinations } = only(text);
    let key = Credentials::Static {
        access_key_id: "7".to_owned(),
        secret_access_key: Secret::new("hush-archive".to_owned()),
    };
    let expected = Connection {
        region: route.source.region.clone(),
        account: None,
        credentials: key,
        role: None,
        endpoint_url: Some("http://ceph.local".to_owned()),
        path_style: true,
        checksums: Checksums::WhenRequired,
        use_fips: false,
        use_dual_stack: false,
    };
    assert_eq!(source, expected);
    assert_eq!(destinations[0].endpoint_url.as_deref(), Some("https://ceph.remote:8443"));
    assert!(!destinations[0].path_style);
    assert_eq!(route.destinations[0].storage_class.as_deref(), Some("cold"));
    assert_eq!(route.replication_status, StatusSupport::None);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let windows = format!("\u{feff}{}", super::ROUTE.trim_start().replace('\n', "\r\n"));
    assert_eq!(read(&windows).unwrap(), read(super::ROUTE).unwrap());
}

#[test]
fn pauses_are_read() {
    let pause = |keys: &str| only(&format!("{}    {keys}\n", super::ROUTE)).route.pause;
    assert_eq!(pause("paused: true"), Some(Pause::Always));
    assert_eq!(pause("paused: false"), None);
    let until = Some(Pause::Until(UnixMillis(1_801_382_400_000)));
    assert_eq!(pause("paused_until: 2027-01-31T08:00:00Z"), until);
    assert_eq!(pause("paused_until: \"2027-01-31T10:00:00+02:00\"\n    paused: true"), until);
}

#[test]
fn partitions_other_than_the_first_are_accepted() {
    for (partition, regions) in
        [("aws-cn", ["cn-north-1", "cn-northwest-1"]), ("aws-us-gov", ["us-gov-west-1", "us-gov-east-1"])]
    {
        let text = format!(
            "routes: [{{ name: a, source: {{ bucket: aaa, region: {}, account: \"111111111111\", \
             role_arn: \"arn:{partition}:iam::111111111111:role/path/r\" }}, \
             destinations: [{{ bucket: bbb, region: {}, account: \"222222222222\", \
             kms_key: \"arn:{partition}:kms:{1}:222222222222:key/mrk-1234abcd12ab34cd56ef1234567890ab\" }}] }}]",
            regions[0], regions[1]
        );
        assert_eq!(read(&text).unwrap().warnings, []);
    }
}

#[test]
fn a_shape_built_in_code_is_written_and_read_back() {
    use crate::config::shape::{CanaryShape, DefaultsShape, DestinationShape, RouteShape, SourceShape};
    let shape = FileShape {
        listen: Some("127.0.0.1:0".into()),
        defaults: Some(DefaultsShape {
            canary: Some(CanaryShape { interval: Some(Duration::from_secs(2).into()), ..CanaryShape::default() }),
            ..DefaultsShape::default()
        }),
        routes: Some(vec![RouteShape {
            name: Some("orders".into()),
            source: Some(SourceShape {
                bucket: Some("orders-a".into()),
                region: Some("eu-west-1".into()),
                account: Some("000000000011".into()),
                endpoint_url: Some("http://127.0.0.1:4566".into()),
                access_key_id: Some("key".into()),
                secret_access_key: Some("a ${b} # 'c' \"d\": e".into()),
                ..SourceShape::default()
            }),
            destinations: Some(vec![DestinationShape {
                bucket: Some("orders-b".into()),
                region: Some("us-east-1".into()),
                endpoint_url: Some("http://127.0.0.1:4566".into()),
                verify: Some("content".into()),
                ..DestinationShape::default()
            }]),
            settle: Some(Duration::ZERO.into()),
            ..RouteShape::default()
        }]),
        ..FileShape::default()
    };
    let text = render(&shape).unwrap();
    assert!(text.starts_with("listen: 127.0.0.1:0\ndefaults:\n  canary:\n    interval: 2s\nroutes:\n"), "{text}");
    let config = parse(&text, "written.yaml", &|_| None).unwrap_or_else(|faults| panic!("{text}{faults}"));
    let Credentials::Static { secret_access_key, .. } = &config.routes[0].source.credentials else { panic!("{text}") };
    assert_eq!(secret_access_key.reveal(), "a ${b} # 'c' \"d\": e");
    assert_eq!(config.routes[0].route.source.account.as_ref().unwrap().as_str(), "000000000011");
    assert_eq!(config.routes[0].route.settle, Duration::ZERO);
}
