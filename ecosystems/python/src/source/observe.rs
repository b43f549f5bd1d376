//! What the expressions of a file say: names reached through imports, calls with constant arguments, imports through functions,
//! and strings that name modules or services.

use super::bindings::Bindings;
use super::guard::Need;
use super::sink::Sink;
use super::tree::{self, Call, Constant, Expr, Node, Statement, Stmt};
use super::walk::Place;
use super::{argv, dynamic, folders, settings, strings};
use depslim_model::How;

/// Observes the statements of one file.
pub(super) struct Observer<'a, 's> {
    pub(super) text: &'a str,
    /// The file, relative to the analysed root.
    pub(super) path: &'a str,
    pub(super) bindings: &'s Bindings<'a>,
    pub(super) sink: Sink<'s>,
    /// Folders that the file adds to where modules are looked up.
    pub(super) module_roots: Vec<String>,
    /// Reused for names and values that are mostly known already.
    name: String,
    value: String,
}

/// What is known about the place of an expression.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) need: Need,
    spot: Spot<'c>,
    /// Strings are forward references.
    annotation: bool,
    /// Strings, or the keys of a dictionary, name loggers.
    loggers: bool,
}

/// What a string is given to.
#[derive(Clone, Copy)]
enum Spot<'c> {
    Nowhere,
    Setting(&'c str),
    Argument(&'c Expr, Option<&'c str>),
}

impl<'a, 's> Observer<'a, 's> {
    pub(super) fn new(text: &'a str, path: &'a str, bindings: &'s Bindings<'a>, sink: Sink<'s>) -> Self {
        Self { text, path, bindings, sink, module_roots: Vec::new(), name: String::new(), value: String::new() }
    }

    /// Observes a statement, without the blocks in it.
    pub(super) fn statement(&mut self, stmt: &'a Stmt, place: Place) {
        let mut context = Context { need: place.need, spot: Spot::Nowhere, annotation: false, loggers: false };
        match tree::statement(stmt) {
            // A docstring, or a string that does nothing.
            Statement::Expression(expr) if matches!(tree::node(expr), Node::String(_)) => return,
            Statement::Assign { targets, value } => {
                for target in targets {
                    settings::assigned(self, target, value, place);
                    folders::assigned(self, target, value);
                }
                context.spot = targets.first().and_then(settings::target).map_or(Spot::Nowhere, Spot::Setting);
            }
            Statement::Augmented { target, value } => {
                settings::assigned(self, target, value, place);
                folders::assigned(self, target, value);
                context.spot = settings::target(target).map_or(Spot::Nowhere, Spot::Setting);
            }
            Statement::Annotated { target, value } => {
                if let Some(value) = value {
                    settings::assigned(self, target, value, place);
                }
                context.spot = settings::target(target).map_or(Spot::Nowhere, Spot::Setting);
            }
            _ => {}
        }
        tree::expressions(stmt, &mut |expr, annotation| self.expression(expr, Context { annotation, ..context }));
    }

    fn expression(&mut self, expr: &'a Expr, context: Context<'_>) {
        match tree::node(expr) {
            Node::Name(_) => {
                self.names(expr, context.need);
            }
            Node::Attribute(value, _) => {
                if !self.names(expr, context.need) && root(expr).is_none() {
                    self.expression(value, context);
                }
            }
            Node::Call(call) => self.call(expr, call, Context { annotation: false, ..context }),
            Node::String(text) => self.string(expr, text, context),
            Node::Template(start) => {
                self.url(expr, start, context);
                self.children(expr, context);
            }
            Node::Dict(items) => {
                let inner = Context { loggers: false, ..context };
                for (key, value) in items.iter() {
                    let mut below = inner;
                    match key.map(tree::node) {
                        Some(Node::String(name)) => {
                            if !context.loggers {
                                self.string(expr, name, inner);
                            }
                            below.loggers = name == "loggers";
                        }
                        _ => {
                            if let Some(key) = key {
                                self.expression(key, inner);
                            }
                        }
                    }
                    self.expression(value, below);
                }
            }
            Node::Lambda => self.children(expr, Context { need: context.need.min(Need::Lazy), ..context }),
            Node::Sequence(items) => {
                self.listed(expr, items, context.need);
                self.children(expr, context);
            }
            _ => self.children(expr, context),
        }
    }

