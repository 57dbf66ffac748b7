//! A table of a user's own, beside the one of another package.

use std::fs;
use std::path::Path;

use acme_orders::{OrderCode, Receipt};
use codetable::{
    CodeTable, Fault, IntoStatus as _, RetryAction, StatusExt as _, Tables, Translator,
};
use codetable_proto::codetable::v1::GrpcCode;
use tonic::Code;

use crate::client::details_of;
use crate::service::{Server, Service, TABLE};

fn orders() -> CodeTable<OrderCode> {
    let table = CodeTable::new(acme_orders::FILE_DESCRIPTOR_SET, "acme.shop.v1.OrderCode");
    table.expect("the table is valid")
}

#[tokio::test]
async fn two_tables_share_a_program() {
    let orders = orders();
    let both = Tables::from(&*TABLE).and(&orders);
    let table = orders.clone();
    let answer = move |token: &str| {
        match token {
            "order" => table.check(OrderCode::SoldOut)?,
            "operator" => table.check(OrderCode::NoCredit)?,
            _ => TABLE.check(9003)?,
        }
        Ok(9000)
    };
    let translator = Translator::new(both.clone()).public_boundary();
    let server = Server::start(Service::new(answer), translator);

    let status = server.fail_in("order", "de-AT").await;
    assert_eq!(status.code(), Code::FailedPrecondition);
    let error = both.read(&status).expect("the status has a code");
    assert_eq!(error.code(&orders), Some(OrderCode::SoldOut));
    assert_eq!(error.code(&TABLE), None, "the code of another table");
    assert_eq!(
        (error.reason(), error.domain()),
        ("SOLD_OUT", "orders.acme.example")
    );
    assert_eq!(
        (error.fault(), error.retry().action),
        (Fault::EndUser, RetryAction::Never)
    );
    assert_eq!(
        error.user_message("de"),
        Some("Der Artikel ist ausverkauft.")
    );
    assert_eq!(error.user_message("fr"), Some("Please try again later."));
    let details = [
        "google.rpc.ErrorInfo",
        "google.rpc.ResourceInfo",
        "google.rpc.LocalizedMessage",
    ];
    assert_eq!(details_of(&status), details);
    // A program that links only the other table reads the code of another domain.
    let error = status.code_error(&TABLE).expect("there is an ErrorInfo");
    assert_eq!((error.known(), error.number()), (false, Some(17)));

    let error = both
        .read(&server.fail("number").await)
        .expect("the status has a code");
    assert_eq!((error.number(), error.code(&orders)), (Some(9003), None));
    assert!(server.fail("operator").await.is_masked());
}

/// The code that is sent is that of the error's own table, whatever tables the
/// server has.
#[test]
fn a_server_need_not_know_the_table_of_an_error() {
    let status = orders().error(OrderCode::SoldOut).into_status();
    let error = status.code_error(&orders()).expect("the status has a code");
    assert_eq!(error.code(&orders()), Some(OrderCode::SoldOut));
}

/// Both packages of stubs use the types of the third.
#[test]
fn the_packages_share_the_types_of_the_options() {
    let receipt = Receipt {
        grpc_code: Some(GrpcCode::NotFound.into()),
        ..Default::default()
    };
    let shared: GrpcCode = receipt.grpc_code();
    let answer = codetable_jverification::jiguang::jverification::v1::VerifyNumbersResponse {
        grpc_code: Some(shared.into()),
        ..Default::default()
    };
    assert_eq!(answer.grpc_code(), shared);
}

#[test]
fn the_crate_of_the_options_has_their_protos() {
    let folder = Path::new(codetable_proto::PROTO_DIR).join("codetable/v1");
    for (name, definition) in [
        ("codetable.proto", "message Table {"),
        ("grpc_code.proto", "enum GrpcCode {"),
    ] {
        let text = fs::read_to_string(folder.join(name)).expect("the file is packed");
        assert!(text.contains(definition), "{name}");
    }
}
