//! Properties: no text panics, what is rendered is read back as the same.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;

use crate::config::shape::{
    CanaryShape, DefaultsShape, DestinationShape, FileShape, LimitsShape, PollShape, RouteShape, SourceShape,
};
use crate::config::text::Text;
use crate::config::{parse, render, yaml};

/// Texts that YAML would take for something else.
const TREACHEROUS: [&str; 18] = [
    "null",
    "true",
    "1.0",
    "0x1f",
    "~",
    "",
    "- a",
    "a: b",
    "#",
    "1_000",
    "2027-01-01",
    "<<",
    "*a",
    "!a",
    "%",
    "|",
    ">",
    " a ",
];

fn text() -> BoxedStrategy<Text> {
    let plain = "[a-z0-9:./ -]{0,12}".prop_map(Text::template);
    let treacherous = prop::sample::select(&TREACHEROUS[..]).prop_map(Text::template);
    let arbitrary = ".{0,12}".prop_map(|text| Text::literal(&text));
    let variables = "(\\$|\\{|\\}|[A-Z]|\n|\t|\"|'|\\\\){0,12}".prop_map(Text::template);
    let long = "[a-z \n]{60,200}".prop_map(Text::template);
    prop_oneof![plain, treacherous, arbitrary, variables, long].boxed()
}

prop_compose! {
    fn canary()(texts in vec(of(text()), 6), tags in of(btree_map(".{0,8}", text(), 0..4)),
                flags in vec(of(any::<bool>()), 2), max_pending in of(any::<u32>())) -> CanaryShape {
        let tags: Option<BTreeMap<String, Text>> = tags;
        let [prefix, interval, size, objective, deadline, abandon_after] = texts.try_into().unwrap();
        CanaryShape { prefix, interval, size, objective, deadline, abandon_after, tags, send_key: flags[0],
                      allow_retained: flags[1], max_pending }
    }
}

prop_compose! {
    fn poll()(floor in of(text()), resolution in of(text())) -> PollShape {
        PollShape { floor, resolution }
    }
}

prop_compose! {
    fn source()(texts in vec(of(text()), 12), flags in vec(of(any::<bool>()), 3)) -> SourceShape {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        SourceShape {
            bucket: next(), region: next(), account: next(), role_arn: next(), external_id: next().map(Into::into),
            kms_key: next(), profile: next(), access_key_id: next(), secret_access_key: next().map(Into::into),
            endpoint_url: next(), checksums: next(), event_queue: next(),
            path_style: flags[0], use_fips: flags[1], use_dual_stack: flags[2],
        }
    }
}

prop_compose! {
    fn destination()(side in source(), texts in vec(of(text()), 5)) -> DestinationShape {
        let [storage_class, owner, verify, observe, cleanup] = texts.try_into().unwrap();
        DestinationShape {
            bucket: side.bucket, region: side.region, account: side.account, role_arn: side.role_arn,
            external_id: side.external_id, kms_key: side.kms_key, profile: side.profile,
            access_key_id: side.access_key_id, secret_access_key: side.secret_access_key,
            endpoint_url: side.endpoint_url, checksums: side.checksums, path_style: side.path_style,
            use_fips: side.use_fips, use_dual_stack: side.use_dual_stack, storage_class, owner, verify, observe,
            cleanup,
        }
    }
}

prop_compose! {
    fn route()(texts in vec(of(text()), 8), source in of(source()), destinations in of(vec(destination(), 0..3)),
               canary in of(canary()), poll in of(poll()), paused in of(any::<bool>())) -> RouteShape {
        let [name, replication_status, paused_until, keys, audit, cloudwatch, cloudwatch_account, settle] =
            texts.try_into().unwrap();
        RouteShape {
            name, source, destinations, canary, poll, replication_status, paused, paused_until, keys, audit, cloudwatch,
            cloudwatch_account, settle,
        }
    }
}

prop_compose! {
    fn file()(texts in vec(of(text()), 3), limits in of((of(any::<u32>()), of(any::<u32>()))),
              defaults in of((of(canary()), of(poll()))), routes in of(vec(route(), 0..3))) -> FileShape {
        let [instance, listen, shutdown_grace] = texts.try_into().unwrap();
        let limits = limits.map(|(calls, calls_per_account)| LimitsShape { calls, calls_per_account });
        let defaults = defaults.map(|(canary, poll)| DefaultsShape { canary, poll });
        FileShape { instance, listen, shutdown_grace, limits, defaults, routes }
    }
}

/// Lines that are often nearly right.
fn nearly_yaml() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "( ){0,6}(- )?(routes|name|source|destinations|canary|bucket|tags|poll):( [a-z0-9&*!{}\\[\\]\"']{0,6})?",
        "( ){0,6}[-?:,{}\\[\\]#&*!|>'\"%@`a-z$ ]{0,8}",
    ];
    vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_back(shape in file()) {
        let text = render(&shape).unwrap();
        let read = yaml::read(&text);
        prop_assert_eq!(read.as_ref(), Ok(&shape), "{}", text);
    }

    #[test]
    fn a_shape_is_checked_without_panic(shape in file()) {
        let text = render(&shape).unwrap();
        let _ = parse(&text, "f", &|name| (name.len() > 1).then(|| name.to_owned()));
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = parse(&text, "f", &|_| None);
    }

    #[test]
    fn no_yaml_panics(text in nearly_yaml()) {
        let _ = parse(&text, "f", &|_| None);
    }

    #[test]
    fn a_literal_means_itself(text in "(\\$|\\{|\\}|a|NAME){0,10}") {
        let literal = Text::literal(&text);
        prop_assert_eq!(literal.expand(&|_| None).unwrap(), text);
    }
}
