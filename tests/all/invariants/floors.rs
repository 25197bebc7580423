//! The floors of both crates: a file imports its own room and the rooms below, and no import leads back to where it began.

use std::collections::BTreeSet;

use partnerstack_codegen::generate;

use super::imports::Imports;
use super::rust::{Source, root, sources_in};

/// Rooms side by side: none of them imports another. A room is a folder of the crate's sources, with the file of the same
/// name, or a file alone.
struct Floor {
    rooms: &'static [&'static str],
    why: &'static str,
}

const fn floor(rooms: &'static [&'static str], why: &'static str) -> Floor {
    Floor { rooms, why }
}

/// A crate: its floors, the lowest first, and the imports that are allowed all the same.
struct House {
    folder: &'static str,
    name: &'static str,
    floors: &'static [Floor],
    exceptions: &'static [Exception],
}

/// An import that is allowed although it leads upwards.
struct Exception {
    file: &'static str,
    imports: &'static str,
    #[expect(dead_code, reason = "it is for those who read the table")]
    why: &'static str,
}

const CONNECTOR: House = House {
    folder: "connector/src",
    name: "partnerstack_connector",
    floors: &[
        floor(&["text", "files", "clock", "error"], "ground: they need nothing of this crate"),
        floor(&["api"], "the tables of the spec, as types"),
        floor(&["row"], "records, values, and the rules of the tables"),
        floor(&["source"], "bytes become rows"),
        floor(&["mapping"], "columns feed fields"),
        floor(&["request"], "fields become requests; what follows is plain data"),
        floor(&["generated"], "payloads and tables, made of the spec"),
        floor(&["ledger"], "what is known of each record"),
        floor(&["http"], "requests leave, and results are classified"),
        floor(&["report"], "what became of rows"),
        floor(&["sync"], "the loop over rows"),
        floor(&["config"], "what people write about a sync"),
        floor(&["init"], "a sync file out of a source"),
        floor(&["run"], "a process: one ledger, one pace, one or several syncs"),
        floor(&["client", "sandbox"], "edges: single records for programs; an imitation of the API"),
        floor(&["cli"], "an edge above those: it starts the sandbox for `--sandbox`, and may use the client"),
        floor(&["lib"], "only names the rooms, so no room imports it"),
        floor(&["main"], "the binary"),
    ],
    exceptions: &[Exception {
        file: "api/object_spec.rs",
        imports: "request",
        why: "a step of a mode holds `prepare` as a fn pointer, and its type names the request",
    }],
};

const CODEGEN: House = House {
    folder: "codegen/src",
    name: "partnerstack_codegen",
    floors: &[
        floor(&["text"], "ground: source text, spans and places"),
        floor(&["diagnostic"], "what is said about a place"),
        floor(&["source", "json_schema"], "YAML becomes values with spans; helpers for JSON Schemas"),
        floor(&["syntax"], "the spec as written"),
        floor(&["model", "names"], "the spec as meant; identifiers of the generated text"),
        floor(&["lower"], "from written to meant"),
        floor(&["check"], "judgement across fields and objects"),
        floor(&["output"], "what all that is written shares: files, limits in words, Markdown"),
        floor(&["emit", "reference", "schema"], "Rust text; pages for people; the grammar as JSON Schemas"),
        floor(&["generate"], "the stages one after the other"),
        floor(&["accept"], "what is derived and committed"),
        floor(&["lib"], "only names the rooms, so no room imports it"),
        floor(&["command"], "the parts of the command"),
        floor(&["main"], "the command"),
    ],
    exceptions: &[],
};

impl House {
    /// The imports of the crate as it is, without those that are allowed as exceptions.
    fn imports(&self) -> Imports {
        let mut sources = sources_in(self.folder);
        if self.name == CONNECTOR.name {
            sources.extend(generated());
        }
        self.imports_of(&sources)
    }

    fn imports_of(&self, sources: &[Source]) -> Imports {
        let mut imports = Imports::of(self.folder, self.name, sources);
        for Exception { file, imports: room, .. } in self.exceptions {
            imports.leave_out(|from, to| from == *file && room_of(to) == *room);
        }
        imports
    }

    fn floor_of(&self, file: &str) -> Option<(usize, &Floor)> {
        self.floors.iter().enumerate().find(|(_, floor)| floor.rooms.contains(&room_of(file)))
    }

