//! Tables, lists and links of Markdown, with everything escaped that a spec can say.

use crate::output::{digits, markdown};

/// A table in aligned columns, to be read as text, too. The first column is aligned left, the others are centred.
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

/// A row of a table.
pub(super) fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().collect();
    format!("| {} |", cells.join(" | "))
}

/// Text in a cell, which is one line; a pipe would end it, in code as well.
pub(super) fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|").replace(['\r', '\n'], " ")
}

/// A text of the spec as Markdown.
pub(super) fn prose(text: &str) -> String {
    markdown::markdown(text)
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
    digits::group(&number.to_string()).replace('_', ",")
}

/// The word of a cell.
pub(super) fn yes_or_no(yes: bool) -> String {
    if yes { "Yes" } else { "No" }.to_owned()
}

/// A link if the address is a URL, else title and address as text.
pub(super) fn link(title: &str, address: &str) -> String {
    if address.starts_with("https://") || address.starts_with("http://") {
        format!("[{}]({address})", prose(title))
    } else {
        format!("{} ({})", prose(title), prose(address))
    }
}
