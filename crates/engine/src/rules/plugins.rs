//! Plug-ins: which host looks up a group of registrations, and packages that another one uses when they are there.

use super::pattern::{matches, words};

/// Knows the hosts of plug-in groups.
#[derive(Debug, Default)]
pub struct Plugins {
    pub(super) rules: Vec<PluginRule>,
}

/// One `[[plugin]]` rule.
#[derive(Debug, Clone, Default)]
pub struct PluginRule {
    pub(super) groups: String,
    /// Packages that look the groups up; empty when it is whoever supplies what a group is named after.
    pub hosts: Vec<String>,
    /// The language's own runtime or compiler looks them up.
    pub runtime: bool,
    /// True when a host loads every registration that is installed; false when a string, a setting, a URL or a command has to
    /// name it.
    pub auto: bool,
    pub(super) packages: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// Packages that some hosts use when they are installed, without being asked. All names are canonical.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accelerator {
    /// The packages.
    pub packages: Vec<String>,
    /// Any of these uses them.
    pub hosts: Vec<String>,
    /// What for, in one sentence.
    pub reason: String,
}

impl Plugins {
    /// The rule for a group of registrations. `None`: take the package that supplies the module which the group's name starts
    /// with for the host, and only what is named for used.
    pub fn of_group(&self, group: &str) -> Option<&PluginRule> {
        self.rules.iter().find(|rule| words(&rule.groups).any(|pattern| matches(pattern, group)))
    }

    /// Rules whose plug-ins include a package, by its name: for when nothing is installed that would register them.
    pub fn of_package<'a>(&'a self, package: &'a str) -> impl Iterator<Item = &'a PluginRule> {
        self.rules.iter().filter(move |rule| words(&rule.packages).any(|pattern| matches(pattern, package)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rules;

    #[test]
    fn groups_and_packages_lead_to_their_host() {
        let rules = Rules::parse(
            r#"
            [[plugin]]
            groups = "shop.mailers shop_*"
            hosts = "shop"
            auto = true
            packages = "shop-mail-*"
            reason = "the shop loads all mailers"
            "#,
            ".",
            str::to_owned,
        )
        .unwrap();
        let rule = rules.plugins.of_group("shop.mailers").unwrap();
        assert_eq!((rule.hosts.as_slice(), rule.auto), (["shop".to_owned()].as_slice(), true));
        assert!(rules.plugins.of_group("shop_x").is_some());
        assert!(rules.plugins.of_group("other.group").is_none());
        assert_eq!(
            rules.plugins.of_package("shop-mail-pigeon").map(|r| r.reason.as_str()).collect::<Vec<_>>(),
            ["the shop loads all mailers"]
        );
        assert_eq!(rules.plugins.of_package("shop").count(), 0);
    }
}
