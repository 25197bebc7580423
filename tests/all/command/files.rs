//! Files of the user: what the command never replaces, removes or changes, and what it notices.
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use partnerstack_tests::able::{able, can_drop_privileges, unprivileged};
use partnerstack_tests::binary::{binary, copy_binary};
use partnerstack_tests::desk::{Desk, failures_in, faults, server};
use partnerstack_tests::process::Process;
use partnerstack_tests::server::{Options, Server};
use partnerstack_tests::until::until;

const ROWS: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\nnobody,gstest,a-2\n";
const GOOD: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\n";
const OURS: &str = "{\"row\":1,\"key\":null,\"outcome\":\"invalid\",\"id\":\"00000000000000aa\",\"operation\":null,\"status\":null,\"message\":\"m\",\
                    \"hint\":null,\"errors\":[],\"record\":null}\n";

#[tokio::test]
async fn a_failures_file_takes_the_place_of_its_own_kind_alone() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (name, contents) in [
        ("notes.txt", "my notes\n"),
        ("rows.ndjson", "{\"row\":1,\"key\":\"k\",\"name\":\"no failure\"}\n"),
        ("list.json", "[{\"row\":1,\"key\":null,\"outcome\":\"invalid\"}]"),
        ("table.csv", "row,outcome,message,hint,failure\n1,a,b,c,d\n"),
        ("other.csv", "row,outcome,message\n"),
        ("crossed.csv", OURS),
        ("crossed.ndjson", "row,outcome,message,hint,failure_id,email\n"),
        ("database.db", "SQLite format 3\0"),
    ] {
        let path = desk.write(name, contents);
        for rows in [ROWS, GOOD] {
            let ran = desk.sync(&server, "customers insert", rows, &["--failures", &path]).await;
            ran.refused(&[name, "was not written by this program", "--failures FILE"]);
            let flags = ["--failures", &path, "--dry-run"];
            desk.sync(&server, "customers insert", rows, &flags).await.refused(&["was not written"]);
        }
        assert_eq!(desk.read(name), contents);
        assert!(!desk.has(&format!("{name}.partial")));
    }
    assert_eq!(server.requests(), 0, "nothing was sent");
    let table = "row,outcome,message,hint,failure_id,email\n1,invalid,m,h,00000000000000aa,nobody\n";
    let saved_by_a_spreadsheet =
        "\u{feff}\"row\";outcome;message;hint;failure_id;email\r\n1;invalid;m;h;00000000000000aa;nobody\r\n";
    let corrected = format!("\u{feff} {}", OURS.replace(':', " : "));
    for (name, contents) in [
        ("a.csv", table),
        ("b.csv", "row,outcome,message,hint,failure_id\r\n"),
        ("e.csv", saved_by_a_spreadsheet),
        ("c.ndjson", OURS),
        ("d.ndjson", &corrected),
    ] {
        let desk = Desk::new();
        let path = desk.write(name, contents);
        desk.sync(&server, "customers upsert", ROWS, &["--failures", &path]).await;
        assert!(desk.read(name).contains("a-2"), "{name} is ours: {}", desk.read(name));
        // A row that has arrived leaves it; what the ledger does not know stays.
        let corrected = ROWS.replace("nobody", "max@example.com");
        desk.sync(&server, "customers upsert", corrected, &["--failures", &path]).await;
        let rest = if desk.has(name) { desk.read(name) } else { String::new() };
        assert!(!rest.contains("a-2") && rest.contains("aa") != (name == "b.csv"), "{name}: {rest}");
    }
}

#[tokio::test]
async fn an_empty_file_may_be_filled_and_is_not_taken_away() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.write("made-by-mktemp", "");
    desk.sync(&server, "customers upsert", GOOD, &["--failures", &path]).await.ended(0, "1 created");
    assert_eq!(desk.read("made-by-mktemp"), "");
    desk.sync(&server, "customers upsert", ROWS, &["--failures", &path])
        .await
        .ended(1, "1 unchanged, 1 invalid");
    assert_eq!(failures_in(&path).len(), 1);
}

