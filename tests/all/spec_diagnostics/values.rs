//! Keys and values that the grammar has no place for.

use super::Case;

pub(super) const CASES: &[Case] = &[
    ("unknown_key_near", &[("objects/loans.yaml", "max_length: 200", "maxlength: 200")]),
    ("unknown_key_far", &[("objects/loans.yaml", "max_length: 200", "colour: blue")]),
    ("unknown_key_of_the_file", &[("api.yaml", "settle_after: 60", "settle_afer: 60")]),
    ("missing_key", &[("objects/loans.yaml", "  - name: book\n    type: string", "  - name: book")]),
    ("source_of_a_field_missing", &[("objects/loans.yaml", "book\n    source: manual", "book")]),
    (
        "source_of_an_operation_missing",
        &[("objects/loans.yaml", "lookup: list\n    source: manual", "lookup: list")],
    ),
    ("source_empty", &[("objects/loans.yaml", "source: letters", "source: ''")]),
    (
        "missing_keys_of_the_file",
        &[("objects/loans.yaml", "title: Loans\ndescription: Books that a reader has taken home\n", "")],
    ),
    (
        "missing_block",
        &[(
            "objects/loans.yaml",
            "  upsert:\n    forbidden: There is nothing to update.\n    source: manual\n",
            "",
        )],
    ),
    ("unknown_type", &[("objects/loans.yaml", "type: timestamp", "type: timestmp")]),
    ("unknown_type_far", &[("objects/loans.yaml", "type: timestamp", "type: float")]),
    ("unknown_method", &[("objects/loans.yaml", "method: POST", "method: post")]),
    ("unknown_step", &[("objects/loans.yaml", "steps: [create]", "steps: [crate]")]),
    ("number_for_a_text", &[("api.yaml", "title: Library", "title: 1984")]),
    ("boolean_for_a_text", &[("api.yaml", "title: Library", "title: true")]),
    ("list_for_a_text", &[("api.yaml", "title: Library", "title: [Library]")]),
    ("text_for_a_number", &[("api.yaml", "requests: 100", "requests: '4,000'")]),
    ("text_for_a_boolean", &[("objects/loans.yaml", "required: true", "required: yes")]),
    ("text_for_a_list", &[("objects/loans.yaml", "steps: [create]", "steps: create")]),
    (
        "text_for_a_block",
        &[(
            "api.yaml",
            "rate_limit:\n  requests: 100\n  seconds: 60\n  scope: IP address\n  source: manual\n",
            "rate_limit: 100\n",
        )],
    ),
    ("text_for_an_entry", &[("objects/loans.yaml", "  - field: key", "  - key")]),
    ("block_for_a_list", &[("objects/loans.yaml", "  - field: key", "  field: key")]),
    ("fraction_for_a_number", &[("objects/loans.yaml", "maximum: 50000", "maximum: 500.00")]),
    ("negative_number", &[("objects/loans.yaml", "max_length: 200", "max_length: -200")]),
    ("text_for_a_length", &[("objects/loans.yaml", "max_length: 200", "max_length: long")]),
    ("fraction_for_a_length", &[("objects/loans.yaml", "min_length: 2", "min_length: 2.5")]),
    ("huge_length", &[("objects/loans.yaml", "max_length: 200", "max_length: 4294967296")]),
    ("not_a_number", &[("objects/loans.yaml", "minimum: 0", "minimum: .nan")]),
    ("huge_number", &[("objects/loans.yaml", "maximum: 50000", "maximum: 99999999999999999999999")]),
    (
        "number_beyond_all",
        &[("objects/loans.yaml", "maximum: 50000", "maximum: 999999999999999999999999999999999999999999")],
    ),
    ("status_beyond_all", &[("api.yaml", "success: [200]", "success: [200, 70000]")]),
    ("null_for_a_text", &[("api.yaml", "title: Library", "title: null")]),
    ("no_value", &[("api.yaml", "title: Library", "title:")]),
    (
        "no_value_for_a_list",
        &[(
            "objects/loans.yaml",
            "constraints:\n  - exactly_one_of: [reader_key, reader_email]\n    description: Say who has the book.\n    source: manual\n",
            "constraints:\n",
        )],
    ),
    ("forgotten_value", &[("objects/loans.yaml", "max_length: 200", "max_length:")]),
];
