//! One stage of an event's way, done so many times: `instructions STAGE ROUNDS`, for `cargo xtask instructions`, which
//! runs it under valgrind and takes the difference of two runs. Without words it lists the stages.

mod traffic;

use std::env;
use std::hint::black_box;
use std::process::ExitCode;

use allotment::{Effect, Effects, Input, Partition, Settings};
use contract::{Arrival, Decoder, Encoder, Encoding};
use traffic::Record;

/// What can be counted. Together they are an event's way from bytes to bytes.
const STAGES: [&str; 5] =
    ["decode-json", "decode-protobuf", "decide", "encode-json", "encode-protobuf"];

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let records = traffic::records();
    match words[..] {
        [] => println!("{} {}", records.len(), STAGES.join(" ")),
        [stage, rounds] if let (true, Ok(rounds)) = (STAGES.contains(&stage), rounds.parse()) => {
            work(stage, rounds, &records);
        }
        _ => {
            eprintln!("usage: instructions [STAGE ROUNDS]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Prepares what the stage needs, and does it. Preparing costs the same however many rounds follow.
fn work(stage: &str, rounds: u64, records: &[Record]) {
    let decoder = Decoder::default();
    let inputs: Vec<Input> =
        records.iter().flat_map(|record| decode(&decoder, &record.json)).collect();
    let effects = decide(&inputs);
    let encoder = |encoding| Encoder { encoding, ..Encoder::default() };
    for _ in 0..rounds {
        match stage {
            "decode-json" => decode_all(&decoder, records, |record| &record.json),
            "decode-protobuf" => {
                let decoder = decoder.clone().with_default_encoding(Encoding::Protobuf);
                decode_all(&decoder, records, |record| &record.protobuf);
            }
            "decide" => drop(black_box(decide(&inputs))),
            "encode-json" => encode_all(&encoder(Encoding::Json), &effects),
            _ => encode_all(&encoder(Encoding::Protobuf), &effects),
        }
    }
}

fn decode<'a>(decoder: &Decoder, value: &'a [u8]) -> impl Iterator<Item = Input> + use<'a> {
    let arrival = Arrival::Record(traffic::BEGIN);
    decoder.decode(Some(value), None, arrival).map(|delivery| {
        assert_eq!(delivery.rejection, None, "the traffic is of good events");
        delivery.input
    })
}

fn decode_all(decoder: &Decoder, records: &[Record], value: impl Fn(&Record) -> &[u8]) {
    for record in records {
        decode(decoder, value(record)).for_each(|input| drop(black_box(input)));
    }
}

/// A partition of its own takes all of them.
fn decide(inputs: &[Input]) -> Vec<Effect> {
    let mut partition = Partition::new(Settings::default());
    let mut effects = Effects::default();
    for input in inputs {
        let now = partition.now().max(input.arrival);
        partition.apply(now, input.clone(), &mut effects);
    }
    effects.list
}

fn encode_all(encoder: &Encoder, effects: &[Effect]) {
    for effect in effects {
        drop(black_box(encoder.encode(0, effect)));
    }
}