#[tokio::test]
async fn what_a_sync_needs_is_never_its_failures_file_by_whatever_name() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = desk.write("rows.csv", GOOD);
    let (public, secret) = (desk.write("public", "pk_test"), desk.write("secret", "sk_test"));
    let desk = desk.without("PARTNERSTACK_PUBLIC_KEY").without("PARTNERSTACK_SECRET_KEY");
    let desk =
        desk.with("PARTNERSTACK_PUBLIC_KEY_FILE", &public).with("PARTNERSTACK_SECRET_KEY_FILE", &secret);
    let ledger = desk.path("ledger.db");
    let yaml = "object: customers\nmode: insert\nsource: rows.csv\n";
    let sync = desk.write("nightly.yaml", yaml);
    let args = ["sync", &sync, "--base-url", server.base_url(), "--ledger", &ledger, "--json"];
    let refused = async |path: &str, words: &str| {
        let ran = desk.run(&[&args[..], &["--failures", path]].concat()).await;
        ran.refused(&["the failures file is ", words]);
    };
    // There is no ledger yet.
    for name in ["ledger.db", "./ledger.db", "ledger.db.lock", "ledger.db-wal"] {
        refused(&desk.path(name), "the ledger, or a file of it").await;
    }
    symlink("ledger.db", desk.path("dangling")).unwrap();
    refused(&desk.path("dangling"), "the ledger, or a file of it").await;
    assert!(!desk.has("ledger.db"));
    desk.run(&args).await.ended(0, "1 created");
    for (file, words) in [
        (&rows, "the source"),
        (&sync, "the sync file"),
        (&public, "a file that holds a key"),
        (&secret, "a file that holds a key"),
        (&ledger, "the ledger, or a file of it"),
        (&format!("{ledger}.lock"), "the ledger, or a file of it"),
    ] {
        let before = fs::read(file).unwrap();
        let (soft, hard) = (desk.path("soft"), desk.path("hard"));
        symlink(file, &soft).unwrap();
        fs::hard_link(file, &hard).unwrap();
        let dotted = format!("{}/./{}", desk.path("."), Path::new(file).file_name().unwrap().display());
        for name in [file, &soft, &dotted] {
            refused(name, words).await;
        }
        if file != &ledger {
            refused(&hard, words).await;
        }
        // What would be written first is a file too.
        fs::rename(&soft, desk.path("x.partial")).unwrap();
        refused(&desk.path("x"), words).await;
        fs::remove_file(desk.path("x.partial")).unwrap();
        fs::remove_file(&hard).unwrap();
        assert_eq!(fs::read(file).unwrap(), before);
    }
}

#[tokio::test]
async fn a_link_to_a_failures_file_stays_a_link() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    fs::create_dir(desk.path("kept")).unwrap();
    let link = desk.path("link.ndjson");
    symlink("kept/real.ndjson", &link).unwrap();
    let (corrected, another) = (ROWS.replace("nobody", "max@example.com"), ROWS.replace("nobody", "no one"));
    for rows in [ROWS, ROWS, &corrected, &another] {
        desk.sync(&server, "customers upsert", rows, &["--failures", &link]).await;
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(desk.has("kept/real.ndjson"), rows != corrected);
    }
    assert_eq!(failures_in(&link).len(), 1);
    assert_eq!(fs::metadata(&link).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!desk.files().iter().any(|file| file.ends_with(".partial")), "{:?}", desk.files());
}

#[tokio::test]
async fn what_lies_beside_a_failures_file_is_not_in_its_way_unless_it_is_of_others() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.path("failed.ndjson");
    desk.write("failed.ndjson.partial", "of another program");
    let ran = desk.sync(&server, "customers insert", ROWS, &["--failures", &path]).await;
    ran.refused(&["failed.ndjson.partial` was not written by this program"]);
    assert_eq!(desk.read("failed.ndjson.partial"), "of another program");
    // One that is being written.
    let held = fs::File::create(desk.path("failed.ndjson.partial")).unwrap();
    held.lock().unwrap();
    let ran = desk.sync(&server, "customers insert", ROWS, &["--failures", &path]).await;
    ran.refused(&["failed.ndjson", "another run is writing it"]);
    assert_eq!(server.requests(), 0);
    drop(held);
    desk.sync(&server, "customers insert", ROWS, &["--failures", &path])
        .await
        .ended(1, "1 created, 1 invalid");
    assert_eq!(failures_in(&path).len(), 1);
}

