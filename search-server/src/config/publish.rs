//! Whether the server publishes into an object store.

use crate::replica::StoreAddress;

/// The store that a writer publishes into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishSettings {
    /// Where the store is; `None`: the server publishes nothing by itself. `ORGSEARCH_PUBLISH`.
    pub address: Option<StoreAddress>,
    /// When a batch of changes is acknowledged. `ORGSEARCH_ACK`, default `store`.
    pub ack: Acknowledgement,
}

/// When a batch of changes is acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Acknowledgement {
    /// Once the log of the store has it: it outlives the disk of the writer.
    #[default]
    Store,
    /// Once it is on the disk of the writer; it goes into the store a moment later.
    Local,
}

impl Acknowledgement {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Acknowledgement::Store => "store",
            Acknowledgement::Local => "local",
        }
    }

    /// The one of a name; `None` if there is none.
    ///
    /// ```
    /// use search_server::Acknowledgement;
    /// assert_eq!(Acknowledgement::parse("local"), Some(Acknowledgement::Local));
    /// assert_eq!(Acknowledgement::parse("none"), None);
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        [Acknowledgement::Store, Acknowledgement::Local].into_iter().find(|ack| ack.name() == name)
    }
}
