//! An object store in memory that fails, stops or forgets on demand.

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What happens at one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not carried out, and fails.
    Fails,
    /// It is carried out, and its answer is lost.
    AnswerLost,
    /// It is not carried out, and nothing succeeds any more.
    FailsForGood,
    /// It is carried out, its answer is lost, and nothing succeeds any more.
    AnswerLostForGood,
    /// It is not carried out, and nothing answers any more: whoever waits is killed there.
    Hangs,
    /// What is read ends in the middle.
    Torn,
    /// It is carried out once [`FaultyStore::release`] is called.
    Waits,
}

#[derive(Debug, Default)]
struct Plan {
    operations: usize,
    fault: Option<(usize, Fault)>,
    /// Listings do not tell of this many of the newest entries.
    hidden: usize,
    /// Everything fails.
    is_away: bool,
    /// Told once something hangs or waits.
    reached: Arc<Notify>,
    released: Arc<Notify>,
}

/// The store. Clones share it and their plan.
#[derive(Debug, Clone, Default)]
pub(super) struct FaultyStore {
    inner: Arc<InMemory>,
    plan: Arc<Mutex<Plan>>,
}

impl FaultyStore {
    /// The same objects, seen by somebody else, with faults of their own.
    pub(super) fn view(&self) -> FaultyStore {
        FaultyStore { inner: Arc::clone(&self.inner), plan: Arc::default() }
    }

    pub(super) fn shared(&self) -> Arc<dyn ObjectStore> {
        Arc::new(self.clone())
    }

    /// The `at`th operation from now on, from 1, goes wrong.
    pub(super) fn fail_at(&self, at: usize, fault: Fault) {
        let mut plan = self.plan.lock().unwrap();
        (plan.operations, plan.fault) = (0, Some((at, fault)));
    }

    pub(super) fn heal(&self) {
        *self.plan.lock().unwrap() = Plan::default();
    }

    pub(super) fn hide_newest(&self, hidden: usize) {
        self.plan.lock().unwrap().hidden = hidden;
    }

    pub(super) fn set_away(&self) {
        self.plan.lock().unwrap().is_away = true;
    }

    /// Operations since the last [`FaultyStore::fail_at`] or [`FaultyStore::heal`].
    pub(super) fn operations(&self) -> usize {
        self.plan.lock().unwrap().operations
    }

    /// What happens now, if it is not what should.
    fn next(&self) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        plan.operations += 1;
        if plan.is_away {
            return Some(Fault::Fails);
        }
        let at = plan.operations;
        plan.fault.filter(|(when, _)| *when == at).map(|(_, fault)| fault)
    }

    async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.next() {
            None | Some(Fault::Torn) => work.await,
            Some(Fault::Fails) => Err(fault("it fails")),
            Some(Fault::AnswerLost) => {
                let _ = work.await;
                Err(fault("the answer is lost"))
            }
            Some(Fault::FailsForGood) => {
                self.set_away();
                Err(fault("it fails"))
            }
            Some(Fault::AnswerLostForGood) => {
                let _ = work.await;
                self.set_away();
                Err(fault("the answer is lost"))
            }
            Some(Fault::Hangs) => {
                self.notify_reached();
                std::future::pending().await
            }
            Some(Fault::Waits) => {
                self.notify_reached();
                let released = Arc::clone(&self.plan.lock().unwrap().released);
                released.notified().await;
                work.await
            }
        }
    }

    fn notify_reached(&self) {
        self.plan.lock().unwrap().reached.notify_one();
    }

    /// Done once an operation hangs or waits.
    pub(super) async fn reached(&self) {
        let reached = Arc::clone(&self.plan.lock().unwrap().reached);
        reached.notified().await;
    }

    /// Lets what waits go on.
    pub(super) fn release(&self) {
        self.plan.lock().unwrap().released.notify_one();
    }

    fn listed(
        &self,
        listed: BoxStream<'static, Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let hidden = self.plan.lock().unwrap().hidden;
        let store = self.clone();
        let all = async move {
            let mut all: Vec<ObjectMeta> = store.guard(listed.try_collect()).await?;
            all.sort_by(|a, b| a.location.cmp(&b.location));
            all.truncate(all.len().saturating_sub(hidden));
            Ok::<_, object_store::Error>(stream::iter(all.into_iter().map(Ok)))
        };
        all.into_stream().try_flatten().boxed()
    }
}

fn fault(what: &str) -> object_store::Error {
    object_store::Error::Generic { store: "faulty", source: what.into() }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

#[async_trait::async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.guard(self.inner.put_opts(path, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.guard(self.inner.put_multipart_opts(path, options)).await?;
        Ok(Box::new(FaultyUpload { store: self.clone(), upload }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        if let Some(Fault::Torn) = self.peek() {
            self.next();
            return self.torn(path, options).await;
        }
        self.guard(self.inner.get_opts(path, options)).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        paths
            .then(move |path| {
                let store = store.clone();
                async move {
                    let path = path?;
                    let inner = Arc::clone(&store.inner);
                    store.guard(async move { inner.delete(&path).await.map(|()| path) }).await
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listed(self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listed(self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.guard(self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.guard(self.inner.copy_opts(from, to, options)).await
    }
}

impl FaultyStore {
    /// What the next operation meets.
    fn peek(&self) -> Option<Fault> {
        let plan = self.plan.lock().unwrap();
        plan.fault.filter(|(when, _)| *when == plan.operations + 1).map(|(_, fault)| fault)
    }

    /// An answer of half the bytes that are there.
    async fn torn(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let whole = self.inner.get_opts(path, options).await?;
        let (meta, range, attributes) = (whole.meta.clone(), whole.range.clone(), whole.attributes.clone());
        let bytes = whole.bytes().await?;
        let half = bytes.slice(..bytes.len() / 2);
        let payload = object_store::GetResultPayload::Stream(stream::once(async { Ok(half) }).boxed());
        Ok(GetResult { payload, meta, range, attributes, extensions: Default::default() })
    }
}

#[derive(Debug)]
struct FaultyUpload {
    store: FaultyStore,
    upload: Box<dyn MultipartUpload>,
}

#[async_trait::async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (part, store) = (self.upload.put_part(data), self.store.clone());
        async move { store.guard(part).await }.boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.store.guard(self.upload.complete()).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.store.guard(self.upload.abort()).await
    }
}