    fn children(&mut self, expr: &'a Expr, context: Context<'_>) {
        tree::children(expr, &mut |child| self.expression(child, context));
    }

    /// Notes the qualified names that a name or a chain of attributes stands for; false when it is not reached through an import.
    fn names(&mut self, expr: &'a Expr, need: Need) -> bool {
        let Some(root) = root(expr) else { return false };
        let imported = self.bindings.imported(root);
        for binding in imported.iter().filter(|binding| !binding.qualified.starts_with('.')) {
            self.name.clear();
            self.name.push_str(&binding.qualified);
            push_attributes(expr, &mut self.name);
            let need = need.min(binding.need);
            self.sink.add_once(How::Name, &self.name, "", need, tree::start(expr));
        }
        !imported.is_empty()
    }

    /// The names that a callee goes by: qualified through imports, else `.method`; none for plain functions of the file itself.
    pub(super) fn callee_names(&self, callee: &Expr) -> Vec<String> {
        let mut names = Vec::new();
        if let Some(root) = root(callee) {
            for binding in self.bindings.imported(root).iter().filter(|binding| !binding.qualified.starts_with('.')) {
                let mut name = binding.qualified.clone();
                push_attributes(callee, &mut name);
                names.push(name);
            }
        }
        if names.is_empty()
            && let Some(method) = method(callee)
        {
            names.push(format!(".{method}"));
        }
        names
    }

    /// The last part of what a callee is called where it comes from.
    fn function<'c>(&'c self, callee: &'c Expr) -> &'c str {
        match tree::node(callee) {
            Node::Attribute(_, method) => method,
            Node::Name(name) => match self.bindings.imported(name) {
                [binding, ..] => last_part(&binding.qualified),
                [] => name,
            },
            _ => "",
        }
    }

    fn call(&mut self, expr: &'a Expr, call: Call<'a>, context: Context<'_>) {
        let callee = call.callee;
        self.expression(callee, context);
        let function = self.function(callee);
        let opened = call.positional.first().and_then(constant).filter(|_| {
            dynamic::may_open_package(function)
                && self.callee_names(callee).iter().any(|callee| dynamic::opens_package(callee))
        });
        let opened = opened.and_then(|name| dynamic::module_text(function, name, None));
        let opened = opened.filter(|module| !module.starts_with('.')).map(|module| (module, function.to_owned()));
        let logger = matches!(function, "getLogger" | "get_logger" | "getChild" | "get_task_logger");
        // A name that programs use for methods of their own, too.
        let alone =
            function != "resolve_name" || self.callee_names(callee).iter().any(|name| name.starts_with("pkgutil"));
        let importer = dynamic::importer(function).filter(|_| alone);
        // The default of a variable of the environment belongs to what it is assigned to.
        let setting = Some(context.spot)
            .filter(|spot| matches!(spot, Spot::Setting(_)) && settings::environment(function, call).is_some());
        if let Some(importer) = importer {
            self.import(call, importer, context.need);
        }
        if let Some((module, function)) = opened {
            self.sink.add(How::Dynamic, module, function, context.need.min(Need::Lazy), tree::end(callee));
        }
        self.command(expr, call, context.need);
        folders::called(self, call);
        settings::called(self, call, context.need);
        if !logger {
            self.arguments(expr, call, context.need);
        }
        for argument in call.positional {
            let spot = setting.unwrap_or(Spot::Argument(callee, None));
            self.argument(argument, spot, context, logger || importer.is_some());
        }
        for (keyword, argument) in call.keywords() {
            let spot = setting.unwrap_or(Spot::Argument(callee, keyword));
            self.argument(argument, spot, context, logger);
        }
    }

    /// A command line that a call starts: what is given to a function that is known to, else arguments that look like one.
    fn command(&mut self, expr: &Expr, call: Call<'a>, need: Need) {
        let Some(first) = call.positional.first() else { return };
        let starts = self.callee_names(call.callee).iter().any(|name| argv::is_starter(name));
        let started = match tree::node(first) {
            Node::Sequence(items) if starts => argv::of_items(items, true),
            Node::String(text) if starts && call.positional.len() == 1 => argv::of_text(text),
            _ => argv::of_items(call.positional, starts),
        };
        self.started(started, expr, need);
    }