    /// A sentence for each import of a room that is not below.
    fn imports_upwards(&self, imports: &Imports) -> Vec<String> {
        let mut found = Vec::new();
        for (file, imported) in imports.all().filter(|(file, imported)| room_of(file) != room_of(imported)) {
            let (Some((own, of_file)), Some((other, of_imported))) =
                (self.floor_of(file), self.floor_of(imported))
            else {
                continue;
            };
            if other >= own {
                let direction = if other > own { "upwards" } else { "sideways" };
                found.push(format!(
                    "{file} imports {imported}, {direction}: `{}` ({}) is not below `{}` ({})",
                    room_of(imported),
                    of_imported.why,
                    room_of(file),
                    of_file.why
                ));
            }
        }
        found
    }

    /// A sentence for each file without a floor, and for each room of the table that does not exist.
    fn wrong_rooms(&self, imports: &Imports) -> Vec<String> {
        let homeless = imports.files().filter(|file| self.floor_of(file).is_none());
        let homeless =
            homeless.map(|file| format!("{file} has no floor: add `{}` to the table", room_of(file)));
        let exists: BTreeSet<&str> = imports.files().map(room_of).collect();
        let rooms = self.floors.iter().flat_map(|floor| floor.rooms);
        let missing = rooms.filter(|room| !exists.contains(**room));
        let missing = missing.map(|room| format!("the table has `{room}`, and {} does not", self.folder));
        homeless.chain(missing).collect()
    }
}

/// The generated files, as the files of the folder `generated`.
fn generated() -> Vec<Source> {
    let files = generate(&root().join("spec")).unwrap();
    let source = |name: &str, text: &str| Source::parse(&format!("connector/src/generated/{name}"), text);
    files.iter().map(|file| source(&file.name, &file.text)).collect()
}

