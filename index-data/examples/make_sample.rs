//! Remakes the embedded samples from the lists: `cargo run --release -p index-data --example make_sample`.
//!
//! Writes `samples/beijing.csv.gz` beside this crate's manifest. Run it when the generator or a list changes.

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use index_data::generate::{SAMPLE_OPTIONS, generate, write_csv};
use std::fs::File;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/beijing.csv.gz");
    // No time stamp: the same rows give the same file.
    let packed: GzEncoder<File> = GzBuilder::new().mtime(0).write(File::create(&path)?, Compression::best());
    let mut packed = io::BufWriter::new(packed);
    let written = write_csv(generate(&SAMPLE_OPTIONS), &mut packed)?;
    packed.into_inner()?.finish()?;
    println!("{}: {written} organizations", path.display());
    Ok(())
}
