//! What people take for a table and is none: how such files begin, what they are, and what to do with them.

/// What a file is, and the cure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source::text) struct Kind {
    pub(in crate::source::text) found: &'static str,
    pub(in crate::source::text) cure: &'static str,
}

const SAVE_SHEET: &str = "save the sheet as \"CSV UTF-8\"";
const EXPORT_TABLE: &str = "export the table as CSV or NDJSON";
const ICONV: &str = "write it in UTF-8: `iconv -f UTF-32 -t UTF-8 FILE | ... --source -`";
const NOT_THE_FILE: &str =
    "where the table should be, a page came, such as that of a sign-in: export the table itself, as CSV";

/// What has characters that no text has.
pub(in crate::source::text) const NO_TEXT: Kind = Kind { found: "a binary file", cure: EXPORT_TABLE };

/// Text in an encoding that cannot be read.
pub(super) const UTF32: Kind = Kind { found: "in UTF-32", cure: ICONV };

/// Files that are no text, by their first bytes.
const BYTES: [(&[u8], &str, &str); 23] = [
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive", "save the sheet as \"CSV UTF-8\", or unpack it"),
    (b"PK\x05\x06", "an empty ZIP archive", "was anything exported?"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook, or one with a password", SAVE_SHEET),
    (b"\x1F\x8B", "compressed with gzip", "unpack it: `gunzip -c FILE | ... --source -`"),
    (b"\x1F\x9D", "compressed with compress", "unpack it: `gunzip -c FILE | ... --source -`"),
    (b"BZh", "compressed with bzip2", "unpack it: `bunzip2 -c FILE | ... --source -`"),
    (b"\xFD7zXZ\x00", "compressed with xz", "unpack it: `xz -dc FILE | ... --source -`"),
    (b"\x5D\x00\x00", "compressed with lzma", "unpack it: `xz -dc FILE | ... --source -`"),
    (b"\x28\xB5\x2F\xFD", "compressed with zstd", "unpack it: `zstd -dc FILE | ... --source -`"),
    (b"\x04\x22\x4D\x18", "compressed with lz4", "unpack it: `lz4 -dc FILE | ... --source -`"),
    (b"\xFF\x06\x00\x00sNaPpY", "compressed with snappy", "unpack it: `snzip -dc FILE | ... --source -`"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", "unpack it: `7z e -so FILE | ... --source -`"),
    (b"Rar!\x1A\x07", "a RAR archive", "unpack it: `unrar p -inul FILE | ... --source -`"),
    (b"PAR1", "a Parquet file", EXPORT_TABLE),
    (b"PARE", "a Parquet file that is encrypted", EXPORT_TABLE),
    (b"Obj\x01", "an Avro file", EXPORT_TABLE),
    (b"ARROW1\x00", "an Arrow file", EXPORT_TABLE),
    (b"SQLite format 3\x00", "an SQLite database", "export the table: `sqlite3 -csv -header FILE QUERY`"),
    (b"\x89PNG\r\n\x1A\n", "a picture", EXPORT_TABLE),
    (b"\xFF\xD8\xFF", "a picture", EXPORT_TABLE),
    (b"\x00\x05\x16\x07", "what macOS keeps beside a file", "name the file without `._`"),
    (b"\xFF\xFE\x00\x00", "in UTF-32", ICONV),
    (b"\x00\x00\xFE\xFF", "in UTF-32", ICONV),
];

/// What a ZIP archive holds, by the name of a file in it.
const ARCHIVES: [(&[u8], &str, &str); 7] = [
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet", SAVE_SHEET),
    (b"xl/", "an Excel workbook", SAVE_SHEET),
    (b"[Content_Types].xml", "an Excel workbook", SAVE_SHEET),
    (b"docProps/", "an Excel workbook", SAVE_SHEET),
    (b"_rels/", "an Excel workbook", SAVE_SHEET),
    (b"Index/", "a Numbers spreadsheet", "export the sheet as CSV in UTF-8"),
    (b".csv", "a ZIP archive", "unpack it: `unzip -p FILE | ... --source -`"),
];
/// Where the name of the first file of an archive ends, and what a file of `OpenDocument` says of itself.
const NAMED_UNTIL: usize = 160;

/// Texts that hold no records, by how they begin, in lower case.
const TEXTS: [(&str, &str, &str); 26] = [
    ("<!doctype html", "an HTML page", NOT_THE_FILE),
    ("<html", "an HTML page", NOT_THE_FILE),
    ("<head", "an HTML page", NOT_THE_FILE),
    ("<body", "an HTML page", NOT_THE_FILE),
    ("<meta", "an HTML page", NOT_THE_FILE),
    ("<script", "an HTML page", NOT_THE_FILE),
    ("<style", "an HTML page", NOT_THE_FILE),
    ("<title", "an HTML page", NOT_THE_FILE),
    ("<div", "an HTML page", NOT_THE_FILE),
    ("<p>", "an HTML page", NOT_THE_FILE),
    ("<h1", "an HTML page", NOT_THE_FILE),
    ("<table", "an HTML table", EXPORT_TABLE),
    ("<!--", "an HTML page or an XML document", NOT_THE_FILE),
    ("<?xml", "an XML document", EXPORT_TABLE),
    ("<error>", "the error of a server in XML", "look what it says, and fetch the file again"),
    ("%pdf-", "a PDF document", EXPORT_TABLE),
    ("%!ps", "a PostScript document", EXPORT_TABLE),
    ("insert into ", "an SQL dump", EXPORT_TABLE),
    ("-- mysql dump", "an SQL dump", EXPORT_TABLE),
    ("--\n-- postgresql", "an SQL dump", EXPORT_TABLE),
    ("{\\rtf", "a document of a word processor", "save it as plain text in UTF-8"),
    ("-----begin pgp message", "encrypted with PGP", "decrypt it: `gpg -d FILE | ... --source -`"),
    ("version https://git-lfs", "a pointer of Git LFS", "fetch the file itself: `git lfs pull`"),
    ("http/1.", "the answer of a server with its headers", "fetch it without them: leave out curl's `-i`"),
    ("http/2 ", "the answer of a server with its headers", "fetch it without them: leave out curl's `-i`"),
    ("<<<<<<< ", "a file with a merge conflict in it", "settle the conflict first"),
];
/// How far an XML document is searched for what it is.
const XML_UNTIL: usize = 1024;

/// The kind of a file by its first bytes.
pub(super) fn of_bytes(start: &[u8]) -> Option<Kind> {
    let found = BYTES.iter().find(|(magic, ..)| start.starts_with(magic)).map(kind);
    match start {
        // What is packed begins with the digits of pi; what is empty, with those of its square root.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, ..] => found,
        [b'B', b'Z', b'h', ..] => None,
        [b'P', b'K', 3, 4, ..] => of_archive(start).or(found),
        _ if start.get(257..262) == Some(b"ustar") => {
            Some(Kind { found: "a TAR archive", cure: "unpack it: `tar -xOf FILE | ... --source -`" })
        }
        _ => found,
    }
}

/// The bytes are the beginning of what some kind begins with, so that more of them tell whether it is that.
pub(super) fn may_begin(start: &[u8]) -> bool {
    let bzip2 = start.len() < 7 && start.starts_with(b"BZh");
    bzip2 || BYTES.iter().any(|(magic, ..)| start.len() < magic.len() && magic.starts_with(start))
}

fn of_archive(start: &[u8]) -> Option<Kind> {
    let names = start.get(..NAMED_UNTIL).unwrap_or(start);
    let holds = |name: &[u8]| names.windows(name.len()).any(|part| part == name);
    ARCHIVES.iter().find(|(name, ..)| holds(name)).map(kind)
}

/// The kind of a text by how it begins.
pub(super) fn of_text(start: &[u8]) -> Option<Kind> {
    let begins =
        |text: &str| start.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()));
    let (text, found, cure) = TEXTS.iter().find(|(text, ..)| begins(text))?;
    let head = start.get(..XML_UNTIL).unwrap_or(start);
    let says = |word: &[u8]| head.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    Some(match *text {
        "<?xml" if says(b"office:spreadsheet") => {
            Kind { found: "an Excel workbook in XML", cure: SAVE_SHEET }
        }
        "<?xml" if says(b"<html") => Kind { found: "an HTML page", cure: NOT_THE_FILE },
        _ => Kind { found, cure },
    })
}

