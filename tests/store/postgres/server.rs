//! A server of a test's own, which can be killed as if its machine had lost power but for the disk.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

pub(crate) struct Server {
    folder: TempDir,
    binaries: PathBuf,
    port: u16,
}

impl Server {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let server = Self { folder, binaries: binaries(), port };
        let folder = server.folder.path().display();
        run(&format!("[ $(id -u) -ne 0 ] || chown nobody {folder}"));
        server.do_it("initdb --username=deskbridge --auth=trust --encoding=UTF8");
        server.start();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://deskbridge@127.0.0.1:{}/postgres", self.port)
    }

    pub(crate) fn start(&self) {
        let folder = self.folder.path().display();
        let options = format!("-p {} -h 127.0.0.1 -k {folder} -N 50", self.port);
        self.do_it(&format!("pg_ctl start --wait --log={folder}/log --options='{options}'"));
    }

    /// It writes nothing more, and has to recover when it starts again.
    pub(crate) fn kill(&self) {
        self.do_it("pg_ctl stop --mode=immediate");
    }

    /// As somebody else where we are root, which the server refuses to be.
    fn do_it(&self, command: &str) {
        let command =
            format!("{}/{command} --pgdata={}/data", self.binaries.display(), self.folder.path().display());
        run(&format!(
            "cd / && export LC_ALL=C.UTF-8 && if [ $(id -u) -ne 0 ]; then {command}
             else setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups {command}; fi"
        ));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(script: &str) {
    let status = Command::new("sh").args(["-c", script]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("there is a shell").success(), "{script}");
}

/// Those of the newest version: Debian has a folder for each.
fn binaries() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        folders.map(|folder| folder.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
    newest.expect("PostgreSQL is installed: scripts/test sees to it")
}
