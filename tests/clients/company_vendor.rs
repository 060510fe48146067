//! Vendors that know companies.

use serde_json::{Value, json};

use crate::{
    documents::document,
    vendor::{Vendor, json as answer},
};

/// A vendor that answers everything with one of the documents.
pub(crate) fn serving(name: &'static str) -> Vendor {
    Vendor::start(move |_, _| answer(document(name)))
}

/// A vendor with companies of these names, in pages of the asked size, found by any search.
pub(crate) fn named(names: Vec<String>, key: &'static str) -> Vendor {
    Vendor::start(move |seen, _| {
        let number = |name| seen.parameter(name).unwrap().parse::<usize>().unwrap();
        let (page, size) = (number("page"), number("per_page"));
        let companies: Vec<Value> = (0..)
            .zip(&names)
            .skip((page - 1) * size)
            .take(size)
            .map(|(index, name)| json!({"uId": (index + 1).to_string(), "companyName": name}))
            .collect();
        answer(json!({ key: companies }).to_string())
    })
}

/// As many names as asked for, all of them beginning alike.
pub(crate) fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("测试公司{number}")).collect()
}
