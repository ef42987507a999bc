//! Where an object store is, and the client for it.

use super::error::ReplicaError;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, RetryConfig};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The address of an object store: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix` or
/// `file:///folder`. Who may use it comes from the variables that the tools of each provider read
/// (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, `GOOGLE_SERVICE_ACCOUNT`, `AZURE_STORAGE_ACCOUNT_NAME` …).
///
/// ```
/// use search_server::StoreAddress;
///
/// assert_eq!(StoreAddress::parse("s3://orgs/prod").unwrap().to_string(), "s3://orgs/prod");
/// assert!(StoreAddress::parse("ftp://orgs").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreAddress {
    url: Url,
}

impl StoreAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("it is no address: {error}"))?;
        let has_place = match url.scheme() {
            "s3" | "gs" | "az" => url.host_str().is_some_and(|bucket| !bucket.is_empty()),
            "file" => url.to_file_path().is_ok_and(|path| path.is_absolute()),
            other => return Err(format!("it begins with s3://, gs://, az:// or file://, not {other}://")),
        };
        if !has_place {
            return Err("it names no bucket, container or folder".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("keys do not belong into an address; set them in the environment".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() || url.port().is_some() {
            return Err("an address has no port and nothing behind ? or #".to_owned());
        }
        Ok(StoreAddress { url })
    }

    /// A client of the store, with its settings from the environment. Of clouds nothing is asked yet; a folder is
    /// created but for replicas.
    pub(crate) fn open(&self, patience: Patience) -> Result<Arc<dyn ObjectStore>, ReplicaError> {
        let opened = match self.url.scheme() {
            "file" => self.folder(patience),
            _ => self.bucket(patience),
        };
        opened.map_err(|source| ReplicaError::Address { address: self.to_string(), source: source.into() })
    }

    fn folder(&self, patience: Patience) -> object_store::Result<Arc<dyn ObjectStore>> {
        let generic = |source| object_store::Error::Generic { store: "folder", source };
        let path = self.url.to_file_path().map_err(|()| generic("it names no folder".into()))?;
        if patience != Patience::Replica {
            std::fs::create_dir_all(&path).map_err(|error| generic(error.into()))?;
        }
        Ok(Arc::new(LocalFileSystem::new_with_prefix(path)?.with_fsync(true)))
    }

    fn bucket(&self, patience: Patience) -> object_store::Result<Arc<dyn ObjectStore>> {
        // Whoever comes second finds the same one there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (address, retry) = (self.url.as_str(), patience.retry());
        let store: Arc<dyn ObjectStore> = match self.url.scheme() {
            "s3" => Arc::new(AmazonS3Builder::from_env().with_url(address).with_retry(retry).build()?),
            "gs" => {
                Arc::new(GoogleCloudStorageBuilder::from_env().with_url(address).with_retry(retry).build()?)
            }
            _ => Arc::new(MicrosoftAzureBuilder::from_env().with_url(address).with_retry(retry).build()?),
        };
        Ok(match self.url.path().trim_matches('/') {
            "" => store,
            prefix => Arc::new(PrefixStore::new(store, object_store::path::Path::from_url_path(prefix)?)),
        })
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

/// How long to try where a store fails for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A person or a job waits, and would have to begin again.
    Writer,
    /// A server that writes: whoever waits for a batch may send it again.
    Server,
    /// A replica comes back in seconds, and should tell soon that the store is away.
    Replica,
}

impl Patience {
    fn retry(self) -> RetryConfig {
        let (max_retries, seconds) = match self {
            Patience::Writer => (10, 180),
            Patience::Server | Patience::Replica => (2, 10),
        };
        RetryConfig { max_retries, retry_timeout: Duration::from_secs(seconds), ..RetryConfig::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_refused_with_the_reason() {
        for (text, fault) in [
            ("s3://orgs", None),
            ("s3://orgs/prod/a", None),
            ("gs://orgs", None),
            ("az://orgs/prod", None),
            ("file:///srv/orgs", None),
            ("orgs", Some("it is no address")),
            ("s3:///prod", Some("no bucket")),
            ("file://host/srv", Some("no bucket")),
            ("http://orgs", Some("not http://")),
            ("s3://key:secret@orgs", Some("keys do not belong")),
            ("s3://orgs?region=a", Some("nothing behind")),
        ] {
            match (StoreAddress::parse(text), fault) {
                (Ok(address), None) => assert_eq!(address.to_string(), text),
                (Err(told), Some(fault)) => assert!(told.contains(fault), "{text}: {told}"),
                (parsed, _) => panic!("{text}: {parsed:?}"),
            }
        }
    }

    #[test]
    fn a_client_is_made_for_every_kind_of_store() {
        for text in ["s3://orgs/prod", "az://orgs/prod"] {
            let opened = StoreAddress::parse(text).unwrap().open(Patience::Replica);
            // Without an account Azure has no address; that is told, and nothing is asked over the network.
            assert!(opened.is_ok() || text.starts_with("az"), "{text}: {:?}", opened.err());
        }
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new");
        let address = StoreAddress::parse(&format!("file://{}", folder.display())).unwrap();
        assert!(address.open(Patience::Replica).is_err(), "a reader creates nothing");
        assert!(address.open(Patience::Writer).is_ok() && folder.is_dir());
    }
}
