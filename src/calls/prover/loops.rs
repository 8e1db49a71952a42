//! Ways round that nobody asked for.

/// A way from one place to another that was walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
}

/// Circles in a graph of `places` nodes, each as the edges that make it; one for every place where a circle closes.
pub(super) fn circles(places: usize, edges: &[Edge]) -> Vec<Vec<&Edge>> {
    let mut out: Vec<Vec<&Edge>> = vec![Vec::new(); places];
    for edge in edges {
        if let Some(ways) = out.get_mut(edge.from) {
            ways.push(edge);
        }
    }
    let mut done = vec![false; places];
    (0..places).filter_map(|start| closes(start, &out, &mut done)).collect()
}

/// Depth first from `start`; the way is a stack of edges, and a circle closes where the way meets itself.
fn closes<'e>(start: usize, out: &[Vec<&'e Edge>], done: &mut [bool]) -> Option<Vec<&'e Edge>> {
    let mut way: Vec<&'e Edge> = Vec::new();
    let mut open = vec![(start, 0)];
    while let Some((place, next)) = open.last_mut() {
        let place = *place;
        let edge = out.get(place).and_then(|ways| ways.get(*next)).copied();
        *next += 1;
        let Some(edge) = edge.filter(|_| !done.get(place).copied().unwrap_or(true)) else {
            if let Some(done) = done.get_mut(place) {
                *done = true;
            }
            open.pop();
            way.pop();
            continue;
        };
        way.push(edge);
        if let Some(met) = open.iter().position(|(place, _)| *place == edge.to) {
            open.iter().for_each(|(place, _)| {
                if let Some(done) = done.get_mut(*place) {
                    *done = true
                }
            });
            return Some(way.split_off(met));
        }
        open.push((edge.to, 0));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(edges: &[(usize, usize)]) -> Vec<String> {
        let edges: Vec<Edge> = edges.iter().map(|&(from, to)| Edge { from, to }).collect();
        let name = |edge: &&Edge| format!("{}{}", edge.from, edge.to);
        circles(6, &edges).iter().map(|way| way.iter().map(name).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn a_circle_is_found_wherever_it_hangs() {
        assert_eq!(labels(&[(0, 1), (1, 2), (2, 1)]), ["12 21"]);
        assert_eq!(labels(&[(0, 0)]), ["00"]);
        assert_eq!(labels(&[(0, 1), (0, 2), (2, 3), (3, 4), (4, 2), (1, 5)]), ["23 34 42"]);
    }

    #[test]
    fn ways_that_meet_are_no_circle() {
        assert!(labels(&[(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)]).is_empty());
    }
}
