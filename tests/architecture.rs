//! The house rules that a compiler doesn't know: who may import whom, which room owns which outside crate, where
//! the clock may be read, and what a test may not do. The tables below are the rules; ARCHITECTURE.md says why.
//!
//! The checker reads the syntax tree, so a path counts wherever it stands: in a `use`, in a function body, in an
//! attribute or inside a macro call. Code under `#[cfg(test)]` may import what it likes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Meta, UseTree};

/// Who may import whom. A room is the first segment below `crate`; every room may name itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("json", &[]),
    ("disk", &[]),
    ("event", &[]),
    ("diagnostic", &[]),
    ("plural", &[]),
    ("mapping", &["event", "diagnostic"]),
    ("fault", &[]),
    ("store", &["event", "fault"]),
    ("call", &[]),
    ("bangwo8", &["call"]),
    ("udesk", &["call"]),
    ("webhook", &["call"]),
    ("intake", &["event", "store", "diagnostic"]),
    ("poll", &["event", "intake", "store", "udesk", "telemetry"]),
    ("dispatch", &["event", "store", "mapping", "bangwo8", "udesk", "webhook", "telemetry", "fault"]),
    ("ticketview", &["event", "store", "bangwo8", "telemetry"]),
    ("migrate", &["event", "intake", "store", "mapping", "bangwo8", "udesk", "telemetry"]),
    (
        "http",
        &["plural", "event", "intake", "store", "dispatch", "mapping", "ticketview", "migrate", "telemetry"],
    ),
    ("console", &["event", "intake", "store", "mapping", "ticketview", "migrate", "telemetry"]),
    ("sandbox", &[]),
    ("torture", &[]),
    ("config", &["diagnostic"]),
    ("telemetry", &[]),
    ("fuzzing", EVERY_ROOM),
    ("app", EVERY_ROOM),
    ("cli", EVERY_ROOM),
    ("main", EVERY_ROOM),
];

const EVERY_ROOM: &[&str] = &["*"];
/// What every room may import.
const TOOLS: &[&str] = &["json", "disk"];

/// The rooms that may name an outside crate; `*` at the end of a name stands for any ending.
const OWNERS: &[(&str, &[&str])] = &[
    ("actix_tls", &["app"]),
    ("actix_web", &["http", "console", "sandbox", "app"]),
    ("rusqlite", &["store"]),
    ("tokio_postgres*", &["store"]),
    ("deadpool_postgres", &["store"]),
    ("rustls_native_certs", &["store"]),
    ("reqwest", &["bangwo8", "udesk", "webhook", "telemetry", "sandbox", "cli"]),
    ("governor", &["bangwo8", "udesk", "intake"]),
    ("ipnet", &["webhook", "config"]),
    ("html5ever", &["mapping"]),
    ("csv", &["ticketview"]),
    ("flate2", &["ticketview"]),
    ("quick_cache", &["ticketview"]),
    ("zstd", &["ticketview"]),
    ("jsonschema", &["intake", "mapping"]),
    ("rustix", &["store", "fault", "cli", "app"]),
    ("clap", &["cli", "main"]),
    ("opentelemetry*", &["telemetry"]),
    ("tracing_opentelemetry", &["telemetry"]),
    ("tracing_subscriber", &["telemetry"]),
    ("prometheus_client", &["telemetry"]),
    ("prost", &["telemetry"]),
    ("x509_cert", &["app"]),
];

/// What reads JSON, and the room that does: others would let a stranger end the process (`src/json.rs`).
const JSON_READERS: &[&str] = &["serde_json::from_slice", "serde_json::from_str", "serde_json::from_reader"];
const JSON_ROOM: &str = "json";

/// What reads the clock, and the rooms that may; all others are given `now`.
const CLOCKS: &[&str] = &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now", "Utc::now"];
const CLOCK_READERS: &[&str] = &[
    "intake",
    "poll",
    "dispatch",
    "ticketview",
    "migrate",
    "telemetry",
    "app",
    "cli",
    "sandbox",
    "bangwo8",
    "udesk",
    "webhook",
];

/// What a test must not wait with, unless it polls for something and says for what: `// polls: …` above the
/// function or loop.
const SLEEPS: &[&str] = &["thread::sleep", "time::sleep", "time::sleep_until"];
const POLLS: &str = "// polls:";

