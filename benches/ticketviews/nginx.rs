//! nginx as its users tune it for static files: the limit that is measured against.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use reqwest::header::ETAG;

use crate::{
    Result,
    load::Request,
    process::{Process, client, free_address, until_it_answers},
};

const FILE: &str = "view.json";

pub(crate) struct Nginx {
    process: Process,
    address: String,
}

impl Nginx {
    /// Serves these bytes as a file.
    pub(crate) async fn start(folder: &Path, bytes: &[u8]) -> Result<Self> {
        let folder = folder.join("nginx");
        fs::create_dir_all(folder.join("root"))?;
        fs::write(folder.join("root").join(FILE), bytes)?;
        let address = free_address()?;
        fs::write(folder.join("nginx.conf"), configuration(&folder, &address))?;
        let child = Command::new("nginx")
            .args(["-g", "daemon off;", "-c"])
            .arg(folder.join("nginx.conf"))
            .arg("-p")
            .arg(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("nginx can't be started ({error}): install it, e.g. apt-get install nginx")
            })?;
        let nginx = Self { process: Process(child), address };
        until_it_answers(&nginx.url()).await?;
        Ok(nginx)
    }

    fn url(&self) -> String {
        format!("http://{}/{FILE}", self.address)
    }

    pub(crate) async fn etag(&self) -> Result<String> {
        let answer = client()?.get(self.url()).send().await?;
        let etag = answer.headers().get(ETAG).ok_or("nginx gives no ETag")?;
        Ok(etag.to_str()?.to_owned())
    }

    pub(crate) fn request(&self, etag: Option<&str>) -> Request {
        let condition = etag.map(|etag| format!("If-None-Match: {etag}\r\n")).unwrap_or_default();
        let request = format!("GET /{FILE} HTTP/1.1\r\nHost: 127.0.0.1\r\n{condition}\r\n");
        let server = self.address.parse().expect("it is an address");
        Request { server, bytes: request.into_bytes().into() }
    }
}

/// Killed, it would leave its workers behind.
impl Drop for Nginx {
    fn drop(&mut self) {
        let id = self.process.0.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        if let Err(error) = asked.and_then(|_| self.process.0.wait()) {
            eprintln!("ticketviews: nginx {id} did not end: {error}");
        }
    }
}

fn configuration(folder: &Path, address: &str) -> String {
    let (folder, cores) = (folder.display(), std::thread::available_parallelism().map_or(2, usize::from));
    format!(
        "worker_processes {cores};
pid {folder}/nginx.pid;
error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_timeout 65;
    keepalive_requests 100000000;
    open_file_cache max=16;
    types {{ application/json json; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {address};
        root {folder}/root;
    }}
}}
"
    )
}
