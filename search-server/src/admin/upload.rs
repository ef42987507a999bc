//! Receives an org-tree file into the data directory, whatever its size, without holding it in memory.

use crate::config::ServeSettings;
use crate::error::{ApiError, texts};
use crate::jobs::SourceJson;
use axum::RequestExt;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use index_data::load::{ColumnMap, Format};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// A received file. It is deleted when dropped.
#[derive(Debug)]
pub(crate) struct Upload {
    path: TempPath,
    name: String,
    format: Format,
    bytes: u64,
    /// Locked as long as somebody in this process needs the file.
    _owned: File,
}

impl Upload {
    /// A file with this CSV text, as if it had been received.
    #[cfg(test)]
    pub(crate) fn of_text(settings: &ServeSettings, csv: &str) -> Self {
        let Created { file, path } = create_file(&uploads_dir(settings), Format::Csv).unwrap();
        std::fs::write(&path, csv).unwrap();
        Upload { path, name: "t.csv".to_owned(), format: Format::Csv, bytes: csv.len() as u64, _owned: file }
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What a job tells about its file.
    pub(crate) fn describe(&self) -> SourceJson {
        SourceJson { name: self.name.clone(), format: extension(self.format).into(), bytes: self.bytes }
    }

    /// A message about the file under the name its sender gave it: our paths are nobody's business.
    pub(crate) fn without_path(&self, message: &str) -> String {
        message.replace(&*self.path.to_string_lossy(), &self.name)
    }
}

/// The file of a job that ended without publishing it, to be published without being sent again.
pub(crate) struct KeptUpload {
    /// The job.
    pub(crate) job: String,
    pub(crate) upload: Upload,
    pub(crate) map: ColumnMap,
    pub(crate) since: Option<u64>,
}

/// A request whose body will be the file; what can be refused without the body has been checked.
pub(crate) struct UploadRequest {
    request: Request,
    /// The format asked for, or that of the content type.
    format: Option<Format>,
    is_form: bool,
    dir: PathBuf,
    max_bytes: u64,
    idle: Duration,
    deadline: Duration,
}

impl UploadRequest {
    /// Looks at the head of a request. A format that was asked for counts more than the type of the body.
    ///
    /// # Errors
    /// If the type of the body is unknown, or the announced length is over the limit.
    pub(crate) fn new(
        request: Request,
        format: Option<Format>,
        settings: &ServeSettings,
    ) -> Result<Self, ApiError> {
        let headers = request.headers();
        let content_type = content_type(headers);
        let is_form = content_type == "multipart/form-data";
        let format = format.or_else(|| format_of_type(&content_type));
        let is_plain =
            header(headers, CONTENT_ENCODING).is_none_or(|name| matches!(name, "identity" | "gzip"));
        if !is_plain || (format.is_none() && !is_form) {
            return Err(ApiError::new(&texts::UNSUPPORTED_FORMAT));
        }
        let max_bytes = settings.limits.upload_bytes;
        let announced = header(headers, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > max_bytes.saturating_add(FORM_OVERHEAD_BYTES)) {
            return Err(too_large(max_bytes));
        }
        let (idle, deadline) = (settings.limits.upload_idle, settings.limits.upload_deadline);
        Ok(UploadRequest { request, format, is_form, dir: uploads_dir(settings), max_bytes, idle, deadline })
    }

    /// Receives the file.
    ///
    /// # Errors
    /// If it does not come, is too large or empty, or cannot be kept.
    pub(crate) async fn receive(self) -> Result<Upload, ApiError> {
        let deadline = self.deadline;
        let too_slow = |_| ApiError::new(&texts::UPLOAD_TOO_SLOW).with("seconds", deadline.as_secs());
        timeout(deadline, self.receive_all()).await.map_err(too_slow)?
    }

    async fn receive_all(self) -> Result<Upload, ApiError> {
        if self.is_form { self.receive_form().await } else { self.receive_body().await }
    }

    async fn receive_body(self) -> Result<Upload, ApiError> {
        let format = self.format.ok_or_else(|| ApiError::new(&texts::UNSUPPORTED_FORMAT))?;
        let mut target = Target::create(self.dir, format, self.max_bytes).await?;
        let mut body: Body = self.request.into_limited_body();
        while let Some(frame) = in_time(self.idle, body.frame()).await? {
            let frame = frame.map_err(|error| broken_body(&error, self.max_bytes))?;
            if let Ok(data) = frame.into_data() {
                target.write(&data).await?;
            }
        }
        target.finish(format!("upload.{}", extension(format))).await
    }

