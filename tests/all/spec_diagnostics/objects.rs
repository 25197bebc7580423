//! Objects whose parts do not go together.

use super::Case;

/// An object that can be listed, but has nothing to list.
const NOTHING: &str = "\
name: loans
singular: loan
title: Loans
description: Books that a reader has taken home
fields: []
identity: []
operations:
  list: {method: GET, path: /loans, source: manual}
modes:
  insert: {forbidden: No., source: manual}
  update: {forbidden: No., source: manual}
  upsert: {forbidden: No., source: manual}
";

pub(super) const CASES: &[Case] = &[
    ("other_stem", &[("objects/loans.yaml", "name: loans", "name: lendings")]),
    ("two_objects_of_one_name", &[("objects/readers.yaml", "name: readers", "name: loans")]),
    ("bad_singular", &[("objects/loans.yaml", "singular: loan", "singular: Prêt")]),
    ("keyword_for_an_object", &[("objects/loans.yaml", "singular: loan", "singular: crate")]),
    ("empty_object", &[("objects/loans.yaml", include_str!("../specs/good/objects/loans.yaml"), "")]),
    ("taken_name", &[("objects/loans.yaml", "singular: loan", "singular: update")]),
    ("duplicate_singular", &[("objects/loans.yaml", "singular: loan", "singular: reader")]),
    ("no_fields", &[("objects/loans.yaml", include_str!("../specs/good/objects/loans.yaml"), NOTHING)]),
    ("key_field_unknown", &[("objects/readers.yaml", "  field: reader_key", "  field: readerkey")]),
    ("key_field_kind", &[("objects/readers.yaml", "  field: reader_key", "  field: member")]),
    ("created_field_kind", &[("objects/loans.yaml", "created_field: taken_at", "created_field: fee")]),
    (
        "created_field_not_created",
        &[("objects/loans.yaml", "type: timestamp", "type: timestamp\n    writable: []")],
    ),
    ("identity_unknown", &[("objects/loans.yaml", "field: key", "field: keys")]),
    (
        "identity_twice",
        &[("objects/readers.yaml", "  - field: email", "  - field: reader_key\n  - field: email")],
    ),
    (
        "identity_lost",
        &[
            ("objects/readers.yaml", "  - field: email\n    compare: ignore_case", "  - field: type"),
            (
                "objects/readers.yaml",
                "    recommended: Without it nobody knows what they like.\n    when_absent:\n      send: null\n      reason: The library asks for it.\n      source: manual\n",
                "    writable: [update]\n",
            ),
        ],
    ),
    ("group_small", &[("objects/loans.yaml", "[reader_key, reader_email]", "[reader_key]")]),
    (
        "group_always_there",
        &[("objects/loans.yaml", "[reader_key, reader_email]", "[reader_key, book, key, currency]")],
    ),
    (
        "group_not_created",
        &[("objects/loans.yaml", "name: reader_email", "name: reader_email\n    writable: []")],
    ),
    (
        "two_groups",
        &[(
            "objects/loans.yaml",
            "  - exactly_one_of: [reader_key, reader_email]",
            "  - exactly_one_of: [reader_key, fee]\n    description: Say what it costs.\n    source: manual\n  - exactly_one_of: [reader_key, reader_email]",
        )],
    ),
    ("group_unknown", &[("objects/loans.yaml", "[reader_key, reader_email]", "[reader_key, somebody]")]),
    ("path_without_slash", &[("objects/loans.yaml", "path: /loans", "path: loans")]),
    ("path_with_query", &[("objects/loans.yaml", "path: /loans", "path: /loans?dry=true")]),
    (
        "path_with_half_a_parameter",
        &[("objects/readers.yaml", "/readers/{reader_key}/card", "/readers/card-{reader_key}")],
    ),
    ("path_parameter_unknown", &[("objects/readers.yaml", "/readers/{reader_key}/card", "/readers/{key}")]),
    (
        "path_parameter_twice",
        &[("objects/readers.yaml", "/readers/{reader_key}/card", "/readers/{reader_key}/{reader_key}")],
    ),
    (
        "path_parameter_kind",
        &[("objects/readers.yaml", "/readers/{reader_key}/card", "/readers/{reader_key}/{member}")],
    ),
    ("update_without_parameter", &[("objects/readers.yaml", "/readers/{reader_key}/card", "/readers/card")]),
    (
        "list_parameter",
        &[(
            "objects/readers.yaml",
            "method: GET\n    path: /readers",
            "method: GET\n    path: /readers/{email}",
        )],
    ),
    ("unsuited_method", &[("objects/readers.yaml", "method: PATCH", "method: GET")]),
    ("replacing_update", &[("objects/readers.yaml", "method: PATCH", "method: PUT")]),
    (
        "needless_merges",
        &[("objects/readers.yaml", "    repeatable: true\n", "    repeatable: true\n    merges: true\n")],
    ),
    (
        "needless_merges_of_a_create",
        &[("objects/readers.yaml", "    repeatable: false\n", "    repeatable: false\n    merges: true\n")],
    ),
    ("repeatable_create", &[("objects/readers.yaml", "repeatable: false", "repeatable: true")]),
    ("lookup_by_update", &[("objects/readers.yaml", "lookup: list", "lookup: update")]),
    (
        "lookup_without_list",
        &[("objects/loans.yaml", "  list:\n    method: GET\n    path: /loans\n    source: manual\n", "")],
    ),
    ("identity_not_looked_up", &[("objects/loans.yaml", "    lookup: list\n", "")]),
    ("lookup_without_identity", &[("objects/loans.yaml", "identity:\n  - field: key", "identity: []")]),
    (
        "no_operations",
        &[(
            "objects/loans.yaml",
            "  create:\n    method: POST\n    path: /loans\n    lookup: list\n    source: manual\n  list:\n    method: GET\n    path: /loans\n    source: manual\n",
            "  {}\n",
        )],
    ),
    (
        "empty_body",
        &[
            (
                "objects/readers.yaml",
                "  update:\n    method: PATCH\n    path: /readers/{reader_key}/card\n",
                "  update:\n    method: PATCH\n    path: /readers/{reader_key}/{email}/{type}\n",
            ),
            ("objects/readers.yaml", "type: boolean", "type: boolean\n    writable: [create]"),
            ("objects/readers.yaml", "type: strings", "type: strings\n    writable: [create]"),
            ("objects/readers.yaml", "type: map", "type: map\n    writable: [create]"),
            ("objects/readers.yaml", "type: custom_fields", "type: custom_fields\n    writable: [create]"),
        ],
    ),
    (
        "steps_and_forbidden",
        &[("objects/loans.yaml", "steps: [create]", "steps: [create]\n    forbidden: Not today.")],
    ),
    (
        "neither_steps_nor_forbidden",
        &[("objects/loans.yaml", "    forbidden: What was lent was lent.\n", "")],
    ),
    ("unsuited_steps", &[("objects/readers.yaml", "steps: [update, create]", "steps: [create, update]")]),
    ("no_steps", &[("objects/readers.yaml", "steps: [update, create]", "steps: []")]),
    (
        "step_without_operation",
        &[("objects/loans.yaml", "forbidden: What was lent was lent.", "steps: [update]")],
    ),
];
