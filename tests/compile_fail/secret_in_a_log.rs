//! Keys cannot be printed, neither for people nor for developers.

use partnerstack_connector::http::credentials::Credentials;

fn main() {
    let keys = Credentials::new("pk_example", "sk_example");
    println!("calling the API with {}", keys.secret);
    println!("calling the API with {keys:?}");
}
