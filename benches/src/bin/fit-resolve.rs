//! Fits the model of `resolve` (`search-core/data/resolve_model.tsv`) on features of records with known answers.
//!
//! ```text
//! orgsearch generate --orgs 200000 --seed 11 --to tree.csv --records records.tsv
//! orgsearch reindex --data D --from tree.csv
//! orgsearch evaluate --data D --resolve records.tsv --features features.tsv
//! cargo run --release -p orgsearch-benches --bin fit-resolve -- --features features.tsv --to search-core/data/resolve_model.tsv
//! ```
//! The model is a conditional logit with one outside choice (McFadden 1974), fitted by Newton's method to the greatest
//! likelihood with a small ridge. Records that nobody can decide take no part.

use clap::Parser;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The strength of the ridge: it keeps weights finite where a feature never errs.
const RIDGE: f64 = 1.0;
const ITERATIONS: usize = 60;
/// The share of records without an organization that probabilities are shifted to before thresholds are read off: the
/// default of the product.
const EXPECTED_NONE: f64 = 0.2;
const PRECISIONS: [f64; 7] = [0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999];

/// Fits the model of `resolve`.
#[derive(Parser)]
struct Arguments {
    /// Features of candidates, as `orgsearch evaluate --resolve … --features FILE` writes them; several are pooled.
    #[arg(long, required = true)]
    features: Vec<PathBuf>,
    /// The model file.
    #[arg(long)]
    to: PathBuf,
    /// The version that the model gets.
    #[arg(long, default_value_t = 1)]
    version: u32,
    /// What the features were measured on, for the head of the file.
    #[arg(long, default_value = "")]
    source: String,
}

/// One record: the features of its candidates, and which of them is right.
#[derive(Default)]
struct Choice {
    /// Those that nothing contradicts.
    candidates: Vec<Vec<f64>>,
    /// Those that something contradicts. The likeliest of them counts as none.
    ruled_out: Vec<Vec<f64>>,
    right: Option<usize>,
    is_ambiguous: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut names = Vec::new();
    let mut choices = Vec::new();
    for path in &arguments.features {
        choices.extend(read(&std::fs::read_to_string(path)?, &mut names)?);
    }
    choices.retain(|choice| !choice.is_ambiguous);
    let without = choices.iter().filter(|choice| choice.right.is_none()).count();
    let share = without as f64 / choices.len().max(1) as f64;
    let weights = fit(&choices, names.len());
    let model = model_file(&arguments, &names, &weights, share, &choices);
    std::fs::write(&arguments.to, &model)?;
    println!("{} records, {without} without an organization\n{model}", choices.len());
    Ok(())
}

/// Reads lines of `line, right, ambiguous, features`; the lines of one record stand together.
fn read(text: &str, names: &mut Vec<String>) -> Result<Vec<Choice>, Box<dyn Error>> {
    let mut lines = text.lines();
    let header: Vec<String> =
        lines.next().ok_or("no header")?.split('\t').skip(4).map(str::to_owned).collect();
    if !names.is_empty() && *names != header {
        return Err("the files have other features".into());
    }
    *names = header;
    let mut choices: BTreeMap<usize, Choice> = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let [at, right, ambiguous, possible, features @ ..] = &cells[..] else {
            return Err("a line is too short".into());
        };
        let choice = choices.entry(at.parse()?).or_default();
        choice.is_ambiguous = *ambiguous == "1";
        if features.is_empty() {
            continue;
        }
        let features = features.iter().map(|value| value.parse()).collect::<Result<_, _>>()?;
        match (*possible, *right) {
            ("1", "1") => {
                choice.right = Some(choice.candidates.len());
                choice.candidates.push(features);
            }
            ("1", _) => choice.candidates.push(features),
            _ => choice.ruled_out.push(features),
        }
    }
    Ok(choices.into_values().collect())
}

/// The alternatives of a record: its candidates, then those that count as none of them. Each row ends with 1 where it is
/// none, so that the last weight is the score of none.
fn alternatives(choice: &Choice, weights: &[f64]) -> Vec<Vec<f64>> {
    let len = weights.len();
    let with = |row: &Vec<f64>, none: f64| row.iter().copied().chain([none]).collect::<Vec<f64>>();
    let mut rows: Vec<Vec<f64>> = choice.candidates.iter().map(|row| with(row, 0.0)).collect();
    let mut none = vec![0.0; len];
    none[len - 1] = 1.0;
    rows.push(none);
    let likeliest = choice.ruled_out.iter().max_by(|a, b| dot(a, weights).total_cmp(&dot(b, weights)));
    rows.extend(likeliest.map(|row| with(row, 0.0)));
    rows
}

