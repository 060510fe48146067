//! A PostgreSQL of the run's own, from the installed binaries: as durable as in production, and killed like the rest.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::Instant,
};

use super::super::Failure;

/// Where Debian keeps a folder for each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// As whom the server runs if we are root, which it refuses to be.
const UNPRIVILEGED: &str = "nobody";
/// Connections: some for each replica.
const CONNECTIONS: &str = "200";
/// Longest that it may take to answer: after a kill it reads its log again.
const START: Duration = Duration::from_secs(60);
/// Between two looks whether it does.
const LOOK: Duration = Duration::from_millis(50);

pub(super) struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// Makes a cluster in `folder` and starts it on a free port.
    pub(super) async fn start(folder: &Path) -> Result<Self, Failure> {
        let bin = newest().ok_or_else(|| {
            Failure::usage("--postgres: no PostgreSQL is installed here: apt-get install postgresql")
        })?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::work)?;
        let port = listener.local_addr().map_err(Failure::work)?.port();
        drop(listener);
        let home = folder.join("postgres");
        std::fs::create_dir_all(&home).map_err(Failure::work)?;
        if is_root() {
            done("chown", Command::new("chown").arg(UNPRIVILEGED).arg(&home)).await?;
        }
        let mut server = Self { bin, data: home.join("data"), port, child: None };
        let mut initdb = server.command("initdb").await?;
        initdb.arg("--pgdata").arg(&server.data).args(["--username=deskbridge", "--auth=trust"]);
        done("initdb", initdb.args(["--encoding=UTF8", "--locale=C"])).await?;
        server.run().await?;
        Ok(server)
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://deskbridge@127.0.0.1:{}/postgres", self.port)
    }

    /// kill -9, and a start on what that left.
    pub(super) async fn kill(&mut self) -> Result<(), Failure> {
        if let Some(child) = &mut self.child {
            child.kill().await.map_err(Failure::work)?;
        }
        self.run().await
    }

    /// polls: the server, until it takes connections. It doesn't start as long as children of a killed one live.
    async fn run(&mut self) -> Result<(), Failure> {
        let begun = Instant::now();
        self.child = Some(self.spawn().await?);
        while begun.elapsed() < START {
            let mut ready = self.command("pg_isready").await?;
            ready.args(["--quiet", "--host=127.0.0.1", "--port", &self.port.to_string()]);
            if ready.status().await.map_err(Failure::work)?.success() {
                return Ok(());
            }
            let ended = self.child.as_mut().map(Child::try_wait).transpose().map_err(Failure::work)?;
            if ended.flatten().is_some() {
                self.child = Some(self.spawn().await?);
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(Failure::Work(format!("PostgreSQL did not start: see {}", self.log().display())))
    }

    async fn spawn(&self) -> Result<Child, Failure> {
        let log = std::fs::File::options().create(true).append(true).open(self.log());
        let mut command = self.command("postgres").await?;
        command.arg("-D").arg(&self.data).args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command.arg("-k").arg(&self.data).args(["-N", CONNECTIONS]);
        command.stderr(log.map_err(Failure::work)?).spawn().map_err(Failure::work)
    }

    fn log(&self) -> PathBuf {
        self.data.with_file_name("server.log")
    }

    /// One of its programs, as somebody who may run it.
    async fn command(&self, program: &str) -> Result<Command, Failure> {
        let program = self.bin.join(program);
        let mut command = match is_root() {
            true => {
                let group = done("id", Command::new("id").args(["-g", UNPRIVILEGED])).await?;
                let group = String::from_utf8_lossy(&group.stdout).trim().to_owned();
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={UNPRIVILEGED}")).arg(format!("--regid={group}"));
                command.args(["--clear-groups", "--"]).arg(program);
                command
            }
            false => Command::new(program),
        };
        command.current_dir("/").env("LC_ALL", "C.UTF-8").kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder of the newest server's programs.
fn newest() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path());
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let debian =
        versions.filter(|path| number(path).is_some()).max_by_key(number).map(|path| path.join("bin"));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || std::env::split_paths(&paths).find(|folder| folder.join("initdb").is_file());
    debian.filter(|bin| bin.join("initdb").is_file()).or_else(on_path)
}

/// Runs a command that must succeed.
async fn done(name: &str, command: &mut Command) -> Result<Output, Failure> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().await;
    let output = output.map_err(|error| Failure::Work(format!("{name}: {error}")))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(Failure::Work(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
