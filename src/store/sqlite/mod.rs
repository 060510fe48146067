//! The embedded engine: one SQLite file in WAL mode, fully synchronous, one writer thread, a few readers.

mod archive;
mod audit;
mod backup;
mod checkpoint;
mod effects;
mod engine;
mod events;
mod journal;
mod keep;
mod lanes;
mod operate;
mod pieces;
#[cfg(test)]
mod plans;
mod rows;
mod upgrade;
mod upkeep;
mod versions;
mod views;
mod writer;

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::Read,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi::SQLITE_IOERR_SHMSIZE};
use tokio::sync::Semaphore;

use self::writer::Writer;
pub(super) use self::{
    archive::Archive,
    backup::backup,
    upgrade::{rewrite, upgrade},
};
use crate::{
    fault::{self, Point},
    store::StoreError,
};

/// The version of `schema.sql`, kept in the file's `user_version`.
const SCHEMA_VERSION: i64 = 5;
/// What leads from each version to the next, from 1 on.
const UPGRADES: [&str; 4] = [
    include_str!("upgrade_1.sql"),
    include_str!("upgrade_2.sql"),
    include_str!("upgrade_3.sql"),
    include_str!("upgrade_4.sql"),
];
/// Bytes of a page, for a new file: an event with its ticket is a good kilobyte, and every page that a commit
/// touches is a write of its own.
const PAGE_BYTES: i64 = 8192;
/// Pages in the write-ahead log (8 KiB each) from which on the writer folds it itself: what the thread beside it
/// has left, so that the log can begin anew and stays bounded.
const WAL_PAGES: i64 = 8000;
/// Bytes that the write-ahead log keeps when it begins anew: a longer one, of a time when somebody read for long, is cut.
const WAL_BYTES: i64 = WAL_PAGES * PAGE_BYTES;
/// Memory for pages, per connection, in KiB.
const CACHE_KIB: i64 = 8192;
/// A store holds the words of customers: a file, and a folder, that is made here is its owner's alone.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// What SQLite adds to the file's name for its log and the log's index.
const BESIDE: [&str; 2] = ["-wal", "-shm"];
/// What every database begins with (SQLite, "Database File Format", 1.3).
const HEADER: &[u8] = b"SQLite format 3\0";
const NO_FILE: &str = "it is no file; name one, as in sqlite:data/deskbridge.db";
const NO_DATABASE: &str =
    "it is no database; name another file, or go back to a backup if it was a store once";
const ANOTHERS: &str = "it is another program's database; name another file";
/// All that a mode allows everybody.
const OTHERS: u32 = 0o007;
/// Queries at once.
const READERS: usize = 8;
/// Statements kept compiled, per connection.
const STATEMENTS: usize = 64;

pub(super) struct Sqlite {
    path: PathBuf,
    writer: Writer,
    readers: Arc<Mutex<Vec<Connection>>>,
    reading: Arc<Semaphore>,
    lock: Mutex<Option<File>>,
}

impl Sqlite {
    /// Without `now`, what a dead process had in hand stays as it is.
    pub(super) fn open(path: &Path, now: Option<Timestamp>) -> Result<Self, StoreError> {
        Self::opened(path, now).map_err(|error| match error {
            error @ (StoreError::Database(_)
            | StoreError::Damaged(_)
            | StoreError::NoStore(_)
            | StoreError::ReadOnly) => file_error(path, std::io::Error::other(error)),
            other => other,
        })
    }

    fn opened(path: &Path, now: Option<Timestamp>) -> Result<Self, StoreError> {
        let lock = lock_file(path)?;
        let connection = Connection::open(path)?;
        // Another program's file keeps its mode and its form.
        known_version(&connection)?;
        close_to_others(path);
        configure(&connection)?;
        migrate(&connection)?;
        if let Some(now) = now {
            backup::restored(&connection, now)?;
            recover(&connection, now)?;
        }
        let folding = Connection::open(path)?;
        configure(&folding)?;
        let writer = Writer::start(connection, folding).map_err(|source| file_error(path, source))?;
        let reading = Arc::new(Semaphore::new(READERS));
        Ok(Self { path: path.to_owned(), writer, readers: Arc::default(), reading, lock: Some(lock).into() })
    }

    /// Runs a query on a reader of its own, away from the caller's thread.
    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let place = self.reading.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (path, readers) = (self.path.clone(), self.readers.clone());
        let idle = self.idle().pop();
        let work = move || {
            let connection = idle.map_or_else(|| open_reader(&path), Ok)?;
            let result = query(&connection);
            readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            drop(place);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A second process on the same file would hand out the same events: a lock beside the file keeps it out.
fn lock_file(path: &Path) -> Result<File, StoreError> {
    must_be_a_file(path)?;
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder);
        made.map_err(|e| file_error(folder, e))?;
    }
    // Beside the file itself, whatever links lead to it: that is where SQLite has its log, too.
    let lock_path = real(path).with_added_extension("lock");
    // Who has been here has left it.
    if !lock_path.exists() {
        must_be_a_database(path)?;
    }
    let file = own_file(&lock_path)?;
    match file.try_lock() {
        // SQLite gives its log the mode of the file, and takes an empty one for a new one.
        Ok(()) if !path.exists() => own_file(path).map(|_empty| file),
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
        Err(TryLockError::Error(e)) => Err(file_error(&lock_path, e)),
    }
}

/// Refuses a folder, a pipe or a device in the place of a file.
fn must_be_a_file(path: &Path) -> Result<(), StoreError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(no_store(path, NO_FILE)),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_error(path, error)),
        _ => Ok(()),
    }
}