#[test]
fn every_room_stands_in_the_import_table() {
    let rooms = rooms_in(&production());
    let unknown = rooms.iter().filter(|room| may_import(room).is_none());
    report(unknown.map(|room| {
        format!(
            "src/{room}: not in the import table; add it to ROOMS in tests/architecture.rs and to ARCHITECTURE.md"
        )
    }));
}

#[test]
fn a_room_imports_only_the_rooms_it_may() {
    report(production().iter().flat_map(forbidden_imports));
}

#[test]
fn an_outside_crate_is_named_only_by_the_rooms_that_own_it() {
    report(production().iter().flat_map(foreign_crates));
}

#[test]
fn the_clock_is_read_only_where_time_is_decided() {
    report(production().iter().flat_map(clock_reads));
}

#[test]
fn json_is_read_in_one_place() {
    report(production().iter().flat_map(json_reads));
}

#[test]
fn lib_rs_only_declares_modules() {
    let lib = sources("src").into_iter().find(|source| source.path == Path::new("src/lib.rs"));
    report(lib.iter().flat_map(undeclarative_items));
}

#[test]
fn no_test_is_ignored() {
    let everything = ["src", "tests", "benches"].map(sources);
    report(everything.iter().flatten().flat_map(ignored_tests));
}

#[test]
fn a_test_never_sleeps_unless_it_polls() {
    report(sources("tests").iter().flat_map(sleeps));
}

#[test]
fn architecture_md_mentions_every_room() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap_or_default();
    let mut rooms = rooms_in(&production());
    rooms.remove("main");
    let missing = rooms
        .into_iter()
        .filter(|room| !text.contains(&format!("src/{room}/")) && !text.contains(&format!("src/{room}.rs")));
    report(missing.map(|room| format!("ARCHITECTURE.md does not mention src/{room}; say what it is for")));
}

// ---- the rules ----

fn forbidden_imports(source: &Source) -> Vec<String> {
    let room = source.room();
    let allowed = may_import(&room).unwrap_or(EVERY_ROOM);
    let may = |other: &str| other == room || TOOLS.contains(&other) || allowed.contains(&other);
    let forbidden = |other: &str| allowed != EVERY_ROOM && !may(other);
    source.production_mentions(|mention| match mention.path.as_slice() {
        [root, other, ..] if root == "crate" && forbidden(other) => {
            Some(format!("imports {other}, which {room} may not (ARCHITECTURE.md, \"Who may import whom\")"))
        }
        _ => None,
    })
}

fn foreign_crates(source: &Source) -> Vec<String> {
    let room = source.room();
    source.production_mentions(|mention| {
        let name = mention.path.first()?;
        let (_, owners) = OWNERS.iter().find(|(pattern, _)| matches(pattern, name))?;
        (!owners.contains(&room.as_str())).then(|| {
            let owners = owners.join(", ");
            format!("names {name}, which {room} may not: it belongs to {owners} (ARCHITECTURE.md, \"Who may import whom\")")
        })
    })
}

fn clock_reads(source: &Source) -> Vec<String> {
    let room = source.room();
    if CLOCK_READERS.contains(&room.as_str()) {
        return Vec::new();
    }
    source.production_mentions(|mention| {
        let clock = CLOCKS.iter().find(|clock| mention.ends_with(clock))?;
        Some(format!("reads {clock}, which {room} may not: take `now` as an argument (ARCHITECTURE.md, \"Who may import whom\")"))
    })
}

fn json_reads(source: &Source) -> Vec<String> {
    if source.room() == JSON_ROOM {
        return Vec::new();
    }
    source.production_mentions(|mention| {
        let reader = JSON_READERS.iter().find(|reader| mention.ends_with(reader))?;
        Some(format!("calls {reader}: read it by crate::json, which refuses what would end the process"))
    })
}

fn undeclarative_items(source: &Source) -> Vec<String> {
    let declares = |item: &&Item| matches!(item, Item::Mod(module) if module.content.is_none());
    let others = source.syntax.items.iter().filter(|item| !declares(item));
    others.map(|item| source.at(item.span(), "lib.rs only declares modules; move this into one")).collect()
}

fn ignored_tests(source: &Source) -> Vec<String> {
    let mut finder = IgnoreFinder::default();
    finder.visit_file(&source.syntax);
    let complaint = "a test is ignored; make it pass or delete it";
    finder.found.into_iter().map(|span| source.at(span, complaint)).collect()
}

