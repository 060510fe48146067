//! Mappings that are kept, for events that are to be delivered by them after their files have changed.

use std::{fs, path::Path};

use deskbridge::mapping::{Mapping, Parameters, kept_name};
use serde_json::json;

use crate::support::{SHIPPED, apply, library, shipped, told};

/// A tenant's own file over a shipped one.
const OWN: &str = "extends: generic-bangwo8\nticket:\n  fields:\n    tagList: { value: 甲 }\n";

fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("a file");
}

fn compile(folder: &Path, name: &str) -> Mapping {
    library(folder).compile(name).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn a_shipped_mapping_is_made_again_of_what_is_kept_of_it() {
    let nowhere = tempfile::tempdir().unwrap();
    for name in SHIPPED {
        let mapping = shipped(name);
        let again = library(nowhere.path()).compile_kept(mapping.content()).unwrap();
        assert_eq!((again.name(), again.digest()), (name, mapping.digest()));
        assert_eq!((again.arms(), again.rules()), (mapping.arms(), mapping.rules()));
        assert_eq!(kept_name(mapping.content()).as_deref(), Some(name));
    }
}

#[test]
fn a_kept_mapping_does_what_it_did_after_every_file_of_it_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let vocabulary =
        fs::read_to_string(crate::support::repository("mappings/vocabularies/generic.yaml")).unwrap();
    write(folder.path(), "mappings/base.yaml", OWN);
    write(folder.path(), "mine/acme.yaml", "extends: base\n");
    write(folder.path(), "mappings/vocabularies/generic.yaml", &vocabulary);
    let mapping = compile(folder.path(), "mine/acme.yaml");
    let data = json!({ "id": 1, "subject": "标题", "status": "open" });
    let before = told(apply(&mapping, &data, &Parameters::new()));
    assert!(before.to_string().contains('甲'), "{before}");
    let changes = [
        ("mappings/base.yaml", OWN.replace('甲', "乙")),
        ("mine/acme.yaml", "extends: base\nunmapped: park\n".to_owned()),
        ("mappings/vocabularies/generic.yaml", format!("# 改\n{vocabulary}")),
    ];
    let mut digests = vec![mapping.digest().to_owned()];
    for (name, text) in &changes {
        write(folder.path(), name, text);
        digests.push(compile(folder.path(), "mine/acme.yaml").digest().to_owned());
    }
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 4, "each edit is another mapping");
    for (name, _) in &changes {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let again = library(folder.path()).compile_kept(mapping.content()).unwrap();
    assert_eq!(told(apply(&again, &data, &Parameters::new())), before);
    assert_eq!(again.digest(), mapping.digest());
}

#[test]
fn the_same_files_in_another_folder_are_the_same_mapping() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let digests = folders.each_ref().map(|folder| {
        write(folder.path(), "mappings/acme.yaml", OWN);
        compile(folder.path(), "acme").digest().to_owned()
    });
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0].len(), 64, "SHA-256 in hexadecimal");
}

#[test]
fn what_is_no_kept_mapping_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let broken = shipped("generic-bangwo8").content().replace("generic", "nobody");
    for content in ["", "{}", "[]", "null", broken.as_str()] {
        let problems = library(folder.path()).compile_kept(content).unwrap_err();
        assert!(!problems.is_empty(), "{content}");
    }
    assert_eq!(kept_name("{}"), None);
}
