//! A line on a terminal that is drawn over and over, and wiped before anything else is printed.

/// What is on the line now.
pub(super) struct StatusLine {
    /// Columns that are covered.
    drawn: usize,
}

impl StatusLine {
    pub(super) const fn new() -> Self {
        StatusLine { drawn: 0 }
    }

    /// What to write to show `text` in place of the previous one. It never fills the last column, after which a terminal begins a new
    /// line; `columns` is asked of the terminal each time, since its window may have changed.
    ///
    /// Spaces cover the rest, not an escape sequence: every terminal has those.
    pub(super) fn draw(&mut self, text: &str, columns: usize) -> String {
        let most = columns.saturating_sub(1);
        let shown: String = text.chars().take(most).collect();
        let width = shown.chars().count();
        let blank = " ".repeat(self.drawn.min(most).saturating_sub(width));
        self.drawn = width;
        format!("\r{shown}{blank}")
    }

    /// What to write to leave nothing of it, nor of keys that the terminal has echoed after it, and the cursor in the first column.
    pub(super) fn wipe(&mut self, columns: usize) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            _ => format!("\r{}\r", " ".repeat(columns.saturating_sub(1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_text_covers_a_longer_one() {
        let mut line = StatusLine::new();
        assert_eq!(line.draw("sent 100 B", 80), "\rsent 100 B");
        assert_eq!(line.draw("sent 1 B", 80), "\rsent 1 B  ");
        assert_eq!(line.wipe(12), "\r           \r", "with the ^C that a terminal echoes");
        assert_eq!(line.wipe(80), "", "nothing is left to wipe");
    }

    #[test]
    fn the_last_column_stays_free_also_after_the_window_became_narrower() {
        let mut line = StatusLine::new();
        assert_eq!(line.draw("0123456789", 10), "\r012345678");
        assert_eq!(line.draw("0", 5), "\r0   ");
        assert_eq!(line.draw("0123456789", 80), "\r0123456789");
        assert_eq!(line.wipe(5), "\r    \r");
        assert_eq!(line.draw("x", 1), "\r");
    }
}
