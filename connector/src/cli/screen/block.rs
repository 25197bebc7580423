//! The live block on a terminal.

use std::io;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::paint::{Paint, painted};
use super::progress_text::{Speed, outcomes, rows, speed, waiting};
use crate::sync::Progress;

/// How often it may be drawn, in a second.
const HZ: u8 = 5;
/// A bar is shown where the number of rows is known, else only what was read.
const WITH_BAR: &str = "{bar:30} {percent:>3} %  {prefix}\n{msg}";
const WITHOUT_BAR: &str = "{prefix}\n{msg}";

/// The live block on a terminal.
pub(in crate::cli) struct Block {
    bar: ProgressBar,
    colour: bool,
    has_bar: bool,
}

impl Block {
    pub(in crate::cli) fn new(colour: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(HZ));
        bar.set_style(style(WITHOUT_BAR));
        Self { bar, colour, has_bar: false }
    }

    /// Shows how far the sync has come.
    pub(in crate::cli) fn show(&mut self, progress: &Progress<'_>, past: &Speed) {
        if let Some(total) = progress.total {
            if !self.has_bar {
                self.has_bar = true;
                self.bar.set_style(style(WITH_BAR));
            }
            self.bar.set_length(total.rows());
        }
        let paint = |kind: Paint, text: String| if self.colour { painted(kind, &text) } else { text };
        let counts: Vec<String> =
            outcomes(progress).map(|(outcome, text)| paint(Paint::of(outcome), text)).collect();
        let mut lines = vec![counts.join("  "), speed(progress, past)];
        lines.extend(progress.waiting.map(|reason| paint(Paint::Open, waiting(reason))));
        lines.retain(|line| !line.is_empty());
        self.bar.set_prefix(rows(progress, past));
        self.bar.set_message(lines.join("\n"));
        self.bar.set_position(progress.report.read());
    }

    /// Takes the block away while something else is written.
    pub(in crate::cli) fn aside<T>(&self, write: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.bar.suspend(write)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A style of our own text, which is always valid; without it the bar looks as the library wants.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
