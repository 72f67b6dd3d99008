//! Enables every operation of glacier-core in `tests/sizes/src/operations.rs`, so that a new one cannot be forgotten.

fn main() {
    let folder = "../../glacier-core/src/ops";
    println!("cargo:rerun-if-changed={folder}");
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in source.lines().filter_map(|line| line.strip_prefix("impl Encode for ")) {
            let name: String = line.chars().take_while(|c| c.is_alphanumeric()).collect();
            println!("cargo:rustc-cfg=operation=\"{name}\"");
        }
    }
}
