//! docs/vendors.md is true: its tables are whole, what they name is there, and every operation of the vendors' own
//! pages, every call of their clients and every resource of `read` has a row.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Expr, Ident, ImplItem, Item, ReturnType, Token, Visibility, punctuated::Punctuated};

/// Operation, client, used by, tests.
const COLUMNS: usize = 4;
/// The first cell of the line above each table.
const HEADING: &str = "operation";
/// The types whose methods call a vendor.
const CLIENTS: [(&str, &str); 4] =
    [("bangwo8", "Client"), ("udesk", "Client"), ("udesk", "V1"), ("udesk", "V2")];
/// Methods of a client that give something else than an answer.
const NO_CALLS: [&str; 9] = [
    "bangwo8::Client::new",
    "bangwo8::Client::clock_ahead",
    "bangwo8::Client::recording",
    "bangwo8::Client::in_background",
    "udesk::Client::new",
    "udesk::Client::has_v1",
    "udesk::Client::has_v2",
    "udesk::Client::v1",
    "udesk::Client::v2",
];
/// What else than a resource of `read` uses an operation.
const USES: [&str; 3] = ["serve", "demo", "library"];

/// The headings of the tables that stand for a page of the vendors each, and all that this page documents, in its
/// order. Bangwo8's `/api/v1` is left out.
const DOCUMENTED: [(&str, &[&str]); 4] = [
    (
        "### Bangwo8 ticket views",
        &[
            "GET /ticketviews.json",
            "GET /ticketviews/{id}.json",
            "GET /ticketviews/{id}/tickets.json",
            "GET /ticketviews/{id}/count.json",
            "GET /ticketviews/show_many.json?ids=",
        ],
    ),
    (
        "### Bangwo8 companies",
        &[
            "GET /companies.json",
            "GET /companies/{id}.json",
            "GET /companies/show_many.json?ids=",
            "POST /companies.json",
            "PUT /companies/{id}.json",
            "GET /companies/search.json",
            "/osp2016/SDK/Tables/ticketAssetTable.php",
            "tableId",
            "tableName",
            "cPara",
            "filter",
            "display",
        ],
    ),
    (
        "### Bangwo8 ticket fields",
        &[
            "GET /tickets/ticket_fields.json",
            "GET /tickets/ticket_fields2.json",
            "PUT /tickets/ticket_fields/{columnId}/allOptions.json",
            "PUT /tickets/ticket_fields/{columnId}/options.json",
            "DELETE /tickets/ticket_fields/{columnId}/options.json",
        ],
    ),
    (
        "### Udesk tickets, v1",
        &[
            "GET /api/v1/tickets.json",
            "POST /api/v1/tickets/get.json",
            "POST /api/v1/tickets.json",
            "GET /api/v1/tickets/:id.json",
            "PUT /api/v1/tickets/:id.json",
            "POST /api/v1/tickets/reply.json",
            "GET /api/v2/ticket_fields.json",
            "GET /api/v1/ticket_filters.json",
            "GET /api/v1/ticket_filters/:id/tickets.json",
        ],
    ),
];

/// A row as its cells.
type Row = [String; COLUMNS];

#[test]
fn no_cell_is_empty() {
    let rows = rows(&page());
    assert!(rows.len() > 60, "{} rows were found", rows.len());
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.is_empty()), "an empty cell in {row:?}");
        assert!(row[0].contains('`'), "no request in {row:?}");
        for cell in &row[1..] {
            assert!(!named(cell).is_empty(), "nothing is named by {cell:?} in {row:?}");
        }
    }
}

#[test]
fn the_tables_of_the_vendors_own_pages_have_what_those_document_and_nothing_else() {
    let page = page();
    for (heading, documented) in DOCUMENTED {
        let table = page.split_once(heading).unwrap_or_else(|| panic!("no {heading}")).1;
        let table = table.split("\n#").next().unwrap_or_default();
        let named: BTreeSet<String> = rows(table).iter().flat_map(|row| named(&row[0])).collect();
        let documented = documented.iter().map(|request| (*request).to_owned()).collect();
        none_but(&documented, &named, &format!("documented and in no row below {heading}"));
        none_but(&named, &documented, &format!("in a row below {heading} and not documented there"));
    }
}

#[test]
fn every_method_named_is_there() {
    let there = methods("bangwo8").union(&methods("udesk")).cloned().collect();
    let named =
        rows(&page()).iter().flat_map(|row| named(&row[1])).filter(|name| name.contains("::")).collect();
    none_but(&named, &there, "no public method of this name");
}

