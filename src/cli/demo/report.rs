//! What the demo prints.

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};

use super::{
    Case,
    stage::{CONNECTION, Stage},
};

/// Columns of the table where the terminal doesn't say.
const WIDTH: u16 = 140;

pub(super) fn table(cases: &[Case]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    table.set_header(["", "event", "answer", "what it became in Bangwo8, or why not"]);
    for case in cases {
        let mark = if case.as_expected { "✓" } else { "✗" };
        table.add_row([mark, &case.name, &case.answer, &case.became]);
    }
    table.to_string()
}

pub(super) fn closing(all: usize, wrong: usize) -> String {
    match wrong {
        0 => format!("{all} cases, every one as it should be."),
        wrong => format!("{wrong} of {all} cases are not as they should be: the lines marked ✗."),
    }
}

pub(super) fn addresses(stage: &Stage) -> String {
    let (url, key, bangwo8) = (&stage.url, &stage.secrets.key, &stage.bangwo8);
    let api = format!("{url}/v1/connections/{CONNECTION}");
    format!(
        "\nLook at:\n\
         \x20 events         curl -H 'Authorization: Bearer {key}' '{api}/events?limit=5'\n\
         \x20 one event      curl -H 'Authorization: Bearer {key}' {api}/events/edge-30\n\
         \x20 ticket views   curl -H 'Authorization: Bearer {key}' {api}/ticketviews\n\
         \x20 one view       curl -H 'Authorization: Bearer {key}' '{api}/ticketviews/2/tickets?per_page=2'\n\
         \x20 metrics        curl {url}/metrics\n\
         \x20 Bangwo8        curl {bangwo8}/_sandbox/requests\n\
         \x20 Udesk          curl {udesk}/_sandbox/\n\
         \x20 configuration  {folder}\n\
         Ctrl-C stops it all.",
        udesk = stage.udesk,
        folder = stage.folder.path().join("deskbridge.yaml").display(),
    )
}
