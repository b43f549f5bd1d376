//! Prints the JSON report of a folder: `cargo run --example check -- FOLDER`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    if let Some(stage) = std::env::args().nth(2) {
        println!("{}", depslim::debug(folder.as_ref(), &depslim::Options::default(), &stage)?);
        return Ok(());
    }
    let report = depslim::analyze(folder.as_ref(), &depslim::Options::default())?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
