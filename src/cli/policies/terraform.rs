//! Policies as Terraform: `jsonencode` of every document, with one provider an account.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::policies::{Account, Document, Named, Place, Statement};

/// What a reader has to know before applying it.
const HEADER: &str = "\
# Least-privilege policies for Replicanary. Two providers are needed: aws.source and aws.destination, one for each
# account. A bucket policy replaces the one that is there: merge the statements if there is one. Statements of key
# policies are locals, to be added to the policy of the key: a key policy without its administrator locks the key.
";

/// One resource a policy, one local a statement of a key policy. Routes may share a role or a bucket: its resource is
/// that of the first.
pub(super) fn render(all: &[Named]) -> String {
    let mut out = HEADER.to_owned();
    let mut roles: BTreeMap<&str, String> = BTreeMap::new();
    let mut buckets = BTreeSet::new();
    for named in all {
        let label = label(&format!("{}_{}", named.route, named.name));
        let provider = match named.account() {
            Account::Source => "aws.source",
            Account::Destination => "aws.destination",
        };
        let text = match &named.place {
            Place::Trust(role) if roles.contains_key(role.as_str()) => continue,
            Place::Trust(role) => {
                roles.insert(role, label.clone());
                trust(&label, provider, role, &named.document)
            }
            Place::Role(role) => {
                let role = roles.get(role.as_str()).unwrap_or(&label);
                let name = quoted(&format!("replicanary-{}", label.replace('_', "-")));
                let fields = format!("  name     = {name}\n  role     = aws_iam_role.{role}.id\n");
                resource("aws_iam_role_policy", &label, provider, &fields, &named.document)
            }
            Place::Bucket(bucket) if buckets.insert(bucket) => {
                let fields = format!("  bucket   = {}\n", quoted(bucket));
                resource("aws_s3_bucket_policy", &label, provider, &fields, &named.document)
            }
            Place::Bucket(bucket) => local(&format!("the bucket {bucket}"), &label, &named.document),
            Place::Key(key) => local(&format!("the key {key}"), &label, &named.document),
        };
        out.push_str(&text);
    }
    out
}

fn trust(label: &str, provider: &str, role: &str, trust: &Document) -> String {
    let (path, name) = role_name(role);
    format!(
        "\nresource \"aws_iam_role\" \"{label}\" {{\n  provider = {provider}\n  name     = {}\n  path     = {}\n  \
         assume_role_policy = jsonencode({})\n}}\n",
        quoted(name),
        quoted(path),
        document(trust, 1),
    )
}

fn resource(kind: &str, label: &str, provider: &str, fields: &str, policy: &Document) -> String {
    let policy = document(policy, 1);
    format!(
        "\nresource \"{kind}\" \"{label}\" {{\n  provider = {provider}\n{fields}  policy = jsonencode({policy})\n}}\n"
    )
}

/// Statements to be added to a policy that has others.
fn local(place: &str, label: &str, policy: &Document) -> String {
    let statements = statements(&policy.statement, 1);
    format!("\n# For the policy of {place}.\nlocals {{\n  {label} = {statements}\n}}\n")
}

fn document(document: &Document, depth: usize) -> String {
    let pad = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    let statements = statements(&document.statement, depth + 1);
    format!("{{\n{pad}Version = {}\n{pad}Statement = {statements}\n{end}}}", quoted(document.version))
}

fn statements(statements: &[Statement], depth: usize) -> String {
    let (pad, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    let each: Vec<String> = statements.iter().map(|one| format!("{pad}{}", statement(one, depth + 1))).collect();
    format!("[\n{},\n{end}]", each.join(",\n"))
}

fn statement(statement: &Statement, depth: usize) -> String {
    let pad = "  ".repeat(depth + 1);
    let mut fields = vec![("Sid", quoted(&statement.sid)), ("Effect", quoted(statement.effect))];
    if !statement.principal.is_empty() {
        let each: Vec<String> =
            statement.principal.iter().map(|(kind, who)| format!("{kind} = {}", quoted(who))).collect();
        fields.push(("Principal", format!("{{ {} }}", each.join(", "))));
    }
    fields.push(("Action", list(statement.action.iter().copied())));
    if !statement.resource.is_empty() {
        fields.push(("Resource", list(statement.resource.iter().map(String::as_str))));
    }
    let mut out = aligned(&pad, &fields);
    if !statement.condition.is_empty() {
        let operators = statement.condition.iter().map(|(operator, keys)| {
            let each = keys.iter().map(|(key, values)| {
                let values = list(values.iter().map(String::as_str));
                format!("{} = {values}", quoted(key))
            });
            (quoted(operator), format!("{{ {} }}", each.collect::<Vec<_>>().join(", ")))
        });
        let operators: Vec<(String, String)> = operators.collect();
        let inner = aligned(&format!("{pad}  "), &operators);
        out.push_str(&format!("{pad}Condition = {{\n{inner}{pad}}}\n"));
    }
    format!("{{\n{out}{}}}", "  ".repeat(depth))
}

/// Attributes with their signs beneath each other, as `terraform fmt` has them.
fn aligned(pad: &str, fields: &[(impl AsRef<str>, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.as_ref().len()).max().unwrap_or(0);
    fields.iter().map(|(name, value)| format!("{pad}{:<width$} = {value}\n", name.as_ref())).collect()
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", items.map(quoted).collect::<Vec<_>>().join(", "))
}

/// A string of HCL: templates in it are none.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    format!("\"{escaped}\"")
}

/// Path and name of a role.
fn role_name(arn: &str) -> (&str, &str) {
    let after = arn.split_once(":role").map_or("/", |(_, after)| after);
    let cut = after.rfind('/').map_or(0, |place| place + 1);
    after.split_at(cut)
}

/// A name of Terraform's.
fn label(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '_' };
    let label: String = text.chars().map(plain).collect();
    if label.starts_with(|first: char| first.is_ascii_digit()) { format!("_{label}") } else { label }
}
