//! One `pom.xml` as it stands, with lines and spans (Maven POM reference, model version 4.0.0). Nothing is inherited here and no
//! property is replaced. A document type definition is refused, so that no entity expands and none is fetched.

use depslim_formats::text::LineIndex;
use depslim_model::Problem;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeMap;
use std::ops::Range;

/// A file with more elements than this is no manifest.
const MOST_NODES: u32 = 1_000_000;

/// What a `pom.xml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) group: Option<String>,
    pub(crate) artifact: String,
    pub(crate) version: Option<String>,
    pub(crate) packaging: Option<String>,
    pub(crate) parent: Option<Parent>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) managed: Vec<Dependency>,
    pub(crate) modules: Vec<String>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) plugins: Vec<Plugin>,
    pub(crate) sources: Vec<SourceFolder>,
    pub(crate) licenses: Vec<String>,
}

/// The parent that a `pom.xml` names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) group: String,
    pub(crate) artifact: String,
    pub(crate) version: String,
    /// `None` when nothing is said (`../pom.xml` then); empty when the local repository alone is to be asked.
    pub(crate) relative: Option<String>,
    pub(crate) line: u32,
}

/// A `<dependency>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) group: String,
    pub(crate) artifact: String,
    pub(crate) version: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) classifier: String,
    pub(crate) scope: Option<String>,
    pub(crate) optional: Option<String>,
    /// `group`, `artifact`; either may be `*`.
    pub(crate) exclusions: Vec<(String, String)>,
    pub(crate) line: u32,
    pub(crate) span: Range<usize>,
    pub(crate) comment: Option<String>,
}

/// A `<profile>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) id: String,
    pub(crate) by_default: bool,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) managed: Vec<Dependency>,
    pub(crate) modules: Vec<String>,
    pub(crate) plugins: Vec<Plugin>,
}

/// A `<plugin>` of the build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plugin {
    pub(crate) group: String,
    pub(crate) artifact: String,
    pub(crate) line: u32,
    pub(crate) dependencies: Vec<Dependency>,
    /// Every text of its configuration: the element's name, the text, its line.
    pub(crate) texts: Vec<(String, String, u32)>,
    /// Listed for others to take up, not taken up here.
    pub(crate) managed: bool,
}

/// A folder of sources that is not where convention puts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFolder {
    pub(crate) path: String,
    pub(crate) tests: bool,
    pub(crate) line: u32,
}

/// Reads the decoded text of a `pom.xml`.
///
/// # Errors
/// When it is no XML, holds a document type definition, or its root is no `project`.
pub(crate) fn read(text: &str) -> Result<Raw, Problem> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let line = error.pos().row.clamp(1, text.lines().count().max(1) as u32);
        Problem::fatal(line, format!("no XML that Maven reads: {error}"))
    })?;
    let lines = LineIndex::new(text);
    let project = document.root_element();
    if project.tag_name().name() != "project" {
        return Err(Problem::fatal(1, format!("the root is <{}>, not <project>", project.tag_name().name())));
    }
    let reader = Reader { lines };
    Ok(reader.project(project))
}

struct Reader<'t> {
    lines: LineIndex<'t>,
}

