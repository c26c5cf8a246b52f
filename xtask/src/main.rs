//! What people and CI run: checks, code generation, a local Kafka, benchmarks.

fn main() {}
