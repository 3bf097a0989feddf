//! From text to a document: what AWS would refuse is noted, what can be understood is kept.

use super::document::{Document, Effect, Kind, Named, Statement};
use super::flaw::{self, Flaw, Gravity, Notes, What, shortened};
use super::json::Json;
use super::pattern::{Pattern, Wildcards};

mod statement;

/// How flaws of no statement are placed.
const DOCUMENT: &str = "the document";
/// What a document looks like.
const SHAPE: &str = "a policy is one object: {\"Version\": \"2012-10-17\", \"Statement\": [{...}]}";
/// The elements of a document.
const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
/// The elements of a statement.
const STATEMENT_ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
/// The version that has policy variables.
const CURRENT: &str = "2012-10-17";

impl Document {
    /// Reads a document of a kind.
    ///
    /// # Errors
    ///
    /// The text does not begin with a JSON object. All other flaws are told by [`Document::flaws`].
    pub fn read(text: &str, kind: Kind) -> Result<Self, Flaw> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json>();
        let root = match values.next() {
            Some(Ok(root)) => root,
            Some(Err(error)) => return Err(not_json(text, &error)),
            None => return Err(refusal(String::new(), DOCUMENT.to_owned(), SHAPE.to_owned())),
        };
        let end = values.byte_offset();
        let Some(members) = root.members() else {
            return Err(refusal(shortened(text), position(text, 0), SHAPE.to_owned()));
        };
        let mut reader = Reader { kind, notes: Notes::default() };
        let mut document = reader.document(members);
        reader.trailing(text, end);
        document.flaws = reader.notes.0;
        Ok(document)
    }
}

struct Reader {
    kind: Kind,
    notes: Notes,
}

impl Reader {
    fn refuse(&mut self, what: What, quoted: &str, place: &str, right: &str) {
        self.notes.add(what, Gravity::Refused, quoted, place, right.to_owned());
    }

    fn document(&mut self, members: &[(String, Json)]) -> Document {
        self.elements(members, &ELEMENTS, DOCUMENT);
        let version = member(members, "Version").and_then(Json::scalar);
        let has_variables = version.as_deref() == Some(CURRENT);
        if let Some(version) = version.filter(|version| version != CURRENT && version != "2008-10-17") {
            self.refuse(What::WrongValue, &version, DOCUMENT, "write \"Version\": \"2012-10-17\"");
        }
        let list = member(members, "Statement").map(Json::items);
        if list.is_none_or(<[Json]>::is_empty) {
            self.refuse(What::Missing, "\"Statement\"", DOCUMENT, SHAPE);
        }
        let list = list.unwrap_or_default();
        self.unique_sids(list);
        let statements =
            list.iter().enumerate().filter_map(|(place, json)| self.statement(place + 1, json)).collect::<Vec<_>>();
        let document = Document { kind: self.kind, has_variables, statements, flaws: Vec::new() };
        self.variables(&document);
        if self.kind == Kind::Key {
            self.administrator(&document);
        }
        document
    }

    /// Elements that do not exist, and those that are there twice.
    fn elements(&mut self, members: &[(String, Json)], known: &[&str], place: &str) {
        for (index, (name, _)) in members.iter().enumerate() {
            if members.iter().take(index).any(|(earlier, _)| earlier == name) {
                self.refuse(What::Misplaced, &format!("\"{name}\""), place, "it is there twice: make it one");
            }
            if !known.contains(&name.as_str()) {
                let proposed = super::nearest::nearest(name, known.iter().copied());
                let right = match proposed.first() {
                    Some(proposed) => format!("write \"{proposed}\""),
                    None if STATEMENT_ELEMENTS.contains(&name.as_str()) => {
                        "it belongs into a statement: \"Statement\": [{...}]".to_owned()
                    }
                    None => "remove it".to_owned(),
                };
                self.refuse(What::Misplaced, &format!("\"{name}\""), place, &right);
            }
        }
    }

