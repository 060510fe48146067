//! What is around a process that looks like a slip, and stops nothing: variables that nobody reads, files with secrets that
//! everybody may read. Values are never told.

use std::{
    fs::{self, Metadata},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::{
    config::{Config, ENVIRONMENT, Settings, is_service_link, unknown_settings},
    diagnostic::{Diagnostic, Place},
    telemetry::strange_variables,
};

/// Bits of a file's mode for everybody but its owner and its group (POSIX, `S_IROTH`, `S_IWOTH`), and of a folder's for who
/// may go through it (`S_IXOTH`).
const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;
const OTHERS_PASS: u32 = 0o001;

/// A warning for each slip. Where a connections file can't be read, what it names isn't looked at.
pub fn surroundings(settings: &Settings) -> Vec<Diagnostic> {
    let named = Config::named(&settings.config);
    let given: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, value)| !named.variables.contains(name) && !is_service_link(name, value))
        .collect();
    let names = || given.iter().map(|(name, _)| name.as_str());
    let unknown = unknown_settings(names()).into_iter().map(|(name, meant)| unread(name, meant));
    let variables = unknown.chain(strange_variables(names(), &|name| std::env::var(name).ok()));
    let variables = variables.map(|told| Diagnostic::warning(ENVIRONMENT, Place::default(), told));
    variables.chain(open_files(settings, named.secrets)).collect()
}

fn unread(name: &str, meant: Option<String>) -> String {
    let hint = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    format!("{name} is not read by deskbridge and sets nothing{hint}")
}

fn open_files(settings: &Settings, secrets: impl IntoIterator<Item = PathBuf>) -> Vec<Diagnostic> {
    let keys = [&settings.tls_key, &settings.encryption_keys].into_iter().cloned();
    // Of a file of ours the store itself takes it away.
    let store = settings.store.strip_prefix("sqlite:").map(PathBuf::from).filter(|file| !is_ours(file));
    let holds = keys.chain(secrets).map(|file| (file, "a secret"));
    let holds = holds.chain(store.map(|file| (file, "what customers wrote")));
    let told = holds.filter_map(|(file, what)| {
        let may = open_to_all(&file)?;
        let message = format!(
            "everybody on this machine may {may} this file, which holds {what}: take that away (chmod o-rw)"
        );
        Some(Diagnostic::warning(file, Place::default(), message))
    });
    told.collect()
}

fn is_ours(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.uid() == rustix::process::geteuid().as_raw())
}

/// What everybody may do with a file that they get to. A group is left alone: it is how a service is given files of root. So
/// are mounts that nobody can write to: that is how containers are given their secrets, with a mode that the platform chose
/// (Kubernetes: 0644; Docker: 0444) and nobody else there to read them.
fn open_to_all(file: &Path) -> Option<&'static str> {
    let real = file.canonicalize().ok()?;
    let metadata = fs::metadata(&real).ok()?;
    let allows = |metadata: &Metadata, bits: u32| metadata.permissions().mode() & bits != 0;
    let passes = |folder: &Path| fs::metadata(folder).is_ok_and(|folder| allows(&folder, OTHERS_PASS));
    let reached = metadata.is_file() && real.ancestors().skip(1).all(passes);
    let mounted = || statvfs(&real).is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::RDONLY));
    match (allows(&metadata, OTHERS_READ), allows(&metadata, OTHERS_WRITE)) {
        (false, false) => None,
        _ if !reached || mounted() => None,
        (true, true) => Some("read and write"),
        (true, false) => Some("read"),
        (false, true) => Some("write"),
    }
}
