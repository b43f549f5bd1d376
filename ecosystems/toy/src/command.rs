//! Commands: what `toyrun` runs, what `toyget` installs, and which program any other command line starts.

use crate::requirement;
use depslim_model::{Command, Entry, Facts, Group, How, Install, Stage, Strength, Use};

/// What a command means to this language.
pub(crate) fn read(command: &Command) -> Facts {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let Some((program, arguments)) = words.split_first() else { return Facts::default() };
    match (program.rsplit('/').next().unwrap_or(program), arguments) {
        ("toyrun", [target, ..]) => Facts { entries: vec![entry(target, command)], ..Facts::default() },
        ("toyget", ["install", options @ ..]) => {
            Facts { installs: vec![install(options, command)], ..Facts::default() }
        }
        ("toyget", ["exec", rest @ ..]) => {
            let words = rest.iter().map(|word| (*word).to_owned()).collect();
            read(&Command { words, ..command.clone() })
        }
        (program, arguments) => {
            let (name, value) = (program.to_owned(), arguments.join(" "));
            let used = Use { how: How::Command, name, value, strength: Strength::Hard, line: command.line };
            Facts { uses: vec![used], ..Facts::default() }
        }
    }
}

/// `toyrun farm.main`, `toyrun tools/seed.toy`.
fn entry(target: &str, command: &Command) -> Entry {
    let group = match command.stage {
        Stage::Run | Stage::ImageBuild | Stage::Builder => Group::Prod,
        Stage::Dev | Stage::Ci => Group::Dev,
    };
    Entry { target: target.to_owned(), group, line: command.line }
}

/// `toyget install -r toy.list --dev --with docs --without test paint`.
fn install(options: &[&str], command: &Command) -> Install {
    let mut install = Install {
        client: "toyget".into(),
        stage: command.stage,
        line: command.line,
        text: command.words.join(" "),
        ..Install::default()
    };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let mut value = || options.next().map(|word| (*word).to_owned());
        match *option {
            "-r" => install.files.extend(value()),
            "--with" => install.groups.extend(value()),
            "--without" => install.without.extend(value()),
            "--dev" => install.dev = Some(true),
            "--no-dev" => install.dev = Some(false),
            package => install.packages.extend(requirement::parse(package, command.line)),
        }
    }
    install.project = install.files.is_empty() && install.packages.is_empty();
    install
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(line: &str) -> Facts {
        let words = line.split_whitespace().map(str::to_owned).collect();
        read(&Command { words, stage: Stage::Run, line: 4, workdir: None, variables: Vec::new() })
    }

    #[test]
    fn the_runtime_starts_a_module_or_a_file() {
        for line in ["toyrun farm.main --loud", "/usr/bin/toyrun farm.main", "toyget exec toyrun farm.main"] {
            assert_eq!(
                facts(line).entries,
                [Entry { target: "farm.main".into(), group: Group::Prod, line: 4 }],
                "{line}"
            );
        }
        assert_eq!(facts("toyrun tools/seed.toy").entries[0].target, "tools/seed.toy");
    }

    #[test]
    fn any_other_program_is_run_as_it_is() {
        let found = facts("serve -k green farm.main");
        assert_eq!((found.uses[0].name.as_str(), found.uses[0].value.as_str()), ("serve", "-k green farm.main"));
        assert_eq!(facts("toyrun"), facts("/bin/toyrun"));
        assert_eq!(facts(""), Facts::default());
    }

    #[test]
    fn an_install_says_what_it_takes_along() {
        let all = facts("toyget install").installs.remove(0);
        assert!(all.project && all.dev.is_none());
        let some = facts("toyget install -r lists/base.list --dev --with docs --without test paint").installs.remove(0);
        assert_eq!((some.files, some.dev), (vec!["lists/base.list".to_owned()], Some(true)));
        assert_eq!((some.groups, some.without), (vec!["docs".to_owned()], vec!["test".to_owned()]));
        assert_eq!((some.packages[0].name.as_str(), some.project), ("paint", false));
    }
}
