//! Tests of the matching.

use super::super::Rules;
use super::super::world::{Known, World};
use depslim_model::{How, Strength, Use};

fn rule(on: &str, rest: &str) -> String {
    format!("[[use]]\nid = \"rule\"\non = {on}\nreason = \"because\"\n{rest}\n")
}

fn used(how: How, name: &str, value: &str) -> Use {
    Use { how, name: name.into(), value: value.into(), strength: Strength::Hard, line: 1 }
}

fn packages(rules: &str, item: Use, world: &World) -> Vec<String> {
    let rules = Rules::parse(rules, ".", str::to_owned).unwrap();
    let implied = rules.implied(&[used(How::Name, "nothing.at.all", ""), item], world);
    assert!(implied.iter().all(|hit| hit.at == 1 && hit.rule == "rule" && hit.reason == "because"));
    implied.into_iter().map(|hit| hit.package.to_owned()).collect()
}

fn fires(on: &str, rest: &str, how: How, name: &str, value: &str) -> bool {
    let rules = rule(on, &format!("needs = \"checker\"\n{rest}"));
    !packages(&rules, used(how, name, value), &World::declared(["checker"])).is_empty()
}

#[test]
fn names_fire_wherever_they_stand() {
    let forms = r#"match = "shop.forms.Mail .to_sheet""#;
    for (how, name, value, expect) in [
        (How::Import, "shop.forms", "Mail", true),
        (How::Import, "shop", "forms", false),
        (How::Import, "shop.forms", "Mailbox", false),
        (How::Import, ".forms", "Mail", false),
        (How::Name, "shop.forms.Mail", "", true),
        (How::Name, "shop.forms.Mail.field", "", true),
        (How::Call, "shop.forms.Mail", "max=3", true),
        (How::Call, ".to_sheet", "a.csv", true),
        (How::Name, "table.Frame.to_sheet", "", true),
        (How::Text, "shop.forms.Mail", "FIELDS", true),
        (How::Setting, "FIELD", "shop.forms.Mail", true),
        (How::Call, "load_by_name", "shop.forms.Mail", true),
        (How::Computed, "shop.forms.Mail", "", false),
        (How::Command, "shop.forms.Mail", "", false),
    ] {
        assert_eq!(fires("\"name\"", forms, how, name, value), expect, "{how:?} {name} {value}");
    }
}

#[test]
fn an_import_rule_wants_the_module_itself() {
    let rest = r#"match = "shop.sessions""#;
    for (how, name, value, expect) in [
        (How::Import, "shop.sessions", "Session", true),
        (How::Import, "shop", "sessions", true),
        (How::Import, "shop.sessions", "", true),
        (How::Dynamic, "shop.sessions", "import_module", true),
        (How::Load, "shop.sessions", "serve", true),
        (How::Text, "shop.sessions.Session", "MIDDLEWARE", true),
        (How::Name, "shop.sessions.Session", "", false),
    ] {
        assert_eq!(fires("\"import\"", rest, how, name, value), expect, "{how:?} {name} {value}");
    }
}

#[test]
fn values_narrow_a_rule_down() {
    let call = "match = \"soup.Soup\"\nvalue = [\"lxml*\"]";
    let string = "match = \"db.backends.fast\"\nvalue = [\"DATABASES.*\"]";
    let setting = "match = \"*_BROKER\"\nvalue = [\"redis*\"]";
    let url = "match = \"amqp amqp+*\"";
    let command = "match = \"serve\"\nvalue = [\"-k green\"]";
    for (on, rest, how, name, value, expect) in [
        ("call", call, How::Call, "soup.Soup", "lxml-xml", true),
        ("call", call, How::Call, "soup.Soup", "features=lxml", true),
        ("call", call, How::Call, "soup.Soup", "html", false),
        ("call", call, How::Name, "soup.Soup", "", false),
        ("string", string, How::Setting, "DATABASES.default.ENGINE", "db.backends.fast", true),
        ("string", string, How::Text, "db.backends.fast", "DATABASES.x", true),
        ("string", string, How::Text, "db.backends.fast", "OTHER", false),
        ("string", string, How::Import, "db.backends.fast", "", false),
        ("setting", setting, How::Setting, "APP_BROKER", "redis://x", true),
        ("setting", setting, How::Setting, "APP_BROKER", "memory://", false),
        ("url", url, How::Url, "amqp+tls", "BROKER", true),
        ("url", url, How::Url, "amqps", "BROKER", false),
        ("command", command, How::Command, "serve", "-w 4 -k green app", true),
        ("command", command, How::Command, "serve", "-w 4 app", false),
    ] {
        assert_eq!(fires(&format!("\"{on}\""), rest, how, name, value), expect, "{on} {how:?} {name} {value}");
    }
}

