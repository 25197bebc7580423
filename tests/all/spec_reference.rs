//! The generated reference: its tables are those of the order, and whatever a spec says stays in its cell.
#![cfg(test)]

mod order;

use std::collections::BTreeMap;
use std::path::Path;

use partnerstack_codegen::reference_from;
use partnerstack_codegen::source::Folder;
use partnerstack_codegen::text::SourceText;

use crate::invariants::rust::root;

#[test]
fn required_fields_are_those_of_the_order() {
    let _limit = partnerstack_tests::limit();
    let pages = pages(&root().join("spec"));
    for (object, table) in order::REQUIRED {
        let ordered: Vec<Vec<String>> = columns(table, &["Destination Field", "Type", "Required"]);
        let ours = columns(section(&pages[object], "Required fields"), &["Field", "Type", "Required"]);
        assert_eq!(ours, ordered, "{object}");
    }
}

#[test]
fn default_fields_are_those_of_the_order() {
    let _limit = partnerstack_tests::limit();
    let pages = pages(&root().join("spec"));
    for (object, table) in order::DEFAULT {
        let ordered = columns(table, &["Field", "Type"]);
        let ours = columns(section(&pages[object], "Default fields"), &["Field", "Type"]);
        assert_eq!(ours, ordered, "{object}");
    }
}

#[test]
fn the_settings_are_those_of_the_order() {
    let _limit = partnerstack_tests::limit();
    let overview = &pages(&root().join("spec"))["README"];
    let ours = section(overview, "Target settings");
    let head = ["Field", "Type", "Required"];
    assert_eq!(columns(ours, &head), columns(order::SETTINGS, &head));
    let options = |table: &str| {
        let text = columns(table, &["Description"]).remove(0).remove(0);
        let options = text.split_once("Options: ").unwrap().1.split_once('.').unwrap().0.to_owned();
        let mut options: Vec<String> = options.split(", ").map(str::to_owned).collect();
        options.sort();
        options
    };
    assert_eq!(options(ours), options(order::SETTINGS));
}

#[test]
fn modes_are_those_of_the_order() {
    let _limit = partnerstack_tests::limit();
    let pages = pages(&root().join("spec"));
    let matrix = table(section(&pages["README"], "Objects and modes"));
    // A mode that the order supports is one of every object but those that its note excludes.
    let modes: Vec<String> = columns(order::MODES, &["Mode", "Supported"])
        .into_iter()
        .filter(|row| row[1] == "Yes")
        .map(|mut row| row.remove(0))
        .collect();
    assert_eq!(modes, ["Insert", "Update", "Upsert"]);
    assert_eq!(matrix.len(), order::REQUIRED.len());
    for row in matrix {
        let object = row["Object"].trim_start_matches('[').split(']').next().unwrap().to_owned();
        let ordered = |mode: &String| match order::ONLY.iter().find(|(only, _)| *only == object) {
            Some((_, only)) => only.contains(&mode.as_str()),
            None => true,
        };
        let of_page = table(section(&pages[object.as_str()], "Modes"));
        for mode in &modes {
            let expected = if ordered(mode) { "Yes" } else { "No" };
            assert_eq!(row[mode], expected, "{object}, {mode}");
            let cell = of_page.iter().find(|row| row["Mode"] == mode.to_lowercase()).unwrap();
            assert_eq!(cell["Supported"], expected, "{object}, {mode}");
            assert_eq!(cell["Operations"].is_empty(), expected == "No", "{object}, {mode}");
            assert!(expected == "Yes" || cell["Notes"].len() > 20, "a reason: {cell:?}");
        }
    }
}

