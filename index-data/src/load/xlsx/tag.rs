//! Takes a tag apart, as far as the scan needs it.

/// The name of an element without its name space.
pub(super) fn local_name(tag: &[u8]) -> &[u8] {
    let tag = tag.strip_prefix(b"/").unwrap_or(tag);
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/').unwrap_or(tag.len());
    let name = &tag[..end];
    name.rsplit(|&byte| byte == b':').next().unwrap_or(name)
}

/// The raw values of every attribute of this name, quoted or not, trimmed.
pub(super) fn attributes<'t>(tag: &'t [u8], wanted: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        loop {
            let equals = rest.iter().position(|&byte| byte == b'=')?;
            let key = rest[..equals].trim_ascii_end();
            let key = key.rsplit(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'')).next();
            let value = rest[equals + 1..].trim_ascii_start();
            let (value, after) = match value.first() {
                Some(&quote @ (b'"' | b'\'')) => {
                    let value = &value[1..];
                    let end = value.iter().position(|&byte| byte == quote).unwrap_or(value.len());
                    (&value[..end], value.get(end + 1..).unwrap_or_default())
                }
                _ => {
                    let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
                    value.split_at(end)
                }
            };
            rest = after;
            if key == Some(wanted) {
                return Some(value.trim_ascii());
            }
        }
    })
}
