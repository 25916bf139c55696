//! The canonical JSON over which assertions are hashed.
//!
//! # Source
//! RFC 8785 (JCS): no space, members in order of their names as UTF-16 (section 3.2.3), text escaped as serde_json does (3.2.2.2).
//! Numbers are whole and within 53 bits; of others, which no assertion of a client has, there is no canonical form here.

use serde_json::Value;

/// Largest whole number that every reader of JSON takes for the same (RFC 7493, section 2.2).
const WHOLE_MAX: u64 = (1 << 53) - 1;

/// The one spelling of a value; `None` when a number in it is not whole.
pub(super) fn canonical(value: &Value) -> Option<String> {
    let mut out = String::new();
    write(value, &mut out)?;
    Some(out)
}

/// INVARIANT: values come from `serde_json`'s reader, which bounds their depth.
fn write(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members = members.iter().collect::<Vec<_>>();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (n, (name, member)) in members.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(name).ok()?);
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs))?;
            out.push_str(&(size <= WHOLE_MAX).then(|| number.to_string())?);
        }
        Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&serde_json::to_string(value).ok()?),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Option<String> {
        canonical(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_examples_of_the_rfc() {
        // Section 3.2.3, sorting; 3.2.2.2, strings. Written here with the RFC's escapes.
        let sorting = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let names = ["\\r", "1", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f600}", "\u{fb33}"];
        let sorted = of(sorting).unwrap();
        let places = names.map(|name| sorted.find(&format!("\"{name}\":")).unwrap());
        assert!(places.is_sorted(), "{sorted}");
        let string = r#"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}"#;
        assert_eq!(of(string).unwrap(), "{\"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
        assert_eq!(
            of(r#"{"literals": [null, true, false], "n": -7}"#).unwrap(),
            r#"{"literals":[null,true,false],"n":-7}"#
        );
    }

    #[test]
    fn numbers_that_readers_take_for_others_have_no_form() {
        for number in ["1.5", "1e30", "9007199254740992", "-9007199254740992"] {
            assert_eq!(of(number), None, "{number}");
        }
        assert_eq!(of("9007199254740991").unwrap(), "9007199254740991");
    }
}