#[tokio::test]
async fn a_folder_that_is_missing_or_read_only_is_told_before_anything_is_sent() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.path("missing/failed.ndjson");
    let ran = desk.sync(&server, "customers insert", ROWS, &["--failures", &path]).await;
    ran.refused(&["the folder of the failures file does not exist", "missing"]);
    desk.sync(&server, "customers insert", ROWS, &["--failures", &desk.path("")])
        .await
        .refused(&["it is a folder"]);
    assert_eq!(server.requests(), 0);
    if !able(can_drop_privileges(), "the right to run a program as another user") {
        return;
    }
    fs::create_dir(desk.path("open")).unwrap();
    for (folder, mode) in [("open", 0o777), ("", 0o755)] {
        fs::set_permissions(desk.path(folder), PermissionsExt::from_mode(mode)).unwrap();
    }
    let copy = desk.path("open/partnerstack");
    copy_binary(copy.as_ref());
    let mut command = unprivileged(&copy);
    let (rows, ledger) = (desk.path("rows.csv"), desk.path("open/ledger.db"));
    command.args(["sync", "--object", "customers", "--mode", "insert", "--source", &rows]);
    command.args([
        "--base-url",
        server.base_url(),
        "--ledger",
        &ledger,
        "--failures",
        &desk.path("failed.ndjson"),
    ]);
    command.env("PARTNERSTACK_PUBLIC_KEY", "pk").env("PARTNERSTACK_SECRET_KEY", "sk");
    Process::start(command).end().refused(&["failed.ndjson` cannot be written: Permission denied"]);
    assert_eq!(server.requests(), 0);
}

/// A sync by the built command, with its failures going to some place.
fn sync(desk: &Desk, base_url: &str, rows: &str, failures: &str) -> Command {
    let mut command = Command::new(binary());
    let (source, ledger) = (desk.write("rows.csv", rows), desk.path("ledger.db"));
    command.args(["sync", "--object", "customers", "--mode", "insert", "--json", "--failures", failures]);
    command.args(["--source", &source, "--base-url", base_url, "--ledger", &ledger]);
    command.env("PARTNERSTACK_PUBLIC_KEY", "pk").env("PARTNERSTACK_SECRET_KEY", "sk");
    command
}

