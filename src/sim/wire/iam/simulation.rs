//! SimulatePrincipalPolicy and SimulateCustomPolicy.

use super::super::query::{element, page};
use super::super::refusal::Refusal;
use super::super::text::xml_escape;
use super::Call;
use crate::sim::world::{Evaluation, Simulation};

impl Call<'_> {
    /// The calls of the policy simulator; `None` for others.
    pub(super) fn simulation(&mut self, action: &str) -> Option<Result<String, Refusal>> {
        let principal = match action {
            "SimulatePrincipalPolicy" => true,
            "SimulateCustomPolicy" => false,
            _ => return None,
        };
        Some(self.simulate(principal))
    }

    fn simulate(&mut self, principal: bool) -> Result<String, Refusal> {
        for unsupported in ["ResourcePolicy", "ResourceHandlingOption"] {
            if self.form.get(unsupported).is_some() {
                return Err(Refusal::not_implemented(format!("{unsupported} is not part of this simulation")));
            }
        }
        let request = Simulation {
            principal: if principal { Some(self.form.required("PolicySourceArn")?.to_owned()) } else { None },
            documents: self.form.members("PolicyInputList"),
            boundaries: self.form.members("PermissionsBoundaryPolicyInputList"),
            actions: self.form.members("ActionNames"),
            resources: self.form.members("ResourceArns"),
            context: self.context()?,
        };
        if request.actions.is_empty() {
            self.form.required("ActionNames")?;
        }
        if !principal && request.documents.is_empty() {
            self.form.required("PolicyInputList")?;
        }
        let evaluations = self.world.simulate(self.now, self.caller, &request)?;
        page(&self.form, "EvaluationResults", &evaluations, evaluation_xml)
    }

    /// `ContextEntries`: a pair for each value of each key.
    fn context(&self) -> Result<Vec<(String, String)>, Refusal> {
        let mut context = Vec::new();
        for number in 1.. {
            let entry = format!("ContextEntries.member.{number}");
            let Some(key) = self.form.get(&format!("{entry}.ContextKeyName")) else { break };
            self.form.required(&format!("{entry}.ContextKeyType"))?;
            let values = self.form.members(&format!("{entry}.ContextKeyValues"));
            context.extend(values.into_iter().map(|value| (key.to_owned(), value)));
        }
        Ok(context)
    }
}

fn evaluation_xml(evaluation: &Evaluation) -> String {
    let place = |name: &str, (line, column): (usize, usize)| {
        format!("<{name}>{}{}</{name}>", element("Line", &line.to_string()), element("Column", &column.to_string()))
    };
    let statement = |matched: &crate::sim::world::MatchedStatement| {
        let fields = [
            element("SourcePolicyId", &matched.policy),
            element("SourcePolicyType", "IAM Policy"),
            place("StartPosition", matched.start),
            place("EndPosition", matched.end),
        ];
        format!("<member>{}</member>", fields.concat())
    };
    let matched: String = evaluation.matched.iter().map(statement).collect();
    let missing: String =
        evaluation.missing.iter().map(|key| format!("<member>{}</member>", xml_escape(key))).collect();
    let boundary = evaluation.within_boundary.map(|within| {
        let allowed = element("AllowedByPermissionsBoundary", if within { "true" } else { "false" });
        format!("<PermissionsBoundaryDecisionDetail>{allowed}</PermissionsBoundaryDecisionDetail>")
    });
    [
        element("EvalActionName", &evaluation.action),
        element("EvalResourceName", &evaluation.resource),
        element("EvalDecision", evaluation.decision),
        format!("<MatchedStatements>{matched}</MatchedStatements>"),
        format!("<MissingContextValues>{missing}</MissingContextValues>"),
        boundary.unwrap_or_default(),
    ]
    .concat()
}