fn sleeps(source: &Source) -> Vec<String> {
    let guilty = |mention: &Mention| !mention.polls && SLEEPS.iter().any(|sleep| mention.ends_with(sleep));
    let mentions = source.mentions(Code::All).into_iter().filter(guilty);
    let complaint =
        format!("sleeps; wait for what you mean, or write `{POLLS} …` above the function or loop");
    mentions.map(|mention| source.at(mention.span, &complaint)).collect()
}

fn may_import(room: &str) -> Option<&'static [&'static str]> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn rooms_in(sources: &[Source]) -> BTreeSet<String> {
    sources.iter().map(Source::room).collect()
}

/// Fails with all violations at once, each on a line of its own.
fn report(violations: impl Iterator<Item = String>) {
    let violations: BTreeSet<String> = violations.collect();
    let lines: Vec<String> = violations.into_iter().collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

// ---- the files ----

struct Source {
    /// Relative to the repository.
    path: PathBuf,
    text: String,
    syntax: syn::File,
}

impl Source {
    fn parse(path: PathBuf, text: String) -> Self {
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text, syntax }
    }

    /// `["http", "handlers"]` for `src/http/handlers.rs`; empty for the root of a crate.
    fn module(&self) -> Vec<String> {
        let below_src = self.path.strip_prefix("src").unwrap_or(&self.path).with_extension("");
        let mut module: Vec<String> =
            below_src.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            module.pop();
        }
        module
    }

    fn room(&self) -> String {
        self.module().into_iter().next().unwrap_or_else(|| "main".to_owned())
    }

    fn mentions(&self, code: Code) -> Vec<Mention> {
        let mut reader = Reader {
            code,
            module: self.module(),
            lines: self.text.lines().collect(),
            polls: false,
            mentions: Vec::new(),
        };
        reader.visit_file(&self.syntax);
        reader.mentions
    }

    fn production_mentions(&self, complaint: impl Fn(&Mention) -> Option<String>) -> Vec<String> {
        let mentions = self.mentions(Code::Production);
        mentions.iter().filter_map(|it| Some(self.at(it.span, &complaint(it)?))).collect()
    }

    fn at(&self, span: Span, complaint: &str) -> String {
        format!("{}:{} {complaint}", self.path.display(), span.start().line)
    }

    /// Where the children declared with `#[cfg(test)] mod name;` live, without `.rs`.
    fn test_only_children(&self) -> Vec<PathBuf> {
        let folder = Path::new("src").join(self.module().iter().collect::<PathBuf>());
        let test_only = self.syntax.items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && only_for_tests(&module.attrs) => Some(module),
            _ => None,
        });
        test_only.map(|module| folder.join(module.ident.to_string())).collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of `src/` that are compiled into the product; `lib.rs` has a rule of its own.
fn production() -> Vec<Source> {
    let mut sources = sources("src");
    let test_only: Vec<PathBuf> = sources.iter().flat_map(Source::test_only_children).collect();
    sources.retain(|source| {
        let module = source.path.with_extension("");
        source.path != Path::new("src/lib.rs") && !test_only.iter().any(|child| module.starts_with(child))
    });
    sources
}

fn sources(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    collect_rust_files(&root().join(folder), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file is readable");
        let relative = path.strip_prefix(root()).expect("a source file is in the repository").to_owned();
        Source::parse(relative, text)
    };
    paths.into_iter().map(read).collect()
}

/// A folder that isn't there holds no files: a room that doesn't exist yet breaks no rule.
fn collect_rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder of sources is readable").path();
        if path.is_dir() {
            collect_rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

// ---- the reader ----

#[derive(Clone, Copy, PartialEq)]
enum Code {
    Production,
    All,
}

/// One path that a file names, written from the root: `super::store::Store` in `http` is `crate::store::Store`.
struct Mention {
    path: Vec<String>,
    span: Span,
    /// Stands in a function or loop that says what it polls for.
    polls: bool,
}

impl Mention {
    fn ends_with(&self, end: &str) -> bool {
        let end: Vec<&str> = end.split("::").collect();
        self.path.len() >= end.len() && self.path[self.path.len() - end.len()..] == end
    }
}

/// Collects the mentions of one file.
struct Reader<'text> {
    code: Code,
    module: Vec<String>,
    lines: Vec<&'text str>,
    polls: bool,
    mentions: Vec<Mention>,
}

