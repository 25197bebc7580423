//! What a row holds is personal data and cannot be printed, whatever form it has.

use partnerstack_connector::generated::customer;
use partnerstack_connector::request::prepare::PreparedRequest;
use partnerstack_connector::row::Row;

fn log(row: &Row, payload: &customer::Create, request: &PreparedRequest) {
    println!("could not send {row:?}");
    println!("could not send {payload:?}");
    println!("could not send {request:?}");
}

fn main() {}
