//! The tables of the order, as its page has them.

/// Target settings.
pub(super) const SETTINGS: &str = r"| Field | Type | Required | Description |
|---|---|---|---|
| Object Type | Select | Yes | The PartnerStack object to sync data to. Options: Customers, Partnerships, Deals, Transactions. |";

/// Sync modes.
pub(super) const MODES: &str = r"| Mode | Supported | Notes |
|---|---|---|
| Insert | Yes | Creates new records in PartnerStack |
| Update | Yes | Updates existing customers and partnerships by key |
| Upsert | Yes | Creates or updates records based on key presence |";

/// The note under the sync modes: "Transactions are append-only and only support the Insert sync mode. Deals support Insert
/// and Upsert only".
pub(super) const ONLY: [(&str, &[&str]); 2] =
    [("transactions", &["Insert"]), ("deals", &["Insert", "Upsert"])];

/// Audience sync modes.
pub(super) const AUDIENCE_MODES: &str = r"| Mode | Supported |
|---|---|
| Add | — |
| Remove | — |
| Mirror | — |";

/// Features.
pub(super) const FEATURES: &str = r"- Field Mapping: Yes
- Schema Introspection: No";

/// Required mapping fields.
pub(super) const REQUIRED: [(&str, &str); 4] = [
    (
        "customers",
        r"| Destination Field | Type | Required | Description |
|---|---|---|---|
email | String | Yes | Customer email address |
partner_key | String | Yes | Key of the partner responsible for the customer |",
    ),
    (
        "partnerships",
        r"| Destination Field | Type | Required | Description |
|---|---|---|---|
email | String | Yes | Partner email address |",
    ),
    (
        "deals",
        r"| Destination Field | Type | Required | Description |
|---|---|---|---|
group_key | String | Yes | Unique key of the group for the deal’s partner |
account_name | String | Yes | Name of the deal account |
amount | Number | Yes | Deal amount in cents |
close_date | String | Yes | Expected close date (YYYY-MM-DD) |
contact_first_name | String | Yes | Contact’s first name |
contact_last_name | String | Yes | Contact’s last name |
stage | String | Yes | Current deal stage (must match a configured stage) |",
    ),
    (
        "transactions",
        r"| Destination Field | Type | Required | Description |
|---|---|---|---|
amount | Number | Yes | Transaction amount in cents |
currency | String | Yes | Three-letter ISO currency code (e.g., USD, EUR) |
customer_key | String | Yes | PartnerStack customer key, external key, or email |",
    ),
];

/// Default destination fields.
pub(super) const DEFAULT: [(&str, &str); 4] = [
    (
        "customers",
        r"| Field | Type | Description |
|---|---|---|
email | String | Customer email address |
partner_key | String | Key of the partner responsible for the customer |
customer_key | String | External customer key for identification |
name | String | Customer or company name (max 100 characters) |
provider_key | String | Payment provider identifier (e.g., Stripe customer ID) |",
    ),
    (
        "partnerships",
        r"| Field | Type | Description |
|---|---|---|
email | String | Partner email address |
first_name | String | Partner’s first name |
last_name | String | Partner’s last name |
partner_key | String | Unique partner identifier |
group_key | String | Group identifier for partnership placement |
manager_email | String | Email of the assigned partner manager |",
    ),
    (
        "deals",
        r"| Field | Type | Description |
|---|---|---|
group_key | String | Unique key of the group for the deal’s partner |
account_name | String | Name of the deal account |
amount | Number | Deal amount in cents |
close_date | String | Expected close date (YYYY-MM-DD or ISO 8601) |
contact_first_name | String | Contact’s first name |
contact_last_name | String | Contact’s last name |
stage | String | Current deal stage |
customer_key | String | Associated customer identifier |
source | String | Deal source: partner or vendor |",
    ),
    (
        "transactions",
        r"| Field | Type | Description |
|---|---|---|
amount | Number | Transaction amount in cents |
currency | String | Three-letter ISO currency code |
customer_key | String | PartnerStack customer key |
customer_external_key | String | External customer key (alternative to customer_key) |
category_key | String | Transaction category identifier |
product_key | String | Transaction product identifier |
key | String | Unique transaction key in PartnerStack |",
    ),
];

/// Troubleshooting, with straight quotation marks.
pub(super) const TROUBLESHOOTING: [&str; 8] = [
    "Authentication failed (HTTP 401)",
    r#"Customer creation fails with "partner_key required""#,
    r#"Transaction fails with "customer not found""#,
    r#"Deal creation fails with "invalid stage""#,
    "Rate limit exceeded (HTTP 429)",
    r#"Update fails with "not found" (HTTP 404)"#,
    "Test data appearing in production",
    "Amount field errors",
];
