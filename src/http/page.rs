//! The status page: one server-rendered table, no script, nothing from elsewhere.

use std::fmt::{self, Write};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};

use super::HttpState;
use super::answer::{Answer, answer};
use super::cause;
use super::cloudwatch;
use super::error::ApiError;
use super::events;
use super::findings;
use super::html::Escaped;
use super::keys;
use super::notes;
use super::timestamp::Timestamp;
use crate::domain::key::KeyPair;
use crate::domain::reading::Readings;
use crate::domain::route::Destination;
use crate::domain::snapshot::{DestinationSnapshot, Gap, RouteSnapshot, Snapshot};
use crate::domain::verdict;
use crate::telemetry::BuildInfo;

/// The page's only style; named in the content security policy by its digest.
const STYLE: &str = include_str!("page.css");

/// Nothing may be loaded or run but the style of the page.
const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-VOLwbbDG+8yIMXsJfxNQtQCOhdnJukX516Dha0xp4kA='; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The most gaps that the page lists a destination; the API has them all.
const GAPS_SHOWN: usize = 5;

/// The most failing checks that the page lists a destination; the API has them all.
const CHECKS_SHOWN: usize = 5;

/// `GET /`.
pub(super) async fn page(State(state): State<HttpState>) -> Result<Response, ApiError> {
    let snapshot = state.snapshot();
    let mut html = String::new();
    let answer = answer(&snapshot, state.staleness(&snapshot));
    if write_page(&mut html, &snapshot, &answer, &state.build).is_err() {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Err(ApiError::new(status, "internal", "the page could not be written"));
    }
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, html).into_response())
}

fn write_page(out: &mut String, snapshot: &Snapshot, answer: &Answer, build: &BuildInfo) -> fmt::Result {
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"refresh\" content=\"10\">\n<title>Replicanary</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<header>\n<h1>Replicanary {version}</h1>\n<p>A canary for S3 replication. As of {at}.</p>\n</header>\n\
         <main>\n<p class=\"answer {tone}\">{text}</p>\n",
        version = Escaped(&build.version),
        at = Timestamp(snapshot.at),
        tone = answer.tone,
        text = Escaped(&answer.text),
    )?;
    write_table(out, snapshot)?;
    out.write_str(
        "</main>\n<footer>\n<p><a href=\"/api/v1/routes\">API</a> · <a href=\"/metrics\">Metrics</a> · \
         <a href=\"/health\">Health</a> · <a href=\"/readyz\">Readiness</a> · <a href=\"/livez\">Liveness</a></p>\n\
         <p>The recovery point is a sample: canaries prove replication up to it, except in the gaps.</p>\n\
         </footer>\n</body>\n</html>\n",
    )
}

fn write_table(out: &mut String, snapshot: &Snapshot) -> fmt::Result {
    out.write_str(
        "<div class=\"scroll\">\n<table>\n<caption>Routes, lag over the last hour</caption>\n<thead>\n<tr>\
         <th scope=\"col\">Route</th><th scope=\"col\">Destination</th><th scope=\"col\">State</th>\
         <th scope=\"col\">Recovery point</th><th scope=\"col\" class=\"number\">Lag p50</th>\
         <th scope=\"col\" class=\"number\">p99</th><th scope=\"col\" class=\"number\">Objective</th>\
         <th scope=\"col\" class=\"number\">Pending</th></tr>\n</thead>\n<tbody>\n",
    )?;
    for route in &snapshot.routes {
        for (destination, health) in route.route.destinations.iter().zip(&route.destinations) {
            write_row(out, route, destination, health)?;
        }
    }
    out.write_str("</tbody>\n</table>\n</div>\n")
}