    fn listed(&mut self, expr: &Expr, items: &[Expr], need: Need) {
        self.started(argv::of_items(items, false), expr, need);
    }

    fn started(&mut self, started: Option<argv::Started>, expr: &Expr, need: Need) {
        let need = need.min(Need::Lazy);
        match started {
            Some(argv::Started::Module(name)) => {
                self.sink.add_once(How::Load, &name, "python -m", need, tree::start(expr));
            }
            Some(argv::Started::Program(name, arguments)) => {
                let arguments = crate::manifest::without_credentials(&arguments);
                self.sink.add_once(How::Command, &name, &arguments, need, tree::start(expr));
            }
            None => {}
        }
    }

    fn argument(&mut self, argument: &'a Expr, spot: Spot<'_>, context: Context<'_>, named: bool) {
        // The name of a logger, or of a module that was noted as an import already.
        if named && matches!(tree::node(argument), Node::String(_)) {
            return;
        }
        self.expression(argument, Context { spot, loggers: false, ..context });
    }

    /// Notes a call by each of its constant arguments; a method of something unknown by its name, too.
    fn arguments(&mut self, expr: &Expr, call: Call<'a>, need: Need) {
        let imported = root(call.callee).map_or(&[][..], |root| self.bindings.imported(root));
        if imported.iter().any(|binding| !binding.qualified.starts_with('.')) {
            for binding in imported.iter().filter(|binding| !binding.qualified.starts_with('.')) {
                self.name.clear();
                self.name.push_str(&binding.qualified);
                push_attributes(call.callee, &mut self.name);
                self.values(expr, call, need, false);
            }
        } else if let Some(method) = method(call.callee) {
            self.name.clear();
            self.name.push('.');
            self.name.push_str(method);
            if !self.values(expr, call, need, true) {
                self.sink.add_once(How::Call, &self.name, "", need, tree::start(expr));
            }
        }
    }

    /// Notes the constant arguments of a call whose name was prepared; true when there were any. Of an unknown receiver only words
    /// can mean something.
    fn values(&mut self, expr: &Expr, call: Call<'a>, need: Need, words: bool) -> bool {
        let at = tree::start(expr);
        let (name, value, sink) = (&self.name, &mut self.value, &mut self.sink);
        let mut noted = false;
        let mut put = |value: &str| {
            if !value.is_empty() && strings::is_argument(value) && !(words && value.contains(' ')) {
                sink.add_once(How::Call, name, value, need, at);
                noted = true;
            }
        };
        // `os.getenv("SECRET_KEY", "…")`: what stands beside the name of a secret is one.
        let secret = call.positional.first().and_then(constant).filter(|first| strings::is_secret(first));
        for argument in call.positional {
            each_string(argument, &mut |text| {
                let name = secret.filter(|first| *first != text).unwrap_or_default();
                if let Some(text) = strings::told(name, text) {
                    put(&text);
                }
            });
        }
        for (keyword, argument) in call.keywords() {
            let Some(keyword) = keyword else { continue };
            let mut put = |text: &str| {
                value.clear();
                value.push_str(keyword);
                value.push('=');
                value.push_str(text);
                put(value);
            };
            match tree::node(argument) {
                Node::Constant(Constant::Word(word)) => put(word),
                Node::Constant(Constant::Number) => put(&self.text[tree::range(argument)]),
                _ => each_string(argument, &mut |text| {
                    let name = if keyword == "default" { secret.unwrap_or(keyword) } else { keyword };
                    if let Some(text) = strings::told(name, text) {
                        put(&text);
                    }
                }),
            }
        }
        noted
    }

    /// An import through a function.
    fn import(&mut self, call: Call<'a>, importer: dynamic::Importer, need: Need) {
        let need = need.min(importer.most);
        let Some(first) = call.positional.first() else { return };
        let package = call.positional.get(1).or_else(|| call.keyword("package")).and_then(constant);
        let at = tree::end(call.callee);
        let mut names: Vec<&str> = constant(first).into_iter().collect();
        let mut known = !names.is_empty();
        if let Node::Name(name) = tree::node(first) {
            for value in self.bindings.assigned(name) {
                each_string(value, &mut |text| names.push(text));
            }
            // A constant says all; a loop's variable may have other values elsewhere.
            known = !names.is_empty() && strings::is_variable(name);
        }
        for name in names {
            if let Some(module) = dynamic::module_text(importer.function, name, package) {
                self.sink.add(How::Dynamic, module, importer.function.to_owned(), need, at);
            }
        }
        if !known && importer.computes && !settings::is_setting(first) {
            let start = constant_start(first);
            let start = start.split(['{', '%']).next().unwrap_or_default();
            self.sink.add(How::Computed, importer.function.to_owned(), start.to_owned(), need, at);
        }
    }

