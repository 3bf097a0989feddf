//! A policy document as it is written: statements in the order and the spelling that people know from AWS.

use std::collections::BTreeMap;

use serde::Serialize;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    /// The version of the policy language.
    pub version: &'static str,
    /// Its statements.
    pub statement: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// What it is for.
    pub sid: String,
    /// `Allow`: least privilege needs no Deny.
    pub effect: &'static str,
    /// Whom it allows, in policies of resources and in trust policies.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub principal: BTreeMap<&'static str, String>,
    /// What it allows.
    pub action: Vec<&'static str>,
    /// On what; nothing in trust policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// When: by operator, then by condition key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<&'static str, BTreeMap<&'static str, Vec<String>>>,
}

impl Document {
    pub(super) fn new(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }
}

impl Statement {
    pub(super) fn allow(sid: &'static str, action: &[&'static str]) -> Self {
        Self {
            sid: sid.to_owned(),
            effect: "Allow",
            principal: BTreeMap::new(),
            action: action.to_vec(),
            resource: Vec::new(),
            condition: BTreeMap::new(),
        }
    }

    pub(super) fn to(mut self, kind: &'static str, who: &str) -> Self {
        self.principal.insert(kind, who.to_owned());
        self
    }

    pub(super) fn on(mut self, resource: &str) -> Self {
        self.resource.push(resource.to_owned());
        self
    }

    pub(super) fn when(mut self, operator: &'static str, key: &'static str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.condition.entry(operator).or_default().insert(key, values);
        self
    }
}
