//! The JSON Schema of the file, for editors: generated from the shape, so that it cannot drift from the code.

use serde_json::Value;

use super::shape::FileShape;

/// The JSON Schema (draft 2020-12) of a configuration file.
///
/// Closed words (`verify`, `observe`, ...) are enumerations; that any string may hold `${NAME}` is not expressed.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(FileShape).to_value();
    polish(&mut schema);
    schema
}

/// Says of each key what the reader of files says: a key that stands there has a value, never null.
fn polish(value: &mut Value) {
    if let Value::Object(object) = value {
        if let Some(Value::String(text)) = object.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [only] = &types[..] {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
            choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
            if let [Value::Object(only)] = &choices[..] {
                let only = only.clone();
                object.remove("anyOf");
                object.extend(only);
            }
        }
        object.values_mut().for_each(polish);
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(polish);
    }
}
