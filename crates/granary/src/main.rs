//! The one program: arguments, configuration, wiring, exit codes.

fn main() {}
