//! A structured answer before it is known whether the client speaks JSON or CBOR; and CBOR requests as JSON values.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime;
use serde_json::{Map, Number, Value, json};

/// How deep a request may be nested.
const DEPTH_MAX: usize = 16;

/// One value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Document {
    Map(Vec<(&'static str, Self)>),
    List(Vec<Self>),
    Text(String),
    /// A floating-point number, never written as an integer.
    Number(f64),
    /// Seconds since the Unix epoch.
    Time(f64),
}

impl Document {
    /// As AWS JSON has it: times are numbers.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Map(fields) => {
                Value::Object(fields.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect())
            }
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Text(text) => json!(text),
            Self::Number(number) | Self::Time(number) => json!(number),
        }
    }

    /// As Smithy RPC v2 CBOR has it: maps of indefinite length, lists of definite length, times under tag 1.
    pub(super) fn to_cbor(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        self.encode(&mut encoder);
        encoder.into_writer()
    }

    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Self::Map(fields) => {
                encoder.begin_map();
                for (name, value) in fields {
                    encoder.str(name);
                    value.encode(encoder);
                }
                encoder.end();
            }
            Self::List(items) => {
                encoder.array(items.len());
                items.iter().for_each(|item| item.encode(encoder));
            }
            Self::Text(text) => {
                encoder.str(text);
            }
            Self::Number(number) => {
                encoder.double(*number);
            }
            Self::Time(seconds) => {
                encoder.timestamp(&DateTime::from_secs_f64(*seconds));
            }
        }
    }
}

/// Reads a CBOR request: maps and lists of either kind of length, times as seconds. An empty body is an empty map.
///
/// # Errors
/// A sentence about what is not CBOR, or not of a kind that a request has.
pub(super) fn from_cbor(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut decoder = Decoder::new(body);
    let value = read(&mut decoder, 0)?;
    if decoder.position() == body.len() { Ok(value) } else { Err("there is more after the end".to_owned()) }
}

fn read(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, String> {
    if depth > DEPTH_MAX {
        return Err("it is nested too deeply".to_owned());
    }
    let broken = |error: DeserializeError| error.to_string();
    let kind = decoder.datatype().map_err(broken)?;
    #[expect(clippy::wildcard_enum_match_arm, reason = "everything else is refused alike")]
    match kind {
        Type::Map | Type::MapIndef => {
            let length = decoder.map().map_err(broken)?;
            let mut fields = Map::new();
            while more(decoder, length, fields.len())? {
                let name = decoder.string().map_err(broken)?;
                if fields.insert(name, read(decoder, depth + 1)?).is_some() {
                    return Err("a name is given twice".to_owned());
                }
            }
            Ok(Value::Object(fields))
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.list().map_err(broken)?;
            let mut items = Vec::new();
            while more(decoder, length, items.len())? {
                items.push(read(decoder, depth + 1)?);
            }
            Ok(Value::Array(items))
        }
        Type::String | Type::StringIndef => decoder.string().map(Value::String).map_err(broken),
        Type::Bool => decoder.boolean().map(Value::Bool).map_err(broken),
        Type::Null | Type::Undefined => decoder.skip().map(|()| Value::Null).map_err(broken),
        Type::F16 | Type::F32 | Type::F64 => number(decoder.double().map_err(broken)?),
        Type::Tag => number(decoder.timestamp().map_err(broken)?.as_secs_f64()),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            decoder.long().map(|integer| json!(integer)).map_err(broken)
        }
        other => Err(format!("a value of the kind {other:?} has no place here")),
    }
}

/// Whether another entry follows; takes the end of an indefinite length away.
fn more(decoder: &mut Decoder<'_>, length: Option<u64>, so_far: usize) -> Result<bool, String> {
    if let Some(length) = length {
        return Ok(u64::try_from(so_far).is_ok_and(|so_far| so_far < length));
    }
    if decoder.datatype().map_err(|error| error.to_string())? != Type::Break {
        return Ok(true);
    }
    decoder.skip().map_err(|error| error.to_string())?;
    Ok(false)
}

fn number(value: f64) -> Result<Value, String> {
    Number::from_f64(value).map(Value::Number).ok_or_else(|| "a number is not finite".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_written_in_both_languages() {
        let list = Document::List(vec![Document::Number(0.0), Document::Number(2.5)]);
        let answer = Document::Map(vec![("Values", list), ("At", Document::Time(60.0)), ("Id", text("a"))]);
        assert_eq!(answer.to_json().to_string(), r#"{"At":60.0,"Id":"a","Values":[0.0,2.5]}"#);
        let bytes = answer.to_cbor();
        assert_eq!((bytes[0], bytes[bytes.len() - 1]), (0xbf, 0xff), "an indefinite map");
        assert_eq!(from_cbor(&bytes).unwrap(), answer.to_json());
    }

    fn text(text: &str) -> Document {
        Document::Text(text.to_owned())
    }

    #[test]
    fn requests_are_read_with_either_kind_of_length() {
        let expected = json!({ "a": [1, -2, true, null], "t": 1.5 });
        let definite =
            [0xa2, 0x61, b'a', 0x84, 0x01, 0x21, 0xf5, 0xf6, 0x61, b't', 0xc1, 0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0];
        assert_eq!(from_cbor(&definite).unwrap(), expected);
        let mut indefinite = vec![0xbf, 0x61, b'a', 0x9f, 0x01, 0x21, 0xf5, 0xf6, 0xff, 0x61, b't', 0xf9, 0x3e, 0x00];
        indefinite.push(0xff);
        assert_eq!(from_cbor(&indefinite).unwrap(), expected);
        assert_eq!(from_cbor(&[]).unwrap(), json!({}));
    }

    #[test]
    fn rubbish_is_refused_without_harm() {
        let nested = [vec![0x81; 64], vec![0x00]].concat();
        let nan = [0xf9, 0x7e, 0x00];
        for wrong in [&nested[..], &nan, &[0xbf, 0x61], &[0x9b, 255, 255, 255, 255, 255, 255, 255, 255], &[0x00, 0x00]]
        {
            assert!(from_cbor(wrong).is_err(), "{wrong:?}");
        }
        assert!(from_cbor(&[0xa2, 0x61, b'a', 0x00, 0x61, b'a', 0x00]).is_err(), "a name given twice");
    }
}
