//! One statement: its elements, and what is wrong in them.

use super::{Reader, STATEMENT_ELEMENTS, member};
use crate::domain::policy::document::{Condition, Effect, Kind, Listed, Named, Statement};
use crate::domain::policy::flaw::{self, What};
use crate::domain::policy::json::Json;
use crate::domain::policy::operator::Operator;

impl Reader {
    /// A statement, unless it cannot be understood; its flaws are noted either way.
    pub(super) fn statement(&mut self, number: usize, json: &Json) -> Option<Statement> {
        let Some(members) = json.members() else {
            self.refuse(
                What::WrongValue,
                &json.to_string(),
                &format!("statement {number}"),
                "a statement is an object",
            );
            return None;
        };
        let sid = member(members, "Sid").and_then(Json::scalar);
        let place = sid.as_ref().map_or_else(|| format!("statement {number}"), |sid| format!("statement \"{sid}\""));
        self.elements(members, &STATEMENT_ELEMENTS, &place);
        let effect = self.effect(members, &place);
        let actions = self.listed(members, ("Action", "NotAction"), &place, Self::texts);
        let resources = self.resources(members, &place);
        let principals = self.named(members, &place);
        let conditions = member(members, "Condition").map(|json| self.conditions(json, &place)).unwrap_or_default();
        let actions = actions.filter(|actions| !actions.items.is_empty());
        if actions.is_none() {
            self.refuse(What::Missing, "\"Action\"", &place, "add \"Action\": [...]");
        }
        let actions = actions?;
        for action in &actions.items {
            flaw::actions::check(&mut self.notes, self.kind, &place, action);
        }
        for resource in resources.iter().flat_map(|resources| &resources.items) {
            flaw::resources::check(&mut self.notes, self.kind, &place, resource);
        }
        if let Some(resources) = &resources {
            flaw::resources::check_together(&mut self.notes, self.kind, &place, &actions, resources);
        }
        for named in principals.iter().flat_map(|principals| &principals.items) {
            flaw::principals::check(&mut self.notes, &place, named);
        }
        for condition in &conditions {
            flaw::conditions::check(&mut self.notes, self.kind, &place, condition);
        }
        let is_whole = resources.is_some() || self.kind == Kind::Trust;
        let effect = effect.filter(|_| is_whole)?;
        Some(Statement { place: number, sid, effect, principals, actions, resources, conditions })
    }

    fn effect(&mut self, members: &[(String, Json)], place: &str) -> Option<Effect> {
        let written = member(members, "Effect").map(|json| json.scalar().unwrap_or_else(|| json.to_string()));
        match written.as_deref() {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            Some(other) => {
                let right = "write \"Allow\" or \"Deny\", in this case of letters";
                self.refuse(What::WrongValue, &format!("\"Effect\": \"{other}\""), place, right);
                None
            }
            None => {
                self.refuse(What::Missing, "\"Effect\"", place, "add \"Effect\": \"Allow\" or \"Deny\"");
                None
            }
        }
    }

    fn resources(&mut self, members: &[(String, Json)], place: &str) -> Option<Listed<String>> {
        let resources = self.listed(members, ("Resource", "NotResource"), place, Self::texts);
        let is_empty = resources.as_ref().is_none_or(|resources| resources.items.is_empty());
        match self.kind {
            Kind::Trust if resources.is_some() => {
                let right = "remove it: a trust policy is about its own role";
                self.refuse(What::Misplaced, "\"Resource\"", place, right);
            }
            Kind::Key if is_empty => {
                self.refuse(What::Missing, "\"Resource\"", place, "add \"Resource\": \"*\", which means this key");
            }
            Kind::Identity | Kind::Bucket if is_empty => {
                self.refuse(What::Missing, "\"Resource\"", place, "add \"Resource\": [\"arn:aws:s3:::BUCKET/*\"]");
            }
            Kind::Identity | Kind::Trust | Kind::Bucket | Kind::Key => {}
        }
        resources.filter(|_| !is_empty)
    }

