//! Who may change the index.

use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// Access to `/v1/admin`.
#[derive(Debug, Clone, Default)]
pub struct AdminSettings {
    /// The bearer key; without one the admin routes answer 404, as if they were not there.
    /// `ORGSEARCH_ADMIN_KEY`, no default.
    pub key: Option<AdminKey>,
}

/// The key of the admin routes, kept as a digest only.
#[derive(Clone)]
pub struct AdminKey {
    digest: [u8; 32],
}

impl AdminKey {
    /// Takes a key; `None` if it is empty or white space, which counts as not configured.
    ///
    /// ```
    /// use search_server::AdminKey;
    /// assert!(AdminKey::new(" ").is_none());
    /// assert!(AdminKey::new("s3cret").is_some_and(|key| key.opens_for("s3cret") && !key.opens_for("s3cre")));
    /// ```
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| AdminKey { digest: digest(key) })
    }

    /// Whether a presented key is this one. Digests of equal length are compared, and always to their end, so that
    /// the time taken tells nothing.
    pub fn opens_for(&self, presented: &str) -> bool {
        self.digest.as_slice().ct_eq(digest(presented).as_slice()).into()
    }
}

impl fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminKey(…)")
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
