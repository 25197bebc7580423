//! Headers as programs write them: below titles, twice, with characters that nobody sees; and all faults at once.

use partnerstack_tests::desk::{Desk, held_as, server};

#[tokio::test]
async fn a_header_below_a_title_is_found() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let header = "customer_key,email,partner_key,name\na,ada@example.com,p,N\n";
    for (above, line) in [
        ("Customers export 2026-01-05\n", 2),
        ("# exported by a tool\r\n", 2),
        ("Acme Inc.,,,\nCustomers by date,,,\n\"January - March, 2026\",,,\n\n", 5),
        ("From:,2026-01-01,,\r\n,,,\r\n", 3),
        ("Customers\r\r", 3),
    ] {
        let header = if above.contains("\r\r") { header.replace('\n', "\r") } else { header.to_owned() };
        for header in [header.clone(), header.replace(',', ";"), header.replace(',', "\t")] {
            let ran = desk.sync(&server, "customers insert", format!("{above}{header}"), &[]).await;
            ran.refused(&[
                "is not its header",
                &format!("line {line} looks like it"),
                &format!("tail -n +{line} "),
            ]);
            assert!(!ran.stderr.contains("ada@"), "{}", ran.stderr);
        }
    }
    // The names that a file maps and keys by are known too.
    let settings =
        "object: customers\nmode: insert\nprimary_key: Nr\nmapping: {email: Mail, partner_key: {value: p}}\n";
    let ran = desk.sync_file(&server, settings, "Report\n\"Nr\",\"Mail\"\n1,ada@example.com\n", &[]).await;
    ran.refused(&["line 2 looks like it"]);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_first_line_may_declare_the_delimiter_in_quotes_and_with_cells_behind_it() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (number, declaration) in
        ["\"sep=;\"\r\n", "sep=;;;\n", "\"SEP=;\",,\n", "\u{feff}\u{feff}sep=;\n"].into_iter().enumerate()
    {
        let rows = format!("{declaration}email;partner_key;name\na{number}@example.com;p;Acme, Inc\n");
        desk.sync(&server, "customers insert", rows, &[]).await.ended(0, "1 created");
    }
    assert_eq!(held_as(&server, "customers", "name"), ["Acme, Inc"; 4]);
}

#[tokio::test]
async fn characters_that_nobody_sees_are_no_part_of_a_name() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (number, hidden) in ["\u{200b}", "\u{feff}", "\u{a0}", "\u{ad}", "\u{2060}"].into_iter().enumerate() {
        let rows = format!("{hidden}email,partner{hidden}_key{hidden}\nc{number}@example.com,p\n");
        desk.sync(&server, "customers insert", rows, &[]).await.ended(0, "1 created");
        let rows = format!("Mail{hidden},{hidden}PK\nd{number}@example.com,p\n");
        let map = ["--map", "email=Mail", "--map", "partner_key=PK"];
        desk.sync(&server, "customers insert", rows, &map).await.ended(0, "1 created");
        if hidden != "\u{a0}" {
            let rows =
                format!("{{\"{hidden}email\":\"e{number}@example.com\",\"part{hidden}ner_key\":\"p\"}}\n");
            desk.sync(&server, "customers insert", rows, &[]).await.ended(0, "1 created");
            let rows = format!("{{\"email\":\"a\",\"email{hidden}\":\"b\",\"partner_key\":\"p\"}}\n");
            let ran = desk.sync(&server, "customers insert", rows, &[]).await;
            ran.ended(1, "1 invalid");
            ran.says(&["two keys are `email`"]);
        }
    }
}

#[tokio::test]
async fn equal_headers_are_refused_where_they_are_used() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let base = "object: customers\nmode: insert\n";
    for (header, settings) in [
        ("Mail,Mail,PK", "mapping: {email: Mail, partner_key: PK}\n"),
        ("Mail,PK,Mail\u{200b}", "mapping: {email: Mail, partner_key: PK}\n"),
        ("Mail,PK, Mail", "mapping: {email: {template: '{{ Mail }}'}, partner_key: PK}\n"),
        ("email,partner_key,Mail,Mail", "primary_key: Mail\n"),
        ("email,partner_key,Mail,Mail", "where: {Mail: x}\n"),
    ] {
        let rows = format!("{header}\na@example.com,b@example.com,p,q\n");
        let ran = desk.sync_file(&server, &format!("{base}{settings}"), rows, &[]).await;
        ran.refused(&["the column `Mail`, which the source has more than once", "columns"]);
    }
    let unused = "email,partner_key,Mail,Mail\na@example.com,p,1,2\n";
    desk.sync_file(&server, base, unused, &[]).await.ended(0, "1 created");
}

#[tokio::test]
async fn all_that_is_wrong_with_a_set_up_is_said_at_once() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::without_keys(), server());
    let settings = "object: customers\nmode: upsert\nprimary_key: Nr\nwhere: {Status: paid}\n\
                    mapping:\n  email: Mial\n  name: {template: '{{ First }} {{ Last }}'}\n  emial: Mail\n";
    let ran = desk.sync_file(&server, settings, "Mail,First,State\n1,2,3\n", &[]).await;
    ran.refused(&[
        "`email` is mapped to the column `Mial`",
        "`name` has a template with the column `Last`",
        "customers have no field `emial`",
        "`where` names the column `Status`",
        "the primary key names the column `Nr`",
        "no column and no constant feeds `partner_key`",
        "PARTNERSTACK_PUBLIC_KEY is not set",
        "the columns are `Mail`, `First`, `State`",
    ]);
    assert_eq!(ran.stderr.matches("error: ").count(), 7, "{}", ran.stderr);
    // An e-mail address that is mapped to a name that is not there is no second fault.
    assert!(!ran.stderr.contains("feeds `email`"), "{}", ran.stderr);
    let error = ran.report()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("`Mial`") && error.contains("`partner_key`"), "{error}");
    let ran = desk.run(&["sync", "--rate", "0", "--timeout", "0"]).await;
    ran.refused(&["no object is given", "no mode is given", "no source is given"]);
    let base = ["sync", "--object", "customers", "--mode", "insert", "--source", "x.csv"];
    let ran =
        desk.run(&[&base[..], &["--rate", "0", "--timeout", "0", "--match-on", "email"]].concat()).await;
    ran.refused(&["--rate must be", "--timeout must be", "match_on"]);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn the_columns_that_were_found_are_listed() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let refused = async |rows: &str, words: &[&str]| {
        desk.sync(&server, "customers insert", rows, &[]).await.refused(words);
    };
    refused(
        "Kunde,E-Post\n1,2\n",
        &["feeds `email`", "feeds `partner_key`", "the columns are `Kunde`, `E-Post`"],
    )
    .await;
    refused("email^partner_key\n1^2\n", &["the only column is `email^partner_key`", "--delimiter"]).await;
    refused("Ada,2026-01-01,17\n", &["looks like data"]).await;
    refused("'email','partner_key'\n", &["in single quotes"]).await;
    refused("email, \"partner_key\"\n1,2\n", &["a blank stands before a quote"]).await;
    let many = (0..100).map(|number| format!("c{number}x")).collect::<Vec<_>>().join(",");
    refused(&format!("{many}\n"), &["`c59x`, and 40 more"]).await;
}