    fn string(&mut self, expr: &Expr, text: &str, context: Context<'_>) {
        if context.annotation {
            self.forward_reference(expr, text, context.need);
            return;
        }
        if self.url(expr, text, context) || context.loggers {
            return;
        }
        if let Some(path) = strings::dotted_path(text) {
            let spot = self.spot(context.spot);
            self.sink.add_once(How::Text, &path, &spot, context.need, tree::start(expr));
        }
    }

    fn url(&mut self, expr: &Expr, text: &str, context: Context<'_>) -> bool {
        let Some(scheme) = strings::driver_scheme(text) else { return false };
        let spot = self.spot(context.spot);
        self.sink.add_once(How::Url, &scheme, &spot, context.need, tree::start(expr));
        true
    }

    /// Names in a quoted annotation (`"list[EmailStr]"`).
    fn forward_reference(&mut self, expr: &Expr, text: &str, need: Need) {
        for path in text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '.')) {
            let (root, rest) = path.split_once('.').map_or((path, ""), |(root, _)| (root, &path[root.len()..]));
            for binding in self.bindings.imported(root).iter().filter(|binding| !binding.qualified.starts_with('.')) {
                let name = format!("{}{rest}", binding.qualified);
                self.sink.add_once(How::Name, &name, "", need.min(binding.need), tree::start(expr));
            }
        }
    }

    fn spot(&self, spot: Spot<'_>) -> String {
        match spot {
            Spot::Nowhere => String::new(),
            Spot::Setting(name) => name.to_owned(),
            Spot::Argument(callee, keyword) => {
                let mut name = match self.callee_names(callee).into_iter().next() {
                    Some(name) => name,
                    None => self.function(callee).to_owned(),
                };
                if let Some(keyword) = keyword {
                    name.push('.');
                    name.push_str(keyword);
                }
                name
            }
        }
    }
}

/// The method of a callee, unless it is one of a constant string.
fn method(callee: &Expr) -> Option<&str> {
    match tree::node(callee) {
        Node::Attribute(receiver, method) => {
            let text = matches!(tree::node(receiver), Node::String(_) | Node::Template(_));
            (!text).then_some(method)
        }
        _ => None,
    }
}

/// The name at the start of a chain of attributes.
pub(super) fn root(expr: &Expr) -> Option<&str> {
    let mut expr = expr;
    loop {
        match tree::node(expr) {
            Node::Name(name) => return Some(name),
            Node::Attribute(value, _) => expr = value,
            _ => return None,
        }
    }
}

fn push_attributes(expr: &Expr, out: &mut String) {
    if let Node::Attribute(value, attribute) = tree::node(expr) {
        push_attributes(value, out);
        out.push('.');
        out.push_str(attribute);
    }
}

/// Calls `each` with a constant string, or with those in a list, tuple or set.
pub(super) fn each_string<'a>(expr: &'a Expr, each: &mut dyn FnMut(&'a str)) {
    match tree::node(expr) {
        Node::String(text) => each(text),
        Node::Sequence(items) => {
            for item in items {
                if let Node::String(text) = tree::node(item) {
                    each(text);
                }
            }
        }
        _ => {}
    }
}

pub(super) fn constant(expr: &Expr) -> Option<&str> {
    if let Node::String(text) = tree::node(expr) { Some(text) } else { None }
}

/// The constant text that a computed string starts with.
fn constant_start(expr: &Expr) -> &str {
    match tree::node(expr) {
        Node::String(text) | Node::Template(text) => text,
        Node::Binary(left, Some('+' | '%'), _) => constant_start(left),
        Node::Call(call) => match tree::node(call.callee) {
            Node::Attribute(text, "format" | "join") => constant_start(text),
            _ => "",
        },
        _ => "",
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
