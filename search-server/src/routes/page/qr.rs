//! A QR code as SVG, drawn here: no picture is fetched, and the page needs no inline style.

use super::html::Html;
use qrcode::{Color, EcLevel, QrCode};

/// The white border that readers of codes need, in modules.
const QUIET_ZONE: usize = 4;

/// Appends the code of a text, or nothing if the text is too long for one.
pub(super) fn qr(html: &mut Html, text: &str, label: &str) {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return };
    let size = (code.width() + 2 * QUIET_ZONE).to_string();
    html.markup("<svg class=\"qr\" role=\"img\" viewBox=\"0 0 ").text(&size).markup(" ").text(&size);
    html.markup("\" shape-rendering=\"crispEdges\"><title>").text(label);
    html.markup("</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path fill=\"#000\" d=\"");
    html.text(&modules(&code)).markup("\"/></svg>\n");
}

/// The dark modules as a path: each run of a row is a bar one module high.
fn modules(code: &QrCode) -> String {
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(code.width().max(1)).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                path.push_str(&format!("M{left} {top}h{length}v1h-{length}z"));
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_draws_exactly_the_dark_modules() {
        let code = QrCode::with_error_correction_level("https://org.example.cn/o/1", EcLevel::M).unwrap();
        let size = code.width();
        let mut drawn = vec![Color::Light; size * size];
        for bar in modules(&code).split('M').skip(1) {
            let numbers: Vec<usize> = bar
                .split(|c: char| !c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .map(|part| part.parse().unwrap())
                .collect();
            let (x, y, length) = (numbers[0] - QUIET_ZONE, numbers[1] - QUIET_ZONE, numbers[2]);
            drawn[y * size + x..y * size + x + length].fill(Color::Dark);
        }
        assert!(drawn == code.to_colors());
    }

    #[test]
    fn a_text_that_is_too_long_has_no_code() {
        let mut html = Html::default();
        qr(&mut html, &"x".repeat(5_000), "code");
        assert_eq!(html.finish(), "");
    }
}
