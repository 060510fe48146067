//! Each shipped mapping has a folder of events with what becomes of them, compared member by member, by the same code
//! as `deskbridge mapping test`.

use std::{fs, path::PathBuf};

use deskbridge::mapping::{Case, Mapping, pretty};

use crate::support::*;

#[test]
fn every_event_of_the_golden_files_becomes_what_they_say() {
    for name in SHIPPED {
        let (mapping, cases) = (shipped(name), cases(name));
        assert!(cases.len() > 5, "{name} has its folder of cases");
        for (path, case) in cases {
            let found = case.run(&mapping, &mut ());
            assert_eq!(pretty(&found), pretty(&case.expected), "{}", path.display());
        }
    }
}

/// True if every case becomes what it says.
pub(crate) fn hold(cases: &[(PathBuf, Case)], mapping: &Mapping) -> bool {
    cases.iter().all(|(_, case)| pretty(&case.run(mapping, &mut ())) == pretty(&case.expected))
}

pub(crate) fn cases(name: &str) -> Vec<(PathBuf, Case)> {
    let folder = repository("mappings").join(format!("{name}.cases"));
    let files = fs::read_dir(folder).expect("a folder of cases");
    let paths = files.map(|file| file.expect("a file").path());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a case");
        let case = Case::read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, case)
    };
    paths.map(read).collect()
}
