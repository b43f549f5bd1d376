//! What markers mean; the corpus agrees with Python's `packaging`.

use super::*;
use proptest::prelude::*;

fn target(runtime: Option<&str>) -> Target {
    Target { runtime: runtime.map(str::to_owned), ..Target::default() }
}

fn check(condition: &str, runtime: &str, features: &[&str], expect: bool) {
    assert_eq!(
        holds(condition, &target(Some(runtime)), features),
        expect,
        "{condition} on {runtime} with {features:?}"
    );
}

/// Marker, full runtime version, extras, answer; Python's `packaging` says the same.
const CORPUS: &[(&str, &str, &[&str], bool)] = &[
    ("python_version >= '3.8'", "3.11.4", &[], true),
    ("python_version < '3.8'", "3.11.4", &[], false),
    ("python_version<'3.10'", "3.9.18", &[], true),
    ("python_version < \"3.10\"", "3.10.0", &[], false),
    ("python_version > '3.9'", "3.10.0", &[], true),
    ("'3.9' < python_version", "3.10.0", &[], true),
    ("python_version == '3.11.*'", "3.11.4", &[], true),
    ("python_version != '3.11'", "3.11.4", &[], false),
    ("python_version ~= '3.8'", "3.11.4", &[], true),
    ("python_version in '3.8 3.11'", "3.11.4", &[], true),
    ("python_version not in '3.8 3.9'", "3.11.4", &[], true),
    ("python_version not in '3.0, 3.1, 3.2'", "3.11.4", &[], true),
    ("python_full_version not in '3.9.0, 3.9.1'", "3.9.1", &[], false),
    ("python_full_version < '3.11.3'", "3.11.4", &[], false),
    ("python_full_version < '3.11.3'", "3.11.2", &[], true),
    ("python_full_version <= '3.11.0a6'", "3.11.0", &[], false),
    ("python_full_version >= '3.13.0b1'", "3.13.0", &[], true),
    ("implementation_name == 'cpython'", "3.12.1", &[], true),
    ("implementation_name != 'pypy' and sys_platform != 'win32'", "3.12.1", &[], true),
    ("platform_python_implementation == \"PyPy\"", "3.12.1", &[], false),
    ("platform_python_implementation != \"PyPy\"", "3.12.1", &[], true),
    ("sys_platform == 'win32'", "3.12.1", &[], false),
    ("sys_platform == \"linux\" or sys_platform == \"darwin\"", "3.12.1", &[], true),
    ("'linux' in sys_platform", "3.12.1", &[], true),
    ("sys_platform in 'linux darwin'", "3.12.1", &[], true),
    ("'win' not in sys_platform", "3.12.1", &[], true),
    ("os_name == 'nt'", "3.12.1", &[], false),
    ("os_name=='posix'and python_version>='3'", "3.12.1", &[], true),
    ("platform_system == 'Windows'", "3.12.1", &[], false),
    ("platform_system != \"Darwin\"", "3.12.1", &[], true),
    ("platform_machine == 'x86_64'", "3.12.1", &[], true),
    ("platform_machine == 'aarch64' or platform_machine == 'AMD64'", "3.12.1", &[], false),
    (
        "python_version < '3.13' and (platform_machine == 'aarch64' or (platform_machine == 'ppc64le' or platform_machine == 'x86_64'))",
        "3.12.1",
        &[],
        true,
    ),
    (
        "python_version < '3.13' and (platform_machine == 'aarch64' or (platform_machine == 'ppc64le' or platform_machine == 'x86_64'))",
        "3.13.1",
        &[],
        false,
    ),
    ("extra == 'binary'", "3.12.1", &[], false),
    ("extra == 'binary'", "3.12.1", &["binary"], true),
    ("extra == 'Socks_Proxy'", "3.12.1", &["socks-proxy"], true),
    ("'socks' == extra and python_version > '3.6'", "3.12.1", &["socks"], true),
    ("extra != 'binary'", "3.12.1", &[], true),
    ("extra == 'a' or extra == 'b'", "3.12.1", &["b"], true),
    ("(sys_platform == 'win32') and extra == 'b'", "3.12.1", &["b"], false),
    ("sys_platform == 'win32' or extra == 'b' and os_name == 'posix'", "3.12.1", &["b"], true),
    ("sys_platform == 'linux' or extra == 'b' and os_name == 'nt'", "3.12.1", &[], true),
];

