//! A moment as people write it, for `--since` and `?since=`: 2026-09-01, 2026-09-01T08:00:00+08:00, or seconds since 1970.

/// Seconds since 1970 of a moment. Without an offset it is UTC.
///
/// # Errors
/// What would be right.
pub(crate) fn seconds_since_1970(text: &str) -> Result<u64, String> {
    let wrong =
        || format!("{text:?} is no time; write 2026-09-01, 2026-09-01T08:00:00+08:00 or seconds since 1970");
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_err(|_| wrong());
    }
    moment(text).and_then(|seconds| u64::try_from(seconds).ok()).ok_or_else(wrong)
}

fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let [year, month, day] = numbers(date, '-')?;
    let days_of_month = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let most = *days_of_month.get(usize::try_from(month - 1).ok()?)?;
    if !(1..=most).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    let months_before: i64 = days_of_month.iter().take(usize::try_from(month - 1).ok()?).sum();
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let days = (year - 1970) * 365 + leaps(year - 1) - leaps(1969) + months_before + day - 1;
    let seconds = if time.is_empty() { 0 } else { time_of_day(time.strip_prefix(['T', ' '])?)? };
    Some(days * 86_400 + seconds)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Seconds since midnight UTC of 08:00, 08:00:00, 08:00:00Z or 08:00:00+08:00.
fn time_of_day(text: &str) -> Option<i64> {
    let end = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, offset) = text.split_at(end);
    let [hours, minutes, seconds] = match clock.matches(':').count() {
        1 => {
            let [hours, minutes] = numbers(clock, ':')?;
            [hours, minutes, 0]
        }
        _ => numbers(clock, ':')?,
    };
    let offset = match offset.split_at_checked(1) {
        None | Some(("Z", "")) => 0,
        Some((sign @ ("+" | "-"), offset)) => {
            let [hours, minutes] = numbers(offset, ':')?;
            let ahead = hours * 3_600 + minutes * 60;
            if sign == "+" { ahead } else { -ahead }
        }
        Some(_) => return None,
    };
    let is_time = hours < 24 && minutes < 60 && seconds < 60 && offset.abs() < 86_400;
    is_time.then_some(hours * 3_600 + minutes * 60 + seconds - offset)
}

/// So many numbers between separators.
fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let number =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    let found: Option<Vec<i64>> = text.split(separator).map(number).collect();
    found?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_nothing_else() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("1790000000", Some(1_790_000_000)),
            ("1970-01-01", Some(0)),
            ("2000-03-01", Some(951_868_800)),
            ("2024-02-29T00:00", Some(1_709_164_800)),
            ("2026-09-01T08:00:00+08:00", Some(1_788_220_800)),
            ("2026-09-01T00:00:00Z", Some(1_788_220_800)),
            ("2026-08-31 19:00:00-05:00", Some(1_788_220_800)),
            ("1970-01-01T00:00:00+08:00", None),
            ("2025-02-29", None),
            ("2025-13-01", None),
            ("2025-1-1", None),
            ("2026-09-01T24:00", None),
            ("2026-09-01T08:00:00 or so", None),
            ("99999999999999999999", None),
            ("yesterday", None),
            ("二〇二六年九月", None),
            ("", None),
        ] {
            assert_eq!(seconds_since_1970(text).ok(), seconds, "{text}");
        }
    }
}
