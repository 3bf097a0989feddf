//! URLs of queues: SQS's own, and those of other servers.

use http::Uri;

use super::super::fault::Wrong;
use super::{Partition, aws_region, is_account};
use crate::domain::event::queue::EventQueue;
use crate::domain::name::Region;

/// How a queue's URL is written.
const EXAMPLE: &str = "write it like https://sqs.us-east-1.amazonaws.com/111111111111/NAME";

/// Reads the URL of a queue of AWS, and the partition that it lies in.
///
/// Source: the Amazon SQS Developer Guide, "Queue and message identifiers"; names by API CreateQueue.
pub(in crate::config) fn aws_queue(text: &str) -> Result<(EventQueue, Partition), Wrong> {
    let wrong = |what: &str, fix: &str| Err(Wrong::new(what, fix));
    if text.starts_with("arn:") {
        return wrong("is an ARN", EXAMPLE);
    }
    let Some(rest) = plain(text)?.strip_prefix("https://") else { return wrong("does not begin with https", EXAMPLE) };
    let mut parts = rest.split('/');
    let (host, account, name) = (parts.next(), parts.next(), parts.next());
    let (Some(host), Some(account), Some(name), None) = (host, account, name, parts.next()) else {
        return wrong("is not the URL of a queue", EXAMPLE);
    };
    let host = host.to_ascii_lowercase();
    let home = host.strip_prefix("sqs.").and_then(|host| {
        let china = host.strip_suffix(".amazonaws.com.cn");
        Some((china.or_else(|| host.strip_suffix(".amazonaws.com"))?, china.is_some()))
    });
    let Some((region, is_china)) = home else { return wrong("is not the URL of a queue", EXAMPLE) };
    let region = aws_region(region).map_err(|wrong| Wrong::new("names no Region", wrong.fix))?;
    let Some(partition) = Partition::of(region.as_str()) else { return wrong("names no Region", EXAMPLE) };
    if is_china != (partition == Partition::China) {
        return wrong(
            "has the host name of another partition",
            "end it with amazonaws.com.cn in China, and only there",
        );
    }
    if !is_account(account) {
        return wrong("names no 12-digit account", EXAMPLE);
    }
    if name.ends_with(".fifo") {
        return wrong("is a FIFO queue, which S3 cannot send to", "use a standard queue");
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !(1..=80).contains(&name.len()) || !name.bytes().all(legal) {
        return wrong("names no queue", "use the queue's name: letters, digits, `-` and `_`, at most 80");
    }
    Ok((EventQueue::new(text, region), partition))
}

/// Reads the URL of a queue of any server; where it has the form of AWS's its Region counts, else that of the side.
pub(in crate::config) fn any_queue(text: &str, region: &Region) -> Result<EventQueue, Wrong> {
    if let Ok((queue, _)) = aws_queue(text) {
        return Ok(queue);
    }
    let example = "write it like http://127.0.0.1:9000/111111111111/NAME";
    let uri: Uri = plain(text)?.parse().map_err(|_| Wrong::new("is not a URL", example))?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let names_queue = uri.path().split('/').next_back().is_some_and(|name| !name.is_empty());
    if !is_http || uri.host().is_none_or(str::is_empty) || !names_queue {
        return Err(Wrong::new("is not the URL of a queue", example));
    }
    Ok(EventQueue::new(text, region.clone()))
}

/// A URL without credentials and query.
fn plain(text: &str) -> Result<&str, Wrong> {
    if text.contains('@') {
        return Err(Wrong::new("holds credentials", "use access_key_id and secret_access_key").hidden());
    }
    if text.contains(['?', '#']) {
        return Err(Wrong::new("has a query or a fragment", "end it after the queue's name").hidden());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_of_every_partition_are_read_with_their_region() {
        for (url, region, partition) in [
            ("https://sqs.eu-west-1.amazonaws.com/111111111111/events", "eu-west-1", Partition::Aws),
            ("https://sqs.cn-north-1.amazonaws.com.cn/111111111111/e-v_3", "cn-north-1", Partition::China),
            ("https://sqs.us-gov-west-1.amazonaws.com/111111111111/events", "us-gov-west-1", Partition::Government),
        ] {
            let (queue, found) = aws_queue(url).unwrap();
            assert_eq!((queue.url(), queue.region.as_str(), found), (url, region, partition));
        }
        assert_eq!(aws_queue("https://sqs.eu-west-1.amazonaws.com/111111111111/e-v_3").unwrap().0.name(), "e-v_3");
    }

    #[test]
    fn other_urls_are_refused_with_what_is_wrong() {
        for (url, what) in [
            ("arn:aws:sqs:eu-west-1:111111111111:events", "is an ARN"),
            ("http://sqs.eu-west-1.amazonaws.com/111111111111/events", "does not begin with https"),
            ("https://eu-west-1.queue.amazonaws.com/111111111111/events", "is not the URL of a queue"),
            ("https://sqs.eu-west-1.amazonaws.com/events", "is not the URL of a queue"),
            ("https://sqs.eu-west-1.amazonaws.com/111111111111/events/", "is not the URL of a queue"),
            ("https://sqs.eu-wst-1.amazonaws.com/111111111111/events", "names no Region"),
            ("https://sqs.cn-north-1.amazonaws.com/111111111111/events", "has the host name of another partition"),
            ("https://sqs.eu-west-1.amazonaws.com.cn/111111111111/events", "has the host name of another partition"),
            ("https://sqs.eu-west-1.amazonaws.com/1111/events", "names no 12-digit account"),
            (
                "https://sqs.eu-west-1.amazonaws.com/111111111111/events.fifo",
                "is a FIFO queue, which S3 cannot send to",
            ),
            ("https://sqs.eu-west-1.amazonaws.com/111111111111/", "names no queue"),
            ("https://u:p@sqs.eu-west-1.amazonaws.com/111111111111/events", "holds credentials"),
            ("", "does not begin with https"),
        ] {
            assert_eq!(aws_queue(url).unwrap_err().what, what, "{url}");
        }
    }

    #[test]
    fn elsewhere_any_url_will_do() {
        let here = Region::new("default");
        for (url, region) in [
            ("http://127.0.0.1:4566/000000000000/events", "default"),
            ("https://queues.example.org/events", "default"),
            ("https://sqs.eu-west-1.amazonaws.com/111111111111/events", "eu-west-1"),
        ] {
            let queue = any_queue(url, &here).unwrap();
            assert_eq!((queue.name(), queue.region.as_str()), ("events", region), "{url}");
        }
        for url in ["", "events", "http://", "ftp://host/events", "http://host", "http://host/", "http://host/q?a=b"] {
            assert!(any_queue(url, &here).is_err(), "{url}");
        }
    }
}
