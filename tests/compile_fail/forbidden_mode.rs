//! Transactions are append-only, so there is no `transaction::Update`, and a create does not take its place.

use partnerstack_connector::client::Client;
use partnerstack_connector::generated::transaction;

async fn correct(client: &Client, sale: transaction::Create) {
    let _ = client.update(sale).await;
}

fn main() {}
