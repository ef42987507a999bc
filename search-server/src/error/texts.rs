//! Every problem the service can answer with: its code, its status and its words, in one table.
//!
//! Words in braces are filled in from the arguments of the [`super::ApiError`].

use crate::language::Text;

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code. Several problems may share one when a program would treat them alike.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A short name of the problem, always the same for the same kind.
    pub title: Text,
    /// What is wrong with this very request, and what would be right.
    pub detail: Text,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $code:literal $status:literal,
        zh $title_zh:literal : $detail_zh:literal, en $title_en:literal : $detail_en:literal;)+) => {
        $($(#[$doc])* pub const $name: Problem = Problem {
            code: $code,
            status: $status,
            title: Text { zh: $title_zh, en: $title_en },
            detail: Text { zh: $detail_zh, en: $detail_en },
        };)+

        /// All problems.
        pub const ALL: &[&Problem] = &[$(&$name),+];
    };
}

problems! {
    /// A parameter that must be there is not.
    MISSING_PARAMETER = "missing_parameter" 400,
        zh "缺少参数": "请求缺少参数 {parameter}。",
        en "Missing parameter": "The parameter {parameter} is missing.";
    /// A number that is none, or is out of its range.
    BAD_NUMBER = "invalid_parameter" 400,
        zh "参数无效": "参数 {parameter} 应为 {min} 到 {max} 之间的整数，收到的是“{value}”。",
        en "Invalid parameter": "The parameter {parameter} must be a whole number from {min} to {max}, not \"{value}\".";
    /// A fraction that is none, or is out of its range.
    BAD_FRACTION = "invalid_parameter" 400,
        zh "参数无效": "参数 {parameter} 应为 {min} 到 {max} 之间的数，收到的是“{value}”。",
        en "Invalid parameter": "The parameter {parameter} must be a number from {min} to {max}, not \"{value}\".";
    /// A switch that is neither true nor false.
    BAD_SWITCH = "invalid_parameter" 400,
        zh "参数无效": "参数 {parameter} 应为 true 或 false，收到的是“{value}”。",
        en "Invalid parameter": "The parameter {parameter} must be true or false, not \"{value}\".";
    /// A word outside a closed list.
    BAD_CHOICE = "invalid_parameter" 400,
        zh "参数无效": "参数 {parameter} 只能取 {choices}，收到的是“{value}”。",
        en "Invalid parameter": "The parameter {parameter} takes only {choices}, not \"{value}\".";
    /// A value of a filter that no organization has.
    UNKNOWN_VALUE = "invalid_parameter" 400,
        zh "参数无效": "没有组织的 {parameter} 是“{value}”；可以是：{choices}。",
        en "Invalid parameter": "No organization has the {parameter} \"{value}\"; there are: {choices}.";
    /// More values than a filter may have.
    TOO_MANY_VALUES = "invalid_parameter" 400,
        zh "参数无效": "参数 {parameter} 最多 {max} 个值。",
        en "Invalid parameter": "The parameter {parameter} takes at most {max} values.";
    /// A `map` that the loader refuses.
    BAD_MAP = "invalid_parameter" 400,
        zh "参数无效": "参数 map 无法使用：{cause}。",
        en "Invalid parameter": "The parameter map cannot be used: {cause}.";
    /// A moment that is none.
    BAD_TIME = "invalid_parameter" 400,
        zh "参数无效": "参数 {parameter} 应为时间，例如 2026-09-01、2026-09-01T08:00:00+08:00，或 1970 年以来的秒数（{cause}）。",
        en "Invalid parameter": "The parameter {parameter} cannot be used: {cause}.";
    /// A path that is not text.
    BAD_PATH = "invalid_path" 400,
        zh "路径无效": "请求路径无法读取：其中的转义字符不是 UTF-8。",
        en "Invalid path": "The path cannot be read: its escapes are not UTF-8.";
    /// A body that cannot be read as what it says it is.
    BAD_BODY = "invalid_body" 400,
        zh "请求体无效": "无法读取请求体：{cause}。",
        en "Invalid body": "The body cannot be read: {cause}.";
    /// A multipart upload without the field `file`.
    NO_FILE = "invalid_body" 400,
        zh "请求体无效": "表单中没有名为 file 的文件。",
        en "Invalid body": "The form has no file named \"file\".";
    /// An upload without a single byte.
    EMPTY_FILE = "invalid_body" 400,
        zh "请求体无效": "上传的文件是空的。",
        en "Invalid body": "The uploaded file is empty.";
    /// A query of too many characters.
    QUERY_TOO_LONG = "query_too_long" 400,
        zh "查询过长": "查询有 {length} 个字符，最多 {max} 个。",
        en "Query too long": "The query has {length} characters; at most {max} are taken.";
    /// A field of a record with too many characters.
    FIELD_TOO_LONG = "query_too_long" 400,
        zh "查询过长": "字段 {field} 有 {length} 个字符，最多 {max} 个。",
        en "Query too long": "The field {field} has {length} characters; at most {max} are taken.";
    /// A query of a batch that is something else.
    QUERY_NO_OBJECT = "invalid_query" 400,
        zh "查询无效": "每条查询应为一个 JSON 对象。",
        en "Invalid query": "Each query must be a JSON object.";
    /// A key that cannot be given back.
    BAD_KEY = "invalid_query" 400,
        zh "查询无效": "key 应为字符串或数字。",
        en "Invalid query": "The key must be a string or a number.";
    /// A field that is no text.
    FIELD_NO_TEXT = "invalid_query" 400,
        zh "查询无效": "字段 {field} 应为字符串。",
        en "Invalid query": "The field {field} must be a string.";
    /// A record that says nothing.
    NO_NAME_NO_CODE = "invalid_query" 400,
        zh "查询无效": "name 和 code 至少要有一个。",
        en "Invalid query": "There must be a name or a code.";
    /// More columns beside the known ones than are compared.
    TOO_MANY_COLUMNS = "invalid_query" 400,
        zh "查询无效": "其他列有 {length} 列，最多 {max} 列。",
        en "Invalid query": "There are {length} other columns; at most {max} are taken.";
    /// A cursor that cannot be read, or is of another query.
    INVALID_CURSOR = "invalid_cursor" 400,
        zh "翻页标记无效": "cursor 与这次查询不符；请从第一页重新查询。",
        en "Invalid cursor": "The cursor does not belong to this request; search again from the first page.";
    /// No key, or a wrong one.
    UNAUTHORIZED = "unauthorized" 401,
        zh "未获授权": "管理接口需要正确的密钥：Authorization: Bearer <密钥>。",
        en "Unauthorized": "The admin routes need the right key: Authorization: Bearer <key>.";
    /// A batch of changes with a key that is none.
    BAD_CHANGES_KEY = "invalid_body" 400,
        zh "请求体无效": "key 应为 1 到 {max} 个字节的字符串。",
        en "Invalid body": "The key must be a string of 1 to {max} bytes.";
    /// A batch of more changes than are taken at once.
    TOO_MANY_CHANGES = "too_many_changes" 413,
        zh "变更过多": "这一批有 {found} 项变更，一次最多 {max} 项。",
        en "Too many changes": "The batch has {found} changes; at most {max} are taken at once.";
    /// A batch of changes of which one cannot be made.
    INVALID_CHANGES = "invalid_changes" 422,
        zh "变更无法执行": "发现 {count} 个问题，整批变更均未执行。第一个：{first}。",
        en "Changes that cannot be made": "{count} problems were found, and nothing was changed. The first: {first}.";
    /// An entry of the store's log would be larger than anybody reads.
    CHANGES_TOO_LARGE = "body_too_large" 413,
        zh "这一批变更过大": "这一批变更无法写入 {store}：{cause}。请分成几批。",
        en "Batch too large": "The batch cannot be put into {store}: {cause}. Send it in parts.";
    /// The store did not take a batch, or its answer was lost.
    STORE_UNAVAILABLE = "store_unavailable" 503,
        zh "对象存储未确认": "{store} 未确认这一批变更（{cause}）。请稍后用同一个 key 重新发送。",
        en "Not acknowledged by the store": "{store} has not taken the batch: {cause}. Send it again later, with the same key.";
    /// Another writer goes on in the place of this server.
    TAKEN_OVER = "taken_over" 409,
        zh "另有写入端": "另一个写入端已接管 {store}（{cause}）。请把变更发往那里；本服务重启前不再接受变更。",
        en "Another writer": "Another writer publishes to {store}: {cause}. Send changes there; this server takes none until it is restarted.";
    /// A key that an earlier batch of other changes had.
    KEY_REUSED = "key_reused" 409,
        zh "key 已用于另一批变更": "key“{key}”已用于另一批变更；新的一批请换一个 key。",
        en "Key reused": "The key \"{key}\" was used for another batch; a new batch needs a new key.";
    /// A batch of changes that comes while a generation is built for another one.
    CHANGES_QUEUED = "changes_queued" 503,
        zh "前一批变更尚未生效": "第 {sequence} 批变更（key“{key}”）涉及组织过多，正在为它重建索引；生效后请再发送。",
        en "Changes queued": "A generation is being built for batch {sequence} (key \"{key}\"); send this one again when that is searched.";
    /// No such route.
    NOT_FOUND = "not_found" 404,
        zh "没有这个地址": "没有 {path} 这个地址。",
        en "Not found": "There is no route {path}.";
    /// No organization with an id.
    UNKNOWN_ORG = "unknown_org" 404,
        zh "没有这个组织": "没有 id 为“{id}”的组织。",
        en "Unknown organization": "There is no organization with the id \"{id}\".";
    /// No such job.
    UNKNOWN_JOB = "unknown_job" 404,
        zh "没有这个任务": "没有 id 为“{id}”的任务；只保留最近的任务。",
        en "Unknown job": "There is no job with the id \"{id}\"; only the latest are remembered.";
    /// A job without a difference.
    NO_DIFFERENCE = "no_difference" 404,
        zh "没有差异清单": "任务 {id} 没有差异清单。",
        en "No difference": "Job {id} has no list of changes.";
    /// No such generation.
    UNKNOWN_GENERATION = "unknown_generation" 404,
        zh "没有这个版本": "没有索引版本“{wanted}”；现有：{present}。",
        en "Unknown generation": "There is no generation \"{wanted}\"; there are: {present}.";
    /// A rollback where no generation was live before.
    NO_FORMER_GENERATION = "unknown_generation" 404,
        zh "没有更早的版本": "当前版本之前没有可以恢复的索引版本；现有：{present}。",
        en "No earlier generation": "There is no generation before the live one; there are: {present}.";
    /// Right address, wrong method.
    METHOD_NOT_ALLOWED = "method_not_allowed" 405,
        zh "方法不允许": "地址 {path} 不支持 {method} 方法。",
        en "Method not allowed": "{path} does not take {method}.";
    /// A body that comes too slowly.
    BODY_TIMEOUT = "body_timeout" 408,
        zh "请求体超时": "请求体在 {ms} 毫秒内没有收完，已放弃。",
        en "Body timeout": "The body was not complete after {ms} ms; it was given up.";
    /// An upload that stopped coming.
    UPLOAD_STALLED = "upload_stalled" 408,
        zh "上传中断": "上传已有 {seconds} 秒没有数据，已放弃。",
        en "Upload stalled": "No byte of the upload came for {seconds} seconds; it was given up.";
    /// An upload that comes too slowly.
    UPLOAD_TOO_SLOW = "upload_stalled" 408,
        zh "上传中断": "上传在 {seconds} 秒内没有完成，已放弃。",
        en "Upload stalled": "The upload was not complete after {seconds} seconds; it was given up.";
    /// A reindex while another runs.
    REINDEX_RUNNING = "reindex_running" 409,
        zh "正在重建索引": "任务 {id} 正在进行，请等它结束。",
        en "Reindex running": "Job {id} is under way; wait until it is done.";
    /// A file that the gate refused, published without force.
    GATE_REFUSED = "gate_refused" 409,
        zh "未通过检查": "任务 {id} 的文件与现有组织差别过大，未获通过；请看 report，确认无误后加 force=true 再发布。",
        en "Refused by the gate": "The gate refused the file of job {id}: it takes away more than is allowed. Look at the report, and publish it with force=true if that is right.";
    /// A job whose file is no longer there.
    UPLOAD_GONE = "upload_gone" 409,
        zh "文件已不在": "任务 {id} 的文件已不在服务器上，请重新上传。",
        en "The file is gone": "The server does not have the file of job {id} any more; send it again.";
    /// A job that has ended cannot be cancelled.
    JOB_FINISHED = "job_finished" 409,
        zh "任务已结束": "任务 {id} 已经结束，无法取消。",
        en "Job finished": "Job {id} has ended and cannot be cancelled.";
    /// The directory is written by another process.
    INDEX_BUSY = "index_busy" 409,
        zh "索引正被写入": "另一个进程正在写入索引，请等它结束。",
        en "Index busy": "Another process is writing the index; wait until it is done.";
    /// An engine in memory has no history.
    NO_HISTORY = "no_history" 409,
        zh "没有历史版本": "索引只在内存中，没有可以退回的版本。",
        en "No history": "The index lives in memory and has no earlier generation.";
    /// A cursor of an earlier generation.
    STALE_CURSOR = "stale_cursor" 410,
        zh "翻页标记已过期": "索引已更新，cursor 不再有效；请从第一页重新查询。",
        en "Stale cursor": "The index was replaced since the cursor was made; search again from the first page.";
    /// A body larger than its limit.
    BODY_TOO_LARGE = "body_too_large" 413,
        zh "请求体过大": "请求体超过 {max} 字节。",
        en "Body too large": "The body has more than {max} bytes.";
    /// More records than a batch may hold.
    BATCH_TOO_LARGE = "batch_too_large" 413,
        zh "一批过多": "这一批有 {length} 条查询，最多 {max} 条。",
        en "Batch too large": "The batch has {length} queries; at most {max} are taken.";
    /// A file of unknown format.
    UNSUPPORTED_FORMAT = "unsupported_format" 415,
        zh "文件格式未知": "看不出文件格式；请用 ?format=csv|tsv|jsonl|xlsx 说明。",
        en "Unknown file format": "The file's format is unknown; say it with ?format=csv|tsv|jsonl|xlsx.";
    /// Our own fault.
    INTERNAL = "internal" 500,
        zh "服务器内部错误": "服务器出错了；请把 request_id 告诉管理员。",
        en "Internal error": "The server made a mistake; tell its operator the request_id.";
    /// A generation is live that a power failure may take back.
    NOT_DURABLE = "not_durable" 500,
        zh "版本已生效，但未确认写入": "索引版本“{generation}”已经生效，但磁盘没有确认写入；断电后可能会失去它。",
        en "Live, but not confirmed": "Generation {generation} is live, but the disk did not confirm it; it may be lost in a power failure.";
    /// More requests than one client may send.
    RATE_LIMITED = "rate_limited" 429,
        zh "请求过于频繁": "请求过于频繁，请在 {seconds} 秒后再试。",
        en "Too many requests": "Too many requests from here; try again in {seconds} s.";
    /// A client that tries one admin key after another.
    TOO_MANY_GUESSES = "rate_limited" 429,
        zh "密钥错误次数过多": "错误的密钥过多，请在 {seconds} 秒后再试。",
        en "Too many wrong keys": "Too many wrong keys from here; try again in {seconds} s.";
    /// Too many searches wait already.
    OVERLOADED = "overloaded" 503,
        zh "服务繁忙": "同时查询的人太多，请稍后再试。",
        en "Overloaded": "Too many searches at once; try again shortly.";
    /// More uploads than are received at once.
    TOO_MANY_UPLOADS = "too_many_uploads" 503,
        zh "上传过多": "正在接收 {max} 个上传，请等其中一个结束。",
        en "Too many uploads": "{max} uploads are being received; wait until one of them is done.";
    /// A search past its deadline.
    TIMEOUT = "timeout" 503,
        zh "查询超时": "查询在 {ms} 毫秒内没有完成，请稍后再试。",
        en "Timeout": "The search was not done within {ms} ms; try again shortly.";
    /// A record of a batch that was not reached in time.
    RECORD_TIMEOUT = "timeout" 503,
        zh "查询超时": "没有来得及处理，请稍后再发。",
        en "Timeout": "There was no time left for it; send it again.";
    /// No generation yet.
    NO_GENERATION = "not_ready" 503,
        zh "尚未就绪": "还没有索引；请先导入组织数据。",
        en "Not ready": "There is no index yet; load an org tree first.";
    /// The warm-up query has not run yet.
    WARMING_UP = "not_ready" 503,
        zh "尚未就绪": "服务正在预热。",
        en "Not ready": "The server is warming up.";
    /// A replica has not seen for long that it serves the newest generation.
    LAGGING = "lagging" 503,
        zh "数据滞后": "本服务跟随 {store}，但已有 {lag} 秒未能确认所提供的是最新数据，超过了允许的时长。",
        en "Lagging": "This server follows {store}, and has not seen for {lag} seconds, more than allowed, that it serves the newest generation.";
    /// A replica changes nothing by itself.
    FOLLOWING = "following" 409,
        zh "本服务只跟随": "本服务跟随 {store}，不能在此更改；请在写入端导入，再用 orgsearch publish 发布。",
        en "This server follows": "This server follows {store} and changes nothing by itself; reindex on the writer, and run orgsearch publish there.";
    /// The server is about to stop.
    DRAINING = "not_ready" 503,
        zh "即将停止": "服务即将停止，不再接收新的请求。",
        en "Not ready": "The server is about to stop.";
    /// The disk has no room.
    NO_SPACE = "no_space" 507,
        zh "磁盘空间不足": "磁盘空间不足：可用 {free} 字节，约需 {needed} 字节。",
        en "No space left": "There is not enough room on the disk: {free} bytes are free, about {needed} are needed.";
    /// The disk refuses an upload.
    STORAGE = "storage" 507,
        zh "无法保存上传": "上传的文件无法写入磁盘。",
        en "Cannot store the upload": "The uploaded file cannot be written to disk.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        for problem in ALL {
            assert_eq!(placeholders(problem.detail.zh), placeholders(problem.detail.en), "{}", problem.code);
        }
    }

    #[test]
    fn problems_of_one_code_share_a_status() {
        for problem in ALL {
            let same = ALL.iter().filter(|other| other.code == problem.code);
            assert!(same.clone().all(|other| other.status == problem.status), "{}", problem.code);
        }
    }
}
