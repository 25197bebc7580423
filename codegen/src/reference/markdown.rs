//! Headings, paragraphs, lists and tables of Markdown, with everything escaped that a spec can say.

use crate::emit::text;

/// A page that grows from top to bottom.
pub(super) struct Page {
    text: String,
}

impl Page {
    /// A page with a title, and a comment above it that only its editors see.
    pub(super) fn new(title: &str, comment: &str) -> Self {
        Self { text: format!("<!-- {comment} -->\n\n# {}\n", prose(title)) }
    }

    /// Begins a section.
    pub(super) fn section(&mut self, title: &str) {
        self.block(&format!("## {}", prose(title)));
    }

    /// Begins a part of a section.
    pub(super) fn part(&mut self, title: &str) {
        self.block(&format!("### {}", prose(title)));
    }

    /// Adds a paragraph of Markdown.
    pub(super) fn paragraph(&mut self, markdown: &str) {
        // At the beginning of a line these would be a heading, a list or a quotation.
        let escape = if markdown.starts_with(['#', '-', '+', '>']) { "\\" } else { "" };
        self.block(&format!("{escape}{markdown}"));
    }

    /// Adds a list of Markdown.
    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let items: Vec<String> = items.into_iter().map(|item| format!("- {item}")).collect();
        self.block(&items.join("\n"));
    }

    /// Adds a table whose cells are Markdown; nothing where it has no rows.
    pub(super) fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) {
        if rows.is_empty() {
            return;
        }
        let mut lines = vec![line(head.map(str::to_owned)), line(head.map(|_| "---".to_owned()))];
        lines.extend(rows.iter().map(|row| line(row.each_ref().map(|text| cell(text)))));
        self.block(&lines.join("\n"));
    }

    /// The page as a text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn block(&mut self, block: &str) {
        self.text.push('\n');
        self.text.push_str(block);
        self.text.push('\n');
    }
}

/// A table in aligned columns, for narrow ones that are read as text too: cells stand in the middle, names do not.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let row = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        line(cells.collect::<Vec<_>>())
    };
    let rule = widths.iter().enumerate().map(|(column, width)| {
        if column == 0 { "-".repeat(*width) } else { format!(":{}:", "-".repeat(width.saturating_sub(2))) }
    });
    let mut lines: Vec<String> = rows.iter().map(|cells| row(cells)).collect();
    lines.insert(lines.len().min(1), line(rule));
    lines.join("\n")
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().collect();
    format!("| {} |", cells.join(" | "))
}

/// A cell is one line, and a pipe would end it, in code as well.
fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|").replace(['\r', '\n'], " ")
}

/// A text of the spec as Markdown.
pub(super) fn prose(text: &str) -> String {
    text::markdown(text)
}

/// A name, a path or a word of a message.
pub(super) fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Several of them: `a`, `b` or `c`.
pub(super) fn codes<'t>(texts: impl IntoIterator<Item = &'t str>, last: &str) -> String {
    listed(texts.into_iter().map(code), last)
}

/// a, b or c.
pub(super) fn listed(items: impl IntoIterator<Item = String>, last: &str) -> String {
    let items: Vec<String> = items.into_iter().collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., end] => format!("{} {last} {end}", before.join(", ")),
    }
}

/// 4,000 rather than 4000.
pub(super) fn number(number: u32) -> String {
    text::group(&number.to_string()).replace('_', ",")
}

/// The word of a cell.
pub(super) fn yes_or_no(yes: bool) -> String {
    if yes { "Yes" } else { "No" }.to_owned()
}

/// A link where the address is one, else the text and what stands in its place.
pub(super) fn link(title: &str, address: &str) -> String {
    if address.starts_with("https://") || address.starts_with("http://") {
        format!("[{}]({address})", prose(title))
    } else {
        format!("{} ({})", prose(title), prose(address))
    }
}
