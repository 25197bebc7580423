//! Breaks text at the width of the terminal.

/// The text in lines of at most `width` characters, where words allow it. Each begins with `indent`.
pub(in crate::cli) fn wrapped(text: &str, indent: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return format!("{indent}{text}") };
    let mut lines = String::with_capacity(text.len() + 16);
    let mut length = 0;
    for word in text.split(' ') {
        let letters = word.chars().count();
        if length == 0 {
            lines.push_str(indent);
            length = indent.len();
        } else if length + 1 + letters > width.max(20) {
            lines.push('\n');
            lines.push_str(indent);
            length = indent.len();
        } else {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += letters;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole() {
        let text = "write the other record first and mind which field takes which key";
        assert_eq!(
            wrapped(text, "  ", Some(30)),
            "  write the other record first\n  and mind which field takes\n  which key"
        );
        assert_eq!(wrapped(text, "  ", None), format!("  {text}"));
        assert_eq!(
            wrapped("averyveryverylongwordthatfitsnowhere x", "", Some(10)),
            "averyveryverylongwordthatfitsnowhere\nx"
        );
    }
}