#[test]
fn every_call_of_the_clients_has_a_row() {
    let named = rows(&page()).iter().flat_map(|row| named(&row[1])).collect();
    let of_clients = |name: &String| {
        CLIENTS.iter().any(|(room, kind)| name.starts_with(&format!("{room}::{kind}::")))
            && !NO_CALLS.contains(&name.as_str())
    };
    let calls: BTreeSet<String> =
        methods("bangwo8").into_iter().chain(methods("udesk")).filter(of_clients).collect();
    assert!(calls.len() > 80, "{} calls were found", calls.len());
    none_but(&calls, &named, "in no row of docs/vendors.md");
}

#[test]
fn every_use_named_is_there_and_every_resource_of_read_has_a_row() {
    let (resources, events) = (resources(), events());
    let named: BTreeSet<String> = rows(&page()).iter().flat_map(|row| named(&row[2])).collect();
    let known = resources.iter().map(|resource| format!("read {resource}"));
    let known: BTreeSet<String> =
        known.chain(events.clone()).chain(["read".to_owned()]).chain(USES.map(str::to_owned)).collect();
    none_but(&named, &known, "neither a command, nor a resource of read, nor an event");
    assert!(resources.len() > 40, "{} resources were found", resources.len());
    let read = resources.iter().map(|resource| format!("read {resource}")).chain(events).collect();
    none_but(&read, &named, "in no row of docs/vendors.md");
}

#[test]
fn every_test_named_is_there() {
    let mut there = BTreeSet::new();
    files("tests").iter().for_each(|file| tests(&parsed(file).items, &mut there));
    let named = rows(&page()).iter().flat_map(|row| named(&row[3])).collect();
    none_but(&named, &there, "no test of this name");
}

fn none_but(found: &BTreeSet<String>, allowed: &BTreeSet<String>, what: &str) {
    let wrong: Vec<&String> = found.difference(allowed).collect();
    assert!(wrong.is_empty(), "{what}: {wrong:#?}");
}

fn page() -> String {
    fs::read_to_string(root().join("docs/vendors.md")).expect("the page")
}

/// The rows of all tables of the text.
fn rows(text: &str) -> Vec<Row> {
    let lines = text.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = lines.map(cells).filter(|cells| cells[0] != HEADING);
    rows.map(|row| row.try_into().unwrap_or_else(|row| panic!("not {COLUMNS} cells: {row:?}"))).collect()
}

/// What stands between backquotes.
fn named(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The public methods of a room's types, as `room::Type::method`.
fn methods(room: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(&format!("src/{room}")) {
        for item in parsed(&file).items {
            let Item::Impl(block) = item else { continue };
            let syn::Type::Path(kind) = *block.self_ty else { continue };
            let Some(kind) = kind.path.get_ident().map(ToString::to_string) else { continue };
            for item in block.items {
                if let ImplItem::Fn(method) = item
                    && matches!(method.vis, Visibility::Public(_))
                    && !matches!(method.sig.output, ReturnType::Default)
                {
                    found.insert(format!("{room}::{kind}::{}", method.sig.ident));
                }
            }
        }
    }
    found
}

/// The names of all tests, those in modules too: functions that are run as tests, and the checks of a `checks![…]`.
fn tests(items: &[Item], found: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Fn(function) if function.attrs.iter().any(is_test) => {
                found.insert(function.sig.ident.to_string());
            }
            Item::Const(list) => found.extend(checks(&list.expr)),
            Item::Mod(module) => tests(module.content.as_ref().map_or(&[], |(_, items)| items), found),
            _ => {}
        }
    }
}

/// `#[test]` or `#[tokio::test]`, with or without arguments.
fn is_test(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
}

/// The functions that a `checks![…]` lists.
fn checks(list: &Expr) -> Vec<String> {
    match list {
        Expr::Macro(list) if list.mac.path.is_ident("checks") => {
            let names = list.mac.parse_body_with(Punctuated::<Ident, Token![,]>::parse_terminated);
            names.expect("names of functions").iter().map(Ident::to_string).collect()
        }
        _ => Vec::new(),
    }
}

/// What `#[command(name = "vendor/…")]` names below `src/cli/read`.
fn resources() -> BTreeSet<String> {
    let texts = files("src/cli/read").into_iter().map(|file| fs::read_to_string(file).expect("a source"));
    let names = |text: String| {
        let names = text.split("#[command(name = \"").skip(1).filter_map(|rest| rest.split('"').next());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    texts.flat_map(names).collect()
}

/// The types of events that have a schema.
fn events() -> BTreeSet<String> {
    let folder = fs::read_dir(root().join("schemas/events/udesk")).expect("the schemas");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("a file").file_name().into_string().ok();
    folder.filter_map(name).filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect()
}

fn parsed(file: &Path) -> syn::File {
    let text = fs::read_to_string(file).expect("a source");
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The Rust files of a folder and those below it.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
