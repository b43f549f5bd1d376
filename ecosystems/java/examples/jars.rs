//! What jars need of the Java runtime, one line a jar: `cargo run --release -p depslim-java --example jars -- a.jar b.jar`. With
//! `--classes` in front, how long it takes to read all classes of all of them instead, for comparing with `jdeps -s`.

use depslim_java::ECOSYSTEM;
use depslim_model::ecosystem::{Kept, Plan};
use depslim_model::{Layer, Settings, Source};
use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let classes = arguments.first().is_some_and(|first| first == "--classes");
    if classes {
        arguments.remove(0);
    }
    let mut out = std::io::stdout();
    if classes {
        let begin = std::time::Instant::now();
        let uses: usize = arguments.iter().map(|path| uses_of(path)).sum();
        return writeln!(out, "{} jars, {uses} uses, {:.3} s", arguments.len(), begin.elapsed().as_secs_f64());
    }
    for path in arguments {
        let kept = Kept { package: path.clone(), files: vec![path.clone().into()], ..Kept::default() };
        let plan = Plan { keep: vec![kept], ..Plan::default() };
        let modules = match ECOSYSTEM.emitters.first().map(|emitter| (emitter.emit)(&plan, &[])) {
            Some(Ok(emissions)) => emissions.into_iter().next().map_or_else(String::new, |emission| emission.content),
            Some(Err(why)) => why,
            None => String::new(),
        };
        let roots: Vec<&str> =
            modules.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_whitespace().next()).collect();
        writeln!(out, "{} {}", path.rsplit('/').next().unwrap_or(&path), roots.join(","))?;
    }
    Ok(())
}

/// How many uses the classes of a jar have.
fn uses_of(path: &str) -> usize {
    let Ok(bytes) = fs_err::read(path) else { return 0 };
    let settings = Settings::default();
    let source = Source { path, bytes: &bytes, settings: &settings };
    let reader = ECOSYSTEM.readers.iter().find(|reader| reader.layer == Layer::InstalledCode);
    reader.map_or(0, |reader| (reader.read)(&source).uses.len())
}