    async fn receive_form(self) -> Result<Upload, ApiError> {
        let form = Multipart::from_request(self.request, &()).await;
        let mut form = form.map_err(|error| bad_body(&error.body_text()))?;
        let max_bytes = self.max_bytes;
        while let Some(field) = in_time(self.idle, form.next_field())
            .await?
            .map_err(|error| broken_form(&error.body_text(), error.status().as_u16(), max_bytes))?
        {
            if field.name() == Some("file") {
                return receive_field(field, self.format, self.dir, max_bytes, self.idle).await;
            }
        }
        Err(ApiError::new(&texts::NO_FILE))
    }
}

/// What a form may add around its file: boundaries, headers, small fields.
pub(crate) const FORM_OVERHEAD_BYTES: u64 = 64 << 10;

/// Deletes uploads that a killed process left behind. Those of a live process are locked, and stay.
pub(crate) fn remove_abandoned(settings: &ServeSettings) {
    if settings.index.data_dir.is_none() {
        return;
    }
    let Ok(entries) = std::fs::read_dir(uploads_dir(settings)) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let path = entry.path();
        // Removed while it is locked: nobody can take it for theirs in between.
        let Ok(file) = File::open(&path) else { continue };
        if file.try_lock().is_ok() {
            match std::fs::remove_file(&path) {
                Ok(()) => tracing::warn!("removed {}, which a killed process left behind", path.display()),
                Err(error) => tracing::warn!(%error, "cannot remove {}: {error}", path.display()),
            }
        }
    }
}

async fn receive_field(
    mut field: Field<'_>,
    format: Option<Format>,
    dir: PathBuf,
    max_bytes: u64,
    idle: Duration,
) -> Result<Upload, ApiError> {
    let name = field.file_name().map(safe_name).unwrap_or_default();
    let of_type = || field.content_type().and_then(format_of_type);
    let format = format.or_else(|| Format::from_path(Path::new(&name)).ok()).or_else(of_type);
    let format = format.ok_or_else(|| ApiError::new(&texts::UNSUPPORTED_FORMAT))?;
    let mut target = Target::create(dir, format, max_bytes).await?;
    while let Some(data) = in_time(idle, field.chunk())
        .await?
        .map_err(|error| broken_form(&error.body_text(), error.status().as_u16(), max_bytes))?
    {
        target.write(&data).await?;
    }
    let name = if name.is_empty() { format!("upload.{}", extension(format)) } else { name };
    target.finish(name).await
}

/// The file being written.
struct Target {
    file: tokio::fs::File,
    path: TempPath,
    format: Format,
    bytes: u64,
    max_bytes: u64,
}

impl Target {
    async fn create(dir: PathBuf, format: Format, max_bytes: u64) -> Result<Self, ApiError> {
        let created = tokio::task::spawn_blocking(move || create_file(&dir, format)).await;
        let Created { file, path } = created.map_err(ApiError::internal)?.map_err(ApiError::storage)?;
        Ok(Target { file: tokio::fs::File::from_std(file), path, format, bytes: 0, max_bytes })
    }

    async fn write(&mut self, data: &Bytes) -> Result<(), ApiError> {
        self.bytes += data.len() as u64;
        if self.bytes > self.max_bytes {
            return Err(too_large(self.max_bytes));
        }
        self.file.write_all(data).await.map_err(ApiError::storage)
    }

    async fn finish(mut self, name: String) -> Result<Upload, ApiError> {
        if self.bytes == 0 {
            return Err(ApiError::new(&texts::EMPTY_FILE));
        }
        self.file.flush().await.map_err(ApiError::storage)?;
        let owned = self.file.into_std().await;
        Ok(Upload { path: self.path, name, format: self.format, bytes: self.bytes, _owned: owned })
    }
}

const PREFIX: &str = "upload-";

/// A new file, locked.
struct Created {
    file: File,
    path: TempPath,
}

