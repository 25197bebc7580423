//! The ways in which people damage a file: one at a time, each with words that say what was done.

use partnerstack_tests::server::Random;

/// What stands in the place of a value.
const VALUES: [&str; 24] = [
    "",
    "42",
    "-1",
    "0",
    "1.5",
    "99999999999",
    "99999999999999999999999999999999999999999",
    "1e999",
    ".nan",
    "true",
    "yes",
    "null",
    "~",
    "[]",
    "{}",
    "[a, b]",
    "{a: b}",
    "''",
    "&here x",
    "*there",
    "!tag x",
    "|",
    "\"open",
    "größe",
];

/// What takes the place of a character.
const CHARACTERS: [char; 20] = [
    '\t', '\0', '"', '\'', ':', '#', '{', '}', '[', ']', '&', '*', '-', ',', '%', '@', '\r', 'ß', '\u{2028}',
    '\u{feff}',
];

/// Lines that do not belong there.
const LINES: [&str; 12] = [
    "---",
    "...",
    "- x",
    "%YAML 1.2",
    "\tx: y",
    "anchor: &a x",
    "alias: *a",
    "<<: *a",
    "? x",
    "  x",
    "# ok",
    "\"",
];

/// A damaged copy, and what was done to it.
pub(super) fn damage(text: &str, random: &mut Random) -> (String, Vec<u8>) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = choose(lines.len(), random);
    let what = match random.below(12) {
        0 => {
            let line = lines.remove(at);
            format!("lost the line {line:?}")
        }
        1 => {
            lines.insert(at, lines[at].clone());
            format!("has the line {:?} twice", lines[at])
        }
        2 => {
            let to = choose(lines.len(), random);
            lines.swap(at, to);
            format!("has {:?} and {:?} exchanged", lines[at], lines[to])
        }
        3 => {
            indent(&mut lines, at, random);
            format!("is indented otherwise at {:?}", lines[at])
        }
        4 => {
            swap_value(&mut lines, at, random);
            format!("has another value: {:?}", lines[at])
        }
        5 => {
            misspell(&mut lines, at, random);
            format!("has another key: {:?}", lines[at])
        }
        6 => {
            let line = LINES[choose(LINES.len(), random)];
            lines.insert(at, line.to_owned());
            format!("has the line {line:?} before {:?}", lines[at + 1])
        }
        7 => {
            let next = if at + 1 < lines.len() { lines.remove(at + 1) } else { String::new() };
            lines[at].push_str(&next);
            format!("lost the line break in {:?}", lines[at])
        }
        8 => {
            lines.truncate(at + 1);
            let kept: String =
                lines[at].chars().take(choose(lines[at].chars().count() + 1, random)).collect();
            lines[at].clone_from(&kept);
            // A file that is cut off has no line break at its end.
            return (format!("ends with {kept:?}"), lines.join("\n").into_bytes());
        }
        9 => {
            let mut bytes = text.as_bytes().to_vec();
            let at = choose(bytes.len(), random);
            bytes[at] = 0x80 + u8::try_from(random.below(0x80)).unwrap();
            return (format!("has the byte {:#x} at {at}", bytes[at]), bytes);
        }
        10 => {
            indent_block(&mut lines, at, random);
            format!("has a block indented otherwise from {:?} on", lines[at])
        }
        _ => {
            let character = CHARACTERS[choose(CHARACTERS.len(), random)];
            let mut written: Vec<char> = lines[at].chars().chain([' ']).collect();
            let place = choose(written.len(), random);
            written[place] = character;
            lines[at] = written.into_iter().collect();
            format!("has {character:?} in {:?}", lines[at])
        }
    };
    (what, (lines.join("\n") + "\n").into_bytes())
}

fn choose(length: usize, random: &mut Random) -> usize {
    usize::try_from(random.below(length as u64)).unwrap()
}

/// More or fewer blanks before a line, or a tab.
fn indent(lines: &mut [String], at: usize, random: &mut Random) {
    let line = &lines[at];
    lines[at] = match random.below(5) {
        0 => format!("\t{}", line.trim_start()),
        1 => format!("    {line}"),
        2 => format!(" {line}"),
        3 => line.trim_start().to_owned(),
        _ => line.strip_prefix("  ").unwrap_or(line).to_owned(),
    };
}

/// The same for some lines in a row, as an editor does it with a selection.
fn indent_block(lines: &mut [String], at: usize, random: &mut Random) {
    let deeper = random.below(2) == 0;
    for line in lines.iter_mut().skip(at).take(2 + choose(6, random)) {
        *line = if deeper { format!("  {line}") } else { line.strip_prefix("  ").unwrap_or(line).to_owned() };
    }
}

fn swap_value(lines: &mut [String], at: usize, random: &mut Random) {
    let at = near(lines, at, ": ");
    let value = VALUES[choose(VALUES.len(), random)];
    if let Some((key, _)) = lines[at].split_once(": ") {
        lines[at] = format!("{key}: {value}");
    }
}

/// Two letters exchanged, one lost, or one that is large.
fn misspell(lines: &mut [String], at: usize, random: &mut Random) {
    let at = near(lines, at, ":");
    let mut written: Vec<char> = lines[at].chars().collect();
    let key: Vec<usize> = (0..lines[at].find(':').unwrap_or(written.len())).collect();
    let letters: Vec<usize> = key.into_iter().filter(|place| written[*place].is_alphabetic()).collect();
    if let Some(place) = letters.get(choose(letters.len(), random)) {
        match random.below(3) {
            0 if *place + 1 < written.len() => written.swap(*place, place + 1),
            1 => written[*place] = written[*place].to_ascii_uppercase(),
            _ => _ = written.remove(*place),
        }
    }
    lines[at] = written.into_iter().collect();
}

/// The nearest line from there on that has such a text in it.
fn near(lines: &[String], at: usize, text: &str) -> usize {
    lines.iter().skip(at).position(|line| line.contains(text)).map_or(0, |further| at + further)
}
