//! Keyed digests: the ledger keeps them instead of values, so that it holds no personal data.

use std::fmt;
use std::str::FromStr;

/// Makes the digests of one ledger. Each ledger has a key of its own, so digests of two ledgers cannot be compared.
#[derive(Clone)]
pub struct Digester {
    fields: Key,
    records: Key,
    texts: Key,
    rows: Key,
}

/// The key of a ledger's digests.
pub(super) type Key = [u8; blake3::KEY_LEN];

impl Digester {
    pub(crate) fn new(key: &Key) -> Self {
        // A key for each kind of digest: those of the same text differ.
        let derive = |purpose: &str| digest(key, purpose.as_bytes());
        Self {
            fields: derive("fields"),
            records: derive("records"),
            texts: derive("texts"),
            rows: derive("rows"),
        }
    }

    /// Makes the digests of the values of a destination field. It is made once and used for every row.
    #[must_use]
    pub fn field(&self, name: &str) -> FieldDigester {
        let key = digest(&self.fields, name.as_bytes());
        FieldDigester { field: FieldId(first(&digest(&key, b"name"))), key: digest(&key, b"values") }
    }

    /// The identity of a record: `kind` says what rows are keyed by (the name of an identity field, the names of
    /// columns, content), `parts` are the values.
    #[must_use]
    pub fn record(&self, kind: &str, parts: &[impl AsRef<str>]) -> RecordId {
        let mut framed = Vec::with_capacity(128);
        for text in std::iter::once(kind).chain(parts.iter().map(AsRef::as_ref)) {
            // Lengths, not separators: a value can contain anything.
            framed.extend_from_slice(&(text.len() as u64).to_le_bytes());
            framed.extend_from_slice(text.as_bytes());
        }
        RecordId(first(&digest(&self.records, &framed)))
    }

    /// What a row says, by its parts.
    #[must_use]
    pub fn row<'t>(&self, parts: impl Iterator<Item = &'t str>) -> FaultId {
        let mut framed = Vec::with_capacity(256);
        for text in parts {
            framed.extend_from_slice(&(text.len() as u64).to_le_bytes());
            framed.extend_from_slice(text.as_bytes());
        }
        FaultId(first(&digest(&self.rows, &framed)))
    }

    /// The digest of a text that is no value of a row: a public key.
    #[must_use]
    pub fn text(&self, text: &str) -> Digest {
        Digest(first(&digest(&self.texts, text.as_bytes())))
    }
}

/// Digests the values of one destination field.
#[derive(Clone)]
pub struct FieldDigester {
    field: FieldId,
    key: Key,
}

impl FieldDigester {
    /// The field, as digests name it.
    #[must_use]
    pub fn field(&self) -> FieldId {
        self.field
    }

    /// The digest of a value. The caller must write equal values in the same way.
    #[must_use]
    pub fn value(&self, value: impl AsRef<[u8]>) -> Digest {
        Digest(first(&digest(&self.key, value.as_ref())))
    }
}

/// The digest of a field's name. It is long enough that no two fields of an object have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldId([u8; 8]);

/// The digest of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(pub(super) [u8; 8]);

/// What a row says, as a keyed digest. It is the id of the row's entry in a failures file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub(super) [u8; 8]);

/// In hexadecimal.
impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for FaultId {
    type Err = ParseFaultIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_hex);
        number.map(|number| Self(number.to_be_bytes())).ok_or(ParseFaultIdError)
    }
}

/// The text is no id of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a failure has 16 digits from 0 to 9 and a to f")]
pub struct ParseFaultIdError;

/// The digest of a record key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub(super) [u8; 16]);

impl RecordId {
    /// An id that no record has.
    pub(crate) const NONE: Self = Self([0; 16]);

    /// That of a record which is known by one identity: its place among those of the object, and the digest of its value.
    pub(crate) fn of_identity(place: usize, value: Digest) -> Self {
        let mut id = [0; 16];
        let (first, last) = id.split_at_mut(8);
        first.copy_from_slice(&(place as u64).to_be_bytes());
        last.copy_from_slice(&value.0);
        Self(id)
    }

