//! Prisma schemas: the generators that they run.
//!
//! Source: the schema reference of Prisma, "generator".

use depslim_formats::text::{decode, lines};
use depslim_model::{Facts, How, Source, Strength, Use};

/// Reads the `provider` of each generator: a package, or the command that starts one.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let mut facts = Facts::default();
    let mut generator = false;
    for line in lines(&decoded.text) {
        let text = line.text.trim();
        if text.starts_with("generator ") {
            generator = true;
        } else if text.starts_with('}') {
            generator = false;
        }
        let Some(value) = text.strip_prefix("provider").map(str::trim_start).and_then(|rest| rest.strip_prefix('='))
        else {
            continue;
        };
        let value = value.trim().trim_start_matches('"').split('"').next().unwrap_or_default();
        let name = value.split_whitespace().next_back().unwrap_or_default();
        let name = name.rsplit_once("node_modules/").map_or(name, |(_, inside)| inside);
        if name.is_empty() || name.starts_with('.') {
            continue;
        }
        let setting = if generator { "generator.provider" } else { "datasource.provider" };
        let strength = Strength::Lazy;
        facts.uses.push(Use {
            how: How::Setting,
            name: setting.into(),
            value: name.into(),
            strength,
            line: line.number,
        });
        if generator {
            facts.uses.push(Use {
                how: How::Dynamic,
                name: name.into(),
                value: "provider".into(),
                strength,
                line: line.number,
            });
        }
    }
    facts
}
