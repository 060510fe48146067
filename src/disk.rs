//! Files that people wrote: read with an end to them, and never waited for.
//!
//! A service looks at its files again and again. One that has become a pipe or a device would hold it up for good.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

/// Bytes of a file that is part of a configuration: far more than any has.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Folders below one that are gone into: an end to a link that leads back.
pub const MAX_DEPTH: usize = 8;

/// What a regular file of at most `most` bytes holds.
///
/// Errors: one that can't be read, is longer, or is no file (a pipe, a device, a folder).
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let about = fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound if path.is_symlink() => {
            io::Error::new(ErrorKind::NotFound, format!("{error}; it is a link, which leads to no file"))
        }
        _ => error,
    })?;
    // Before it is opened: who opens a pipe waits for its writer.
    if !about.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    read_any(path, most)
}

/// As [`read`], of a text.
///
/// Errors: also what is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    read(path, most).and_then(text)
}

/// What was read as a text.
///
/// Errors: what is not UTF-8.
pub fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// As [`read`] of a regular file, of anything else too: for what a person names in a command, as a shell's pipe.
///
/// Errors: what can't be read, or is longer.
pub fn read_any(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {most} bytes")));
    }
    Ok(bytes)
}

/// True if something stands there, readable or not: a link that leads nowhere is no file that was left out.
pub fn stands(path: &Path) -> bool {
    let is_absent =
        |read: io::Result<fs::Metadata>| read.is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let leads_nowhere = |folder: &Path| folder.is_symlink() && is_absent(fs::metadata(folder));
    !is_absent(fs::symlink_metadata(path)) || path.ancestors().skip(1).any(leads_nowhere)
}

/// What stands below a folder.
#[derive(Debug, Default)]
pub struct Below {
    /// Without hidden ones, which are an editor's or the inside of a ConfigMap, where all others stand a second time.
    pub files: BTreeSet<PathBuf>,
    /// Folders that can't be read, and why. One that isn't there is none of them.
    pub unreadable: Vec<(PathBuf, io::Error)>,
}

impl Below {
    /// Looks so many folders deep: 0 is the folder itself.
    pub fn of(folder: &Path, depth: usize) -> Self {
        let mut found = Self::default();
        found.add(folder, depth);
        found
    }

    fn add(&mut self, folder: &Path, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries.flatten(),
            Err(error) => {
                self.unreadable.extend(stands(folder).then(|| (folder.to_owned(), error)));
                return;
            }
        };
        for entry in entries {
            let path = entry.path();
            match (entry.file_name().as_encoded_bytes().starts_with(b"."), path.is_dir()) {
                (true, _) => {}
                (false, true) if depth > 0 => self.add(&path, depth - 1),
                (false, true) => {}
                (false, false) => drop(self.files.insert(path)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_no_file_is_not_opened_and_what_is_long_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let (file, pipe) = (folder.path().join("file"), folder.path().join("pipe"));
        fs::write(&file, "12345").unwrap();
        assert_eq!(read(&file, 5).unwrap(), b"12345");
        assert_eq!(read(&file, 4).unwrap_err().to_string(), "it is longer than 4 bytes");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for odd in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
            assert_eq!(read(odd, 5).unwrap_err().to_string(), "it is no regular file", "{}", odd.display());
        }
        assert_eq!(read_any(Path::new("/dev/null"), 0).unwrap(), b"");
        assert_eq!(read_any(Path::new("/dev/zero"), 5).unwrap_err().to_string(), "it is longer than 5 bytes");
    }

    #[test]
    fn what_stands_somewhere_is_told_from_what_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        symlink("nowhere", at("link")).unwrap();
        symlink("circle", at("circle")).unwrap();
        for (path, expected) in [
            ("file", true),
            ("link", true),
            ("circle", true),
            // It can't be told what would stand below a file.
            ("file/below", true),
            ("link/below", true),
            ("none", false),
            ("none/below", false),
        ] {
            assert_eq!(stands(&at(path)), expected, "{path}");
        }
        assert!(!stands(Path::new("no-such-file-of-this-test")));
    }
}
