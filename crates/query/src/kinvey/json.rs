//! JSON with the place of every value, for messages that point into it. A name that stands twice in an object is refused: of
//! two conditions one would be lost.

use std::collections::HashSet;

use crate::{Limits, ParseError, ParseErrorKind as Kind, Span, Value};

pub(super) type Result<T> = std::result::Result<T, ParseError>;

/// Conditions inside each other, whatever a limit allows: reading them takes stack.
const DEEPEST: usize = 48;

/// A value and where it stands.
pub(super) struct Node {
    pub(super) json: Json,
    pub(super) span: Span,
}

pub(super) enum Json {
    Null,
    Bool(bool),
    /// With its digits: a float may lose some.
    Number(Value, String),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A name of an object with its value.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) node: Node,
}

pub(super) fn fault(kind: Kind, span: Span, message: impl Into<String>) -> ParseError {
    ParseError {
        kind,
        span,
        message: message.into(),
    }
}

/// Refuses a text that is longer than allowed.
pub(super) fn check_length(text: &str, limits: &Limits) -> Result<()> {
    if text.len() > limits.text {
        let message = format!(
            "this has {} bytes; the limit is {}",
            text.len(),
            limits.text
        );
        return Err(fault(Kind::TooLong, Span::new(0, text.len()), message));
    }
    Ok(())
}

/// How deep conditions may go.
pub(super) fn depth(limits: &Limits) -> usize {
    limits.depth.min(DEEPEST)
}

