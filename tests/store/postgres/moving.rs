//! A journal that moves from the file to the server and back.

use deskbridge::store::{Accepted, Store};
use proptest::prelude::*;

use super::{journals::*, place::Place, support::*};

async fn moved(from: &Store, url: &str) -> Store {
    let to = Store::open_for_copy(url).await.unwrap();
    let compared = from.copy_to(&to, at(2), &mut |_| {}).await.unwrap();
    for table in compared {
        assert_eq!(table.from, table.to, "{}", table.table);
    }
    to.close();
    // As it was copied: a process that starts on a file takes what was in hand.
    Store::open_existing(url).await.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_journal_is_the_same_after_a_move_to_a_file_and_back_to_a_server(plan in plan()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = journal(&plan).await;
            furnish(&desk.store).await;
            let folder = tempfile::tempdir().unwrap();
            let address = format!("sqlite:{}", folder.path().join("desk.db").display());
            let file = moved(&desk.store, &address).await;
            assert_eq!(listed(&file).await, listed(&desk.store).await);
            let place = Place::new().await;
            let server = moved(&file, &place.url()).await;
            assert_eq!(listed(&server).await, listed(&desk.store).await);
            let again = server.accept(planned(1, plan[0].0), at(3)).await.unwrap();
            assert_eq!(again, Accepted::Duplicate { sequence: 1 });
            let accepted = server.accept(planned(plan.len() + 1, 0), at(3)).await.unwrap();
            assert!(matches!(accepted, Accepted::New { sequence } if sequence as usize > plan.len() + 1));
            desk.store.accept(planned(plan.len() + 1, 0), at(3)).await.unwrap();
            assert_eq!(drained(&server).await, drained(&desk.store).await);
            server.close();
        });
    }
}
