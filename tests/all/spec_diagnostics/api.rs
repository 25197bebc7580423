//! What is wrong with `api.yaml`, and with what refers to it.

use super::Case;

pub(super) const CASES: &[Case] = &[
    ("empty_file", &[("api.yaml", include_str!("../specs/good/api.yaml"), "# nothing yet\n")]),
    ("bad_base_url", &[("api.yaml", "https://api.library.test/v1", "ftp://api.library.test/v1")]),
    ("base_url_slash", &[("api.yaml", "https://api.library.test/v1", "https://api.library.test/v1/")]),
    ("no_requests", &[("api.yaml", "requests: 100", "requests: 0")]),
    ("no_lag", &[("api.yaml", "lag: 900", "lag: 0")]),
    ("bad_status_place", &[("api.yaml", "status: status", "status: .status")]),
    ("bad_place", &[("api.yaml", "items: data.items", "items: data..items")]),
    ("dotted_property", &[("api.yaml", "cursor_property: key", "cursor_property: data.key")]),
    ("bad_status", &[("api.yaml", "status: [400, 409]", "status: [400, 4090]")]),
    ("no_status", &[("api.yaml", "status: [401]", "status: []")]),
    ("bad_date", &[("api.yaml", "read: 2026-02-28", "read: 2026-02-31")]),
    ("date_the_other_way_round", &[("api.yaml", "read: 2026-02-28", "read: 28.02.2026")]),
    ("empty_condition", &[("api.yaml", "      - status: [401]", "      - {}")]),
    ("source_unknown", &[("objects/loans.yaml", "source: letters", "source: leters")]),
    ("source_unknown_far", &[("api.yaml", "source: manual", "source: hearsay")]),
    (
        "duplicate_source",
        &[
            ("api.yaml", "name: letters", "name: manual"),
            ("objects/loans.yaml", "source: letters", "source: manual"),
        ],
    ),
    ("duplicate_hint", &[("api.yaml", "name: unknown_reader", "name: unauthorized")]),
    ("hint_object_unknown", &[("api.yaml", "object: loans", "object: loan")]),
    ("hint_operation_unknown", &[("api.yaml", "operation: create", "operation: update")]),
    ("hint_field_unknown", &[("api.yaml", "field: reader_key", "field: raeder_key")]),
];