    /// The digest itself.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

/// In hexadecimal, as `hex(id)` in SQL has it.
impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032X}", u128::from_be_bytes(self.0))
    }
}

/// 32 hexadecimal digits.
impl FromStr for RecordId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A text of another length, or with a sign, is a number for `from_str_radix` but no id.
        let exact = if text.len() == 32 && !text.starts_with('+') { text } else { "" };
        u128::from_str_radix(exact, 16).map(|number| Self(number.to_be_bytes()))
    }
}

/// The digests of some fields of a record: 16 bytes each, sorted, so that two lists are compared in one walk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldDigests(Vec<(FieldId, Digest)>);

impl FieldDigests {
    /// The digest of a field.
    #[must_use]
    pub fn get(&self, field: FieldId) -> Option<Digest> {
        self.position(field).ok().and_then(|position| self.0.get(position)).map(|(_, digest)| *digest)
    }

    /// All of them, in the order of the fields' digests.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (FieldId, Digest)> {
        self.0.iter().copied()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the digest of a field.
    pub fn set(&mut self, field: FieldId, digest: Digest) {
        match self.position(field) {
            Ok(position) => self.0.splice(position..=position, [(field, digest)]).for_each(drop),
            Err(position) => self.0.insert(position, (field, digest)),
        }
    }

    /// From fields in the order of their digests, each once.
    pub(crate) fn from_sorted(digests: Vec<(FieldId, Digest)>) -> Self {
        debug_assert!(digests.is_sorted_by(|one, next| one.0 < next.0), "the order of the fields' digests");
        Self(digests)
    }

    /// Takes over the digests of `other`.
    pub fn merge(&mut self, other: &Self) {
        if self.is_empty() {
            self.0.clone_from(&other.0);
        } else {
            other.iter().for_each(|(field, digest)| self.set(field, digest));
        }
    }

    /// Forgets the digest of a field.
    pub fn remove(&mut self, field: FieldId) {
        self.0.retain(|(known, _)| *known != field);
    }

    /// Forgets the fields that `other` has.
    pub fn forget(&mut self, other: &Self) {
        self.0.retain(|(field, _)| other.get(*field).is_none());
    }

    /// Keeps the fields that `other` has with the same digest.
    pub fn keep_equal(&mut self, other: &Self) {
        self.0.retain(|(field, digest)| other.get(*field) == Some(*digest));
    }

    /// As the ledger stores them; none if there are none.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.0.len() * 16);
        for (field, digest) in &self.0 {
            bytes.extend_from_slice(&field.0);
            bytes.extend_from_slice(&digest.0);
        }
        Some(bytes)
    }

    /// From what the ledger has stored; none if that is damaged.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (pairs, rest) = bytes.as_chunks::<16>();
        let digests: Vec<_> = pairs.iter().map(|pair| (FieldId(first(pair)), Digest(last(pair)))).collect();
        (rest.is_empty() && digests.is_sorted_by(|a, b| a.0 < b.0)).then_some(Self(digests))
    }

    fn position(&self, field: FieldId) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(&field))
    }
}

impl FromIterator<(FieldId, Digest)> for FieldDigests {
    /// A field that comes twice keeps what came last.
    fn from_iter<I: IntoIterator<Item = (FieldId, Digest)>>(digests: I) -> Self {
        let mut list: Vec<_> = digests.into_iter().collect();
        // The sort is stable, so the last one of a field comes first, and is the one that stays.
        list.reverse();
        list.sort_by_key(|(field, _)| *field);
        list.dedup_by_key(|(field, _)| *field);
        Self(list)
    }
}

fn digest(key: &Key, text: &[u8]) -> Key {
    *blake3::keyed_hash(key, text).as_bytes()
}

/// The first bytes of a longer array.
fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

fn last<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.last_chunk().copied().unwrap_or([0; N])
}
