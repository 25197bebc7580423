//! Rows of five fields, as CSV and as what a program would send of them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::child::folder;

/// How a sync is told what the rows of [`transactions`] are.
pub(crate) const TRANSACTIONS: [&str; 4] = ["--object", "transactions", "--mode", "insert"];
/// How a sync is told what the rows of [`customers`] are.
pub(crate) const CUSTOMERS: [&str; 4] = ["--object", "customers", "--mode", "insert"];

/// A transaction as a program owns it.
#[derive(Deserialize, Serialize)]
pub(crate) struct Transaction {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) customer_external_key: String,
    pub(crate) category_key: String,
    pub(crate) key: String,
}

/// A customer as a program owns it.
#[derive(Deserialize, Serialize)]
pub(crate) struct Customer {
    pub(crate) email: String,
    pub(crate) partner_key: String,
    #[expect(clippy::struct_field_names, reason = "it is the name of the column")]
    pub(crate) customer_key: String,
    pub(crate) name: String,
    pub(crate) provider_key: String,
}

/// The transaction of a number.
pub(crate) fn transaction(number: u64) -> Transaction {
    Transaction {
        amount: i64::try_from(number % 100_000).unwrap_or_default() + 100,
        currency: "USD".to_owned(),
        customer_external_key: format!("account-{:06}", number % 50_000),
        category_key: "subscription".to_owned(),
        key: format!("invoice-2026-{number:08}"),
    }
}

/// A file of transactions, those of these numbers.
pub(crate) fn transactions(name: &str, numbers: impl Iterator<Item = u64>) -> PathBuf {
    write(name, "amount,currency,customer_external_key,category_key,key", |file| {
        for number in numbers {
            let Transaction { amount, currency, customer_external_key, category_key, key } =
                transaction(number);
            writeln!(file, "{amount},{currency},{customer_external_key},{category_key},{key}")?;
        }
        Ok(())
    })
}

/// A file of customers.
pub(crate) fn customers(name: &str, count: u64) -> PathBuf {
    write(name, "email,partner_key,customer_key,name,provider_key", |file| {
        for number in 0..count {
            let partner = number % 500;
            writeln!(
                file,
                "person.{number:07}@example.com,partner-{partner:04},account-{number:08},Company {number} Ltd,prov_{number:010}"
            )?;
        }
        Ok(())
    })
}

fn write(
    name: &str,
    header: &str,
    rows: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> PathBuf {
    let path = folder().join(name);
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    writeln!(file, "{header}")
        .and_then(|()| rows(&mut file))
        .and_then(|()| file.flush())
        .expect("a full file");
    path
}
