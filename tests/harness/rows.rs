//! Rows to sync, and what the server has to hold when they have arrived.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::server::{NOBODY, Server};
use serde_json::{Value, json};

/// An input: a source and how it is synced.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The object that they are of.
    pub object: &'static str,
    /// The mode that they are synced in.
    pub mode: &'static str,
    /// Further lines of the sync file.
    pub settings: String,
    header: &'static str,
    /// The rows.
    pub each: Vec<Row>,
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The row as CSV.
    pub cells: String,
    /// By what the server tells its record from others.
    pub label: String,
    /// What the record has to hold after it; null for a row that must not arrive.
    pub sent: Value,
}

impl Row {
    fn new(cells: String, label: String, sent: Value) -> Self {
        Self { cells, label, sent }
    }

    /// Whether it has to arrive.
    pub fn good(&self) -> bool {
        !self.sent.is_null()
    }
}

impl Rows {
    /// Transactions, by invoice.
    pub fn transactions(invoices: impl IntoIterator<Item = usize>) -> Self {
        let settings = "primary_key: invoice_id\nmapping:\n  amount: total\n  currency: currency\n  \
                        customer_external_key: account_id\n  metadata.invoice: invoice_id\n";
        Self {
            object: "transactions",
            mode: "insert",
            settings: settings.to_owned(),
            header: "invoice_id,account_id,total,currency",
            each: invoices.into_iter().map(|invoice| transaction(invoice, 1000 + invoice)).collect(),
        }
    }

    /// Transactions of the past: each was made some hours before the one before it.
    pub fn past_transactions(invoices: impl IntoIterator<Item = usize>) -> Self {
        let mut rows = Self::transactions(invoices);
        rows.settings.push_str("  created_at: invoiced_at\n");
        rows.header = "invoice_id,account_id,total,currency,invoiced_at";
        for (place, row) in rows.each.iter_mut().enumerate() {
            // 2024-01-01 and later, 7 hours apart.
            let made = 1_704_067_200_000_u64 + 7 * 3_600_000 * place as u64;
            let _ = write!(row.cells, ",{made}");
            row.sent["created_at"] = json!(made);
        }
        rows
    }

    /// Customers, by customer key.
    pub fn customers(mode: &'static str, customers: impl IntoIterator<Item = usize>) -> Self {
        Self {
            object: "customers",
            mode,
            settings: String::new(),
            header: "customer_key,email,partner_key,name",
            each: customers.into_iter().map(|number| customer(number, 0)).collect(),
        }
    }

    /// Partnerships: with the key that they have, where they are to be updated; by partner key, where they are not.
    pub fn partnerships(mode: &'static str, partners: impl IntoIterator<Item = usize>) -> Self {
        let update = mode == "update";
        Self {
            object: "partnerships",
            mode,
            settings: String::new(),
            header: if update { "partnership_key,group_key" } else { "partner_key,email,group_key" },
            each: partners.into_iter().map(|number| partnership(update, number, 0)).collect(),
        }
    }

    /// Deals, by the number of an opportunity.
    pub fn deals(mode: &'static str, deals: impl IntoIterator<Item = usize>) -> Self {
        let settings = "primary_key: opportunity\nmapping:\n  group_key: group_key\n  account_name: account_name\n  \
                        amount: amount\n  close_date: close_date\n  contact_first_name: first\n  \
                        contact_last_name: last\n  stage: stage\n";
        let deal = |number: usize| {
            let name = format!("Account {number:05}");
            let cells = format!("opp-{number:05},gold,{name},{},2026-12-24,Ada,Lovelace,Open", 100 + number);
            let sent = json!({"account_name": name, "amount": 100 + number, "close_date": "2026-12-24"});
            Row::new(cells, name.to_lowercase(), sent)
        };
        Self {
            object: "deals",
            mode,
            settings: settings.to_owned(),
            header: "opportunity,group_key,account_name,amount,close_date,first,last,stage",
            each: deals.into_iter().map(deal).collect(),
        }
    }

