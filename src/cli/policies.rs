//! `replicanary policies`: the least-privilege policies that a configuration needs, to apply or to compare with.

mod terraform;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde::ser::SerializeMap;

use crate::config::RouteConfig;
use crate::domain::connection::{AssumedRole, Connection};
use crate::domain::name::{AccountId, KmsKey};
use crate::domain::policies::{self, Document, Named, Party, Plan, Side, Target};

use super::{configured, exit};

#[derive(Debug, Args)]
pub(super) struct Policies {
    /// The configuration file
    #[arg(long, alias = "config.file", value_name = "FILE", env = "REPLICANARY_CONFIG")]
    config: PathBuf,
    /// For whom; without it for both
    #[arg(long = "for", value_enum, value_name = "PARTY")]
    party: Option<For>,
    /// How they are printed; JSON is one object with a document for each ROUTE.NAME
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The route; without it the policies of every route
    #[arg(long, value_name = "ROUTE")]
    route: Option<String>,
    /// The ARN of the role that S3 replicates with, as the replication configuration names it; without it
    /// `role/REPLICATION_ROLE` of the source's account stands for it, to be replaced
    #[arg(long, value_name = "ARN")]
    replication_role: Option<String>,
    /// The ARN of whoever assumes the monitor's roles, such as the role of its pod or instance; without it everybody
    /// whom the source's account allows to
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum For {
    Monitor,
    Replication,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Json,
    Terraform,
}

impl Policies {
    pub(super) fn execute(self) -> ExitCode {
        let config = match configured::load(&self.config) {
            Ok(config) => config,
            Err(code) => return code,
        };
        let routes = match configured::only(config.routes, self.route.as_deref()) {
            Ok(routes) => routes,
            Err(code) => return code,
        };
        let plans: Vec<Plan> = routes.iter().map(|entry| self.plan(entry)).collect();
        let named: Vec<Named> = plans.iter().flat_map(|plan| self.policies(plan)).collect();
        match self.format {
            Format::Terraform => exit::say(terraform::render(&named).trim_end()),
            Format::Json => match serde_json::to_string_pretty(&Documents(&named)) {
                Ok(text) => exit::say(&text),
                Err(error) => return exit::fault(exit::SOFTWARE, &error),
            },
        }
        ExitCode::SUCCESS
    }

    fn policies(&self, plan: &Plan) -> Vec<Named> {
        let parties = match self.party {
            None => &[Party::Monitor, Party::Replication][..],
            Some(For::Monitor) => &[Party::Monitor],
            Some(For::Replication) => &[Party::Replication],
        };
        parties.iter().flat_map(|party| policies::policies(plan, *party)).collect()
    }

    fn plan(&self, entry: &RouteConfig) -> Plan {
        let route = &entry.route;
        let from = &route.source;
        let source = Side {
            bucket: from.bucket.to_string(),
            ..side(from.kms_key.as_ref(), from.account.as_ref(), &entry.source, "source")
        };
        let target = |(to, connection): (&crate::domain::route::Destination, &Connection)| Target {
            side: Side {
                bucket: to.bucket.to_string(),
                ..side(to.kms_key.as_ref(), to.account.as_ref(), connection, "destination")
            },
            verify: to.verify,
            observe: to.observe,
            cleanup: to.cleanup,
        };
        let partition = source.partition();
        let account = &source.account;
        let role = || format!("arn:{partition}:iam::{account}:role/REPLICATION_ROLE");
        Plan {
            route: route.name.to_string(),
            replication_role: self.replication_role.clone().unwrap_or_else(role),
            principal: self.principal.clone().unwrap_or_else(|| format!("arn:{partition}:iam::{account}:root")),
            destinations: route.destinations.iter().zip(&entry.destinations).map(target).collect(),
            prefix: route.canary.prefix.clone(),
            tagged: !route.canary.tags.is_empty(),
            queue: route.source.event_queue.as_ref().and_then(|queue| queue_arn(queue.url(), partition)),
            source,
        }
    }
}

/// What whoever applies the documents writes the account for, where the configuration tells none.
const UNKNOWN_ACCOUNT: &str = "ACCOUNT";

/// All of a side but its bucket.
fn side(key: Option<&KmsKey>, account: Option<&AccountId>, connection: &Connection, name: &str) -> Side {
    let account = account.map_or_else(|| UNKNOWN_ACCOUNT.to_owned(), ToString::to_string);
    let mut side = Side {
        bucket: String::new(),
        region: connection.region.to_string(),
        key: key.map(ToString::to_string),
        role: String::new(),
        external_id: external_id(connection.role.as_ref()),
        account,
    };
    side.role = connection.role.as_ref().map_or_else(
        || format!("arn:{}:iam::{}:role/replicanary-{name}", side.partition(), side.account),
        |role| role.arn.clone(),
    );
    side
}

/// The ARN of the queue behind an URL of AWS.
fn queue_arn(url: &str, partition: &str) -> Option<String> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let region = host.strip_prefix("sqs.")?.split('.').next()?;
    let (account, name) = path.split_once('/')?;
    Some(format!("arn:{partition}:sqs:{region}:{account}:{name}"))
}

/// An external id is no secret to those who write the trust policy.
fn external_id(role: Option<&AssumedRole>) -> Option<String> {
    Some(role?.external_id.as_ref()?.reveal().to_owned())
}

/// Documents by `ROUTE.NAME`, in the order in which they are applied.
struct Documents<'a>(&'a [Named]);

impl Serialize for Documents<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for Named { route, name, document, .. } in self.0 {
            let document: &Document = document;
            map.serialize_entry(&format!("{route}.{name}"), document)?;
        }
        map.end()
    }
}