#[test]
fn a_scheme_can_stand_alone_under_a_known_keyword() {
    let rest = "match = \"pg+fast\"\n[urls]\nkeywords = \"drivername\"";
    for (how, name, value, expect) in [
        (How::Call, "orm.url", "drivername=pg+fast", true),
        (How::Call, "orm.url", "pg+fast", false),
        (How::Call, "orm.url", "name=pg+fast", false),
        (How::Setting, "db.drivername", "pg+fast", true),
        (How::Setting, "db.name", "pg+fast", false),
    ] {
        assert_eq!(fires("\"url\"", rest, how, name, value), expect, "{how:?} {name} {value}");
    }
}

#[test]
fn alternatives_prefer_what_is_declared() {
    let rules = rule("\"url\"", "match = \"pg\"\nany-of = \"driver-old driver-*\"\n");
    let url = || used(How::Url, "pg", "");
    let known = |declared| Known { declared, installed: true, groups: vec![] };
    let mut world = World::default();
    world.packages.insert("driver-new".into(), known(false));
    assert_eq!(packages(&rules, url(), &world), ["driver-new"]);
    world.packages.insert("driver-fast".into(), known(true));
    assert_eq!(packages(&rules, url(), &world), ["driver-fast"]);
    assert_eq!(packages(&rules, url(), &World::declared(["other"])), Vec::<String>::new());
}

#[test]
fn with_asks_for_company() {
    let rules = rule("\"url\"", "match = \"pg\"\nneeds = \"driver\"\nwith = \"orm tables-*\"");
    let url = || used(How::Url, "pg", "");
    assert!(packages(&rules, url(), &World::declared(["driver"])).is_empty());
    assert_eq!(packages(&rules, url(), &World::declared(["driver", "orm"])), ["driver"]);
    assert_eq!(packages(&rules, url(), &World::declared(["driver", "tables-x"])), ["driver"]);
}

#[test]
fn a_rule_can_turn_on_all_plug_ins_of_a_group() {
    let rules = rule("\"command\"", "match = \"trace\"\nplugins = \"trace_*\"");
    let mut world = World::declared(["tracer-web", "web"]);
    world.packages.get_mut("tracer-web").unwrap().groups.push("trace_parts".into());
    assert_eq!(packages(&rules, used(How::Command, "trace", "run"), &world), ["tracer-web"]);
}

#[test]
fn files_and_packages_imply_too() {
    let text = rule("\"file package\"", "match = \"migrations.ini\"\nneeds = \"migrator\"");
    let rules = Rules::parse(&text, ".", str::to_owned).unwrap();
    let world = World::declared(["migrator"]);
    let hits = rules.implied_by_files(&["a/b.x", "db/migrations.ini"], &world);
    assert_eq!(hits.iter().map(|hit| (hit.package, hit.at)).collect::<Vec<_>>(), [("migrator", 1)]);
    let hits = rules.implied_by_packages(&["x", "migrations.ini"], &world);
    assert_eq!(hits.iter().map(|hit| (hit.package, hit.at)).collect::<Vec<_>>(), [("migrator", 1)]);
}

#[test]
fn of_a_list_in_order_the_first_is_taken() {
    let rules = rule("\"import\"", "match = \"shop\"\nfirst-of = \"fast-post slow-post old-post\"");
    let import = || used(How::Import, "shop", "");
    assert_eq!(packages(&rules, import(), &World::declared(["old-post", "slow-post"])), ["slow-post"]);
    // What is declared is meant, even when another one is there too.
    let mut world = World::declared(["old-post"]);
    world.packages.insert("fast-post".into(), Known { installed: true, ..Known::default() });
    assert_eq!(packages(&rules, import(), &world), ["old-post"]);
    world.packages.remove("old-post");
    assert_eq!(packages(&rules, import(), &world), ["fast-post"]);
}
