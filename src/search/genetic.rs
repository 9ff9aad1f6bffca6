//! NSGA-II: the choice of survivors by two goals at once.
//!
//! Deb, Pratap, Agarwal, Meyarivan (2002), "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE
//! Transactions on Evolutionary Computation 6(2): non-dominated fronts (section III-A), crowding distance (III-B).

/// A point with two goals; of each, more is better.
pub type Point = [f64; 2];

/// Whether `a` is at least as good as `b` in both goals, and better in one.
fn dominates(a: Point, b: Point) -> bool {
    a[0] >= b[0] && a[1] >= b[1] && a != b
}

/// The indices of `points` by front: the first is dominated by none, the next by the first only, and so on.
pub fn fronts(points: &[Point]) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..points.len()).collect();
    let mut fronts = Vec::new();
    while !left.is_empty() {
        let free = |&i: &usize| !left.iter().any(|&other| dominates(points[other], points[i]));
        let (front, rest): (Vec<usize>, Vec<usize>) = left.iter().copied().partition(|i| free(i));
        fronts.push(front);
        left = rest;
    }
    fronts
}

/// The crowding distance of each point of a front: over both goals, the gap between its neighbours as a share of the
/// front's range; infinite at the ends.
fn crowding(points: &[Point], front: &[usize]) -> Vec<f64> {
    let mut distance = vec![0.0; front.len()];
    let goals: [fn(Point) -> f64; 2] = [|point| point[0], |point| point[1]];
    for goal in goals {
        let value = |place: usize| goal(points[front[place]]);
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|&a, &b| value(a).total_cmp(&value(b)));
        let (Some(&first), Some(&last)) = (order.first(), order.last()) else { return distance };
        distance[first] = f64::INFINITY;
        distance[last] = f64::INFINITY;
        let range = value(last) - value(first);
        if range > 0.0 {
            for three in order.windows(3) {
                distance[three[1]] += (value(three[2]) - value(three[0])) / range;
            }
        }
    }
    distance
}

/// The `count` survivors among `points`: whole fronts first, then the least crowded of the next; of equally crowded ones
/// the earlier.
pub fn survivors(points: &[Point], count: usize) -> Vec<usize> {
    let mut chosen = Vec::new();
    for front in fronts(points) {
        let room = count - chosen.len();
        if front.len() <= room {
            chosen.extend(front);
            continue;
        }
        let distance = crowding(points, &front);
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|&a, &b| distance[b].total_cmp(&distance[a]));
        chosen.extend(order.into_iter().take(room).map(|place| front[place]));
        break;
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out on paper: 0, 1, 2, 5 dominate each other in no way; 3 lies under 1 and 2, 4 under 3 as well.
    const POINTS: [Point; 6] = [[1.0, 9.0], [3.0, 7.0], [6.0, 4.0], [3.0, 4.0], [2.0, 1.0], [9.0, 1.0]];

    #[test]
    fn fronts_by_hand() {
        assert_eq!(fronts(&POINTS), [vec![0, 1, 2, 5], vec![3], vec![4]]);
        assert!(!dominates([1.0, 1.0], [1.0, 1.0]));
        assert!(dominates([1.0, 2.0], [1.0, 1.0]) && !dominates([1.0, 2.0], [2.0, 1.0]));
    }

    #[test]
    fn crowding_by_hand() {
        // Ranges are 8 and 8. Point 1: (6 - 1)/8 + (9 - 4)/8; point 2: (9 - 3)/8 + (7 - 1)/8.
        assert_eq!(crowding(&POINTS, &[0, 1, 2, 5]), [f64::INFINITY, 10.0 / 8.0, 12.0 / 8.0, f64::INFINITY]);
        assert_eq!(crowding(&[[1.0, 1.0]; 3], &[0, 1, 2]), [f64::INFINITY, 0.0, f64::INFINITY]);
    }

    #[test]
    fn survivors_are_whole_fronts_then_the_least_crowded() {
        assert_eq!(survivors(&POINTS, 3), [0, 5, 2]);
        assert_eq!(survivors(&POINTS, 5), [0, 1, 2, 5, 3]);
        assert_eq!(survivors(&POINTS, 9), [0, 1, 2, 5, 3, 4]);
        assert!(survivors(&POINTS, 0).is_empty() && survivors(&[], 4).is_empty());
    }
}
