//! The reliability plot: probabilities against the share of first candidates that are right, as an SVG.

use super::calibration::Calibration;
use std::fmt::Write;

const SIZE: f64 = 400.0;
const MARGIN: f64 = 50.0;

/// A plot of ten points, each as large as its share of records, over the line where both agree.
pub(super) fn plot(calibration: &Calibration) -> String {
    let x = |share: f64| MARGIN + share * SIZE;
    let y = |share: f64| MARGIN + (1.0 - share) * SIZE;
    let side = SIZE + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\n\
         <rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{SIZE}\" height=\"{SIZE}\" fill=\"none\" stroke=\"#888\"/>\n\
         <line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#888\" stroke-dasharray=\"4\"/>\n",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    for bucket in &calibration.buckets {
        let (Some(predicted), Some(right)) = (bucket.predicted, bucket.right) else { continue };
        let share = bucket.n as f64 / calibration.n.max(1) as f64;
        let radius = 3.0 + 20.0 * share.sqrt();
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\" fill=\"#2563eb\" fill-opacity=\"0.6\">\
             <title>{} records: predicted {predicted:.3}, right {right:.3}</title></circle>",
            x(predicted),
            y(right),
            bucket.n
        );
    }
    for tick in [0.0, 0.5, 1.0] {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}</text>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            x(tick),
            y(0.0) + 18.0,
            x(0.0) - 6.0,
            y(tick) + 4.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">probability of the first candidate</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">share that is right; expected calibration error {:.4}</text>\n</svg>",
        x(0.5),
        y(0.0) + 36.0,
        x(0.5),
        MARGIN - 16.0,
        calibration.expected_calibration_error
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::super::calibration::CalibrationTally;
    use super::*;

    #[test]
    fn each_bucket_with_records_is_a_point() {
        let mut tally = CalibrationTally::default();
        tally.add(Some(0.05), false);
        tally.add(Some(0.95), true);
        let svg = plot(&tally.calibration());
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    }
}
