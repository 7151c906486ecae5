//! The requests of each operation, as bytes that are ready to send.

use std::sync::Arc;

use larder_bench::orders;

use super::Op;

/// Requests that take turns, and the status that each must get.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    bytes: Arc<[Vec<u8>]>,
    pub(super) status: u16,
}

impl Requests {
    /// A few thousand different requests, spread over all `rows`.
    pub(super) fn new(op: Op, rows: u64) -> Self {
        let kinds = match op {
            Op::Get => 20_000,
            Op::List20 => orders::customers(rows),
            Op::Post | Op::Put => 4_096,
        };
        let bytes = (0..kinds.min(rows.max(1)))
            .map(|n| request(op, orders::mix(n) % rows.max(1), rows))
            .collect();
        Self {
            bytes,
            status: if op == Op::Post { 201 } else { 200 },
        }
    }

    /// Request `at`; after the last comes the first again.
    pub(super) fn get(&self, at: usize) -> &[u8] {
        &self.bytes[at % self.bytes.len()]
    }
}

fn request(op: Op, row: u64, rows: u64) -> Vec<u8> {
    let id = orders::id(row);
    match op {
        Op::Get => build("GET", &format!("/orders/{id}"), &[], ""),
        Op::List20 => {
            let customer = row % orders::customers(rows);
            build(
                "GET",
                &format!("/orders?customer=c{customer}"),
                &[("Range", "items=0-19")],
                "",
            )
        }
        Op::Post => build(
            "POST",
            "/orders",
            &[],
            &orders::body(&orders::order(row, rows)),
        ),
        Op::Put => {
            let mut order = orders::order(row, rows);
            // A change of what is not indexed, as most changes are.
            order.amount += 1;
            build("PUT", &format!("/orders/{id}"), &[], &orders::body(&order))
        }
    }
}

/// An HTTP/1.1 request with the headers that every client sends.
pub(super) fn build(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n");
    for (name, value) in headers {
        text += &format!("{}: {value}\r\n", name.to_ascii_lowercase());
    }
    if !body.is_empty() {
        text += &format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
    }
    text += "\r\n";
    text += body;
    text.into_bytes()
}
