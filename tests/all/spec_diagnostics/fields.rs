//! Fields that are well formed but mean nothing.

use super::Case;

const TITLE: &str = "The title of the book";

pub(super) const CASES: &[Case] = &[
    ("bad_name", &[("objects/loans.yaml", "name: book", "name: bookTitle")]),
    ("bad_name_without_letters", &[("objects/loans.yaml", "name: book", "name: '42'")]),
    ("bad_name_of_other_letters", &[("objects/loans.yaml", "name: fee", "name: gebühr")]),
    ("keyword", &[("objects/loans.yaml", "name: book", "name: self")]),
    ("duplicate_field", &[("objects/loans.yaml", "name: fee", "name: book")]),
    ("same_header", &[("objects/loans.yaml", "name: fee", "name: reader_k_ey")]),
    ("unsuited_limit", &[("objects/loans.yaml", "type: timestamp", "type: timestamp\n    max_length: 20")]),
    (
        "unsuited_limits",
        &[(
            "objects/loans.yaml",
            "type: timestamp",
            "type: boolean\n    minimum: 1\n    format: email\n    unit: cents\n    max_name_length: 3\n    allowed: [a]",
        )],
    ),
    ("bounds_reversed", &[("objects/loans.yaml", "max_length: 200", "max_length: 1")]),
    ("numbers_reversed", &[("objects/loans.yaml", "maximum: 50000", "maximum: -1")]),
    ("zero_length", &[("objects/readers.yaml", "max_entries: 5", "max_entries: 0")]),
    ("unfit_allowed", &[("objects/loans.yaml", "allowed: [EUR, USD]", "allowed: [EUR, usd]")]),
    ("empty_allowed", &[("objects/loans.yaml", "allowed: [EUR, USD]", "allowed: []")]),
    (
        "never_absent",
        &[(
            "objects/loans.yaml",
            "type: string\n    derive: true",
            "type: string\n    required: true\n    derive: true",
        )],
    ),
    (
        "no_amount",
        &[("objects/loans.yaml", "type: timestamp", "type: timestamp\n    currency_field: currency")],
    ),
    ("no_currency", &[("objects/loans.yaml", "unit: cents", "unit: cents\n    currency_field: book")]),
    (
        "no_currency_field",
        &[("objects/loans.yaml", "unit: cents", "unit: cents\n    currency_field: curency")],
    ),
    ("filled_twice", &[("objects/loans.yaml", "    when_absent:", "    derive: true\n    when_absent:")]),
    ("nothing_to_send", &[("objects/loans.yaml", "      send: EUR\n", "")]),
    ("null_not_taken", &[("objects/readers.yaml", "    nullable: true\n", "")]),
    (
        "text_not_taken",
        &[(
            "objects/readers.yaml",
            "type: date\n    writable: [create]",
            "type: date\n    writable: [create]\n    when_absent: {send: soon, reason: none, source: manual}",
        )],
    ),
    ("not_allowed", &[("objects/loans.yaml", "send: EUR", "send: EURO")]),
    (
        "unfit_send",
        &[(
            "objects/loans.yaml",
            "allowed: [EUR, USD]\n    when_absent:\n      send: EUR",
            "when_absent:\n      send: euros",
        )],
    ),
    ("unless_itself", &[("objects/loans.yaml", "unless: [reader_email]", "unless: [currency]")]),
    ("unless_with_null", &[("objects/readers.yaml", "send: null", "send: null\n      unless: [member]")]),
    ("unless_unknown", &[("objects/loans.yaml", "unless: [reader_email]", "unless: [readeremail]")]),
    (
        "refers_to_nothing",
        &[(
            "objects/loans.yaml",
            "name: reader_key\n    type: string",
            "name: reader_key\n    type: string\n    refers_to: {list: readers, property: reader_kee, status: 99, message: none, source: manual}",
        )],
    ),
    (
        "refers_to_one",
        &[(
            "objects/loans.yaml",
            "name: reader_key\n    type: string",
            "name: reader_key\n    type: string\n    refers_to: {list: reader, property: key, status: 404, message: none, source: manual}",
        )],
    ),
    ("no_body", &[("objects/readers.yaml", "writable: [create]", "writable: [create, list]")]),
    ("in_its_path", &[("objects/readers.yaml", "writable: []", "writable: [create, update]")]),
    (
        "writable_unknown",
        &[("objects/loans.yaml", "derive: true", "derive: true\n    writable: [create, update]")],
    ),
    ("unreachable_field", &[("objects/loans.yaml", TITLE, "The title of the book\n    writable: []")]),
    (
        "required_not_created",
        &[("objects/readers.yaml", "format: email", "format: email\n    writable: [update]")],
    ),
    (
        "filled_not_created",
        &[("objects/readers.yaml", "    when_absent:", "    writable: [update]\n    when_absent:")],
    ),
    ("derived_number", &[("objects/loans.yaml", "type: integer", "type: integer\n    derive: true")]),
    (
        "second_derived",
        &[(
            "objects/loans.yaml",
            "name: reader_key\n    type: string",
            "name: reader_key\n    type: string\n    derive: true",
        )],
    ),
    ("empty_text", &[("objects/loans.yaml", TITLE, "''")]),
    ("blank_edge", &[("objects/loans.yaml", "The title of the book\n", ">\n      The title of the book.\n")]),
    ("listed_twice", &[("objects/loans.yaml", "allowed: [EUR, USD]", "allowed: [EUR, USD, EUR]")]),
];
