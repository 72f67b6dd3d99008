//! The JSON of requests: flat objects of strings and numbers, written directly to a sink.

use crate::wire::sink::{Sink, Wire, hex_digit};

/// Writes `{"name":value,...}`; absent members are left out.
pub(crate) struct Object<'a> {
    out: &'a mut dyn Sink,
    any: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn new(out: &'a mut dyn Sink) -> Self {
        out.put(b"{");
        Object { out, any: false }
    }

    /// A string member.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str, value: &dyn Wire) -> &mut Self {
        self.name(name);
        self.out.put(b"\"");
        value.wire(&mut Escape(self.out));
        self.out.put(b"\"");
        self
    }

    /// A string member, when there is a value.
    pub(crate) fn text_opt(&mut self, name: &str, value: Option<&dyn Wire>) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    /// A number member.
    #[inline(never)]
    pub(crate) fn number(&mut self, name: &str, value: u64) -> &mut Self {
        self.name(name);
        value.wire(self.out);
        self
    }

    /// A member that is an array of strings.
    pub(crate) fn texts<W: Wire>(&mut self, name: &str, values: &[W]) -> &mut Self {
        self.name(name);
        let mut open: &[u8] = b"[\"";
        for value in values {
            self.out.put(open);
            value.wire(&mut Escape(self.out));
            self.out.put(b"\"");
            open = b",\"";
        }
        self.out.put(if values.is_empty() { b"[]" } else { b"]" });
        self
    }

    /// A member that is an array of objects.
    pub(crate) fn objects<V>(&mut self, name: &str, values: &[V], write: &dyn Fn(&V, &mut Object<'_>)) -> &mut Self {
        self.name(name);
        self.out.put(b"[");
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.out.put(b",");
            }
            let mut inner = Object::new(self.out);
            write(value, &mut inner);
            inner.end();
        }
        self.out.put(b"]");
        self
    }

    /// A member that is a map of strings.
    pub(crate) fn map(&mut self, name: &str, pairs: &[(&str, &str)]) -> &mut Self {
        self.object(name, &|inner| {
            for (key, value) in pairs {
                inner.text(key, value);
            }
        })
    }

    /// A member that is an object.
    #[inline(never)]
    pub(crate) fn object(&mut self, name: &str, write: &dyn Fn(&mut Object<'_>)) -> &mut Self {
        self.name(name);
        let mut inner = Object::new(self.out);
        write(&mut inner);
        inner.end();
        self
    }

    pub(crate) fn end(&mut self) {
        self.out.put(b"}");
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        if self.any {
            self.out.put(b",");
        }
        self.any = true;
        self.out.put(b"\"");
        name.wire(&mut Escape(self.out));
        self.out.put(b"\":");
    }
}

/// Escapes what is not allowed in a JSON string; everything else, including UTF-8, is written unchanged.
struct Escape<'a>(&'a mut dyn Sink);

impl Sink for Escape<'_> {
    fn put(&mut self, bytes: &[u8]) {
        // Runs of unchanged bytes are put at once.
        let mut from = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            if !matches!(byte, b'"' | b'\\' | 0..=0x1f) {
                continue;
            }
            self.0.put(bytes.get(from..at).unwrap_or_default());
            match byte {
                0..=0x1f => self.0.put(&[b'\\', b'u', b'0', b'0', hex_digit(byte >> 4), hex_digit(byte & 15)]),
                _ => self.0.put(&[b'\\', byte]),
            }
            from = at + 1;
        }
        self.0.put(bytes.get(from..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sink::Buffer;

    #[test]
    fn what_is_written_is_valid_json() {
        let mut room = [0; 128];
        let mut out = Buffer::new(&mut room);
        Object::new(&mut out)
            .text("a", &"x\"y\\z\u{1}\né")
            .text_opt("none", None)
            .object("o", &|inner| {
                inner.text("n", &5u64).number("m", 6);
            })
            .texts("l", &["x", "\""])
            .texts::<&str>("e", &[])
            .map("t", &[("k\"", "v")])
            .objects("g", &[1, 2], &|n, inner| {
                inner.number("n", *n);
            })
            .end();
        let (written, _) = out.finish().unwrap();
        let expected =
            r#"{"a":"x\"y\\z\u0001\u000aé","o":{"n":"5","m":6},"l":["x","\""],"e":[],"t":{"k\"":"v"},"g":[{"n":1},{"n":2}]}"#;
        assert_eq!(written, expected.as_bytes());
    }
}