#[test]
fn features_are_those_of_the_order() {
    let _limit = partnerstack_tests::limit();
    let overview = &pages(&root().join("spec"))["README"];
    let ours = table(section(overview, "Features"));
    let of = |title: &str| {
        let found = ours.iter().find(|row| row["Feature"].to_lowercase().contains(&title.to_lowercase()));
        found.unwrap_or_else(|| panic!("nothing says whether there is {title}"))["Supported"].clone()
    };
    for line in order::FEATURES.lines() {
        let (title, supported) = line.trim_start_matches("- ").split_once(": ").unwrap();
        assert_eq!(of(title), supported, "{title}");
    }
    for row in columns(order::AUDIENCE_MODES, &["Mode", "Supported"]) {
        assert_eq!((row[1].as_str(), of(&row[0]).as_str()), ("—", "No"), "{}", row[0]);
    }
}

#[test]
fn the_overview_has_what_the_order_tells_people() {
    let _limit = partnerstack_tests::limit();
    let overview = &pages(&root().join("spec"))["README"];
    for (title, items) in [("Prerequisites", 3), ("Best practices", 6)] {
        assert_eq!(section(overview, title).lines().filter(|line| line.starts_with("- ")).count(), items);
    }
    assert!(section(overview, "Limits").contains("4,000 requests in 60 seconds for each IP address"));
    let hints = section(overview, "Troubleshooting");
    for title in order::TROUBLESHOOTING {
        assert!(hints.replace('`', "").contains(&format!("### {title}\n")), "{title}");
    }
}

#[test]
fn every_source_is_shown_with_its_address_day_and_certainty() {
    let _limit = partnerstack_tests::limit();
    let folder = Folder::read(&root().join("spec")).unwrap();
    let api: serde_yaml::Value = serde_yaml::from_str(folder.api.text()).unwrap();
    let pages = pages(&root().join("spec"));
    let shown = table(section(&pages["README"], "Sources"));
    let sources = api["sources"].as_sequence().unwrap();
    assert_eq!(shown.len(), sources.len());
    for (row, source) in shown.iter().zip(sources) {
        let text = |key: &str| source[key].as_str().unwrap();
        assert_eq!(row["Name"], format!("`{}`", text("name")));
        assert!(row["Source"].contains(text("url")), "{row:?}");
        assert_eq!((row["Read"].as_str(), row["Certainty"].as_str()), (text("read"), text("certainty")));
    }
}

#[test]
fn every_field_and_operation_stands_under_its_source() {
    let _limit = partnerstack_tests::limit();
    let folder = Folder::read(&root().join("spec")).unwrap();
    let pages = pages(&root().join("spec"));
    let api: serde_yaml::Value = serde_yaml::from_str(folder.api.text()).unwrap();
    for file in &folder.objects {
        let object: serde_yaml::Value = serde_yaml::from_str(file.text()).unwrap();
        let rows = table(section(&pages[object["name"].as_str().unwrap()], "Sources"));
        let says = |source: &str, kind: &str, fact: &str| {
            let entry = api["sources"].as_sequence().unwrap().iter().find(|entry| entry["name"] == source);
            let url = entry.unwrap()["url"].as_str().unwrap();
            let row = rows.iter().find(|row| row["Source"].contains(&format!("({url})")));
            let row = row.unwrap_or_else(|| panic!("{}: {source} is not shown", file.path()));
            let facts =
                row["What it says"].split("; ").find_map(|facts| facts.strip_prefix(&format!("{kind}: ")));
            let there = facts.is_some_and(|facts| facts.split(", ").any(|known| known == fact));
            assert!(there, "{}: {source} says nothing of {fact}", file.path());
        };
        for field in object["fields"].as_sequence().unwrap() {
            let name = format!("`{}`", field["name"].as_str().unwrap());
            says(field["source"].as_str().unwrap(), "fields", &name);
        }
        for (name, operation) in object["operations"].as_mapping().unwrap() {
            says(operation["source"].as_str().unwrap(), "operations", name.as_str().unwrap());
        }
    }
}

