//! The network: a dense layer, a gated recurrent unit, and one output, the log-odds that the caller is speaking.
//!
//! Its weights are made by `scripts/barge-in/run train`, which also writes the note beside them.

use super::features::{FEATURES, Features};
use std::sync::LazyLock;

const DENSE: usize = 32;
const STATE: usize = 32;
/// Reset, update, and what is new.
const GATES: usize = 3;

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| Weights::read(include_bytes!("network.bin")));

/// Inputs first, so that a layer is a sum of columns, which the compiler computes side by side.
#[derive(Debug)]
struct Weights {
    dense: Vec<[f32; DENSE]>,
    dense_bias: [f32; DENSE],
    /// Gate by gate: the sums of one fit into registers.
    input: [Vec<[f32; STATE]>; GATES],
    state: [Vec<[f32; STATE]>; GATES],
    input_bias: [[f32; STATE]; GATES],
    state_bias: [[f32; STATE]; GATES],
    out: [f32; STATE],
    out_bias: f32,
}

/// What the network remembers of a caller.
#[derive(Debug, Clone)]
pub(super) struct Memory([f32; STATE]);

impl Memory {
    pub(super) fn new() -> Self {
        Self([0.0; STATE])
    }

    /// The log-odds that the caller is speaking, one frame further.
    pub(super) fn judge(&mut self, features: &Features) -> f32 {
        let weights = &*WEIGHTS;
        let mut dense = layer(features, &weights.dense, weights.dense_bias);
        dense.iter_mut().for_each(|x| *x = x.max(0.0));
        let [input_reset, input_update, input_new] = gates(&dense, &weights.input, &weights.input_bias);
        let [state_reset, state_update, state_new] = gates(&self.0, &weights.state, &weights.state_bias);
        let reset = both(input_reset, &state_reset).map(sigmoid);
        let update = both(input_update, &state_update).map(sigmoid);
        let mut new = input_new;
        new.iter_mut().zip(reset.iter().zip(&state_new)).for_each(|(new, (reset, state))| *new += reset * state);
        let new = new.map(tanh);
        for (h, (update, new)) in self.0.iter_mut().zip(update.iter().zip(&new)) {
            *h = new + update * (*h - new);
        }
        self.0.iter().zip(&weights.out).map(|(h, w)| h * w).sum::<f32>() + weights.out_bias
    }
}

fn gates(inputs: &[f32], weights: &[Vec<[f32; STATE]>; GATES], bias: &[[f32; STATE]; GATES]) -> [[f32; STATE]; GATES] {
    let mut gates = *bias;
    gates.iter_mut().zip(weights).for_each(|(gate, weights)| *gate = layer(inputs, weights, *gate));
    gates
}

fn both(mut a: [f32; STATE], b: &[f32; STATE]) -> [f32; STATE] {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}

fn layer<const OUT: usize>(inputs: &[f32], weights: &[[f32; OUT]], bias: [f32; OUT]) -> [f32; OUT] {
    let mut outputs = bias;
    for (input, column) in inputs.iter().zip(weights) {
        outputs.iter_mut().zip(column).for_each(|(output, weight)| *output += input * weight);
    }
    outputs
}

/// Within 0.0001 of it; the same on every machine.
fn tanh(x: f32) -> f32 {
    let x = x.clamp(-4.97, 4.97);
    let q = x * x;
    x * (135_135.0 + q * (17_325.0 + q * (378.0 + q))) / (135_135.0 + q * (62_370.0 + q * (3_150.0 + q * 28.0)))
}

fn sigmoid(x: f32) -> f32 {
    0.5 + 0.5 * tanh(0.5 * x)
}

impl Weights {
    /// In the order in which `train.py` writes them.
    fn read(bytes: &[u8]) -> Self {
        let mut numbers = bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap_or_default()));
        Self {
            dense: columns(&mut numbers, FEATURES),
            dense_bias: column(&mut numbers),
            input: by_gate(&columns(&mut numbers, DENSE)),
            state: by_gate(&columns(&mut numbers, STATE)),
            input_bias: std::array::from_fn(|_| column(&mut numbers)),
            state_bias: std::array::from_fn(|_| column(&mut numbers)),
            out: column(&mut numbers),
            out_bias: numbers.next().unwrap_or_default(),
        }
    }
}

fn column<const N: usize>(numbers: &mut impl Iterator<Item = f32>) -> [f32; N] {
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}

fn columns<const N: usize>(numbers: &mut impl Iterator<Item = f32>, count: usize) -> Vec<[f32; N]> {
    (0..count).map(|_| column(numbers)).collect()
}

/// Columns of all gates, taken apart.
fn by_gate(columns: &[[f32; GATES * STATE]]) -> [Vec<[f32; STATE]>; GATES] {
    let part = |column: &[f32; GATES * STATE], gate: usize| {
        column.chunks_exact(STATE).nth(gate).and_then(|part| part.try_into().ok()).unwrap_or([0.0; STATE])
    };
    std::array::from_fn(|gate| columns.iter().map(|column| part(column, gate)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_exactly_the_weights() {
        let weights = FEATURES * DENSE + DENSE + (DENSE + STATE + 2) * GATES * STATE + STATE + 1;
        assert_eq!(include_bytes!("network.bin").len(), 4 * weights);
    }

    #[test]
    fn tanh_is_near() {
        for x in [-9.0_f32, -4.0, -1.3, -0.01, 0.0, 0.5, 2.0, 3.3, 4.9, 50.0] {
            assert!((tanh(x) - x.tanh()).abs() < 2e-4, "{x}: {} {}", tanh(x), x.tanh());
        }
    }

    #[test]
    fn any_features_give_a_number() {
        for value in [0.0, 1e3, -1e3, 1e20] {
            let mut memory = Memory::new();
            for _ in 0..10 {
                assert!(!memory.judge(&[value; FEATURES]).is_nan(), "{value}");
            }
        }
    }
}
