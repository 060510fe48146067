//! The manual's examples: each mapping compiles, fits the schema that editors use, and does to events what the page
//! says.

use std::{collections::BTreeSet, fs, path::Path};

use deskbridge::{
    event::EventType,
    intake::Schemas,
    mapping::{
        Answers, By, Change, Input, Library, Mapped, Mapping, Parameters, Question, SourceSchemas, Write,
    },
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::{compile::MISTAKES, schema, support::*};

const PAGES: [&str; 2] = ["docs/mapping.md", "docs/mapping.zh-CN.md"];

/// A fenced block of a page.
#[derive(Debug, Clone, PartialEq)]
struct Block {
    language: String,
    text: String,
    /// The line before it.
    before: String,
}

fn page(path: &str) -> String {
    fs::read_to_string(repository(path)).expect("a page")
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut before = "";
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text =
                lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            found.push(Block { language: language.to_owned(), text, before: before.to_owned() });
        } else if !line.is_empty() {
            before = line;
        }
    }
    found
}

impl Block {
    /// What its first line says that it is.
    fn is(&self) -> Option<&str> {
        self.text.lines().next()?.strip_prefix("# ")
    }

    /// The file that it is.
    fn file(&self) -> Option<&str> {
        match self.language.as_str() {
            "yaml" => self.is().filter(|is| is.starts_with("mappings/")),
            "json" => self.before.split('`').find(|part| part.starts_with("schemas/")),
            _ => None,
        }
    }

    /// A mapping: a file, or a part of one in a frame. Its name in the library.
    fn mapping(&self, folder: &Path) -> Option<String> {
        if self.language != "yaml" {
            return None;
        }
        if let Some(file) = self.file() {
            let name = file.strip_prefix("mappings/")?.strip_suffix(".yaml")?;
            return (!name.starts_with("vocabularies/")).then(|| name.to_owned());
        }
        let place = self.is()?.strip_prefix("in ")?.strip_suffix(':')?;
        let (place, base) = place.split_once(" of ").unwrap_or((place, "udesk-bangwo8"));
        if !place.starts_with("ticket") {
            return None;
        }
        fs::write(folder.join("part.yaml"), framed(base, place, &self.text)).expect("a file");
        Some("part.yaml".to_owned())
    }
}

fn framed(base: &str, place: &str, part: &str) -> String {
    let mut text = format!("extends: {base}\n");
    let mut indent = String::new();
    for key in place.split('.') {
        text.push_str(&format!("{indent}{key}:\n"));
        indent.push_str("  ");
    }
    part.lines().for_each(|line| text.push_str(&format!("{indent}{line}\n")));
    text
}

