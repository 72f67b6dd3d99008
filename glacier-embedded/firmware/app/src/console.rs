//! The console: one line an event.

use core::fmt::{self, Display, Write};

/// Where lines go.
#[derive(Clone, Copy, Debug)]
pub struct Console(fn(&str));

impl Console {
    /// A console that `print` writes to, piece by piece.
    pub const fn new(print: fn(&str)) -> Self {
        Console(print)
    }

    /// Writes a line.
    pub fn line(self, text: fmt::Arguments<'_>) {
        let mut out = Pieces { print: self.0, held: heapless::String::new() };
        // Neither fails: what does not fit a piece is printed first.
        let _ = out.write_fmt(text);
        let _ = out.write_char('\n');
        out.flush();
    }
}

/// Gathers the pieces of a line, so that the host is not called for each.
struct Pieces {
    print: fn(&str),
    held: heapless::String<96>,
}

impl Pieces {
    fn flush(&mut self) {
        (self.print)(&self.held);
        self.held.clear();
    }
}

impl Write for Pieces {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.held.push_str(text).is_err() {
            self.flush();
            if self.held.push_str(text).is_err() {
                (self.print)(text);
            }
        }
        Ok(())
    }
}

/// A text as a value of the console: in double quotes, with `\` before `"` and `\`, and a space for each control character.
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
    fn lines_of_any_length() {
        let long = "x".repeat(200);
        let console = Console::new(|text| PRINTED.with(|printed| printed.borrow_mut().push_str(text)));
        console.line(format_args!("a={} b={}", 1, long));
        console.line(format_args!("done"));
        assert_eq!(PRINTED.take(), format!("a=1 b={long}\ndone\n"));
    }

    #[test]
    fn a_quoted_text_is_one_word_of_one_line() {
        assert_eq!(Quoted("say \"a\\b\"\r\n now").to_string(), "\"say \\\"a\\\\b\\\"   now\"");
    }
}