impl Reader<'_> {
    fn project(&self, project: Node<'_, '_>) -> Raw {
        let build = child(project, "build");
        let mut plugins = build.map_or_else(Vec::new, |build| self.plugins(build));
        plugins.extend(child(project, "reporting").map_or_else(Vec::new, |reporting| self.plugins(reporting)));
        let folder = |tag: &str, tests: bool| {
            let node = child(build?, tag)?;
            Some(SourceFolder { path: content(node)?, tests, line: self.line(node) })
        };
        let sources = [folder("sourceDirectory", false), folder("testSourceDirectory", true)];
        Raw {
            group: text_of(project, "groupId"),
            artifact: text_of(project, "artifactId").unwrap_or_default(),
            version: text_of(project, "version"),
            packaging: text_of(project, "packaging"),
            parent: child(project, "parent").map(|parent| self.parent(parent)),
            properties: properties(project),
            dependencies: self.dependencies(project),
            managed: child(project, "dependencyManagement").map_or_else(Vec::new, |node| self.dependencies(node)),
            modules: modules(project),
            profiles: below(project, "profiles", "profile").map(|profile| self.profile(profile)).collect(),
            plugins,
            sources: sources.into_iter().flatten().collect(),
            licenses: below(project, "licenses", "license").filter_map(|license| text_of(license, "name")).collect(),
        }
    }

    fn parent(&self, node: Node<'_, '_>) -> Parent {
        Parent {
            group: text_of(node, "groupId").unwrap_or_default(),
            artifact: text_of(node, "artifactId").unwrap_or_default(),
            version: text_of(node, "version").unwrap_or_default(),
            relative: child(node, "relativePath").map(|path| content(path).unwrap_or_default()),
            line: self.line(node),
        }
    }

    fn profile(&self, node: Node<'_, '_>) -> Profile {
        let by_default = child(node, "activation").and_then(|a| text_of(a, "activeByDefault"));
        Profile {
            id: text_of(node, "id").unwrap_or_default(),
            by_default: by_default.as_deref() == Some("true"),
            properties: properties(node),
            dependencies: self.dependencies(node),
            managed: child(node, "dependencyManagement").map_or_else(Vec::new, |node| self.dependencies(node)),
            modules: modules(node),
            plugins: child(node, "build").map_or_else(Vec::new, |build| self.plugins(build)),
        }
    }

    fn dependencies(&self, node: Node<'_, '_>) -> Vec<Dependency> {
        below(node, "dependencies", "dependency").map(|dependency| self.dependency(dependency)).collect()
    }

    fn dependency(&self, node: Node<'_, '_>) -> Dependency {
        let exclusion = |node: Node<'_, '_>| {
            let any = || "*".to_owned();
            (text_of(node, "groupId").unwrap_or_else(any), text_of(node, "artifactId").unwrap_or_else(any))
        };
        Dependency {
            group: text_of(node, "groupId").unwrap_or_default(),
            artifact: text_of(node, "artifactId").unwrap_or_default(),
            version: text_of(node, "version"),
            kind: text_of(node, "type"),
            classifier: text_of(node, "classifier").unwrap_or_default(),
            scope: text_of(node, "scope"),
            optional: text_of(node, "optional"),
            exclusions: below(node, "exclusions", "exclusion").map(exclusion).collect(),
            line: self.line(node),
            span: node.range(),
            comment: self.comment(node),
        }
    }

    /// What the author wrote in the declaration, behind it on its line, or alone on the line above.
    fn comment(&self, node: Node<'_, '_>) -> Option<String> {
        let inside = node.children().find(Node::is_comment);
        let same_line = |other: &Node<'_, '_>| {
            self.lines.line(other.range().start) == self.lines.line(node.range().end.saturating_sub(1))
        };
        let behind = node.next_siblings().skip(1).find(|n| !n.is_text()).filter(Node::is_comment).filter(same_line);
        let found = inside.or(behind)?;
        let text = found.text()?.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty() && !text.contains('<')).then_some(text)
    }

    fn plugins(&self, build: Node<'_, '_>) -> Vec<Plugin> {
        let managed = child(build, "pluginManagement").into_iter().flat_map(|m| below(m, "plugins", "plugin"));
        let own = below(build, "plugins", "plugin");
        own.map(|node| (node, false)).chain(managed.map(|node| (node, true))).map(|(n, m)| self.plugin(n, m)).collect()
    }

    fn plugin(&self, node: Node<'_, '_>, managed: bool) -> Plugin {
        let executions = below(node, "executions", "execution");
        let configurations = executions.chain([node]).filter_map(|place| child(place, "configuration"));
        let leaves = configurations
            .flat_map(|configuration| configuration.descendants())
            .filter(|leaf| leaf.is_element() && leaf.children().all(|inner| !inner.is_element()));
        Plugin {
            group: text_of(node, "groupId").unwrap_or_else(|| "org.apache.maven.plugins".into()),
            artifact: text_of(node, "artifactId").unwrap_or_default(),
            line: self.line(node),
            dependencies: self.dependencies(node),
            texts: leaves
                .filter_map(|leaf| Some((leaf.tag_name().name().to_owned(), content(leaf)?, self.line(leaf))))
                .take(2000)
                .collect(),
            managed,
        }
    }

    fn line(&self, node: Node<'_, '_>) -> u32 {
        self.lines.line(node.range().start)
    }
}

pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, tag: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == tag)
}

/// The elements of one name in a list.
fn below<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    list: &str,
    tag: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
    child(node, list).into_iter().flat_map(move |list| list.children().filter(move |c| c.tag_name().name() == tag))
}

fn text_of(node: Node<'_, '_>, tag: &str) -> Option<String> {
    child(node, tag).and_then(content)
}

/// The text of an element, with comments taken out of it.
fn content(node: Node<'_, '_>) -> Option<String> {
    let text: String = node.children().filter(Node::is_text).filter_map(|part| part.text()).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn properties(node: Node<'_, '_>) -> BTreeMap<String, String> {
    let list = child(node, "properties").into_iter().flat_map(|list| list.children());
    list.filter(Node::is_element).map(|p| (p.tag_name().name().to_owned(), content(p).unwrap_or_default())).collect()
}

fn modules(node: Node<'_, '_>) -> Vec<String> {
    below(node, "modules", "module").chain(below(node, "subprojects", "subproject")).filter_map(content).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Raw {
        read(text).unwrap()
    }

    #[test]
    fn a_dependency_has_its_line_and_all_it_says() {
        let pom =
            raw("<project xmlns='http://maven.apache.org/POM/4.0.0'>\n<artifactId>farm</artifactId>\n<dependencies>\n\
             <dependency><!-- for winter --><groupId>feed</groupId><artifactId>hay</artifactId>\
             <version>1<!-- first -->.2</version><scope>runtime</scope>\
             <exclusions><exclusion><groupId>weeds</groupId><artifactId>*</artifactId></exclusion></exclusions>\
             </dependency></dependencies></project>");
        let hay = &pom.dependencies[0];
        assert_eq!((hay.group.as_str(), hay.artifact.as_str(), hay.line), ("feed", "hay", 4));
        assert_eq!(hay.version.as_deref(), Some("1.2"));
        assert_eq!(hay.scope.as_deref(), Some("runtime"));
        assert_eq!(hay.exclusions, [("weeds".to_owned(), "*".to_owned())]);
        assert_eq!(hay.comment.as_deref(), Some("for winter"));
    }

    #[test]
    fn what_would_expand_or_fetch_is_refused() {
        for text in [
            "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><project>&b;</project>",
            "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><project>&a;</project>",
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.fatal && problem.message.contains("DTD"), "{}", problem.message);
        }
    }

    #[test]
    fn bad_texts_are_problems() {
        for text in ["", "<project>", "<a/>", "\0", "<project><dependencies></project>"] {
            assert!(read(text).unwrap_err().fatal, "{text}");
        }
        let deep = "<a>".repeat(200_000);
        assert!(read(&format!("<project>{deep}")).is_err());
    }
}
