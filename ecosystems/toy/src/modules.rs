//! Modules: the files that a name stands for, and the names that need none.

use depslim_model::Target;

/// `paint.oil` executes `paint/start.toy` or `paint.toy`, then `paint/oil/start.toy` or `paint/oil.toy`.
pub(crate) fn locate(module: &str) -> Vec<Vec<String>> {
    let mut path = String::new();
    module
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part);
            vec![format!("{path}/start.toy"), format!("{path}.toy")]
        })
        .collect()
}

/// `.brush` in `paint/oil.toy` and in `paint/start.toy` is `paint.brush`; each further dot goes one folder up. `None` for a name
/// that is absolute already, or that goes up too far.
pub(crate) fn absolute(file: &str, module: &str) -> Option<String> {
    let name = module.trim_start_matches('.');
    let dots = module.len() - name.len();
    let mut parts: Vec<&str> = file.split('/').collect();
    for _ in 0..dots {
        parts.pop()?;
    }
    parts.extend((!name.is_empty()).then_some(name));
    (dots > 0).then(|| parts.join("."))
}

/// Modules of the runtime. `std.mail` is gone since version 3.
pub(crate) fn standard(module: &str, target: &Target) -> bool {
    let major = target.runtime.as_deref().and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    match module {
        "std.mail" => major.is_none_or(|major| major < 3),
        _ => module.split('.').next() == Some("std"),
    }
}

/// The compiler writes `paint.toyc` beside `paint.toy`.
pub(crate) fn derived_from(path: &str) -> Option<String> {
    path.strip_suffix('c').filter(|source| source.ends_with(".toy")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_name_may_be_a_file() {
        let expect = [["paint/start.toy", "paint.toy"], ["paint/oil/start.toy", "paint/oil.toy"]];
        assert_eq!(locate("paint.oil"), expect);
        assert_eq!(locate(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn dots_go_up() {
        for (file, module, expect) in [
            ("paint/oil.toy", ".brush", Some("paint.brush")),
            ("paint/start.toy", ".brush", Some("paint.brush")),
            ("paint/oil/dry.toy", "..brush", Some("paint.brush")),
            ("paint/oil.toy", ".", Some("paint")),
            ("paint/oil.toy", "...brush", None),
            ("paint/oil.toy", "brush", None),
        ] {
            assert_eq!(absolute(file, module).as_deref(), expect, "{file} {module}");
        }
    }

    #[test]
    fn the_runtime_brings_its_own_modules() {
        let runtime = |version: &str| Target { runtime: Some(version.into()), ..Target::default() };
        assert!(standard("std.text", &Target::default()) && !standard("stdlib", &Target::default()));
        assert!(standard("std.mail", &runtime("2.7")) && !standard("std.mail", &runtime("3.1")));
    }

    #[test]
    fn compiled_files_come_from_their_source() {
        assert_eq!(derived_from("paint/oil.toyc").as_deref(), Some("paint/oil.toy"));
        assert_eq!(derived_from("paint/music"), None);
    }
}