/// The probability of each alternative, those that count as none shifted.
fn probabilities(rows: &[Vec<f64>], candidates: usize, weights: &[f64], shift: f64) -> Vec<f64> {
    let shift_of = |at: usize| if at < candidates { 0.0 } else { shift };
    let scores: Vec<f64> =
        rows.iter().enumerate().map(|(at, row)| dot(row, weights) + shift_of(at)).collect();
    let most = scores.iter().copied().fold(f64::MIN, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
    scores.iter().map(|score| (score - most).exp() / sum).collect()
}

/// The alternatives that are right: one candidate, or all that count as none.
fn right_ones(choice: &Choice, alternatives: usize) -> std::ops::Range<usize> {
    choice.right.map_or(choice.candidates.len()..alternatives, |at| at..at + 1)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Newton's method with halved steps. The curvature is that of the denominator alone, which is never less than the true
/// one, so that each step gains (Böhning and Lindsay 1988).
fn fit(choices: &[Choice], features: usize) -> Vec<f64> {
    let len = features + 1;
    let mut weights = vec![0.0; len];
    let mut loss = loss_of(choices, &weights);
    for _ in 0..ITERATIONS {
        let (gradient, hessian) = derivatives(choices, &weights);
        let step = solve(hessian, gradient);
        let mut scale = 1.0;
        let (better, less) = loop {
            let tried: Vec<f64> =
                weights.iter().zip(&step).map(|(weight, step)| weight - scale * step).collect();
            let tried_loss = loss_of(choices, &tried);
            if tried_loss < loss || scale < 1e-6 {
                break (tried, tried_loss);
            }
            scale /= 2.0;
        };
        let gain = loss - less;
        if gain <= 0.0 {
            break;
        }
        (weights, loss) = (better, less);
        if gain < 1e-7 * loss.abs() {
            break;
        }
    }
    weights
}

fn loss_of(choices: &[Choice], weights: &[f64]) -> f64 {
    let log = |choice: &Choice| {
        let rows = alternatives(choice, weights);
        let shares = probabilities(&rows, choice.candidates.len(), weights, 0.0);
        -shares[right_ones(choice, rows.len())].iter().sum::<f64>().max(1e-300).ln()
    };
    choices.iter().map(log).sum::<f64>() + RIDGE / 2.0 * dot(weights, weights)
}

fn derivatives(choices: &[Choice], weights: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let len = weights.len();
    let mut gradient: Vec<f64> = weights.iter().map(|weight| RIDGE * weight).collect();
    let mut hessian = vec![vec![0.0; len]; len];
    for (at, row) in hessian.iter_mut().enumerate() {
        row[at] = RIDGE;
    }
    for choice in choices {
        let rows = alternatives(choice, weights);
        let shares = probabilities(&rows, choice.candidates.len(), weights, 0.0);
        let mean: Vec<f64> =
            (0..len).map(|at| rows.iter().zip(&shares).map(|(row, share)| row[at] * share).sum()).collect();
        let right = right_ones(choice, rows.len());
        let all: f64 = shares[right.clone()].iter().sum::<f64>().max(1e-300);
        for at in 0..len {
            let wanted: f64 = right.clone().map(|row| rows[row][at] * shares[row]).sum::<f64>() / all;
            gradient[at] += mean[at] - wanted;
        }
        for (row, share) in rows.iter().zip(&shares) {
            for a in 0..len {
                let off = share * (row[a] - mean[a]);
                if off == 0.0 {
                    continue;
                }
                for b in 0..len {
                    hessian[a][b] += off * (row[b] - mean[b]);
                }
            }
        }
    }
    (gradient, hessian)
}

/// Gaussian elimination with pivots; the ridge makes the matrix regular.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let len = right.len();
    for column in 0..len {
        let pivot = (column..len)
            .max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))
            .unwrap_or(column);
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let first = matrix[column].clone();
        for row in column + 1..len {
            let factor = matrix[row][column] / first[column];
            let pairs = matrix[row].iter_mut().zip(&first);
            pairs.for_each(|(value, first)| *value -= factor * first);
            right[row] -= factor * right[column];
        }
    }
    for row in (0..len).rev() {
        let known: f64 = (row + 1..len).map(|at| matrix[row][at] * right[at]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

/// The least probability of the first candidate from which on a share of `precision` is right. The file asks for half of
/// the errors allowed: real records differ from generated ones.
fn threshold(firsts: &[(f64, bool)], precision: f64) -> f64 {
    let (mut right, mut all, mut least) = (0u64, 0u64, 1.0);
    for (probability, is_right) in firsts {
        all += 1;
        right += u64::from(*is_right);
        if right as f64 >= precision * all as f64 {
            least = *probability;
        }
    }
    least
}

fn model_file(
    arguments: &Arguments,
    names: &[String],
    weights: &[f64],
    share: f64,
    choices: &[Choice],
) -> String {
    let shift = (EXPECTED_NONE / (1.0 - EXPECTED_NONE)).ln() - (share / (1.0 - share)).ln();
    let mut firsts: Vec<(f64, bool)> = Vec::new();
    for choice in choices {
        let rows = alternatives(choice, weights);
        let shares = probabilities(&rows, choice.candidates.len(), weights, shift);
        let candidates = &shares[..choice.candidates.len()];
        let first = candidates.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        firsts.extend(first.map(|(at, probability)| (probability, choice.right == Some(at))));
    }
    firsts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut file = format!(
        "# The model of `resolve`: what each feature weighs, what \"none of them\" scores, what probability buys what precision.\n\
         # Fitted by benches/src/bin/fit-resolve.rs on {} records{}; see docs/resolve.md.\n\
         # Licence: MIT OR Apache-2.0.\nversion\t{}\nfitted_none\t{share:.4}\nnone\t{:.4}\n",
        choices.len(),
        if arguments.source.is_empty() { String::new() } else { format!(" ({})", arguments.source) },
        arguments.version,
        weights[weights.len() - 1],
    );
    // Writing to a string cannot fail.
    for (name, weight) in names.iter().zip(weights) {
        let _ = writeln!(file, "{name}\t{weight:.4}");
    }
    let mut least = 0.5;
    for precision in PRECISIONS {
        least = threshold(&firsts, 1.0 - (1.0 - precision) / 2.0).max(least);
        let _ = writeln!(file, "threshold\t{precision}\t{least:.4}");
    }
    file
}