/// As `must_be_a_file`, for who must not make one.
pub(super) fn must_be_there(path: &Path) -> Result<(), StoreError> {
    let absent =
        "there is no such file: look at the name; deskbridge serve makes a store where there is none";
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(file_error(path, std::io::Error::new(error.kind(), absent)))
        }
        _ => must_be_a_file(path),
    }
}

/// Refuses somebody's file, named by a slip. Only where nobody in this process has it open as a database: closing it takes
/// all locks of the process off it (POSIX, `fcntl`).
fn must_be_a_database(path: &Path) -> Result<(), StoreError> {
    let mut begin = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut begin));
    match read {
        Ok(_) if begin.is_empty() || begin == HEADER => Ok(()),
        Ok(_) => Err(no_store(path, NO_DATABASE)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_error(path, error)),
    }
}

/// Takes away what everybody may do with the files of a store of our own: versions before made them as the system did, and
/// where there is no shell nobody else can. Those of somebody else, and what can't be changed, stay as they are.
fn close_to_others(path: &Path) {
    let file = real(path);
    let beside = BESIDE.map(|ending| {
        let mut name = file.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    });
    for file in beside.iter().chain([&file]) {
        let Ok(metadata) = fs::metadata(file) else { continue };
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & OTHERS != 0 && metadata.uid() == rustix::process::geteuid().as_raw() {
            let _stays = fs::set_permissions(file, Permissions::from_mode(mode & !OTHERS));
        }
    }
}

/// A file for its owner's eyes, if it isn't there yet; of one that is, its owner has decided.
fn own_file(path: &Path) -> Result<File, StoreError> {
    let open = OpenOptions::new().create(true).truncate(false).write(true).mode(FILE_MODE).open(path);
    open.map_err(|error| file_error(path, error))
}

/// Where a file is, or will be.
fn real(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = || Some(folder.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(made).unwrap_or_else(|| path.to_owned())
}

fn file_error(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { path: path.display().to_string(), source }
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    // Like the size of a page, only a new file takes it.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // What is deleted or written over is not left in the file for whoever reads its bytes.
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(())
}

fn no_store(path: &Path, why: &'static str) -> StoreError {
    file_error(path, std::io::Error::other(StoreError::NoStore(why)))
}

/// The version of a file that can be worked with.
fn known_version(connection: &Connection) -> Result<i64, StoreError> {
    match own_version(connection)? {
        found if found > SCHEMA_VERSION => Err(StoreError::TooNew { found, known: SCHEMA_VERSION }),
        found => Ok(found),
    }
}

/// The version of a store's file, whatever it is. An empty file has version 0 and gets its tables at once as they are now.
fn own_version(connection: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_master) FROM pragma_user_version";
    match connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))? {
        (0, true) => Err(StoreError::NoStore(ANOTHERS)),
        (found, _) => Ok(found),
    }
}

fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let found = known_version(connection)?;
    let from = usize::try_from(found - 1).unwrap_or(UPGRADES.len());
    let upgrade = UPGRADES.get(from..).unwrap_or_default().concat();
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {upgrade} {} PRAGMA user_version = {SCHEMA_VERSION};",
        include_str!("schema.sql")
    ))?;
    fault::here(Point::UpgradeBeforeCommit);
    Ok(connection.execute_batch("COMMIT")?)
}

/// Events that a dead process had in hand are due at once, and it leads nothing any more: the lock on the file says that
/// it is dead. Those whose lease has ended are due already, so what merely waits is not looked at, however long it is.
fn recover(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let connections = "WITH RECURSIVE c (name) AS (
                           SELECT min(connection) FROM deliveries
                           UNION ALL
                           SELECT (SELECT min(connection) FROM deliveries WHERE connection > c.name) FROM c WHERE c.name IS NOT NULL
                       ) SELECT name FROM c WHERE name IS NOT NULL";
    let sql = format!(
        "UPDATE deliveries INDEXED BY deliveries_due SET due_at = ?1
         WHERE connection IN ({connections}) AND due_at > ?1 AND status = 'delivering'"
    );
    connection.execute(&sql, [millis(now)])?;
    connection.execute("DELETE FROM leaders", [])?;
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "cache_size", -CACHE_KIB / 4)?;
    Ok(connection)
}

impl From<rusqlite::Error> for StoreError {
    /// A disk without room is told apart: what was asked for may be asked again. So is what a person must look at.
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|failure| (failure.code, failure.extended_code));
        match code {
            Some((ErrorCode::DiskFull, _) | (_, SQLITE_IOERR_SHMSIZE)) => Self::Full,
            Some((ErrorCode::DatabaseCorrupt, _)) => Self::Damaged(error.to_string()),
            Some((ErrorCode::NotADatabase, _)) => Self::NoStore(NO_DATABASE),
            Some((ErrorCode::ReadOnly, _)) => Self::ReadOnly,
            _ => Self::Database(error),
        }
    }
}

/// A point in time as it is kept: unix milliseconds.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A point in time as it was kept.
fn time(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|e| StoreError::Corrupt(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_finds_no_room_is_told_apart_and_leaves_nothing_behind() {
        let full = || -> Result<i64, StoreError> {
            let connection = Connection::open_in_memory()?;
            connection.execute_batch("CREATE TABLE t (b); PRAGMA max_page_count = 10;")?;
            let refused = connection.execute("INSERT INTO t VALUES (zeroblob(1000000))", []);
            assert!(matches!(refused.map_err(StoreError::from), Err(StoreError::Full)));
            Ok(connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)
        };
        assert!(matches!(full(), Ok(0)));
        let other = Connection::open_in_memory().and_then(|db| db.execute("SELEC 1", []));
        assert!(matches!(other.map_err(StoreError::from), Err(StoreError::Database(_))));
    }
}
