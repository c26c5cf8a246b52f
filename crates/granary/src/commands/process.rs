//! `granary process`: lines in, what they lead to out, without Kafka.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use contract::{Outgoing, Topic};
use lane::{Process, Produce};

use crate::cli::ProcessArgs;
use crate::exit::Failure;
use crate::output::quiet_when_closed;
use crate::record_line::{Names, write_record};
use crate::summary::Summary;

/// Input is read, and output written, in pieces of this size: few system calls, little memory.
const BUFFER_BYTES: usize = 1 << 16;

/// A file by its name, or standard input.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) reader: BufReader<Box<dyn Read>>,
}

/// Decides the lines of all inputs, one after the other.
pub(crate) fn run(args: &ProcessArgs) -> Result<(), Failure> {
    let settings = args.config.settings()?;
    let inputs = open(&args.files)?;
    let names = Names::of(&settings);
    let mut process = settings.process(args.partitions);
    let mut out = Out {
        names,
        to: BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock()),
        summary: Summary::default(),
    };
    let mut written = Ok(());
    for input in inputs {
        written = feed(input, &mut process, &mut out)?;
        if written.is_err() {
            break;
        }
    }
    let ended = written.and_then(|()| {
        let last = args.until.map(|time| process.until(time)).unwrap_or_default();
        out.write(last)?;
        out.write(process.finish())?;
        out.to.flush()
    });
    // What is left in the buffer of a closed pipe can't be written any more; dropping it would try.
    let Out { to, summary, .. } = out;
    let _ = to.into_parts();
    quiet_when_closed(ended)?;
    eprint!("{summary}");
    Ok(())
}

struct Out<W: Write> {
    names: Names,
    to: BufWriter<W>,
    summary: Summary,
}

impl<W: Write> Out<W> {
    /// Writes what a line led to, pool by pool, and what a pool says in its order: where a pool lives does not show.
    fn write(&mut self, mut records: Vec<Produce>) -> io::Result<()> {
        records.sort_by_cached_key(|produce| pool_of(&produce.record));
        for produce in &records {
            self.summary.count(&produce.record);
            write_record(&mut self.to, &self.names, &produce.record)?;
        }
        Ok(())
    }
}

/// The pool that a record is of, as joined ids have it; empty where it is of none.
fn pool_of(record: &Outgoing) -> String {
    let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default());
    match (record.topic, key.split_once('/')) {
        (Topic::Levels, Some((pool, _))) => pool.to_owned(),
        _ => contract::join(&[&key]),
    }
}

/// Feeds one input to the end. The outer result is about reading, the inner about writing.
fn feed<W: Write>(
    mut input: Input,
    process: &mut Process,
    out: &mut Out<W>,
) -> Result<io::Result<()>, Failure> {
    let mut line = Vec::new();
    for number in 0.. {
        if input.reader.buffer().is_empty()
            && let Err(error) = out.to.flush()
        {
            // Whoever feeds line by line sees each answer before the next line is waited for.
            return Ok(Err(error));
        }
        line.clear();
        let read = input.reader.read_until(b'\n', &mut line);
        if read.map_err(|error| unreadable(&input.name, &error))? == 0 {
            break;
        }
        let text = without_ending(&line, number == 0);
        if text.trim_ascii().is_empty() {
            continue;
        }
        out.summary.lines += 1;
        if let Err(error) = out.write(process.line(&input.name, number, text)) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// The line without its end, and the first one without the mark that some editors put before it.
pub(crate) fn without_ending(line: &[u8], first: bool) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if first { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line }
}

/// Opens everything before anything is decided, so that a mistyped name leaves no half answer.
fn open(files: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let stdin = [PathBuf::from("-")];
    let files = if files.is_empty() { &stdin } else { files };
    files.iter().map(|path| open_one(path)).collect()
}

/// Opens one; `-` is standard input.
pub(crate) fn open_one(path: &Path) -> Result<Input, Failure> {
    let (name, reader): (String, Box<dyn Read>) = if path.as_os_str() == "-" {
        if io::stdin().is_terminal() {
            eprintln!("granary: reading events from the terminal, one a line; end with Ctrl-D");
        }
        ("stdin".to_owned(), Box::new(io::stdin()))
    } else {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| unreadable(&name, &error))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(unreadable(&name, &"it is a directory"));
        }
        (name, Box::new(file))
    };
    Ok(Input { name, reader: BufReader::with_capacity(BUFFER_BYTES, reader) })
}

/// An input that can't be read, and what to do.
pub(crate) fn unreadable(name: &str, cause: &dyn std::fmt::Display) -> Failure {
    Failure::unusable(format!(
        "{name} can't be read: {cause}\n  give files of one JSON event a line, or - for standard input"
    ))
}