/// The folder of a file, or the file's name where it is in none.
fn room_of(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn every_room_has_its_floor() {
    let _limit = partnerstack_tests::limit();
    let wrong: Vec<String> =
        [CONNECTOR, CODEGEN].iter().flat_map(|house| house.wrong_rooms(&house.imports())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_room_imports_only_rooms_below() {
    let _limit = partnerstack_tests::limit();
    let found: Vec<String> =
        [CONNECTOR, CODEGEN].iter().flat_map(|house| house.imports_upwards(&house.imports())).collect();
    assert!(found.is_empty(), "{} imports are not allowed:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let _limit = partnerstack_tests::limit();
    let found: Vec<String> = [CONNECTOR, CODEGEN].iter().flat_map(|house| house.imports().cycles()).collect();
    assert!(found.is_empty(), "{} cycles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_folders_import_each_other_in_a_circle() {
    let _limit = partnerstack_tests::limit();
    let found: Vec<String> =
        [CONNECTOR, CODEGEN].iter().flat_map(|house| house.imports().folder_cycles()).collect();
    assert!(found.is_empty(), "{} cycles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_file_imports_the_mod_file_of_its_own_folder() {
    let _limit = partnerstack_tests::limit();
    let sentences = [CONNECTOR, CODEGEN].map(|house| {
        let imports = house.imports();
        let own = imports.of_own_folder();
        own.map(|(file, of)| format!("{file} imports {of}: name the file instead")).collect::<Vec<_>>()
    });
    let found = sentences.concat();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_exception_is_needed() {
    let _limit = partnerstack_tests::limit();
    for house in [CONNECTOR, CODEGEN] {
        let mut imports = Imports::of(house.folder, house.name, &sources_in(house.folder));
        for Exception { file, imports: room, .. } in house.exceptions {
            assert!(imports.leave_out(|from, to| from == *file && room_of(to) == *room), "{file} -> {room}");
        }
    }
}

/// A crate of these files, in the connector's house.
fn planted(files: &[(&str, &str)]) -> Imports {
    let source = |(file, text): &(&str, &str)| Source::parse(&format!("connector/src/{file}"), text);
    let sources: Vec<Source> = files.iter().map(source).collect();
    CONNECTOR.imports_of(&sources)
}

#[test]
fn a_path_means_the_deepest_file_that_it_names() {
    let _limit = partnerstack_tests::limit();
    let files = [
        ("lib.rs", "pub mod row; pub use row::Row;"),
        ("main.rs", "fn main() { partnerstack_connector::cli::main(); }"),
        ("cli/mod.rs", "pub mod run; pub use self::run::run;"),
        (
            "cli/run.rs",
            "use super::super::row::value; mod tests { use super::*; use super::super::other::X; }",
        ),
        ("cli/other.rs", "pub(in crate::row) fn f() { vec![crate::clock::now(), value::x()] }"),
        ("row/mod.rs", "pub mod value; mod record; pub use record::{Cells, Row};"),
        ("row/record.rs", "// use super::value::Cell;\nuse std::fmt; use super::value::{self, Cell};"),
        ("row/value.rs", "/// [`crate::cli::run`]\nfn row() { let self_ = \"crate::cli\"; row::Cell }"),
        ("clock.rs", "macro_rules! now { () => { $crate::row::Row } }"),
    ];
    let found: Vec<String> = planted(&files).all().map(|(from, to)| format!("{from} -> {to}")).collect();
    let expected = [
        "cli/mod.rs -> cli/run.rs",
        "cli/other.rs -> clock.rs",
        "cli/run.rs -> cli/other.rs",
        "cli/run.rs -> row/value.rs",
        "clock.rs -> row/mod.rs",
        "lib.rs -> row/mod.rs",
        "main.rs -> cli/mod.rs",
        "row/mod.rs -> row/record.rs",
        "row/record.rs -> row/value.rs",
    ];
    assert_eq!(found, expected);
}

#[test]
fn planted_cycles_are_found() {
    let _limit = partnerstack_tests::limit();
    let two = planted(&[("http/a.rs", "use super::b::B;"), ("http/b.rs", "fn f(_: super::a::A) {}")]);
    assert_eq!(two.cycles(), ["http/a.rs -> http/b.rs -> http/a.rs"]);

    let across = planted(&[
        ("http/a.rs", "use crate::report::b::B;"),
        ("report/b.rs", "use crate::sync::C;"),
        ("sync/mod.rs", "mod c; pub use self::c::C;"),
        ("sync/c.rs", "fn f() { println!(\"{}\", crate::http::a::X) }"),
        ("sync/d.rs", "use super::c::C; use crate::http::a::A;"),
    ]);
    let cycle = "http/a.rs -> report/b.rs -> sync/mod.rs -> sync/c.rs -> http/a.rs";
    assert_eq!(across.cycles(), [cycle]);

    let by_the_folder = planted(&[
        ("row/mod.rs", "mod value; pub use self::value::Cell; pub const MOST: u8 = 1;"),
        ("row/value.rs", "use super::MOST;"),
        ("row/rules.rs", "mod tests { use super::super::Cell; }"),
    ]);
    assert_eq!(by_the_folder.cycles(), ["row/mod.rs -> row/value.rs -> row/mod.rs"]);
    let own: Vec<&str> = by_the_folder.of_own_folder().map(|(file, _)| file).collect();
    assert_eq!(own, ["row/rules.rs", "row/value.rs"]);

    let none = planted(&[
        ("row/a.rs", "use super::b::B; mod tests { use super::*; }"),
        ("row/b.rs", "use crate::text::names; use self::inner::X; mod inner { pub(super) struct X; }"),
        ("text/names.rs", ""),
    ]);
    assert_eq!(none.cycles(), Vec::<String>::new());
}

#[test]
fn planted_imports_upwards_and_sideways_are_found() {
    let _limit = partnerstack_tests::limit();
    let imports = planted(&[
        ("api/object_spec.rs", "use crate::request::prepare::Prepare;"),
        ("api/spec.rs", "use crate::request::prepare::Prepare; use crate::text::names::near;"),
        ("cli/mod.rs", "use crate::sandbox::Sandbox; use crate::client::Client; use crate::run::Run;"),
        ("client/mod.rs", "fn f() { crate::sandbox::start() } use crate::http::pace::Pace;"),
        ("clock.rs", "use crate::error::SetupError;"),
        ("error.rs", ""),
        ("http/pace.rs", "use crate::ledger::Ledger;"),
        ("ledger/mod.rs", "use crate::{row::Row, http::pace};"),
        ("request/prepare.rs", "use crate::Anything;"),
        ("row/mod.rs", "mod tests { use crate::run::Run; }"),
        ("run/mod.rs", ""),
        ("sandbox/mod.rs", ""),
        ("text/names.rs", ""),
        ("lib.rs", "pub use run::Run;"),
        ("attic/mod.rs", ""),
    ]);
    let found = CONNECTOR.imports_upwards(&imports);
    let found: Vec<&str> = found.iter().map(|line| line.split_once(':').unwrap().0).collect();
    let expected = [
        "api/spec.rs imports request/prepare.rs, upwards",
        "client/mod.rs imports sandbox/mod.rs, sideways",
        "clock.rs imports error.rs, sideways",
        "ledger/mod.rs imports http/pace.rs, upwards",
        "request/prepare.rs imports lib.rs, upwards",
        "row/mod.rs imports run/mod.rs, upwards",
    ];
    assert_eq!(found, expected);
    let wrong = CONNECTOR.wrong_rooms(&imports);
    assert_eq!(
        wrong.first().map(String::as_str),
        Some("attic/mod.rs has no floor: add `attic` to the table")
    );
    assert!(wrong.contains(&"the table has `source`, and connector/src does not".to_owned()), "{wrong:?}");
}