fn kind<T>((_, found, cure): &(T, &'static str, &'static str)) -> Kind {
    Kind { found, cure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_first_bytes() {
        let tar = [b"rows.csv".as_slice(), &[0; 249], b"ustar\0"].concat();
        let ods = b"PK\x03\x04....................mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK";
        for (start, what) in [
            (
                b"PK\x03\x04\x14\0\x06\0........................[Content_Types].xml".as_slice(),
                "an Excel workbook",
            ),
            (b"PK\x03\x04....................xl/workbook.xml", "an Excel workbook"),
            (ods, "an OpenDocument spreadsheet"),
            (b"PK\x03\x04....................rows.csv", "a ZIP archive"),
            (b"PK\x03\x04....", "an Excel workbook or a ZIP archive"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook, or one with a password"),
            (b"\x1F\x8B\x08", "compressed with gzip"),
            (b"BZh91AY&SY", "compressed with bzip2"),
            (b"BZh9\x17\x72\x45\x38\x50\x90", "compressed with bzip2"),
            (b"\xFD7zXZ\0\0", "compressed with xz"),
            (b"\x28\xB5\x2F\xFD", "compressed with zstd"),
            (b"PAR1\x15", "a Parquet file"),
            (b"\xFF\xFE\0\0a\0\0\0", "in UTF-32"),
            (b"\0\0\xFE\xFF\0\0\0a", "in UTF-32"),
            (&tar, "a TAR archive"),
        ] {
            assert_eq!(of_bytes(start).map(|kind| kind.found), Some(what), "{start:?}");
        }
        for text in ["BZh,email\n", "BZh1,email,x\n", "PK,email\n", "id;name\n", "7z,a\n", ""] {
            assert_eq!(of_bytes(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_table_are_named() {
        for (start, what) in [
            ("<!DOCTYPE html>\n<html>", "an HTML page"),
            ("<HTML lang=en>", "an HTML page"),
            ("<table><tr>", "an HTML table"),
            (
                "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                "an Excel workbook in XML",
            ),
            ("<?xml version=\"1.0\"?><rows/>", "an XML document"),
            ("%PDF-1.4\n", "a PDF document"),
            ("{\\rtf1\\ansi", "a document of a word processor"),
            ("version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS"),
        ] {
            assert_eq!(of_text(start.as_bytes()).map(|kind| kind.found), Some(what), "{start}");
        }
        for text in ["<TICKER>,<DATE>\n", "version,email\n", "http,b\n", "{\"a\":1}\n", "html\n"] {
            assert_eq!(of_text(text.as_bytes()), None, "{text}");
        }
    }
}
