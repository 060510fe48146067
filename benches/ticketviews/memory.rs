//! Many views of many tickets.
use std::path::Path;
use crate::{Options, Result};
pub(crate) async fn measure(_options: &Options, _folder: &Path) -> Result<()> { Ok(()) }