/// A tenant's folder with all files of a page, but for the one that stands in a shipped one's place: the other examples
/// build on the shipped one.
fn tenant(blocks: &[Block]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let is_in_place = |file: &str| SHIPPED.iter().any(|name| file == format!("mappings/{name}.yaml"));
    for (block, file) in blocks.iter().filter_map(|block| Some((block, block.file()?))) {
        if !is_in_place(file) {
            write(folder.path(), file, &block.text);
        }
    }
    folder
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

#[test]
fn every_example_of_the_manual_compiles_and_does_what_the_page_says() {
    let blocks = blocks(&page(PAGES[0]));
    let folder = tenant(&blocks);
    let schemas = Schemas::load(&folder.path().join("schemas")).expect("schemas").whole().clone();
    let parameters = parameters(&blocks);
    let mut last = None;
    let mut counts = (0, 0);
    let mut wrong = Vec::new();
    for block in &blocks {
        match block.language.as_str() {
            "text" => {
                let mapping: &Mapping = last.as_ref().expect("a mapping stands before its events");
                wrong.extend(
                    block.text.lines().filter_map(|line| not_so(mapping, line, &parameters, &schemas)),
                );
                counts.1 += block.text.lines().count();
            }
            "yaml" if block.mapping(folder.path()).is_some() => {
                last = Some(compiled(block, folder.path(), &schemas));
                counts.0 += 1;
            }
            "yaml" | "json" => {
                assert!(
                    block.file().is_some() || block.is() == Some("in the connection:"),
                    "what is it? {block:?}"
                );
            }
            "console" => {}
            other => panic!("nothing checks a block of {other:?}"),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(counts.0 >= 20 && counts.1 > 40, "{counts:?}");
}

fn compiled(block: &Block, folder: &Path, schemas: &SourceSchemas) -> Mapping {
    let name = block.mapping(folder).expect("a mapping");
    let own = tempfile::tempdir().expect("a folder");
    // A file that stands in a shipped one's place has a folder of its own.
    let folder = if SHIPPED.contains(&name.as_str()) {
        write(own.path(), block.file().expect("a file"), &block.text);
        own.path()
    } else {
        folder
    };
    let text = match block.file() {
        Some(_) => block.text.clone(),
        None => fs::read_to_string(folder.join(&name)).expect("a file"),
    };
    assert_eq!(schema::objections(&text), [""; 0], "{text}");
    let library = Library::beside(folder, schemas.clone());
    library.compile(&name).unwrap_or_else(|problems| panic!("{problems:#?} in\n{text}"))
}

fn parameters(blocks: &[Block]) -> Parameters {
    let connection =
        blocks.iter().find(|block| block.is() == Some("in the connection:")).expect("a connection");
    let connection: Value = serde_saphyr::from_str(&connection.text).expect("YAML");
    serde_json::from_value(connection["parameters"].clone()).expect("parameters")
}

/// `created {"status":"open"} → {"ticketStatus":2}; told: /tags no_row`
/// What is not so, if anything.
fn not_so(mapping: &Mapping, line: &str, parameters: &Parameters, schemas: &SourceSchemas) -> Option<String> {
    let (given, expected) = line.split_once(" → ").unwrap_or_else(|| panic!("no arrow in {line}"));
    let (event_type, data) = given.split_at(given.find('{').expect("data"));
    let event_type = match event_type.trim() {
        "" => EventType::TicketUpdated,
        "created" => EventType::TicketCreated,
        "replied" => EventType::TicketReplied,
        other => panic!("{other} in {line}"),
    };
    let mut data: Value = serde_json::from_str(data).unwrap_or_else(|error| panic!("{error} in {line}"));
    let schema = &schemas[mapping.source()][&event_type];
    let left_out = fill_in(schema, &mut data);
    assert!(jsonschema::is_valid(schema, &data), "no such event is let through: {line}");
    let answers = Answers::none();
    let input = Input { event_type, data: &data, parameters, answers: &answers };
    let found = match mapping.map(&input, &mut ()) {
        Ok(mapped) => shown(mapped, event_type == EventType::TicketCreated, &left_out),
        Err(refusal) => format!("parked: {} at {}", refusal.code, refusal.pointer),
    };
    (found != expected).then(|| format!("{line}\n  but it is {found}"))
}

/// What every event has and the page leaves out, with the field that it becomes.
const EVERY_EVENT: [(&str, &str, &str); 3] =
    [("id", "1", ""), ("subject", "打印机离线", "subject"), ("status", "打开", "ticketStatus")];

/// Adds what the schema requires and the page leaves out. The fields that it becomes are left out as well.
fn fill_in(schema: &Value, data: &mut Value) -> Vec<&'static str> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let members = data.as_object_mut().expect("an object");
    let lacking: Vec<_> = EVERY_EVENT
        .into_iter()
        .filter(|(name, ..)| required.contains(name) && !members.contains_key(*name))
        .collect();
    members.extend(lacking.iter().map(|(name, value, _)| ((*name).to_owned(), json!(value))));
    lacking.into_iter().map(|(.., field)| field).collect()
}

/// What becomes of an event, as the manual writes it.
fn shown(mapped: Mapped, is_new: bool, left_out: &[&str]) -> String {
    let Mapped { change, ignored, questions, .. } = mapped;
    let Change::Ticket(change) = change else { panic!("the manual shows tickets") };
    let Write { fields, defaults, missing } = change.write;
    assert!(!is_new || missing.is_empty(), "it lacks {missing:?}");
    let mut fields = by_key(json!(fields));
    fields.as_object_mut().expect("fields").retain(|name, _| !left_out.contains(&name.as_str()));
    let mut parts = vec![fields.to_string()];
    if is_new && !defaults.is_empty() {
        parts.push(format!("for a new one {}", json!(defaults)));
    }
    if let Some(reply) = change.reply {
        parts.push(format!("reply {} {}", reply.id.unwrap_or_default(), json!(reply.text)));
    }
    if let Some(company) = change.company {
        parts.push(format!("company {} {}", company.source_id, json!(company.write.fields)));
    }
    parts.extend(ignored.iter().map(|ignored| format!("told: {} {}", ignored.pointer, ignored.reason)));
    parts.extend(questions.iter().map(asked));
    parts.join("; ")
}

/// Custom fields by their key among the others.
fn by_key(fields: Value) -> Value {
    let Value::Object(fields) = fields else { return fields };
    let mut shown = Map::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("custom_fields", Value::Array(custom)) => shown.extend(
                custom
                    .iter()
                    .map(|field| (field["key"].as_str().expect("a key").to_owned(), field["value"].clone())),
            ),
            (_, value) => drop(shown.insert(name, value)),
        }
    }
    shown.into()
}

fn asked(question: &Question) -> String {
    match question {
        Question::Vendor { kind, by, value } => {
            format!("asks for the {} by {} {value}", kind.as_str(), word(by))
        }
        Question::Choice { field, value, key, .. } => {
            format!("asks for the choice {value} of {field} as {key} has it")
        }
        Question::Link { kind, source_id } => {
            format!("asks for the {} linked with {source_id}", kind.as_str())
        }
        Question::Create { kind, name } => format!("asks for a new {} {name}", kind.as_str()),
    }
}

fn word(by: &By) -> String {
    json!(by).as_str().expect("a word").to_owned()
}

#[test]
fn the_manual_has_the_same_examples_in_both_languages() {
    let [english, chinese] = PAGES.map(|path| blocks(&page(path)));
    let examples = |blocks: &[Block]| -> Vec<(String, String)> {
        blocks.iter().map(|block| (block.language.clone(), block.text.clone())).collect()
    };
    assert_eq!(examples(&english), examples(&chinese));
}

#[test]
fn an_error_that_the_manual_explains_is_one_that_the_compiler_gives() {
    let given: BTreeSet<&str> =
        MISTAKES.iter().filter_map(|(_, _, told)| Some(told.split_once(": error: ")?.1)).collect();
    for path in PAGES {
        let page = page(path);
        let rows =
            page.lines().skip_while(|line| !line.starts_with("| error |") && !line.starts_with("| 错误 |"));
        let rows = rows.skip(2).take_while(|line| line.starts_with("| `"));
        let told: Vec<&str> = rows.filter_map(|row| row.strip_prefix("| `")?.split("` |").next()).collect();
        assert!(told.len() > 10, "{path}");
        for error in told {
            assert!(given.contains(error), "{path}: {error}");
        }
    }
}

#[test]
fn every_key_of_the_language_stands_in_the_manual() {
    for path in PAGES {
        let page = page(path);
        let lacking: BTreeSet<String> = schema::keys()
            .into_iter()
            .filter(|key| !page.contains(&format!("`{key}`")) && !page.contains(&format!("{key}:")))
            .collect();
        assert_eq!(lacking, BTreeSet::new(), "{path}");
    }
}
