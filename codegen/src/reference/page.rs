//! A page of the reference: its name, its head, and its blocks.

use super::markdown::{cell, line, prose};

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

/// The name under which a folder shows its overview.
pub(super) const OVERVIEW: &str = "README.md";

/// The name of an object's page.
pub(super) fn page_name(object: &str) -> String {
    format!("{object}.md")
}

/// A page that says where it comes from.
pub(super) fn begin(title: &str) -> Page {
    Page::new(
        title,
        "Generated from the spec by `cargo spec accept`: edit the YAML files there, not this one.",
    )
}
