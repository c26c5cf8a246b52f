//! How a deployment reads its inputs and writes its outputs.

use contract::{Decoder, Encoder, Encoding};

use crate::PerInput;

/// What a lane decodes and encodes with.
#[derive(Clone, Debug)]
pub(crate) struct Codec {
    /// Reads the records of each input.
    pub(crate) decoders: PerInput<Decoder>,
    /// What the records of each input are that name no encoding.
    pub(crate) encodings: PerInput<Encoding>,
    /// Writes what is emitted.
    pub(crate) encoder: Encoder,
    /// The names of the input topics, for the headers that name a source.
    pub(crate) names: PerInput<String>,
}
