//! A file's backup: SQLite writes what one of its readers sees into another file.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{FILE_MODE, file_error, millis, must_be_there, open_reader, own_version, real};
use crate::store::{
    BackedUp, BackingUp, StoreError,
    backup::{MARK, renumber, tell_restored},
};

/// Time between two looks at how far it has come.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// The first version of the schema in which states of ticket views have numbers.
const HISTORY: i64 = 4;

/// See [`crate::store::backup`].
pub(in crate::store) fn backup(
    path: &Path,
    to: &Path,
    tell: &mut dyn FnMut(BackingUp),
) -> Result<BackedUp, StoreError> {
    must_be_there(path)?;
    if to.try_exists().map_err(|error| file_error(to, error))? {
        return Err(file_error(to, io::ErrorKind::AlreadyExists.into()));
    }
    let part = real(to).with_added_extension("part");
    // Held until the end: another backup of the same name waits for none.
    let file = begin(&part)?;
    let done = write(path, &part, tell).and_then(|done| {
        file.sync_all().map_err(|error| file_error(&part, error))?;
        fs::rename(&part, to).map_err(|error| file_error(to, error))?;
        sync_folder(to)?;
        Ok(done)
    });
    if done.is_err() {
        // What is left in part is of no use; if it can't be taken away, the next backup writes over it.
        fs::remove_file(&part).ok();
    }
    done
}

/// An empty file that nobody else writes a backup into.
fn begin(part: &Path) -> Result<File, StoreError> {
    let open = OpenOptions::new().create(true).truncate(false).write(true).mode(FILE_MODE).open(part);
    let file = open.map_err(|error| file_error(part, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(part.display().to_string())),
        Err(TryLockError::Error(error)) => return Err(file_error(part, error)),
    }
    // One that was broken off is begun anew, and by whom it could be read before, it is not any more.
    file.set_permissions(Permissions::from_mode(FILE_MODE)).map_err(|error| file_error(part, error))?;
    file.set_len(0).map_err(|error| file_error(part, error))?;
    Ok(file)
}

fn write(path: &Path, part: &Path, tell: &mut dyn FnMut(BackingUp)) -> Result<BackedUp, StoreError> {
    let name = part.to_str().ok_or_else(|| file_error(part, io::Error::other("its name is not UTF-8")))?;
    let store = open_reader(path)?;
    own_version(&store)?;
    let of = used(&store)?;
    drop(store);
    std::thread::scope(|scope| {
        let (done, ended) = channel();
        let written = scope.spawn(move || {
            let written = open_reader(path).and_then(|db| Ok(db.execute("VACUUM INTO ?1", [name])?));
            // Nobody waits for it any more only where the other thread panicked.
            done.send(()).ok();
            written
        });
        while ended.recv_timeout(TELL_EVERY) == Err(RecvTimeoutError::Timeout) {
            let bytes = fs::metadata(part).map_or(0, |part| part.len());
            tell(BackingUp::Writing { bytes, of });
        }
        written.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    tell(BackingUp::Verifying);
    finish(part)
}

fn used(db: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT (page_count - freelist_count) * page_size
               FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// Marks the backup as one and proves that it is whole.
fn finish(part: &Path) -> Result<BackedUp, StoreError> {
    let db = Connection::open(part)?;
    let schema = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if schema >= HISTORY {
        let mark = "INSERT INTO cursors (connection, name, place, updated_at) VALUES (?1, ?2, '', 0)
                    ON CONFLICT DO NOTHING";
        db.execute(mark, params![MARK.0, MARK.1])?;
    }
    let found: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(StoreError::Damaged(found));
    }
    let events = db.query_row("SELECT count(*) FROM events", [], |row| row.get(0))?;
    db.close().map_err(|(_, error)| error)?;
    let bytes = fs::metadata(part).map_err(|error| file_error(part, error))?.len();
    Ok(BackedUp { bytes, events, schema })
}

/// The new name is on disk, too.
fn sync_folder(file: &Path) -> Result<(), StoreError> {
    let folder = real(file).parent().map_or_else(PathBuf::new, Path::to_owned);
    let synced = File::open(&folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| file_error(&folder, error))
}

/// See [`crate::store::backup::renumber`].
pub(super) fn restored(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let marked = "SELECT EXISTS (SELECT 1 FROM cursors WHERE connection = ?1 AND name = ?2)";
    if connection.query_row(marked, params![MARK.0, MARK.1], |row| row.get(0))? {
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {} COMMIT;", renumber(millis(now))))?;
        tell_restored();
    }
    Ok(())
}
