//! `depslim generate`: completions, man page, JSON Schemas.

use crate::args::{Generate, Generated, Program, Schema, definition};
use crate::config::schema;
use crate::stop::{Outcome, Stop};
use crate::write::print;
use depslim_model::{Report, exit};

pub(crate) fn run(program: Program, flags: &Generate) -> Outcome {
    let mut text = Vec::new();
    match &flags.what {
        Generated::Completions { shell } => {
            let mut definition = definition(program);
            let name = definition.get_name().to_owned();
            clap_complete::generate(*shell, &mut definition, name, &mut text);
        }
        Generated::Man => clap_mangen::Man::new(definition(program)).render(&mut text)?,
        Generated::Schema { of } => {
            let schema = match of {
                Schema::Report => schemars::schema_for!(Report).to_value(),
                Schema::Config => schema(),
            };
            text = serde_json::to_vec_pretty(&schema).map_err(Stop::error)?;
            text.push(b'\n');
        }
    }
    print(&String::from_utf8_lossy(&text))?;
    Ok(exit::CLEAN)
}
