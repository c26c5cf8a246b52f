//! The committed Rust of `proto/` is what its compiler makes of it today.
//!
//! `UPDATE_EXPECT=1 cargo test -p contract --test generated` writes it anew.

use std::path::Path;

use expect_test::expect_file;

/// What comes in.
const INPUT: [&str; 4] = ["comment.proto", "event.proto", "order.proto", "stock.proto"];

/// What goes out. The two know nothing of each other, so that each is a file of bearable length.
const OUTPUT: [&str; 4] = ["alert.proto", "decision.proto", "fulfillment.proto", "level.proto"];

const HEAD: &str = "//! Generated from `proto/granary/v1` by `tests/generated.rs`; change the proto files instead.\n\n";

#[test]
fn generated_code_is_fresh() {
    expect_file!["../src/generated/input.rs"].assert_eq(&generate(&INPUT));
    expect_file!["../src/generated/output.rs"].assert_eq(&generate(&OUTPUT));
}

#[test]
fn every_proto_file_is_compiled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/granary/v1");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut compiled = [INPUT, OUTPUT].concat();
    compiled.sort_unstable();
    assert_eq!(found, compiled);
}

fn generate(files: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let paths: Vec<String> = files.iter().map(|file| format!("granary/v1/{file}")).collect();
    let set = protox::compile(paths, [root]).expect("the proto files compile");
    let package = prost_build::Module::from_protobuf_package_name("granary.v1");
    let requests = set.file.into_iter().map(|file| (package.clone(), file)).collect();
    let mut config = prost_build::Config::new();
    // Maps in the order of their keys: the same level is always the same bytes.
    config.btree_map(["."]);
    let mut modules = config.generate(requests).expect("what compiles can be generated");
    let code = modules.remove(&package).expect("there is one package");
    assert!(modules.is_empty(), "all files are of one package");
    format!("{HEAD}{code}")
}
