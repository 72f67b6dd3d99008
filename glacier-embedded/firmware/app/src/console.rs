//! The console: one line per event.

use core::fmt::{self, Display, Write};

/// Where lines are printed.
#[derive(Clone, Copy, Debug)]
pub struct Console(fn(&str));

impl Console {
    /// A console that calls `print` with pieces of lines.
    pub const fn new(print: fn(&str)) -> Self {
        Console(print)
    }

    /// Prints a line.
    pub fn line(self, text: fmt::Arguments<'_>) {
        let mut out = Buffered { print: self.0, buffer: heapless::String::new() };
        // Neither fails: a full buffer is printed.
        let _ = out.write_fmt(text);
        let _ = out.write_char('\n');
        out.flush();
    }
}

/// Collects pieces of a line, as each call of `print` is a call of the host.
struct Buffered {
    print: fn(&str),
    buffer: heapless::String<96>,
}

impl Buffered {
    fn flush(&mut self) {
        (self.print)(&self.buffer);
        self.buffer.clear();
    }
}

impl Write for Buffered {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.buffer.push_str(text).is_err() {
            self.flush();
            if self.buffer.push_str(text).is_err() {
                (self.print)(text);
            }
        }
        Ok(())
    }
}

/// Text as a console value: in double quotes, with `\` before `"` and `\`, and a space in place of each control character.
pub(crate) struct Quoted<T>(pub(crate) T);

impl<T: Display> Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write!(Escaping(f), "{}", self.0)?;
        f.write_char('"')
    }
}

struct Escaping<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.0.write_char('\\')?;
                    self.0.write_char(character)?;
                }
                character if character.is_control() => self.0.write_char(' ')?,
                character => self.0.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    thread_local!(static PRINTED: RefCell<String> = RefCell::default());

    #[test]
    fn lines_of_any_length_are_printed_whole() {
        let long = "x".repeat(200);
        let console = Console::new(|text| PRINTED.with(|printed| printed.borrow_mut().push_str(text)));
        console.line(format_args!("a={} b={}", 1, long));
        console.line(format_args!("done"));
        assert_eq!(PRINTED.take(), format!("a=1 b={long}\ndone\n"));
    }

    #[test]
    fn quoted_text_is_escaped_and_stays_on_its_line() {
        assert_eq!(Quoted("say \"a\\b\"\r\n now").to_string(), "\"say \\\"a\\\\b\\\"   now\"");
    }
}
