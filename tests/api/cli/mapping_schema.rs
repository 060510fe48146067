//! `mapping schema`: what an editor is given.

use crate::harness::*;

#[tokio::test]
async fn the_schema_of_mapping_files_is_printed_as_it_is() {
    let output = run_to_end(deskbridge(&["mapping", "schema"])).await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, include_bytes!("../../../schemas/mapping.json"));
}
