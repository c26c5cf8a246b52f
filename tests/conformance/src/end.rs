//! A request to end a transaction, written by hand: what arrives late, or twice, after its client has gone on.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// `EndTxn`, in the version that librdkafka speaks.
const END_TXN: (i16, i16) = (26, 1);
/// An answer: its number, how long the client was throttled, the error code.
const ANSWER_BYTES: usize = 10;
/// While markers are being written the coordinator says that it is busy with this transactional id.
const CONCURRENT_TRANSACTIONS: i16 = 51;

/// A producer as the broker knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

/// Sends it, again while the coordinator is busy; in the script's words what came of it.
pub(crate) fn request(bootstrap: &str, id: &str, producer: Identity, commit: bool) -> String {
    let started = Instant::now();
    loop {
        let code = once(bootstrap, id, producer, commit).expect("the broker answers");
        match code {
            0 => return "ok".to_owned(),
            47 | 90 => return "fenced".to_owned(),
            48 => return "nothing to end".to_owned(),
            CONCURRENT_TRANSACTIONS if started.elapsed() < ANSWER => {}
            code => return format!("error {code}"),
        }
    }
}

fn once(bootstrap: &str, id: &str, producer: Identity, commit: bool) -> io::Result<i16> {
    let mut stream = TcpStream::connect(bootstrap)?;
    stream.set_read_timeout(Some(ANSWER))?;
    let mut body = Vec::new();
    body.extend(END_TXN.0.to_be_bytes());
    body.extend(END_TXN.1.to_be_bytes());
    body.extend(1_i32.to_be_bytes()); // the request's number
    body.extend((-1_i16).to_be_bytes()); // no client id
    body.extend(i16::try_from(id.len()).expect("an id is short").to_be_bytes());
    body.extend(id.as_bytes());
    body.extend(producer.id.to_be_bytes());
    body.extend(producer.epoch.to_be_bytes());
    body.push(u8::from(commit));
    let length = i32::try_from(body.len()).expect("a request is short");
    stream.write_all(&[&length.to_be_bytes()[..], &body].concat())?;
    let mut answer = [0; 4 + ANSWER_BYTES];
    stream.read_exact(&mut answer)?;
    Ok(i16::from_be_bytes([answer[12], answer[13]]))
}