fn write_row(
    out: &mut String,
    route: &RouteSnapshot,
    destination: &Destination,
    health: &DestinationSnapshot,
) -> fmt::Result {
    let name = Escaped(route.name.as_str());
    write!(
        out,
        "<tr>\n<th scope=\"row\"><a href=\"/api/v1/routes/{name}\">{name}</a></th>\n\
         <td>{bucket}<p class=\"soft\">{region}</p></td>\n\
         <td><span class=\"state {tone}\">{state}</span> <span class=\"soft\">since {since}</span><p>{message}</p>",
        bucket = Escaped(destination.bucket.as_str()),
        region = Escaped(destination.region.as_str()),
        tone = tone(health.state),
        state = health.state,
        since = Timestamp(health.since),
        message = Escaped(&health.message),
    )?;
    cause::write(out, health.cause.as_deref())?;
    write_keys(out, route, destination, &health.keys)?;
    if let Some(summary) = events::summary(&health.events) {
        write!(out, "<p class=\"fair\">{}</p>", Escaped(&summary))?;
    }
    write_checks(out, health)?;
    write_cloudwatch(out, route, destination, &health.cloudwatch)?;
    write_notes(out, route, destination)?;
    out.write_str("</td>\n<td>")?;
    match health.recovery_point {
        Some(point) => write!(out, "{}", Timestamp(point))?,
        None => out.write_str("none yet")?,
    }
    write_gaps(out, &health.gaps)?;
    write!(
        out,
        "</td>\n<td class=\"number\">{p50}</td>\n<td class=\"number\">{p99}</td>\n\
         <td class=\"number\">{objective}</td>\n<td class=\"number\">{pending}</td>\n</tr>\n",
        p50 = Seconds(health.lag.map(|lag| lag.p50)),
        p99 = Seconds(health.lag.map(|lag| lag.p99)),
        objective = Seconds(Some(route.route.canary.objective)),
        pending = health.pending,
    )
}

fn write_keys(out: &mut String, route: &RouteSnapshot, destination: &Destination, pair: &KeyPair) -> fmt::Result {
    if let Some(summary) = keys::summary(pair) {
        write!(out, "<p class=\"soft\">{}</p>", Escaped(&summary))?;
    }
    keys::problems(pair, &route.route, destination)
        .iter()
        .flatten()
        .try_for_each(|problem| write!(out, "<p class=\"fair\">{}</p>", Escaped(problem)))
}

fn write_checks(out: &mut String, health: &DestinationSnapshot) -> fmt::Result {
    let failing = findings::failing(health.audit.as_deref());
    for line in failing.iter().take(CHECKS_SHOWN) {
        write!(out, "<p class=\"fair\">{}</p>", Escaped(line))?;
    }
    if failing.len() > CHECKS_SHOWN {
        write!(out, "<p class=\"soft\">and {} more failing checks</p>", failing.len() - CHECKS_SHOWN)?;
    }
    Ok(())
}

fn write_cloudwatch(
    out: &mut String,
    route: &RouteSnapshot,
    destination: &Destination,
    readings: &Readings,
) -> fmt::Result {
    if let Some(summary) = cloudwatch::summary(readings) {
        write!(out, "<p class=\"soft\">{}</p>", Escaped(&summary))?;
    }
    cloudwatch::notices(readings, &route.route, destination)
        .iter()
        .try_for_each(|notice| write!(out, "<p class=\"fair\">{}</p>", Escaped(notice)))
}

fn write_notes(out: &mut String, route: &RouteSnapshot, destination: &Destination) -> fmt::Result {
    for warning in &route.warnings {
        write!(out, "<p class=\"fair\">{}</p>", Escaped(warning))?;
    }
    notes::limits(&route.route, destination)
        .iter()
        .try_for_each(|note| write!(out, "<p class=\"soft\">{}</p>", Escaped(note)))
}

fn write_gaps(out: &mut String, gaps: &[Gap]) -> fmt::Result {
    for gap in gaps.iter().rev().take(GAPS_SHOWN) {
        let from = gap.from.map_or_else(|| "the start".to_owned(), |time| Timestamp(time).to_string());
        let to = gap.to.map_or_else(|| "now".to_owned(), |time| Timestamp(time).to_string());
        write!(out, "<p class=\"soft\">gap ({}): {from} to {to}</p>", gap.verdict)?;
    }
    if gaps.len() > GAPS_SHOWN {
        write!(out, "<p class=\"soft\">and {} older gaps</p>", gaps.len() - GAPS_SHOWN)?;
    }
    Ok(())
}

/// A CSS class for a state.
fn tone(state: verdict::State) -> &'static str {
    match state {
        verdict::State::Healthy => "good",
        verdict::State::Late | verdict::State::Unknown => "fair",
        verdict::State::Stalled | verdict::State::Misconfigured | verdict::State::Failing => "bad",
        verdict::State::Paused => "soft",
    }
}

/// A duration in seconds, or a dash.
struct Seconds(Option<Duration>);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("–"),
            Some(duration) if duration < Duration::from_secs(100) => write!(f, "{:.1} s", duration.as_secs_f64()),
            Some(duration) => write!(f, "{:.0} s", duration.as_secs_f64()),
        }
    }
}