    fn unique_sids(&mut self, list: &[Json]) {
        let mut seen: Vec<String> = Vec::new();
        for json in list {
            let Some(sid) = json.members().and_then(|members| member(members, "Sid")).and_then(Json::scalar) else {
                continue;
            };
            if self.kind == Kind::Identity && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let place = format!("statement \"{sid}\"");
                self.refuse(What::WrongValue, &sid, &place, "a Sid has letters and digits alone");
            }
            if seen.contains(&sid) && !sid.is_empty() {
                let place = format!("statement \"{sid}\"");
                self.refuse(What::WrongValue, &sid, &place, "two statements have this Sid: rename one");
            }
            seen.push(sid);
        }
    }

    /// Variables that are only text in the version that has none.
    fn variables(&mut self, document: &Document) {
        if document.has_variables {
            return;
        }
        for statement in &document.statements {
            let values = statement.conditions.iter().flat_map(|condition| &condition.values);
            let resources = statement.resources.iter().flat_map(|resources| &resources.items);
            if let Some(text) = values.chain(resources).find(|text| text.contains("${")) {
                let right = "add \"Version\": \"2012-10-17\": without it a variable is only text".to_owned();
                self.notes.add(What::WrongValue, Gravity::Ineffective, text, &place_of(statement), right);
            }
        }
    }

    /// A key policy by which nobody may change it: KMS refuses it, or nobody can administer the key any more.
    fn administrator(&mut self, document: &Document) {
        let allows =
            |action: &String| Pattern::plain(action, Wildcards::Active).matches_without_case("kms:PutKeyPolicy");
        let may_administer = document.statements.iter().any(|statement| {
            let someone =
                statement.principals.iter().flat_map(|principals| &principals.items).any(|named| match named {
                    Named::Anyone => true,
                    Named::Aws(text) => !flaw::principals::is_unique_id(text),
                    Named::Service(_) | Named::Federated(_) | Named::CanonicalUser(_) => false,
                });
            let is_covered = statement.actions.items.iter().any(allows) != statement.actions.is_all_but;
            statement.effect == Effect::Allow && someone && is_covered
        });
        if !may_administer && !document.statements.is_empty() {
            let right = "add the statement {\"Sid\": \"EnableIAM\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \
                         \"arn:aws:iam::ACCOUNT:root\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"} with the account \
                         of the key"
                .to_owned();
            let quoted = "no statement allows kms:PutKeyPolicy";
            self.notes.add(What::NoAdministrator, Gravity::Risky, quoted, DOCUMENT, right);
        }
    }

    fn trailing(&mut self, text: &str, end: usize) {
        let rest = text.get(end..).unwrap_or_default().trim();
        if !rest.is_empty() {
            let right = "one policy is one object: move every statement into its one \"Statement\" list";
            self.refuse(What::TextAfterTheEnd, rest, &position(text, end), right);
        }
    }
}

fn member<'a>(members: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    members.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

fn place_of(statement: &Statement) -> String {
    let number = || format!("statement {}", statement.place);
    statement.sid.as_ref().map_or_else(number, |sid| format!("statement \"{sid}\""))
}

fn refusal(quoted: String, place: String, right: String) -> Flaw {
    Flaw { what: What::NotJson, gravity: Gravity::Refused, quoted, place, right }
}

fn not_json(text: &str, error: &serde_json::Error) -> Flaw {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let right = if error.is_eof() {
        format!("the text ends before the document does: {error}; a document cut in two must be put together")
    } else if line.contains(['\u{201c}', '\u{201d}']) {
        format!("write straight quotes, \", in place of \u{201c} and \u{201d}: {error}")
    } else {
        error.to_string()
    };
    refusal(shortened(line), format!("line {}, column {}", error.line(), error.column()), right)
}

/// Line and column, counted from 1, of the first letter at or after a place in a text.
fn position(text: &str, from: usize) -> String {
    let rest = text.get(from..).unwrap_or_default();
    let at = from + (rest.len() - rest.trim_start().len());
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}
