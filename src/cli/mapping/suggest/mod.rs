//! `deskbridge mapping suggest`: reads both field lists and prints what the pure part makes of them.

mod bangwo8;
mod given;
mod list;
mod udesk;

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::super::{
    Failure, say,
    settings::{Flags, connection},
};
use crate::{
    app,
    config::Connection,
    intake::Schemas,
    mapping::{
        ExpectedField, Library, MAX_FILE_BYTES, Mapping,
        suggest::{BaseRow, Field, Fields, Glossary, Header, Proposal, file},
    },
};

/// What stands below the help.
pub(super) const EXAMPLE: &str = "Examples: deskbridge mapping suggest --connection acme --out mappings/acme.yaml\n\
    \x20         deskbridge mapping suggest --connection shop --fields zendesk-fields.json";

/// The only vendor whose field list can be read as a source.
const UDESK: &str = "udesk";
const TARGET: &str = "bangwo8";

#[derive(clap::Args)]
pub(super) struct Args {
    /// The connection's name in the connections file
    #[arg(long, value_name = "NAME")]
    connection: String,
    /// The connections file [environment: DESKBRIDGE_CONFIG; default: deskbridge.yaml]
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    /// The mapping that the file extends [default: SOURCE-bangwo8]; rows of one of your own stay as they are
    #[arg(long, value_name = "MAPPING")]
    base: Option<String>,
    /// Writes the file, which must not exist, instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only one kind of entity
    #[arg(long)]
    only: Option<Section>,
    /// The source's fields, in place of its API: a JSON list of { name, label, type, options, section }
    #[arg(long, value_name = "FILE")]
    fields: Option<PathBuf>,
    /// The source's events, a line of JSON each: fields that they hold are told from their values
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Where custom fields stand in an event's data
    #[arg(long, value_name = "POINTER", default_value = "/custom_fields")]
    at: String,
}

/// A section of the mapping.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Section {
    #[default]
    Ticket,
    Company,
}

/// The fields of one side.
#[derive(Default)]
struct Side {
    ticket: Vec<Field>,
    company: Vec<Field>,
}

impl Side {
    fn of(&mut self, section: Section) -> Vec<Field> {
        std::mem::take(match section {
            Section::Ticket => &mut self.ticket,
            Section::Company => &mut self.company,
        })
    }
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Company => "company",
        }
    }
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    if let Some(out) = args.out.as_deref().filter(|out| out.exists()) {
        return Err(exists(out));
    }
    let settings = Flags { config: args.config.clone(), ..Flags::default() }.settings()?;
    let connection = connection(&args.connection, &settings.config)?;
    let folder = settings.config.parent().unwrap_or(Path::new(""));
    let vendor = connection.source.vendor.clone();
    let base = args.base.clone().unwrap_or_else(|| format!("{vendor}-{TARGET}"));
    let mapping = base_mapping(folder, &base)?;
    if mapping.source() != vendor {
        let from = mapping.source();
        return Err(Failure::Usage(format!(
            "the mapping {base} is for events of {from}, the source is {vendor}: name another one with --base"
        )));
    }
    let wanted = |section| args.only.is_none_or(|only| only == section);
    let sections: Vec<Section> =
        [Section::Ticket, Section::Company].into_iter().filter(|it| wanted(*it)).collect();
    let mut source = source(&args, &connection, &sections).await?;
    let mut target = bangwo8::read(&app::target_client(&connection)?, &sections).await?;
    let own = is_own(folder, &base);
    let fields: Vec<Fields> = sections
        .iter()
        .map(|section| {
            let base = base_rows(&mapping, *section, own);
            let at = base.is_empty().then(|| args.at.clone());
            let (source, target) = (source.of(*section), target.of(*section));
            Fields { section: section.name().to_owned(), at, source, target, base }
        })
        .collect();
    let glossary = Glossary::shipped().map_err(|problem| Failure::Files(vec![problem]))?;
    let proposals: Vec<Proposal<'_>> = fields.iter().map(|it| Proposal::of(it, &glossary)).collect();
    let header = Header { connection: connection.name, source: vendor, target: TARGET.to_owned(), base };
    let text = file(&header, &proposals);
    fits(&text)?;
    write(args.out.as_deref(), &text)
}

/// What is longer could not be read as a mapping.
fn fits(text: &str) -> Result<(), Failure> {
    let bytes = text.len() as u64;
    if bytes <= MAX_FILE_BYTES {
        return Ok(());
    }
    let (size, most) = (bytes.div_ceil(1024), MAX_FILE_BYTES / 1024);
    Err(Failure::Usage(format!(
        "the file would have {size} KiB; a mapping file has {most} KiB at most: take fewer fields by --fields, or one \
         kind of entity by --only"
    )))
}

/// What is given wins over what could be read. A source that tells nothing leaves the target's side, from which a
/// mapping can be written by hand.
async fn source(args: &Args, connection: &Connection, sections: &[Section]) -> Result<Side, Failure> {
    if args.fields.is_some() || args.events.is_some() {
        return given::read(args.fields.as_deref(), args.events.as_deref(), &args.at);
    }
    match app::source_client(connection)? {
        Some(client) => udesk::read(&client, connection.source.api.as_ref(), sections).await,
        None if connection.source.vendor == UDESK => Err(Failure::Usage(format!(
            "the source of the connection {} has no api: give it base_url and v1: {{ secret }}, v2: {{ email, token }} \
             or both, or name its fields by --fields or --events",
            connection.name
        ))),
        None => Ok(Side::default()),
    }
}

/// A mapping beside the connections file is the tenant's own; a shipped one's rows are samples.
fn is_own(folder: &Path, base: &str) -> bool {
    Library::is_path(base) || folder.join(format!("mappings/{base}.yaml")).exists()
}

fn base_mapping(folder: &Path, name: &str) -> Result<Mapping, Failure> {
    let schemas = Schemas::load(&folder.join("schemas")).map_err(Failure::Files)?;
    Library::beside(folder, schemas.whole().clone()).compile(name).map_err(Failure::Files)
}

/// The rows of the mapping that is extended. The path of a row ends in the source's name of its field.
fn base_rows(mapping: &Mapping, section: Section, stands: bool) -> Vec<BaseRow> {
    let expected = match section {
        Section::Ticket => &mapping.expects().ticket_fields,
        Section::Company => &mapping.expects().company_fields,
    };
    let start = format!("{}.custom_fields.", section.name());
    let row = |field: &ExpectedField| {
        let source = field.at.strip_prefix(&start)?.to_owned();
        Some(BaseRow { source, target: field.name.clone(), stands })
    };
    expected.iter().filter_map(row).collect()
}

fn write(out: Option<&Path>, text: &str) -> Result<(), Failure> {
    let Some(out) = out else {
        say(text.trim_end_matches('\n'));
        return Ok(());
    };
    let written = File::create_new(out).and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(out)),
        Err(error) => Err(Failure::Work(format!("{} can't be written: {error}", out.display()))),
        Ok(()) => {
            say(format!("{}: written; go through it before it is used", out.display()));
            Ok(())
        }
    }
}

fn exists(out: &Path) -> Failure {
    Failure::Usage(format!(
        "{} exists: somebody may have gone through it; give --out another name",
        out.display()
    ))
}
