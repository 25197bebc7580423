//! Files that are no YAML, or more of it than is read.

use super::Case;

pub(super) const CASES: &[Case] = &[
    ("tab", &[("api.yaml", "  requests: 100", "\trequests: 100")]),
    ("tab_on_the_first_line", &[("api.yaml", "# A small spec", "\t# A small spec")]),
    ("tab_on_a_blank_line", &[("api.yaml", "\nsettle_after: 60\n", "\t\nsettle_after: 60\n")]),
    (
        "tab_behind_a_comment",
        &[("api.yaml", "  requests: 100\n  seconds: 60", "  requests: 100 # a day\n\tseconds: 60")],
    ),
    ("open_quote", &[("api.yaml", "title: Library", "title: \"Library")]),
    ("escape", &[("api.yaml", "title: Library", r#"title: "Library \o""#)]),
    ("after_quote", &[("api.yaml", "title: Library", r#"title: "Library" of Babel"#)]),
    ("second_colon", &[("api.yaml", "title: Library", "title: Library: of Babel")]),
    ("key_too_deep", &[("api.yaml", "  seconds: 60", "    seconds: 60")]),
    ("key_too_far_left", &[("api.yaml", "  requests: 100", "requests: 100")]),
    ("two_keys_on_a_line", &[("api.yaml", "  requests: 100\n", "  requests: 100 ")]),
    ("reserved_character", &[("objects/loans.yaml", "The title of the book", "`title` of the book")]),
    ("open_bracket", &[("api.yaml", "success: [200]", "success: [200")]),
    ("closed_bracket", &[("api.yaml", "success: [200]", "success: [200]]")]),
    (
        "missing_comma",
        &[("api.yaml", "status: [400, 409]", "status: [\n      400,\n      409\n      410: x]")],
    ),
    ("list_on_key_line", &[("api.yaml", "success: [200]", "success: - 200")]),
    ("block_of_text", &[("api.yaml", "title: Library", "title: | Library")]),
    ("comment_within_a_text", &[("api.yaml", "title: Library", "title: Library\n  # of Babel\n  of Babel")]),
    ("comment_ends_a_text", &[("api.yaml", "title: Library", "title: Library # the one\n  of Babel")]),
    ("dash_without_a_blank", &[("api.yaml", "  - A library card", "  -A library card\n  - b")]),
    ("unprintable", &[("api.yaml", "title: Library", "title: Lib\u{1}rary")]),
    (
        "indentation",
        &[("objects/loans.yaml", "identity:\n  - field: key", "identity:\n  - field: key\n - field: book")],
    ),
    ("no_colon", &[("objects/loans.yaml", "title: Loans", "title Loans")]),
    (
        "anchor_and_alias",
        &[
            ("objects/loans.yaml", "source: manual", "source: &manual manual"),
            (
                "objects/loans.yaml",
                "description: The key of the reader.\n    source: manual",
                "description: The key of the reader.\n    source: *manual",
            ),
        ],
    ),
    ("anchor_of_a_block", &[("objects/loans.yaml", "fields:\n", "fields: &fields\n")]),
    ("merge_key", &[("objects/loans.yaml", "identity:\n  - field: key", "identity:\n  - <<: {field: key}")]),
    ("alias_of_nothing", &[("api.yaml", "A library card", "*A library card")]),
    ("tag", &[("api.yaml", "requests: 100", "requests: !!int 100")]),
    ("second_document", &[("objects/loans.yaml", "constraints:", "---\nconstraints:")]),
    ("key_not_a_word", &[("api.yaml", "title: Library", "? [title]\n: Library")]),
    (
        "too_deep",
        &[(
            "api.yaml",
            "title: Library",
            "title: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        )],
    ),
    ("not_yaml", &[("api.yaml", "# A small spec", "%YAML 1.2.3\n# A small spec")]),
    // A character that is neither a letter nor a blank counts as one.
    ("columns_count_characters", &[("objects/loans.yaml", "title: Loans", "title: 'Büc\u{301}her 📚', x")]),
    (
        "windows_line_breaks",
        &[("objects/loans.yaml", "title: Loans\ndescription", "title: Loans\r\nfoo: bar\r\ndescription")],
    ),
    (
        "duplicate_key",
        &[("objects/loans.yaml", "title: Loans", "title: Loans\nsingular: lend\ntitel: Loans")],
    ),
];
