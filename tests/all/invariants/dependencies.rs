//! Every dependency, and every ability that is injected, has its one room.

use super::rust::{Source, Text, hand_written};

/// A dependency or an ability, and the only places that name it.
struct Room {
    /// What no other path has in it.
    names: &'static [&'static str],
    /// Prefixes of files.
    only_in: &'static [&'static str],
    why: &'static str,
}

const ROOMS: [Room; 12] = [
    Room {
        names: &["reqwest"],
        only_in: &["connector/src/http/transport.rs"],
        why: "the HTTP client is known to the transport alone",
    },
    Room {
        names: &["hyper", "hyper_util", "http_body_util"],
        only_in: &["connector/src/sandbox/"],
        why: "the sandbox is the only server",
    },
    Room {
        names: &["Instant", "SystemTime", "tokio::time", "thread::sleep", "Timestamp::now", "Zoned::now"],
        // The sandbox plays another machine, which has a clock of its own.
        only_in: &["connector/src/clock.rs", "connector/src/sandbox/"],
        why: "the engine gets its time from a `Clock`",
    },
    Room {
        names: &["clap"],
        only_in: &["connector/src/cli/"],
        why: "flags are known to the command line alone",
    },
    Room {
        names: &["serde_yaml", "yaml_serde", "saphyr", "saphyr_parser"],
        only_in: &["codegen/src/source/tree/"],
        why: "YAML is read in one place",
    },
    Room {
        names: &["rusqlite"],
        only_in: &["connector/src/ledger/sqlite/"],
        why: "SQL is known to the ledger alone",
    },
    Room {
        names: &["csv_core", "encoding_rs"],
        only_in: &["connector/src/source/text/"],
        why: "text formats are read in one place",
    },
    Room {
        names: &["partnerstack_codegen"],
        only_in: &[
            "connector/src/config/",
            "connector/src/init/export.rs",
            "connector/src/cli/commands/schema.rs",
            "codegen/src/main.rs",
            "codegen/src/command/",
        ],
        why: "the engine needs no generator at run time; sync files are read with its YAML room",
    },
    Room {
        names: &["minijinja"],
        only_in: &["connector/src/mapping/transform/template.rs"],
        why: "templates are compiled and filled in one place",
    },
    Room {
        names: &["libc", "nix"],
        only_in: &["connector/src/files/"],
        why: "what systems differ in is known where files are opened",
    },
    Room {
        names: &["schemars"],
        only_in: &[
            "codegen/src/json_schema.rs",
            "codegen/src/syntax/",
            "connector/src/config/",
            "connector/src/init/export.rs",
        ],
        why: "schemas are derived from what people write: the spec's grammar, the sync file's keys, and exports",
    },
    Room {
        names: &["IsTerminal", "is_terminal", "annotate_snippets"],
        only_in: &["connector/src/cli/", "codegen/src/command/", "codegen/src/diagnostic/render.rs"],
        why: "what a terminal shows is decided by the commands alone",
    },
];

/// Where text may be styled for a terminal.
const STYLED: [&str; 3] = ["connector/src/cli/", "codegen/src/command/", "codegen/src/diagnostic/render.rs"];

#[test]
fn every_dependency_has_its_room() {
    let _limit = partnerstack_tests::limit();
    let found: Vec<String> = hand_written().iter().flat_map(out_of_room).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_room_is_in_use() {
    let _limit = partnerstack_tests::limit();
    // A room that no file uses any more guards nothing: the name has changed.
    let sources = hand_written();
    for room in &ROOMS {
        let used = |source: &Source| {
            room.only_in.iter().any(|place| source.name.starts_with(place))
                && named_paths(source, room).next().is_some()
        };
        assert!(sources.iter().any(used), "{:?}", room.names);
    }
}

#[test]
fn only_the_commands_write_escape_sequences() {
    let _limit = partnerstack_tests::limit();
    let escapes = |text: &Text| matches!(text, Text::Literal(text) if text.contains('\u{1b}'));
    let sources = hand_written();
    let found: Vec<&str> = sources
        .iter()
        .filter(|source| !STYLED.iter().any(|place| source.name.starts_with(place)))
        .filter(|source| source.texts.iter().any(escapes))
        .map(|source| source.name.as_str())
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

fn out_of_room(source: &Source) -> Vec<String> {
    let others = ROOMS.iter().filter(|room| !room.only_in.iter().any(|place| source.name.starts_with(place)));
    let sentences = others.flat_map(|room| {
        named_paths(source, room).map(|path| {
            let place = source.place(path.last().map_or("", String::as_str));
            format!(
                "{place}: names `{}`, which belongs into {}: {}",
                path.join("::"),
                room.only_in.join(" or "),
                room.why
            )
        })
    });
    sentences.collect()
}

/// The paths of a source that name what a room keeps.
fn named_paths<'s>(source: &'s Source, room: &Room) -> impl Iterator<Item = &'s Vec<String>> {
    let names: Vec<Vec<&str>> = room.names.iter().map(|name| name.split("::").collect()).collect();
    source.paths.iter().filter(move |path| {
        names.iter().any(|name| path.windows(name.len()).any(|part| part == name.as_slice()))
    })
}

#[test]
fn the_finder_sees_every_way_to_name_a_path() {
    let _limit = partnerstack_tests::limit();
    let intruders = r"
        use reqwest::Client;
        use std::{fs, time::{Duration, Instant}};
        fn waits() { tokio::select! { () = tokio::time::sleep(Duration::ZERO) => {} } }
        use tokio::{sync::Notify, time};
        fn now() -> i64 { jiff::Timestamp::now().as_millisecond() }
        #[derive(clap::Parser)]
        struct Flags;
        mod within { use rusqlite::Connection; }
        fn looks() { std::io::stderr().is_terminal() }
        fn innocent(time: Duration, instant: u8) { clock.sleep(time); std::time::Duration::ZERO; clock.now(); }
    ";
    let found = out_of_room(&Source::parse("connector/src/sync/engine.rs", intruders));
    let paths: Vec<&str> = found.iter().map(|line| line.split('`').nth(1).unwrap()).collect();
    let expected = [
        "reqwest::Client",
        "std::time::Instant",
        "tokio::time::sleep",
        "tokio::time",
        "jiff::Timestamp::now",
        "clap::Parser",
        "rusqlite::Connection",
        "is_terminal",
    ];
    assert_eq!(paths, expected, "{found:#?}");
    assert_eq!(
        out_of_room(&Source::parse("connector/src/http/transport.rs", "use reqwest::Client;")),
        Vec::<String>::new()
    );
}