    fn named(&mut self, members: &[(String, Json)], place: &str) -> Option<Listed<Named>> {
        let named = self.listed(members, ("Principal", "NotPrincipal"), place, Self::principals);
        match (self.kind, &named) {
            (Kind::Identity, Some(_)) => {
                let right = "remove it: a role's policy is about the role itself";
                self.refuse(What::Misplaced, "\"Principal\"", place, right);
            }
            (Kind::Trust | Kind::Bucket | Kind::Key, None) => {
                let right = match self.kind {
                    Kind::Trust => "add \"Principal\": {\"Service\": \"s3.amazonaws.com\"}",
                    Kind::Identity | Kind::Bucket | Kind::Key => {
                        "add \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/NAME\"}"
                    }
                };
                self.refuse(What::Missing, "\"Principal\"", place, right);
            }
            (Kind::Trust, Some(named)) if named.is_all_but => {
                let right = "a trust policy has no NotPrincipal: name whom it trusts in \"Principal\"";
                self.refuse(What::Misplaced, "\"NotPrincipal\"", place, right);
            }
            (Kind::Identity, None) | (Kind::Trust | Kind::Bucket | Kind::Key, Some(_)) => {}
        }
        named
    }

    /// The items of an element or of its opposite.
    fn listed<T>(
        &mut self,
        members: &[(String, Json)],
        (plain, all_but): (&str, &str),
        place: &str,
        items: fn(&mut Self, &Json, &str) -> Vec<T>,
    ) -> Option<Listed<T>> {
        let (chosen, opposite) = (member(members, plain), member(members, all_but));
        if chosen.is_some() && opposite.is_some() {
            self.refuse(
                What::Misplaced,
                &format!("\"{all_but}\""),
                place,
                &format!("have \"{plain}\" or it, not both"),
            );
        }
        let is_all_but = chosen.is_none();
        let json = chosen.or(opposite)?;
        Some(Listed { is_all_but, items: items(self, json, place) })
    }

    fn texts(&mut self, json: &Json, place: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for item in json.items() {
            match item {
                Json::Text(text) => texts.push(text.clone()),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::List(_) | Json::Object(_) => {
                    self.refuse(
                        What::WrongValue,
                        &item.to_string(),
                        place,
                        "write a text in quotes, or a list of them",
                    );
                }
            }
        }
        texts
    }

    fn principals(&mut self, json: &Json, place: &str) -> Vec<Named> {
        let Some(members) = json.members() else {
            let texts = self.texts(json, place);
            let (anyone, others): (Vec<_>, Vec<_>) = texts.into_iter().partition(|text| text == "*");
            for text in others {
                let kind = if text.ends_with(".amazonaws.com") { "Service" } else { "AWS" };
                self.refuse(What::WrongPrincipal, &text, place, &format!("write {{\"{kind}\": \"{text}\"}}"));
            }
            return anyone.into_iter().map(|_| Named::Anyone).collect();
        };
        let mut all = Vec::new();
        for (kind, value) in members {
            let named: fn(String) -> Named = match kind.as_str() {
                "AWS" => |text| if text == "*" { Named::Anyone } else { Named::Aws(text) },
                "Service" => Named::Service,
                "Federated" => Named::Federated,
                "CanonicalUser" => Named::CanonicalUser,
                _ => {
                    let right = "principals are AWS, Service, Federated or CanonicalUser";
                    self.refuse(What::WrongPrincipal, &format!("\"{kind}\""), place, right);
                    continue;
                }
            };
            all.extend(self.texts(value, place).into_iter().map(named));
        }
        all
    }

    fn conditions(&mut self, json: &Json, place: &str) -> Vec<Condition> {
        let shape = "a condition is {\"OPERATOR\": {\"KEY\": \"VALUE\"}}";
        let mut all = Vec::new();
        let Some(members) = json.members() else {
            self.refuse(What::WrongValue, &json.to_string(), place, shape);
            return all;
        };
        for (written, keys) in members {
            let Some(keys) = keys.members() else {
                self.refuse(What::WrongValue, &format!("\"{written}\": {keys}"), place, shape);
                continue;
            };
            for (key, values) in keys {
                let texts: Vec<String> = values.items().iter().filter_map(Json::scalar).collect();
                if texts.len() != values.items().len() {
                    self.refuse(What::WrongValue, &format!("\"{key}\": {values}"), place, shape);
                }
                let operator = Operator::parse(written);
                all.push(Condition { written: written.clone(), key: key.clone(), values: texts, operator });
            }
        }
        all
    }
}
