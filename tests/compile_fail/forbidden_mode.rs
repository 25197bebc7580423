//! Deals cannot be updated and transactions not be upserted: the spec says why.

use partnerstack_connector::client::Client;
use partnerstack_connector::generated::{customer, deal, transaction};

async fn correct(client: &Client, deal: deal::Create, sale: transaction::Create) {
    let _ = client.update(deal).await;
    let _ = client.upsert(customer::Update::new("c-1"), sale.clone()).await;
    let _ = client.upsert(sale.clone(), sale).await;
}

fn main() {}