    /// Adds rows that change records which earlier rows are about, each somewhere behind its first row.
    pub fn with_changes(mut self, changed: impl IntoIterator<Item = usize>) -> Self {
        for (revision, number) in changed.into_iter().enumerate() {
            let row = match self.object {
                "customers" => customer(number, revision + 1),
                "partnerships" => partnership(self.mode == "update", number, revision + 1),
                object => panic!("{object} cannot be changed"),
            };
            let first = self.each.iter().position(|known| known.label == row.label).unwrap();
            // Far and near behind, in turns.
            let place = if revision % 2 == 0 {
                self.each.len()
            } else {
                (first + 1 + revision % 7).min(self.each.len())
            };
            self.each.insert(place, row);
        }
        self
    }

    /// Puts bad rows between the good ones: those that the command refuses, or those that the server refuses.
    pub fn with_bad(mut self, places: &[usize]) -> Self {
        for place in places {
            let cells = match self.object {
                "transactions" => format!("bad-{place},acct-1,10.00,USD"),
                "customers" => format!("bad-{place},bad{place}@example.com,{NOBODY},Bad"),
                object => panic!("no bad rows of {object}"),
            };
            self.each.insert(*place, Row::new(cells, format!("bad-{place}"), Value::Null));
        }
        self
    }

    /// Whether several rows are about one record.
    pub fn repeat(&self) -> bool {
        let labels: BTreeSet<&str> = self.each.iter().map(|row| row.label.as_str()).collect();
        labels.len() < self.each.len()
    }

    /// The source.
    pub fn source(&self) -> String {
        let mut text = format!("{}\n", self.header);
        for row in &self.each {
            let _ = writeln!(text, "{}", row.cells);
        }
        text
    }

    /// The sync file beside it.
    pub fn sync_file(&self) -> String {
        format!("object: {}\nmode: {}\nsource: rows.csv\n{}", self.object, self.mode, self.settings)
    }

    /// Makes the records that an update needs, as they were before.
    pub fn exist_at(&self, server: &Server) {
        let mut made: Vec<&str> = Vec::new();
        for row in self.each.iter().filter(|row| row.good()) {
            if made.contains(&row.label.as_str()) {
                continue;
            }
            made.push(&row.label);
            let day = 86_400_000;
            match self.object {
                "customers" => {
                    let before =
                        json!({"customer_key": row.label, "email": "old@example.com", "partner_key": "p"});
                    server.put("customers", None, &before, day);
                }
                "partnerships" => {
                    let key = row.cells.split(',').next().unwrap();
                    server.put(
                        "partnerships",
                        Some(key),
                        &json!({"email": row.label, "group_key": "old"}),
                        day,
                    );
                }
                object => panic!("{object} cannot be updated"),
            }
        }
    }
}

fn transaction(invoice: usize, amount: usize) -> Row {
    let (label, account) = (format!("inv-{invoice:05}"), format!("acct-{}", invoice % 40));
    let sent = json!({
        "amount": amount,
        "currency": "USD",
        "customer_external_key": account,
        "metadata": {"invoice": label},
    });
    Row::new(format!("{label},{account},{amount},USD"), label, sent)
}

fn customer(number: usize, revision: usize) -> Row {
    let (label, email) = (format!("acct-{number:05}"), format!("c{number}@example.com"));
    let name = format!("Customer {number} of {revision}");
    let sent = json!({"customer_key": label, "email": email, "name": name});
    Row::new(format!("{label},{email},gstest,{name}"), label, sent)
}

fn partnership(update: bool, number: usize, revision: usize) -> Row {
    let (label, group) = (format!("p{number}@example.com"), format!("group{revision}"));
    let cells = if update {
        format!("part_{number:014},{group}")
    } else {
        format!("partner{number:05},{label},{group}")
    };
    let sent = json!({"email": label, "group_key": group});
    Row::new(cells, label, sent)
}
