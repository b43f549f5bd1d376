//! Tells whether the rules parse.
fn main() { let e = &depslim_registry::ECOSYSTEMS[0]; match depslim_engine::rules::Rules::parse(e.rules, e.separator, e.canonical) { Ok(_) => println!("ok"), Err(x) => println!("{x}") } }
