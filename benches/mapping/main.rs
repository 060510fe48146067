//! What a mapping costs: a Udesk ticket with eleven custom fields, from parsed JSON to the bytes of the body that
//! Bangwo8 is sent, beside the same in jq (as jaq runs it), in the same process. Rounds alternate, so that a slow minute of
//! the machine hits both. jq's part checks less: it refuses unknown values too, but tells nothing of what it ignores, and
//! knows no policies.
//!
//! ```text
//! cargo bench --bench mapping -- --rounds 9 --calls 20000
//! ```
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark's output is its result"
)]

#[path = "../ingest/machine.rs"]
#[allow(dead_code, reason = "the file system is of no interest here")]
mod machine;

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use clap::Parser;
use deskbridge::{
    bangwo8::TicketWrite,
    event::EventType,
    intake::Schemas,
    mapping::{Answers, Change, Input, Library, Mapping, Parameters},
};
use jaq_core::{
    Ctx, Vars, data,
    load::{Arena, File, Loader},
    unwrap_valr,
};
use jaq_json::Val;
use serde::Serialize;
use serde_json::{Value, json};

const TICKET: &str = include_str!("ticket.json");
const PROGRAM: &str = include_str!("ticket.jq");
/// What jq has no compiled tables for: given to it as variables, made once.
const TABLES: &str = include_str!("tables.json");
type Call<'a> = Box<dyn Fn() + 'a>;

/// Rows of the large mapping that is compiled.
const ROWS: usize = 2_000;

#[derive(Parser)]
struct Options {
    /// Rounds of each
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Tickets a round
    #[arg(long, default_value_t = 20_000)]
    calls: usize,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let _by_cargo = options.bench;
    println!("machine  {}", machine::describe());
    println!("load     one thread, {} rounds of {} tickets each, medians\n", options.rounds, options.calls);
    if cfg!(debug_assertions) {
        println!("this is a debug build: its figures say nothing about the product\n");
    }
    tickets(&options);
    compiling(&options);
}

fn tickets(options: &Options) {
    let schemas = Schemas::load(Path::new("")).unwrap();
    let mapping = Library::beside(Path::new(""), schemas.whole().clone()).compile("udesk-bangwo8").unwrap();
    let validator = jsonschema::validator_for(&schemas.whole()["udesk"][&EventType::TicketUpdated]).unwrap();
    let parameters = parameters();
    let data: Value = serde_json::from_str(TICKET).unwrap();
    let arena = Arena::default();
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let modules = Loader::new(defs).load(&arena, File { code: PROGRAM, path: () }).unwrap();
    let tables: serde_json::Map<String, Value> = serde_json::from_str(TABLES).unwrap();
    let names: Vec<String> = tables.keys().map(|name| format!("${name}")).collect();
    let compiler = jaq_core::Compiler::default().with_funs(funs);
    let filter = compiler.with_global_vars(names.iter().map(String::as_str)).compile(modules).unwrap();
    let read = |value: &Value| jaq_json::read::parse_single(value.to_string().as_bytes()).unwrap();
    let tables: Vec<Val> = tables.values().map(read).collect();
    let input: Val = jaq_json::read::parse_single(TICKET.as_bytes()).unwrap();
    let jq = || {
        let ctx = Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new(tables.iter().cloned()));
        let output = filter.id.run((ctx, input.clone())).map(unwrap_valr).next().unwrap().unwrap();
        output.to_string().into_bytes()
    };
    let ours = || body(&mapping, &data, &parameters);
    same(&ours(), &jq());
    let rows: [(&str, Call<'_>); 4] = [
        ("deskbridge: to the body", Box::new(|| drop(black_box(ours())))),
        ("jq (jaq): to the body", Box::new(|| drop(black_box(jq())))),
        ("parsing alone", Box::new(|| drop(black_box(serde_json::from_str::<Value>(TICKET).unwrap())))),
        ("schema alone", Box::new(|| assert!(validator.is_valid(black_box(&data))))),
    ];
    let mut times = vec![Vec::new(); rows.len()];
    for _ in 0..options.rounds {
        for (row, times) in rows.iter().zip(&mut times) {
            times.push(round(options.calls, &row.1));
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    for ((name, _), median) in rows.iter().zip(&medians) {
        println!("{name:<28} {median:>8.2} µs");
    }
    println!("{:<28} {:>8.2} times as fast as jq\n", "", medians[1] / medians[0]);
}

/// The bytes of the body, as the client makes them.
fn body(mapping: &Mapping, data: &Value, parameters: &Parameters) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body {
        ticket: TicketWrite,
    }
    let answers = Answers::none();
    let input = Input { event_type: EventType::TicketUpdated, data, parameters, answers: &answers };
    let mapped = mapping.map(&input, &mut ()).unwrap();
    let Change::Ticket(change) = mapped.change else { panic!("a ticket") };
    serde_json::to_vec(&Body { ticket: change.write.fields.to().unwrap() }).unwrap()
}

fn parameters() -> Parameters {
    serde_json::from_value(json!({
        "ticket_template_id": 4, "agents": { "34": 565123 }, "groups": { "7": 344124 },
        "contacts": { "test@sample.com": 21130282 }, "default_contact_id": 21101341
    }))
    .unwrap()
}

/// Both make the same of the ticket, or the comparison is none.
fn same(ours: &[u8], theirs: &[u8]) {
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    assert_eq!(read(ours), read(theirs));
}

/// A tenant's file with many rows.
fn compiling(options: &Options) {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..ROWS)
        .map(|i| match i % 4 {
            0 => format!(
                "      SelectField_{i}: {{ to: row_{i}, as: choice, options: {{ 0: 北京, 1: 上海 }} }}\n"
            ),
            1 => format!("      TextField_{i}: {{ to: row_{i}, as: date, lossy: 时刻 }}\n"),
            _ => format!("      TextField_{i}: {{ to: row_{i} }}\n"),
        })
        .collect();
    let text = format!("extends: udesk-bangwo8\nticket:\n  custom_fields:\n    rows:\n{rows}");
    std::fs::write(folder.path().join("large.yaml"), text).unwrap();
    let schemas = Schemas::load(Path::new("")).unwrap();
    let library = Library::beside(folder.path(), schemas.whole().clone());
    let compile = || match library.compile("large.yaml") {
        Ok(mapping) => drop(black_box(mapping)),
        Err(problems) => panic!("{problems:?}"),
    };
    let times = (0..options.rounds).map(|_| round(1, &compile)).collect();
    println!("compiling {ROWS} rows         {:>8.2} ms (limit 100)", median(times) / 1000.0);
}

/// Microseconds a call.
fn round(calls: usize, call: &dyn Fn()) -> f64 {
    let started = Instant::now();
    (0..calls).for_each(|_| call());
    let spent: Duration = started.elapsed();
    spent.as_secs_f64() * 1e6 / calls as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