/// Reads a whole text.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Node> {
    check_length(text, limits)?;
    let mut reader = Reader {
        text,
        at: 0,
        // `$or` takes an object and a list for each level; the rest is for what stands in the innermost.
        room: depth(limits) * 2 + 8,
    };
    reader.space();
    let node = reader.value()?;
    reader.space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.here("nothing may follow the JSON value")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    room: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// An error about the character here.
    fn here(&self, message: impl Into<String>) -> ParseError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let width = rest.chars().next().map_or(0, char::len_utf8);
        fault(
            Kind::Unexpected,
            Span::new(self.at, self.at + width),
            message,
        )
    }

    fn expected(&self, what: &str) -> ParseError {
        match self.peek() {
            None => self.here(format!("the JSON ends here; expected {what}")),
            Some(b'\'') => self.here(format!("expected {what}; JSON has double quotes")),
            Some(_) => self.here(format!("expected {what}")),
        }
    }

    fn value(&mut self) -> Result<Node> {
        let start = self.at;
        let json = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Json::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Json::Bool(true))?,
            Some(b'f') => self.word("false", Json::Bool(false))?,
            Some(b'n') => self.word("null", Json::Null)?,
            _ => return Err(self.expected("a JSON value")),
        };
        let span = Span::new(start, self.at);
        Ok(Node { json, span })
    }

    fn word(&mut self, word: &str, json: Json) -> Result<Json> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.expected("a JSON value"));
        }
        self.at += word.len();
        Ok(json)
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json>) -> Result<Json> {
        if self.room == 0 {
            let span = Span::new(self.at, self.at + 1);
            return Err(fault(Kind::TooDeep, span, "this goes too deep"));
        }
        self.room -= 1;
        self.at += 1;
        self.space();
        let json = read(self)?;
        self.room += 1;
        Ok(json)
    }

    /// Whether another member follows; steps over the comma, or over what closes.
    fn follows(&mut self, close: u8) -> Result<bool> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.space();
                Ok(true)
            }
            Some(b) if b == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.expected(&format!("`,` or `{}`", char::from(close)))),
        }
    }

    fn array(&mut self) -> Result<Json> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            if !self.follows(b']')? {
                return Ok(Json::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Json> {
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        let mut names = HashSet::new();
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.expected("a name in double quotes"));
            }
            let name = self.string()?;
            let span = Span::new(start, self.at);
            if !names.insert(name.clone()) {
                let message = format!(
                    "`{name}` stands twice; join conditions with {{\"$and\":[{{..}},{{..}}]}}"
                );
                return Err(fault(Kind::Unexpected, span, message));
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.expected("`:`"));
            }
            self.at += 1;
            self.space();
            let node = self.value()?;
            members.push(Member { name, span, node });
            if !self.follows(b'}')? {
                return Ok(Json::Object(members));
            }
        }
    }

    fn string(&mut self) -> Result<String> {
        let opened = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..0x20)) {
                self.at += 1;
            }
            out.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.here("a control character in text is written \\u00..")),
                None => {
                    let span = Span::new(opened, opened + 1);
                    return Err(fault(
                        Kind::Unbalanced,
                        span,
                        "this text is never closed; add `\"`",
                    ));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        Ok(match letter {
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => {
                self.at = start;
                return Err(self.here("this `\\` escapes nothing; write \\\\ for a backslash"));
            }
        })
    }

    /// A character by its number, two numbers for one beyond 16 bits.
    fn unicode(&mut self, start: usize) -> Result<char> {
        let half = |at: usize| -> Option<u32> {
            let digits = self.text.as_bytes().get(at..at + 4)?;
            digits.iter().try_fold(0, |sum, digit| {
                Some(sum * 16 + char::from(*digit).to_digit(16)?)
            })
        };
        let first = half(self.at);
        let second = match first {
            Some(0xD800..0xDC00) if self.text[self.at + 4..].starts_with("\\u") => {
                half(self.at + 6).filter(|half| (0xDC00..0xE000).contains(half))
            }
            _ => None,
        };
        let number = match (first, second) {
            (Some(high), Some(low)) => Some(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)),
            (first, None) => first,
            (None, Some(_)) => None,
        };
        let Some(char) = number.and_then(char::from_u32) else {
            self.at = start;
            return Err(self.here("this `\\u` is no character"));
        };
        self.at += if second.is_some() { 10 } else { 4 };
        Ok(char)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Json> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || leading_zero && whole > 1 {
            self.at = start;
            return Err(self.here("this is no JSON number"));
        }
        let mut fraction = false;
        if self.peek() == Some(b'.') {
            self.at += 1;
            fraction = true;
            if self.digits() == 0 {
                return Err(self.expected("a digit behind the point"));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            fraction = true;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.expected("a digit of the exponent"));
            }
        }
        let text = &self.text[start..self.at];
        let exact = (!fraction)
            .then(|| {
                let signed = text.parse().map(Value::I64);
                signed.or_else(|_| text.parse::<u64>().map(Value::from))
            })
            .and_then(std::result::Result::ok);
        let number = exact.or_else(|| {
            let float = text.parse().ok().filter(|f: &f64| f.is_finite());
            float.map(Value::F64)
        });
        let digits = |number| Json::Number(number, text.to_owned());
        number.map(digits).ok_or_else(|| {
            fault(
                Kind::Value,
                Span::new(start, self.at),
                "this number is too large",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(node: &Node) -> Value {
        match &node.json {
            Json::Null => Value::Null,
            Json::Bool(b) => Value::from(*b),
            Json::Number(n, _) => n.clone(),
            Json::Text(t) => Value::from(t.as_str()),
            Json::Array(items) => items.iter().map(plain).collect(),
            Json::Object(members) => {
                let pairs = members.iter().map(|m| (m.name.as_str(), plain(&m.node)));
                pairs.collect::<crate::Object>().into()
            }
        }
    }

    /// Everything here is read as `serde_json` reads it, or refused by both.
    #[test]
    fn agrees_with_serde_json() {
        for text in [
            r#"{"a":[1,-2,3.5,1e3,1E-2,-0.0,18446744073709551615],"b":{"c":null,"d":true,"e":false}}"#,
            r#" [ "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 é" , { } , [ ] ] "#,
            "0",
            "\"\"",
            "123456789012345678901234567890",
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "{'a':1}",
            "[1 2]",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e400",
            "+1",
            "NaN",
            "nul",
            "nulll",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\\",
            "\"a\nb\"",
            "\"a",
            "{} {}",
            "{\"a\" 1}",
            "\u{feff}{}",
        ] {
            let ours = read(text, &Limits::default()).map(|node| plain(&node));
            let theirs: std::result::Result<Value, _> = serde_json::from_str(text);
            assert_eq!(ours.ok(), theirs.ok(), "{text}");
        }
    }

    #[test]
    fn limits_come_first() {
        let kind = |text: &str| read(text, &Limits::default()).err().map(|e| e.kind);
        assert_eq!(kind(&"[".repeat(4097)), Some(Kind::TooLong));
        assert_eq!(kind(&"[".repeat(4096)), Some(Kind::TooDeep));
        assert_eq!(kind(&"{\"a\":".repeat(800)), Some(Kind::TooDeep));
        // No limit makes room for more than the stack has.
        let wide = Limits {
            text: 1 << 20,
            depth: usize::MAX,
            ..Limits::default()
        };
        let deep = read(&"[".repeat(1 << 20), &wide).err().map(|e| e.kind);
        assert_eq!(deep, Some(Kind::TooDeep));
    }
}