fn create_file(dir: &Path, format: Format) -> io::Result<Created> {
    /// A process that starts just now may take the file for abandoned before it is locked; hardly twice.
    const TRIES: usize = 8;
    std::fs::create_dir_all(dir)?;
    // The loader tells the format from the extension.
    let suffix = format!(".{}", extension(format));
    for _ in 0..TRIES {
        let (file, path) =
            tempfile::Builder::new().prefix(PREFIX).suffix(&suffix).tempfile_in(dir)?.into_parts();
        match file.try_lock() {
            Ok(()) if path.exists() => return Ok(Created { file, path }),
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other("other processes remove every new upload"))
}

fn uploads_dir(settings: &ServeSettings) -> PathBuf {
    settings.index.data_dir.as_ref().map_or_else(std::env::temp_dir, |dir| dir.join("uploads"))
}

/// The formats that an upload may have.
pub(crate) const FORMATS: [Format; 4] = [Format::Csv, Format::Tsv, Format::Jsonl, Format::Xlsx];

/// The name of a format in requests and answers, and at the end of a file's name.
pub(crate) fn extension(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Tsv => "tsv",
        Format::Jsonl => "jsonl",
        Format::Xlsx => "xlsx",
    }
}

/// # Errors
/// If there is no such format.
pub(super) fn named_format(name: &str) -> Result<Format, ApiError> {
    let found = FORMATS.into_iter().find(|format| extension(*format) == name);
    let error = ApiError::new(&texts::BAD_CHOICE).with("parameter", "format");
    found.ok_or_else(|| error.with("choices", FORMATS.map(extension).join(", ")).with("value", name))
}

fn format_of_type(content_type: &str) -> Option<Format> {
    match media_type(content_type).as_str() {
        "text/csv" | "application/csv" => Some(Format::Csv),
        "text/tab-separated-values" => Some(Format::Tsv),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => {
            Some(Format::Jsonl)
        }
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(Format::Xlsx),
        _ => None,
    }
}

fn content_type(headers: &HeaderMap) -> String {
    media_type(header(headers, CONTENT_TYPE).unwrap_or_default())
}

/// A content type without its parameters.
fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn header(headers: &HeaderMap, name: axum::http::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A file's name from a form, without folders and without anything unreadable.
fn safe_name(name: &str) -> String {
    const MAX_CHARS: usize = 100;
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let skip = base.chars().count().saturating_sub(MAX_CHARS);
    base.chars().skip(skip).filter(|c| !c.is_control()).collect()
}

async fn in_time<T>(idle: Duration, next: impl Future<Output = T>) -> Result<T, ApiError> {
    let stalled = |_| ApiError::new(&texts::UPLOAD_STALLED).with("seconds", idle.as_secs());
    timeout(idle, next).await.map_err(stalled)
}

fn too_large(max_bytes: u64) -> ApiError {
    ApiError::new(&texts::BODY_TOO_LARGE).with("max", max_bytes)
}

fn bad_body(cause: &str) -> ApiError {
    ApiError::new(&texts::BAD_BODY).with("cause", cause)
}

fn broken_form(cause: &str, status: u16, max_bytes: u64) -> ApiError {
    if status == texts::BODY_TOO_LARGE.status { too_large(max_bytes) } else { bad_body(cause) }
}

fn broken_body(error: &axum::Error, max_bytes: u64) -> ApiError {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = source {
        if cause.is::<http_body_util::LengthLimitError>() {
            return too_large(max_bytes);
        }
        source = cause.source();
    }
    bad_body(&error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uploads_of_dead_processes_are_removed() {
        let data = tempfile::tempdir().unwrap();
        let index =
            crate::config::IndexSettings { data_dir: Some(data.path().to_owned()), ..Default::default() };
        let settings = ServeSettings { index, ..ServeSettings::default() };
        let alive = Upload::of_text(&settings, "id,name\n");
        let dir = uploads_dir(&settings);
        let (dead, other) = (dir.join("upload-dead.csv"), dir.join("notes.txt"));
        std::fs::write(&dead, "id").unwrap();
        std::fs::write(&other, "mine").unwrap();
        remove_abandoned(&settings);
        assert!(alive.path().exists() && other.exists() && !dead.exists());
        let path = alive.path().to_owned();
        drop(alive);
        assert!(!path.exists());
    }

    #[test]
    fn names_of_uploads_are_harmless() {
        for (given, expected) in [
            ("orgs.csv", "orgs.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\导出\\组织.xlsx", "组织.xlsx"),
            ("a\u{0}\n.csv", "a.csv"),
        ] {
            assert_eq!(safe_name(given), expected);
        }
    }

    #[test]
    fn content_types_tell_the_format() {
        for (content_type, expected) in [
            ("text/csv; charset=utf-8", Some(Format::Csv)),
            ("Application/X-NDJSON", Some(Format::Jsonl)),
            ("text/tab-separated-values", Some(Format::Tsv)),
            ("application/octet-stream", None),
            ("", None),
        ] {
            assert_eq!(format_of_type(content_type), expected, "{content_type}");
        }
    }
}