#[test]
fn devices_pipes_and_descriptors_are_written_through() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), Server::start(Options::default()).unwrap());
    let url = &server.base_url();
    let null = || fs::metadata("/dev/null").map(|found| (found.ino(), found.file_type().is_char_device()));
    let before = null().unwrap();
    for rows in [ROWS, GOOD] {
        Process::start(sync(&desk, url, rows, "/dev/null")).end().with_code(i32::from(rows == ROWS));
        assert_eq!(null().unwrap(), before);
    }

    let ended = Process::start(sync(&desk, url, ROWS, "/dev/stdout")).end().with_code(1);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(
        lines.len() == 2
            && lines[0].starts_with("{\"row\":2,")
            && lines[1].contains("\"failures\":\"/dev/stdout\""),
        "{lines:?}"
    );

    // A file that the shell has opened is no file of its own either: what is in it stays.
    let shell = |failures: &str, script: &str| {
        let inner = sync(&desk, url, ROWS, failures);
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("sh").arg(inner.get_program()).args(inner.get_args());
        command
            .current_dir(desk.path(""))
            .envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Process::start(command).end()
    };
    shell("/dev/stdout", r#"echo before > all; "$@" >> all"#);
    let text = desk.read("all");
    assert!(text.starts_with("before\n{\"row\":2,") && text.lines().count() == 3, "{text}");
    shell("/dev/fd/3", r#"echo before > third; "$@" 3>> third"#);
    let text = desk.read("third");
    assert!(text.starts_with("before\n{\"row\":2,") && text.lines().count() == 2, "{text}");
    // Nor is it one that the sync needs.
    let ended = shell("/dev/fd/3", r#""$@" 3>> rows.csv"#);
    ended.refused(&["the failures file is the source"]);
}

#[test]
fn a_named_pipe_is_written_through_and_never_waited_for() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), Server::start(Options::default()).unwrap());
    let pipe = desk.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ended = Process::start(sync(&desk, &server.base_url(), ROWS, &pipe)).end();
    ended.refused(&["it is a pipe that nothing reads: start its reader first"]);
    assert_eq!(server.requests(), 0);
    for rows in [ROWS, GOOD] {
        // Open for both ends, it does not wait either.
        let mut reader = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        Process::start(sync(&desk, &server.base_url(), rows, &pipe)).end().with_code(i32::from(rows == ROWS));
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        let mut line = [0; 8];
        if rows == ROWS {
            reader.read_exact(&mut line).unwrap();
            assert_eq!(&line, b"{\"row\":2");
        }
    }
    // One reader gets all of it, and then the end.
    let mut reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    let mut code = None;
    until("the reader", || {
        code = Process::start(sync(&desk, &server.base_url(), ROWS, &pipe)).end().code;
        code == Some(1)
    });
    let mut text = String::new();
    reader.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    reader.wait().unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn a_full_disk_stops_the_run_and_is_told() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), Server::start(Options::default()).unwrap());
    let ended = Process::start(sync(&desk, &server.base_url(), ROWS, "/dev/full")).end().with_code(3);
    assert!(
        ended.stderr.contains("the failures file cannot be put in its place: No space left"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn what_was_written_meanwhile_is_not_replaced() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.path("failed.ndjson");
    let source = desk.path("pipe");
    assert!(Command::new("mkfifo").arg(&source).status().unwrap().success());
    let (writer, other) = (source.clone(), path.clone());
    let writing = thread::spawn(move || {
        let mut pipe = fs::OpenOptions::new().write(true).open(writer).unwrap();
        std::io::Write::write_all(&mut pipe, ROWS.as_bytes()).unwrap();
        // The run has begun once this is there.
        let partial = format!("{other}.partial");
        until("the run", || Path::new(&partial).exists());
        fs::write(other, "of another program").unwrap();
    });
    let args =
        ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--failures", &path];
    let ran = desk.run(&[&args[..], &["--base-url", server.base_url(), "--json"]].concat()).await;
    writing.join().unwrap();
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    ran.says(&["failed.ndjson` was not written by this program", "is in `", "failed.ndjson.partial`"]);
    assert_eq!(desk.read("failed.ndjson"), "of another program");
    assert_eq!(faults(&failures_in(&format!("{path}.partial"))), ["2 email email"]);
}

/// The rows of a source that changes.
const COUNT: usize = 1000;

#[test]
fn a_source_that_changes_while_it_is_read_ends_the_run() {
    let _limit = partnerstack_tests::limit();
    let table = |count: usize| {
        // Long rows, so that few of them are read ahead.
        let row = |n: usize| format!("a{n}@example.com,gstest,a-{n},{}\n", "x".repeat(10_000));
        format!("email,partner_key,customer_key,note\n{}", (0..count).map(row).collect::<String>())
    };
    let rows = table(COUNT);
    let append = |path: &Path| {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        std::io::Write::write_all(&mut file, b"new@example.com,gstest,new,New\n").unwrap();
    };
    let cut =
        |path: &Path| fs::OpenOptions::new().write(true).open(path).unwrap().set_len(5_000_000).unwrap();
    let replace = |path: &Path| {
        let other = path.with_extension("new");
        fs::copy(path, &other).unwrap();
        fs::rename(other, path).unwrap();
    };
    let touch = |path: &Path| {
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    };
    let changes: [&(dyn Fn(&Path) + Sync); 4] = [&append, &cut, &replace, &touch];
    for change in changes {
        let (desk, server) = (Desk::new(), Server::start(Options::default()).unwrap());
        let start = |rows: &str| {
            let mut command = sync(&desk, &server.base_url(), rows, "/dev/null");
            command.args(["--rate", "1000000", "--concurrency", "2"]);
            Process::start(command)
        };
        let mut process = start(&rows);
        assert!(process.asks(&server, 20));
        let source = desk.path("rows.csv");
        change(Path::new(&source));
        let ended = process.end().with_code(5);
        assert!(ended.stderr.contains("changed while it was read, after row "), "{}", ended.stderr);
        assert!(ended.stderr.contains("run the same command again"), "{}", ended.stderr);
        let created = ended.rows("created");
        assert!((20..COUNT as u64).contains(&created), "{created}");
        assert_eq!(server.records("customers").len() as u64, created);
    }
    // One that is gone, or that is renamed, was read to its end all the same.
    let (desk, server) = (Desk::new(), Server::start(Options::default()).unwrap());
    let mut command = sync(&desk, &server.base_url(), &rows, "/dev/null");
    command.args(["--rate", "1000000", "--limit", "900"]);
    let mut process = Process::start(command);
    assert!(process.asks(&server, 20));
    fs::remove_file(desk.path("rows.csv")).unwrap();
    assert_eq!(process.end().with_code(0).rows("created"), 900);
}