impl Reader<'_> {
    fn skips(&self, attributes: &[Attribute]) -> bool {
        self.code == Code::Production && only_for_tests(attributes)
    }

    fn mention(&mut self, path: Vec<String>, span: Span) {
        let path = self.absolute(path);
        self.mentions.push(Mention { path, span, polls: self.polls });
    }

    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let supers = path.iter().take_while(|segment| *segment == "super").count();
        let (kept, rest) = match path[0].as_str() {
            "crate" | "deskbridge" => (0, 1),
            "self" => (self.module.len(), 1),
            "super" => (self.module.len().saturating_sub(supers), supers),
            _ => return path,
        };
        let start = ["crate".to_owned()].into_iter().chain(self.module[..kept].iter().cloned());
        start.chain(path[rest..].iter().cloned()).collect()
    }

    fn read_use(&mut self, prefix: &[String], tree: &UseTree) {
        let join = |name: String| prefix.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.read_use(&join(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.read_use(prefix, item)),
            UseTree::Name(name) => self.mention(join(name.ident.to_string()), name.ident.span()),
            UseTree::Rename(name) => self.mention(join(name.ident.to_string()), name.ident.span()),
            UseTree::Glob(glob) => self.mention(join("*".to_owned()), glob.star_token.span()),
        }
    }

    /// A macro's input isn't parsed, so its paths are the runs of `name::name`.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut span = Span::call_site();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.finish_run(&mut path, span);
                        span = ident.span();
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                other => {
                    self.finish_run(&mut path, span);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.read_tokens(group.stream());
                    }
                }
            }
        }
        self.finish_run(&mut path, span);
    }

    fn finish_run(&mut self, path: &mut Vec<String>, span: Span) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.mention(path, span);
        }
    }

    /// Visits a function or loop whose keyword stands at `keyword`.
    fn inside(&mut self, keyword: Span, visit: impl FnOnce(&mut Self)) {
        let before = self.polls;
        self.polls |= self.says_what_it_polls(keyword);
        visit(self);
        self.polls = before;
    }

    /// Whether the comments and attributes right above a line hold the mark.
    fn says_what_it_polls(&self, keyword: Span) -> bool {
        let above = self.lines[..keyword.start().line - 1].iter().rev().map(|line| line.trim());
        above
            .take_while(|line| line.starts_with("//") || line.starts_with("#["))
            .any(|line| line.starts_with(POLLS))
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !self.skips(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        match item {
            ImplItem::Fn(function) if self.skips(&function.attrs) => {}
            _ => visit::visit_impl_item(self, item),
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.read_use(&[], &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.mention(vec![item.ident.to_string()], item.ident.span());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A single name is a local one, or was brought here by a `use`.
        if path.segments.len() > 1 || path.leading_colon.is_some() {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.mention(segments, path.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.read_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.read_tokens(list.tokens.clone());
        visit::visit_meta_list(self, list);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.inside(function.sig.fn_token.span, |it| visit::visit_item_fn(it, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.inside(function.sig.fn_token.span, |it| visit::visit_impl_item_fn(it, function));
    }

    fn visit_expr_loop(&mut self, expr: &'ast syn::ExprLoop) {
        self.inside(expr.loop_token.span, |it| visit::visit_expr_loop(it, expr));
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        self.inside(expr.while_token.span, |it| visit::visit_expr_while(it, expr));
    }

    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        self.inside(expr.for_token.span, |it| visit::visit_expr_for_loop(it, expr));
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]` or `#[cfg(all(test, …))]`; what is compiled for a test *or* something else is production code.
fn only_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string().replace(' ', "");
            condition == "test" || condition.starts_with("all(test,")
        }
        _ => false,
    })
}

/// Finds `#[ignore]`, also with a reason or behind `cfg_attr`.
#[derive(Default)]
struct IgnoreFinder {
    found: Vec<Span>,
}

impl<'ast> Visit<'ast> for IgnoreFinder {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let conditional = match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                list.tokens.to_string().split(',').skip(1).any(|it| it.trim().starts_with("ignore"))
            }
            _ => false,
        };
        if conditional || attribute.path().is_ident("ignore") {
            self.found.push(attribute.span());
        }
    }
}

// ---- the checker, checked ----

fn source(path: &str, text: &str) -> Source {
    Source::parse(PathBuf::from(path), text.to_owned())
}

