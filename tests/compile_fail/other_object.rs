//! An upsert changes and creates one and the same record.

use partnerstack_connector::client::Client;
use partnerstack_connector::generated::{customer, transaction};

async fn bring(client: &Client, change: customer::Update, otherwise: transaction::Create) {
    let _ = client.upsert(change, otherwise).await;
}

fn main() {}
