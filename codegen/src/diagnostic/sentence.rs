//! Every sentence that the generator can say, with its code. Codes are never reused: new sentences go to the end of
//! their group under the next free number.

use super::words::{alternatives, list, quoted};

/// What a diagnostic says.
#[derive(Clone, Debug)]
pub struct Sentence {
    code: &'static str,
    message: String,
    help: Option<String>,
}

impl Sentence {
    /// A sentence that is not in the catalogue, so without a code.
    pub(super) fn new(message: impl Into<String>, help: Option<String>) -> Self {
        Self { code: "", message: message.into(), help }
    }

    /// Its code, such as `S012`; empty for what is not in the catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

/// `S001 name(arguments) { locals } "message" ["help"]`, or `(help)` where the help is computed.
macro_rules! sentences {
    ($(
        $code:ident $name:ident($($argument:ident: $type:ty),*) $({ $($local:ident = $value:expr),* })?
        $message:literal $([$help:literal])? $(($computed:expr))?;
    )*) => {
        $(
            #[doc = concat!("`", stringify!($code), "`: ", $message)]
            #[must_use]
            pub fn $name($($argument: $type),*) -> Sentence {
                let help: Option<String> = None;
                $(let help = help.or($computed);)?
                $($(let $local = $value;)*)?
                $(let help = help.or_else(|| Some(format!($help)));)?
                Sentence { code: stringify!($code), message: format!($message), help }
            }
        )*

        /// The codes of the catalogue, in its order.
        pub const CODES: &[&str] = &[$(stringify!($code)),*];
    };
}

sentences! {
    // Files.
    S001 no_folder() "there is no such folder"
        ["--spec or PARTNERSTACK_SPEC_DIR names the folder that holds api.yaml and objects/"];
    S002 no_api() "there is no such file"
        ["api.yaml says what is true of the API as a whole; nothing is generated without it"];
    S003 no_objects() "there is no object here"
        ["each object of the API has its own file, such as objects/things.yaml"];
    S004 unreadable(error: &str) "cannot be read: {error}";
    S005 not_utf8(byte: u8) "this is not UTF-8: the byte 0x{byte:02x} is not allowed here"
        ["save the file as UTF-8"];
    S006 empty_file() "the file says nothing" ["every line of it is blank or a comment"];
    S007 yml() "a file that ends in .yml is not read" ["rename it so that it ends in .yaml"];
    S008 unprintable(character: u32) "this character is invisible: U+{character:04X}"
        ["remove it, or write it as an escape in double quotes"];
    S009 comment_in_text() "a comment ends this text, but the next line continues it"
        ["move the comment above the key, or put the text in quotes if `#` belongs to it"];

    // YAML.
    S010 not_yaml(reason: &str) "this is not YAML: {reason}";
    S011 tab() "a tab indents this line" ["indent it with blanks: YAML takes no tabs there"];
    S012 open_quote() "this quote is never closed"
        ["write the same quote at the end of the text; a quote within single quotes is written twice"];
    S013 escape() "YAML has no such escape"
        ["in double quotes, a backslash is written twice; in single quotes it is a character like others"];
    S014 after_quote() "something follows the closing quote"
        ["put the whole text in quotes; a quote within single quotes is written twice"];
    S015 second_colon() "a colon is not allowed here"
        ["if it belongs to a text, put the text in quotes; if it ends a key, write the key on its own line"];
    S016 reserved() "no text can begin with this character" ["put the text in quotes"];
    S017 bracket() "this bracket closes nothing" ["a text that holds brackets needs quotes"];
    S018 indentation() "the indentation does not fit the lines above"
        ["keys of one block begin in the same column, and so do the dashes of one list"];
    S019 no_colon() "this is no key: a colon and a blank are missing after it" ["write `key: value`"];
    S020 anchor() "anchors (`&name`) are not read here" ["write the value out wherever it is needed"];
    S021 alias() "aliases (`*name`) are not read here"
        ["write the value out; if it is a text that begins with `*`, put it in quotes"];
    S022 tag() "tags (`!name`) are not read here" ["remove it; if it belongs to a text, put the text in quotes"];
    S023 second_document() "a second document begins here" ["remove the line `---`: a file is one document"];
    S024 key_not_a_word() "a key has to be a word" ["write `key: value`"];
    S025 too_deep(deepest: usize) "this is nested more than {deepest} levels deep";
    S026 ambiguous() "YAML readers disagree about this"
        ["put texts in quotes, and write lists with one `-` a line"];
    S027 duplicate_key(key: &str) "`{key}` is written twice in this block" ["remove one of them"];
    S028 open_bracket() "this bracket is not closed, or a comma is missing after an item"
        ["a text that holds brackets, commas or colons needs quotes here"];
    S029 list_on_key_line() "a list with dashes cannot begin after a key, on the same line"
        ["begin it on the next line, or write it in brackets"];
    S030 block_text() "this is not how a text after `|` or `>` is written"
        ["begin it on the next line, indent it with blanks further than its key, and keep that indentation"];

    // Keys, and kinds of values.
    S031 unknown_key(key: &str, block: &str, known: &[&str]) { key = quoted(key) } "{block} takes no key {key}"
        (Some(alternatives(key, known, "its keys are", "and")));
    S032 missing_keys(block: &str, keys: &[&str]) { keys = list(keys, "and") } "{block} lacks {keys}"
        ["write what is missing, each key on its own line, in the column of this key"]
        (keys.contains(&"source").then(where_from));
    S033 wrong_kind(what: &str, expected: &str, found: &str, help: Option<String>)
        "{what} must be {expected}, not {found}" (help);
    S034 unknown_choice(what: &str, found: &str, known: &[&str]) { found = quoted(found) } "{what} cannot be {found}"
        (Some(alternatives(found, known, "it can be", "or")));
    S035 out_of_range(number: &str, least: i128, most: i128) "{number} is out of range"
        ["write a number from {least} to {most}"];
    S036 no_value(key: &str, expected: &str) "`{key}` has no value: expected {expected}";
    S037 forgotten_value(key: &str) "`{key}` has no value" ["write one after the colon, or remove the key"];
    S038 no_such_form() "this can be written in several ways, but not in this one";
    S039 refused(reason: &str) "{reason}";

    // Texts and lists, wherever they stand.
    S040 empty_text(what: &str) "{what} is an empty text" ["write something, or remove it"];
    S041 blank_edge() "this text begins or ends with a blank or a line break"
        ["remove it; after a key, `>-` and `|-` end a text without a line break"];
    S042 listed_twice(item: &str) { item = quoted(item) } "{item} is in this list twice" ["remove one of them"];
    S043 empty_list(key: &str) "`{key}` is an empty list" ["write at least one item"];

    // Names.
    S050 bad_name(name: &str, nearest: Option<String>) { name = quoted(name) }
        "{name} is no name here: names take a-z, 0-9 and single `_`, and begin with a letter"
        (nearest.map(|nearest| format!("write {}", quoted(&nearest))));
    S051 keyword(name: &str) "`{name}` cannot be a name in Rust"
        ["the name becomes that of a field or a module: write another, such as `{name}_key`"];
    S052 taken_name(name: &str) "the generated code has something else called `{name}`"
        ["choose another singular: it names the module and the type of the object"];
    S053 other_stem(name: &str, stem: &str) "the object is called `{name}`, its file `{stem}.yaml`"
        ["call both the same"];
    S054 duplicate(what: &str, name: &str) "there are two {what} `{name}`" ["rename one of them, or remove it"];
    S055 same_header(name: &str, other: &str) "a column `{name}` would also match `{other}`"
        ["columns match fields regardless of case, blanks, `-` and `_`; rename one of them"];
    S056 no_such_field(name: &str, known: &[&str]) { name = quoted(name) } "there is no field {name}"
        (Some(alternatives(name, known, "the fields are", "and")));
    S057 no_such_operation(name: &str, known: &[&str]) "there is no operation `{name}`"
        ((!known.is_empty()).then(|| format!("there are: {}", list(known, "and"))));
    S058 no_such_object(name: &str, known: &[&str]) { name = quoted(name) } "there is no object {name}"
        (Some(alternatives(name, known, "the objects are", "and")));
    S059 no_such_source(name: &str, known: &[&str]) { name = quoted(name) } "there is no source {name} in api.yaml"
        (Some(alternatives(name, known, "its sources are", "and")));

    // The API as a whole.
    S060 bad_base_url(url: &str) { url = quoted(url) } "{url} is no base URL"
        ["write https://, a host and a path, without `?`, `#` and blanks"];
    S061 base_url_slash(url: &str) "the base URL ends with a slash, and every path begins with one" ["write {url}"];
    S062 zero(key: &str) "`{key}` is 0, which allows nothing" ["write a larger number, or remove the key"];
    S063 bad_place(place: &str) { place = quoted(place) } "{place} is no place in an answer"
        ["write the names of properties with dots between them, such as data.items"];
    S064 dotted_property(place: &str) { place = quoted(place) } "{place} is not a single property"
        ["write a property of the record, without dots"];
    S065 bad_status(status: u16) "no answer has the status {status}" ["statuses are numbers from 100 to 599"];
    S066 bad_date(date: &str) { date = quoted(date) } "{date} is no calendar date"
        ["write it as year, month and day: 2026-01-31"];
    S067 empty_condition() "this condition asks for nothing, so it always holds"
        ["name at least an object, an operation, statuses, words, a rule or a field"];

    // Fields.
    S070 unsuited_limit(key: &str, kind: &str, kinds: &[&str]) { kinds = list(kinds, "and") }
        "`{key}` does not apply to a field of type `{kind}`" ["remove it; it is for fields of type {kinds}"];
    S071 bounds_reversed(low_key: &str, low: i64, high_key: &str, high: i64)
        "`{high_key}` is {high}, which is less than the {low} of `{low_key}`" ["swap the two"];
    S072 unfit_text(text: &str, rule: &str) { text = quoted(text) } "{text} breaks the rule `{rule}` of its field"
        ["change one of the two"];
    S073 never_absent(key: &str) "`{key}` never applies: the field is required" ["remove `{key}` or `required`"];
    S074 filled_twice() "`when_absent` never applies: the field is derived from the record key"
        ["remove `when_absent` or `derive`"];
    S075 nothing_to_send() "`when_absent` lacks `send`" ["write the text to send, or `send: null`"];
    S076 null_not_taken() "null is sent, but the field does not take it"
        ["add `nullable: true` to the field if the API takes null for it"];
    S077 text_not_taken(kind: &str) "a text is sent, but the field is of type `{kind}`"
        ["only fields of type `string` can be filled in; others can be sent as null"];
    S078 not_allowed(text: &str, allowed: &[&str]) { text = quoted(text) } "{text} is not `allowed` in this field"
        (Some(alternatives(text, allowed, "it can be", "or")));
    S079 unless_itself(name: &str) "`{name}` is the field itself, which has no value here"
        ["name other fields"];
    S080 unless_with_null() "`unless` has no effect where null is sent" ["remove it: null means no value"];
    S081 no_body() "`list` has no body to write to" ["name create and update, or leave `writable` out"];
    S082 in_its_path(field: &str, operation: &str)
        "`{field}` is in the path of `{operation}`, so it is never in its body"
        ["remove `{operation}` from `writable`"];
    S083 unreachable_field(name: &str) "nothing can send `{name}`: no body takes it, and it is in no path"
        ["name an operation in `writable`, or remove the field"];
    S084 not_created(name: &str) "no create sends `{name}`" ["add `create` to its `writable`, or remove this"];
    S085 wrong_role(name: &str, kind: &str, wanted: &str) "`{name}` is of type `{kind}`, and this takes a `{wanted}`"
        ["name a field of type `{wanted}`"];
    S086 second_derived(name: &str) "`{name}` is the second field that is derived from the record key"
        ["one is enough to find a record again; remove `derive` from the other"];
    S087 no_amount() "`currency_field` is about an amount, and the field is none"
        ["add `unit: cents` to the field, or remove `currency_field`"];
    S088 no_currency(name: &str) "`{name}` holds no currency" ["name a text field with `format: currency`"];

    // Constraints and identity.
    S090 small_group() "a choice needs at least two fields" ["name them, or make the one field `required`"];
    S091 always_there(name: &str, key: &str) "`{name}` always has a value, so the others can have none"
        ["remove `{key}` from the field, or take the field out of the group"];
    S092 two_groups(name: &str) "`{name}` is in two groups" ["leave it in one of them"];
    S093 lost_identity(name: &str) "a record cannot be found by `{name}`: no create sends it"
        ["add `create` to its `writable`, or make it the field of `key`"];

    S094 identity_not_looked_up() "nothing is looked up after a create whose answer was lost"
        ["add `lookup: list`, or remove `identity` and `list` if records cannot be found"];

    // Operations and modes.
    S100 bad_path(path: &str) { path = quoted(path) } "{path} is no path"
        ["begin it with `/`, and do not end it with one: /things/{{thing_key}}"];
    S101 bad_segment(segment: &str) { segment = quoted(segment) } "{segment} cannot be a part of a path"
        ["a part holds letters, digits, `-`, `_`, `.` and `~`, or is a field in braces"];
    S102 bad_parameter(segment: &str) { segment = quoted(segment) } "{segment} is no field in braces"
        ["write one field between two slashes, and nothing else: /things/{{thing_key}}"];
    S103 parameter_twice(name: &str) "`{name}` is in this path twice";
    S104 parameter_kind(name: &str, kind: &str) "`{name}` is of type `{kind}`, and a path takes texts only"
        ["make the field a `string`"];
    S105 unsuited_method(operation: &str, method: &str, suited: &[&str]) { suited = list(suited, "or") }
        "{method} does not suit `{operation}`" ["write {suited}"];
    S106 repeatable_create() "sending a create twice makes two records" ["write `repeatable: false`"];
    S107 list_parameter() "a list cannot take a field from a row" ["write a path without braces"];
    S108 update_without_parameter() "this path does not say which record is updated"
        ["add its key: /things/{{thing_key}}"];
    S109 unsuited_lookup(name: &str) "`{name}` cannot tell whether this was applied" ["write `lookup: list`, or remove it"];
    S110 lookup_without_list() "there is no operation `list` to look in" ["add one to `operations`"];
    S111 lookup_without_identity() "nothing tells which record of a list is the right one" ["name fields in `identity`"];
    S112 no_operations() "the object has no operation" ["add at least `create`"];
    S113 empty_body(name: &str) "`{name}` has nothing to send: no field is writable in it"
        ["name it in the `writable` of a field, or remove it"];
    S114 steps_and_forbidden(mode: &str) "`{mode}` is both offered and forbidden" ["write `steps` or `forbidden`"];
    S115 neither_steps_nor_forbidden(mode: &str) "nothing says what `{mode}` does"
        ["write `steps`, or `forbidden` and why"];
    S116 unsuited_steps(mode: &str, steps: &str, suited: &str) "`{mode}` cannot be {steps}" ["write {suited}"];
    S117 replacing_update() "a PUT replaces the whole record, and a row brings only some of its fields"
        ["use the API's PATCH, or write `merges: true` if its PUT keeps what the body leaves out"];
    S118 needless_merges() "`merges` is about a PUT" ["remove it"];
}

fn where_from() -> String {
    "`source` says where this is known from: name one of `sources` in api.yaml".to_owned()
}