#[test]
fn the_checker_finds_a_forbidden_import_wherever_it_stands() {
    for text in [
        "use crate::store::Journal;",
        "use crate::{event::{Event, Lane}, store};",
        "use super::super::store::Journal;",
        "fn count() -> u64 { crate::store::count() }",
        "fn keep(journal: &crate::store::Journal) {}",
        "fn show() { println!(\"{}\", crate::store::count()); }",
        "mod inner { use super::super::super::store::Journal; }",
        "#[derive(crate::store::Row)] struct Ticket;",
        "#[cfg(any(test, feature = \"extra\"))] use crate::store::Journal;",
    ] {
        let found = forbidden_imports(&source("src/mapping/rule.rs", text));
        let expected = "src/mapping/rule.rs:1 imports store, which mapping may not \
                        (ARCHITECTURE.md, \"Who may import whom\")";
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
fn the_checker_accepts_what_the_table_allows() {
    let allowed = "use crate::event::Event; use super::vocabulary::Value; use store::Thing; use self::x::Y;";
    assert!(forbidden_imports(&source("src/mapping/rule.rs", allowed)).is_empty());
    assert!(forbidden_imports(&source("src/cli/serve.rs", "use crate::store::Journal;")).is_empty());
    assert!(forbidden_imports(&source("src/main.rs", "fn main() { deskbridge::cli::run() }")).is_empty());
}

#[test]
fn the_checker_leaves_test_code_alone() {
    let tests = "#[cfg(test)] mod tests { use crate::store::Journal; use rusqlite::Row; }
                 #[cfg(test)] use crate::store::Journal;
                 impl Rule { #[cfg(test)] fn at() -> Instant { Instant::now() } }";
    let rule = source("src/mapping/rule.rs", tests);
    assert!(forbidden_imports(&rule).is_empty());
    assert!(foreign_crates(&rule).is_empty());
    assert!(clock_reads(&rule).is_empty());
}

#[test]
fn the_checker_knows_which_files_are_only_for_tests() {
    let rule = source("src/mapping/mod.rs", "#[cfg(test)] mod tests; mod rule;");
    assert_eq!(rule.test_only_children(), [PathBuf::from("src/mapping/tests")]);
    let rule = source("src/event.rs", "#[cfg(test)] mod tests;");
    assert_eq!(rule.test_only_children(), [PathBuf::from("src/event/tests")]);
}

#[test]
fn the_checker_finds_a_crate_outside_its_owner() {
    let handler = "fn f() { let _ = rusqlite::params![1]; }\nuse ::opentelemetry_sdk::trace::Tracer;";
    let found = foreign_crates(&source("src/http/events.rs", handler));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("src/http/events.rs:1 names rusqlite"), "{found:?}");
    assert!(found[1].starts_with("src/http/events.rs:2 names opentelemetry_sdk"), "{found:?}");
    assert!(foreign_crates(&source("src/store/sqlite.rs", handler)).len() == 1);
}

#[test]
fn the_checker_finds_a_read_of_the_clock() {
    let text = "fn due() -> bool { jiff::Timestamp::now() > t }\nfn start() { let at = Instant::now(); }";
    let found = clock_reads(&source("src/store/journal.rs", text));
    assert!(found[0].starts_with("src/store/journal.rs:1 reads Timestamp::now"), "{found:?}");
    assert!(found[1].starts_with("src/store/journal.rs:2 reads Instant::now"), "{found:?}");
    assert!(clock_reads(&source("src/dispatch/step.rs", text)).is_empty());
}

#[test]
fn the_checker_finds_more_than_modules_in_lib_rs() {
    let lib = "//! A crate.\npub mod event;\npub use event::Event;\nmod inline {}";
    assert_eq!(undeclarative_items(&source("src/lib.rs", lib)).len(), 2);
}

#[test]
fn the_checker_finds_an_ignored_test() {
    let text = "#[test] #[ignore = \"slow\"] fn a() {}\n#[cfg_attr(unix, ignore)] #[test] fn b() {}\n#[test] fn c() {}";
    assert_eq!(ignored_tests(&source("tests/api/main.rs", text)).len(), 2);
}

#[test]
fn the_checker_finds_a_sleep_that_does_not_poll() {
    let text = "async fn a() { tokio::time::sleep(d).await }
        fn b() { tokio::select! { _ = tokio::time::sleep(d) => {} } }
        // polls: the journal, until it is empty
        #[allow(dead_code)]
        fn c() { std::thread::sleep(d) }
        fn d() {
            // polls: readiness
            while !ready() { std::thread::sleep(d) }
            std::thread::sleep(d)
        }";
    let found = sleeps(&source("tests/api/main.rs", text));
    let lines: Vec<_> = found.iter().map(|it| it.split(' ').next().unwrap()).collect();
    assert_eq!(lines, ["tests/api/main.rs:1", "tests/api/main.rs:2", "tests/api/main.rs:9"]);
}
