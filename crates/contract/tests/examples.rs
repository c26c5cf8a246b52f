//! The worked examples, as far as the border goes: what can't be taken, and why.

use contract::{Arrival, Decoder};
use serde_json::Value;

/// A dead letter: the line of the input, the entry of its array, the code, and the bytes.
type DeadLetter = (u64, Option<u64>, String, String);

/// Codes that need the state, and so are not the border's.
const OF_THE_CORE: [&str; 2] = ["stale", "lot_of_other_sku"];

fn read(name: &str) -> String {
    let path = format!("{}/../../tests/examples/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

fn found(input: &str) -> Vec<DeadLetter> {
    let decoder = Decoder::default();
    let mut letters = Vec::new();
    for (line, text) in (0..).zip(input.lines()) {
        for of in decoder.decode(Some(text.as_bytes()), None, Arrival::FromEvent) {
            if let Some(rejection) = of.rejection {
                let bytes = String::from_utf8_lossy(of.bytes).into_owned();
                letters.push((
                    line,
                    of.entry.map(u64::from),
                    rejection.code.as_str().to_owned(),
                    bytes,
                ));
            }
        }
    }
    letters
}

fn expected(output: &str) -> Vec<DeadLetter> {
    let records =
        output.lines().map(|line| serde_json::from_str::<Value>(line).expect("output is JSON"));
    let dead = records.filter(|record| record["topic"] == "granary.dead-letter");
    let letters = dead.map(|record| {
        let header = |name: &str| record["headers"][name].as_str().map(str::to_owned);
        let number = |name: &str| header(name).map(|text| text.parse().expect("a number"));
        let line = number("source-offset").expect("an offset");
        let value = record["value"].as_str().expect("a text").to_owned();
        (line, number("source-entry"), header("error-code").expect("a code"), value)
    });
    letters.filter(|(_, _, code, _)| !OF_THE_CORE.contains(&code.as_str())).collect()
}

#[test]
fn bad_input_has_the_codes_and_the_bytes_of_the_example() {
    let letters = found(&read("bad-input.in.ndjson"));
    assert_eq!(letters, expected(&read("bad-input.out.ndjson")));
    assert_eq!(letters.len(), 7);
}

#[test]
fn everything_else_is_taken() {
    for name in [
        "amended-and-refunded",
        "backorder",
        "bundles",
        "claims",
        "expiry-and-late-payment",
        "held-and-handed-over",
        "limit-per-buyer",
        "out-of-order",
        "oversold-and-resolved",
        "preemption",
        "recall",
        "sold-out-and-waitlist",
        "twice-and-late",
    ] {
        let input = read(&format!("{name}.in.ndjson"));
        assert!(input.lines().count() > 3, "{name}");
        assert_eq!(found(&input), [], "{name}");
    }
}
