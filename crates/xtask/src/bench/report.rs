//! What was measured, as rows of a Markdown table.

use super::{Op, Store};

/// The rounds of one store and operation.
#[derive(Debug)]
pub(super) struct Cell {
    store: Store,
    op: Op,
    requests: usize,
    rounds: Vec<[f64; 3]>,
}

impl Cell {
    pub(super) fn new(store: Store, op: Op) -> Self {
        Self {
            store,
            op,
            requests: 0,
            rounds: Vec::new(),
        }
    }

    pub(super) fn rounds(&self) -> usize {
        self.rounds.len()
    }

    /// Adds the requests per CPU-second of hand, larder and control over `requests` each.
    pub(super) fn add(&mut self, rates: [f64; 3], requests: usize) {
        self.requests = requests;
        self.rounds.push(rates);
    }

    /// Whether the control agrees with what it is a copy of.
    pub(super) fn is_quiet(&self, noise: f64) -> bool {
        (self.ratio(2) - 1.0).abs() <= noise
    }

    /// The median over the rounds of server `at` divided by the hand-written one.
    fn ratio(&self, at: usize) -> f64 {
        median(
            self.rounds
                .iter()
                .map(|rates| rates[at] / rates[0])
                .collect(),
        )
    }

    fn rate(&self, at: usize) -> f64 {
        median(self.rounds.iter().map(|rates| rates[at]).collect())
    }

    /// How far apart the middle half of the control's rounds lies.
    fn spread(&self) -> f64 {
        let mut ratios: Vec<f64> = self
            .rounds
            .iter()
            .map(|rates| rates[2] / rates[0])
            .collect();
        ratios.sort_by(f64::total_cmp);
        let quarter = ratios.len() / 4;
        ratios[ratios.len() - 1 - quarter] - ratios[quarter]
    }

    pub(super) fn print(&self) {
        println!(
            "| {} | {} | {:.0} | {:.0} | {:.0} | **{:.3}** | {:.3}{} | {:.3} | {} x {} |",
            name(self.store),
            verb(self.op),
            self.rate(0),
            self.rate(1),
            self.rate(2),
            self.ratio(1),
            self.ratio(2),
            if self.is_quiet(super::NOISE) {
                ""
            } else {
                " (!)"
            },
            self.spread(),
            self.rounds(),
            self.requests,
        );
    }
}

/// The instructions of one request.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) store: Store,
    pub(super) op: Op,
    pub(super) instructions: [f64; 3],
}

impl Counted {
    pub(super) fn print(&self) {
        let [hand, larder, control] = self.instructions;
        println!(
            "| {} | {} | {hand:.0} | {larder:.0} | {control:.0} | **{:.3}** | {:.3} |",
            name(self.store),
            verb(self.op),
            larder / hand,
            control / hand,
        );
    }
}

/// The head of the table of requests per CPU-second.
pub(super) fn head() {
    println!(
        "Requests per CPU-second of the server process, medians; spread: middle half of the control's rounds."
    );
    println!();
    println!(
        "| store | op | hand | larder | control | larder / hand | control / hand | spread | rounds x requests |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
}

/// The head of the table of instructions.
pub(super) fn instructions_head() {
    println!("Instructions of the server process for one request (callgrind; user space only).");
    println!();
    println!("| store | op | hand | larder | control | larder / hand | control / hand |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
}

fn name(store: Store) -> &'static str {
    match store {
        Store::Memory => "memory",
        Store::Sqlite => "sqlite",
        Store::Postgres => "postgres",
        Store::Mongodb => "mongodb",
    }
}

/// The name of an operation in a table.
pub(super) fn verb(op: Op) -> &'static str {
    match op {
        Op::Get => "get",
        Op::List20 => "list20",
        Op::Post => "post",
        Op::Put => "put",
    }
}

/// The middle value, or the mean of the middle two; NaN of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => values[middle - 1].midpoint(values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_odd_and_even() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let mut cell = Cell::new(Store::Memory, Op::Get);
        cell.add([100.0, 90.0, 101.0], 1);
        cell.add([200.0, 180.0, 199.0], 1);
        cell.add([50.0, 45.0, 50.0], 1);
        assert!((cell.ratio(1) - 0.9).abs() < 1e-9);
        assert!(cell.is_quiet(0.05));
    }
}