#[test]
fn markers_mean_what_pep_508_says() {
    for (condition, runtime, features, expect) in CORPUS {
        check(condition, runtime, features, *expect);
    }
}

#[test]
fn groups_of_pep_751_are_features() {
    check("'dev' in dependency_groups", "3.12.1", &["dev"], true);
    check("'dev' in dependency_groups", "3.12.1", &[], false);
    check("'dev' not in dependency_groups and python_version >= '3.12'", "3.12.1", &[], true);
    check("\"Feature_X\" in extras or 'test' in dependency_groups", "3.12.1", &["feature-x"], true);
    check("'x' in extras and sys_platform == 'win32'", "3.12.1", &["x"], false);
}

#[test]
fn what_is_not_known_keeps_the_requirement() {
    for condition in [
        "",
        "  ",
        "python_version >= ",
        "nonsense == 'x'",
        "python_version >= '3.8' and",
        "(python_version >= '3.8'",
        "python_version < '3.8' ) or",
        "python_version >= '3.8'; sys_platform == 'win32'",
        "'unterminated",
        "platform_release >= '99'",
        "os_name ~= 'nt'",
        "python_version < 'three'",
        "\u{0}é 'x' in extras",
    ] {
        check(condition, "3.12.1", &[], true);
    }
}

#[test]
fn a_minor_version_stands_for_all_its_patches() {
    check("python_full_version < '3.11.3'", "3.11", &[], true);
    check("python_full_version >= '3.11.3'", "3.11", &[], true);
    check("python_full_version >= '3.12'", "3.11", &[], false);
    // Both halves must hold for one and the same patch release.
    check("python_full_version < '3.11.3' and python_full_version >= '3.11.9'", "3.11", &[], false);
    check("python_version == '3.11'", "3.11-slim-bookworm", &[], true);
    check("python_version > '3.11'", "3.14.0rc1", &[], true);
}

#[test]
fn an_unknown_runtime_stands_for_all_supported_versions() {
    assert!(holds("python_version < '3.11'", &target(None), &[]));
    assert!(holds("python_version >= '3.14'", &target(None), &[]));
    assert!(!holds("python_version < '3'", &target(None), &[]));
    assert!(!holds("python_version < '3.8'", &target(None), &[]));
}

#[test]
fn memberships_of_a_condition() {
    assert_eq!(memberships("'dev' in dependency_groups or (\"s3\" in extras)"), ["dev", "s3"]);
    assert!(memberships("'dev' not in dependency_groups and 'x' in sys_platform and 'open").is_empty());
}

#[test]
fn conditions_are_joined() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(both([None, some(" "), None]), None);
    assert_eq!(both([some("a == 'x' or b == 'y'"), None]), some("a == 'x' or b == 'y'"));
    assert_eq!(both([some("a or b"), some("c")]), some("(a or b) and c"));
}

#[test]
fn the_target_decides_not_the_host() {
    let arm = Target { arch: "aarch64".into(), runtime: Some("3.12".into()), ..Target::default() };
    assert!(holds("platform_machine == 'aarch64'", &arm, &[]));
    assert!(!holds("platform_machine == 'x86_64'", &arm, &[]));
}

#[test]
fn hostile_text_is_answered_at_once() {
    let deep = format!("{}os_name == 'nt'{}", "(".repeat(100_000), ")".repeat(100_000));
    check(&deep, "3.12.1", &[], true);
    let wide: Vec<String> =
        (0..20_000).map(|n| format!("(sys_platform == 'a{n}' and platform_machine == 'b{n}')")).collect();
    check(&wide.join(" or "), "3.12.1", &[], false);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*", features in proptest::collection::vec("\\PC{0,8}", 0..3)) {
        let features: Vec<&str> = features.iter().map(String::as_str).collect();
        holds(&text, &target(Some("3.12")), &features);
    }

    #[test]
    fn no_marker_like_text_panics(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("("), Just(")"), Just(" and "), Just(" or "), Just("'3.8'"), Just("\"x\""), Just("extra"),
                Just("python_version"), Just("=="), Just("~="), Just(" in "), Just(" not in "), Just("sys_platform"),
                Just("extras"), Just("dependency_groups"), Just("'"), Just("é"), Just(" "),
            ],
            0..24,
        )
    ) {
        holds(&parts.concat(), &target(None), &["x"]);
    }
}
