//! Rust sources as what they name: literals, identifiers and paths, also those inside macros; no comments.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Lit;

/// A literal or an identifier.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// The value of a string, a byte string or a C string.
    Literal(String),
    Identifier(String),
}

/// A file of Rust.
pub(crate) struct Source {
    /// Its path in the repository.
    pub(crate) name: String,
    pub(crate) lines: Vec<String>,
    pub(crate) texts: Vec<Text>,
    /// Paths with all their segments, those of `use` groups written out. `self` and `super` are those of the file, also
    /// for a path in a module within it.
    pub(crate) paths: Vec<Vec<String>>,
}

impl Source {
    pub(crate) fn parse(name: &str, text: &str) -> Self {
        syn::parse_file(text).unwrap_or_else(|error| panic!("{name} is no Rust: {error}"));
        let tokens = without_docs(syn::parse_str(text).unwrap());
        let (mut texts, mut paths) = (Vec::new(), Vec::new());
        collect_texts(&tokens, &mut texts);
        collect_paths(&tokens, &[], 0, &mut paths);
        Self { name: name.to_owned(), lines: text.lines().map(str::to_owned).collect(), texts, paths }
    }

    /// The place of a text outside of comments, the first of several, as `FILE:LINE`.
    pub(crate) fn place(&self, text: &str) -> String {
        // A literal of several lines is found by its first.
        let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
        let escaped = first.escape_debug().to_string();
        let has = |line: &String| {
            !line.trim_start().starts_with("//") && (has_word(line, first) || has_word(line, &escaped))
        };
        let line = self.lines.iter().position(has).map_or(0, |position| position + 1);
        format!("{}:{line}", self.name)
    }
}

/// The line has the text, not as a part of a longer word.
fn has_word(line: &str, text: &str) -> bool {
    let inner = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(text).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + text.len()..]);
        !inner(before.chars().next_back()) && !inner(after.chars().next())
    })
}

/// The sources of both crates that people write.
pub(crate) fn hand_written() -> Vec<Source> {
    let sources: Vec<Source> = ["connector/src", "codegen/src"].into_iter().flat_map(sources_in).collect();
    assert!(sources.len() > 50, "the sources are somewhere else now");
    sources
}

/// Every Rust file in a folder of the repository, by name.
pub(crate) fn sources_in(folder: &str) -> Vec<Source> {
    let root = root();
    let mut folders = vec![root.join(folder)];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(extension) if extension == "rs" => paths.push(path),
                _ => {}
            }
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        Source::parse(&name, &fs::read_to_string(&path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The runs of letters, digits and `_` in a text, each as its words in lower case: `CustomerKey` and `CUSTOMER_KEY` have
/// the same two.
pub(crate) fn phrases(text: &str) -> Vec<Vec<String>> {
    let runs = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    runs.map(words).filter(|words| !words.is_empty()).collect()
}

fn words(run: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in run.split('_') {
        let mut word = String::new();
        let mut last_is_lower = false;
        for c in part.chars() {
            if c.is_uppercase() && last_is_lower {
                words.push(std::mem::take(&mut word));
            }
            last_is_lower = !c.is_uppercase();
            word.extend(c.to_lowercase());
        }
        words.push(word);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Doc comments are attributes by now, and no code.
fn without_docs(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            kept.push(token);
            continue;
        };
        let documents =
            matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc");
        if group.delimiter() == Delimiter::Bracket && documents {
            while matches!(kept.last(), Some(TokenTree::Punct(mark)) if matches!(mark.as_char(), '#' | '!')) {
                kept.pop();
            }
        } else {
            kept.push(TokenTree::Group(proc_macro2::Group::new(
                group.delimiter(),
                without_docs(group.stream()),
            )));
        }
    }
    kept.into_iter().collect()
}

fn collect_texts(tokens: &TokenStream, texts: &mut Vec<Text>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => collect_texts(&group.stream(), texts),
            TokenTree::Ident(name) => {
                texts.push(Text::Identifier(name.to_string().trim_start_matches("r#").to_owned()));
            }
            TokenTree::Literal(literal) => match Lit::new(literal) {
                Lit::Str(text) => texts.push(Text::Literal(text.value())),
                Lit::ByteStr(bytes) => {
                    texts.push(Text::Literal(String::from_utf8_lossy(&bytes.value()).into_owned()));
                }
                Lit::CStr(text) => texts.push(Text::Literal(text.value().to_string_lossy().into_owned())),
                _ => {}
            },
            TokenTree::Punct(_) => {}
        }
    }
}

/// Every path, with `prefix` before those that a `use` group continues, in a module `depth` levels below the file's.
fn collect_paths(tokens: &TokenStream, prefix: &[String], depth: usize, paths: &mut Vec<Vec<String>>) {
    let mut path = prefix.to_vec();
    // Colons since the last segment: two of them continue a path.
    let mut colons = if prefix.is_empty() { 0 } else { 2 };
    // The last two tokens, where they are words: `mod tests { ... }` is a module, `pub(super)` is no path.
    let mut words: [String; 2] = Default::default();
    let end = |path: &mut Vec<String>, paths: &mut Vec<Vec<String>>| {
        if path.len() > prefix.len() {
            paths.push(of_the_file(std::mem::take(path), depth));
        }
    };
    for token in tokens.clone() {
        let [before, last] = std::mem::take(&mut words);
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 {
                    end(&mut path, paths);
                    path.clear();
                }
                path.push(name.to_string());
                words = [last, name.to_string()];
                colons = 0;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Group(group) if colons == 2 && group.delimiter() == Delimiter::Brace => {
                collect_paths(&group.stream(), &path, depth, paths);
                path.clear();
                colons = 0;
            }
            TokenTree::Group(group) => {
                end(&mut path, paths);
                path.clear();
                colons = 0;
                match group.delimiter() {
                    Delimiter::Parenthesis if last == "pub" => {}
                    Delimiter::Brace if before == "mod" => {
                        collect_paths(&group.stream(), &[], depth + 1, paths);
                    }
                    _ => collect_paths(&group.stream(), &[], depth, paths),
                }
            }
            TokenTree::Punct(mark) => {
                end(&mut path, paths);
                // In a `use` group, what follows a comma continues the prefix again.
                let again = mark.as_char() == ',' && !prefix.is_empty();
                path = if again { prefix.to_vec() } else { Vec::new() };
                colons = if again { 2 } else { 0 };
            }
            TokenTree::Literal(_) => {
                end(&mut path, paths);
                path.clear();
                colons = 0;
            }
        }
    }
    end(&mut path, paths);
}

/// A path as the file itself would write it, from a module `depth` levels below.
fn of_the_file(path: Vec<String>, depth: usize) -> Vec<String> {
    if depth == 0 {
        return path;
    }
    let own = path.iter().take_while(|segment| *segment == "self").count();
    let up = path.iter().skip(own).take_while(|segment| *segment == "super").count();
    if own + up == 0 {
        return path;
    }
    let rest = path.into_iter().skip(own + up);
    if up < depth {
        return vec!["self".to_owned()];
    }
    let start = std::iter::repeat_n("super".to_owned(), up - depth);
    std::iter::once("self".to_owned()).chain(start).chain(rest).collect()
}