#[test]
fn open_facts_are_listed() {
    let _limit = partnerstack_tests::limit();
    let folder = Folder::read(&root().join("spec")).unwrap();
    let pages = pages(&root().join("spec"));
    for file in std::iter::once(&folder.api).chain(&folder.objects) {
        let written: serde_yaml::Value = serde_yaml::from_str(file.text()).unwrap();
        let page = &pages[written.get("name").map_or("README", |name| name.as_str().unwrap())];
        let questions = section(page, "Open facts").lines().filter(|line| line.starts_with("- **")).count();
        assert_eq!(questions, written["open"].as_sequence().unwrap().len(), "{}", file.path());
    }
}

/// Whatever stands in a spec, a table keeps its columns.
#[test]
fn no_text_breaks_a_table() {
    let _limit = partnerstack_tests::limit();
    let nasty = "A|B \\\\| `c|d` <b> *e* [f] # g";
    let loans = LOANS
        .replace("The title of the book", &format!("'{nasty}'"))
        .replace("allowed: [EUR, USD]", "allowed: [EUR, 'U|D']")
        .replace("    format: currency\n", "")
        .replace("description: Books that", "description: '# Books | that'\n#");
    let pages = pages_of(&loans);
    assert!(pages["loans"].contains("\n\\# Books | that\n"), "{}", pages["loans"]);
    for (name, page) in &pages {
        let mut head = None;
        for line in page.lines() {
            let cells = line.starts_with('|').then(|| cells(line).len());
            assert!(head.is_none() || cells.is_none() || head == cells, "{name}: {line}");
            head = cells;
        }
    }
    let fields = table(section(&pages["loans"], "Default fields"));
    assert_eq!(fields[0]["Description"], "A|B \\\\| `c|d` \\<b> \\*e\\* \\[f\\] # g");
}

const API: &str = include_str!("specs/good/api.yaml");
const LOANS: &str = include_str!("specs/good/objects/loans.yaml");
const READERS: &str = include_str!("specs/good/objects/readers.yaml");

/// The pages of the small spec, with other loans.
fn pages_of(loans: &str) -> BTreeMap<String, String> {
    let source = |name: &str, text: &str| SourceText::new(&format!("spec/{name}"), text);
    render(&Folder {
        api: source("api.yaml", API),
        objects: vec![source("objects/loans.yaml", loans), source("objects/readers.yaml", READERS)],
    })
}

/// The pages of a spec by the stems of their names.
fn pages(spec: &Path) -> BTreeMap<String, String> {
    render(&Folder::read(spec).unwrap())
}

fn render(folder: &Folder) -> BTreeMap<String, String> {
    let pages = reference_from(folder).unwrap_or_else(|report| panic!("{}", report.render(false)));
    pages.into_iter().map(|page| (page.name.strip_suffix(".md").unwrap().to_owned(), page.text)).collect()
}

/// What stands under a heading, up to the next one of its kind.
fn section<'p>(page: &'p str, title: &str) -> &'p str {
    let (_, rest) =
        page.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no {title}: {page}"));
    rest.split("\n## ").next().unwrap()
}

/// The rows of the first table in a text, by the heads of its columns.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines().skip_while(|line| !line.contains('|')).take_while(|line| line.contains('|'));
    let head = cells(lines.next().expect("a table"));
    let rule = cells(lines.next().unwrap());
    assert!(rule.len() == head.len() && rule.iter().all(|cell| cell.trim_matches([':', '-']).is_empty()));
    lines.map(|line| head.iter().cloned().zip(cells(line)).collect()).collect()
}

/// Some columns of it, without the marks of code.
fn columns(text: &str, head: &[&str]) -> Vec<Vec<String>> {
    let cell = |row: &BTreeMap<String, String>, column: &&str| row[*column].trim_matches('`').to_owned();
    table(text).iter().map(|row| head.iter().map(|column| cell(row, column)).collect()).collect()
}

/// The cells of a line; the order's lines have no pipe in front where code was.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|');
    let line = line.strip_suffix('|').unwrap_or(line).replace("\\|", "\u{0}");
    line.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}
