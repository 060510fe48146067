//! A database of its own on the server that `scripts/postgres` starts.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};

/// A process that starts knows nothing of the others: what one of them had in hand is due when its lease ends.
pub(crate) const RECOVERS_AT_ONCE: bool = false;

/// Journals that a property is tried with: a database takes its time to be made.
pub(crate) const CASES: u32 = 4;

static PLACES: AtomicU32 = AtomicU32::new(0);

/// Where a test's store is; gone with it.
pub(crate) struct Place {
    name: String,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let name = format!("desk_{}_{}", std::process::id(), PLACES.fetch_add(1, Ordering::Relaxed));
        execute(&server(), &format!("CREATE DATABASE {name}")).await;
        Self { name }
    }

    pub(crate) fn url(&self) -> String {
        let (server, _) =
            server().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a database");
        format!("{server}/{}", self.name)
    }

    /// All rows of all tables.
    pub(crate) async fn bytes(&self) -> Vec<u8> {
        let client = self.client().await;
        let columns = "SELECT table_name, column_name, data_type FROM information_schema.columns
                       WHERE table_schema = 'public' AND data_type IN ('text', 'bytea')";
        let mut bytes = Vec::new();
        for column in client.query(columns, &[]).await.expect("columns") {
            let (table, name, kind): (String, String, String) = (column.get(0), column.get(1), column.get(2));
            let value = if kind == "bytea" { name } else { format!("convert_to({name}, 'UTF8')") };
            let rows = client.query(&format!("SELECT {value} FROM {table}"), &[]).await.expect("rows");
            bytes.extend(rows.iter().filter_map(|row| row.get::<_, Option<Vec<u8>>>(0)).flatten());
        }
        bytes
    }

    /// A look past the store.
    pub(crate) async fn client(&self) -> Client {
        connect(&self.url()).await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // On a thread of its own: the test's runtime may be on its way out.
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let drop = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&server(), &sql));
        });
        drop.join().expect("the database is dropped");
    }
}

/// The server's address.
pub(crate) fn server() -> String {
    std::env::var("DESKBRIDGE_TEST_POSTGRES").expect(
        "these tests need a server: run scripts/postgres cargo test, or name one in DESKBRIDGE_TEST_POSTGRES",
    )
}

async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.expect("the server does it");
}

async fn connect(url: &str) -> Client {
    let (client, wire) = tokio_postgres::connect(url, NoTls).await.expect("the server is there");
    tokio::spawn(wire);
    client
}
