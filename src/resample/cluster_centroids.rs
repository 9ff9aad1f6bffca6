//! `cluster-centroids`: the majority's place is taken by the centres of its clusters.

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::interpolate::told;
use super::k_means::centres;
use crate::component::{Also, Context, Entry, InPython, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::Result;
use crate::neighbors::{Euclidean, Pair, measurable};
use crate::sampling::{Classes, Strategy, rows_of};

const ID: &str = "cluster-centroids";

/// What stands for a cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Voting {
    /// Its centre: imbalanced-learn's choice for matrices that are not sparse.
    #[default]
    Auto,
    /// Its centre.
    Soft,
    /// The majority row nearest to its centre.
    Hard,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {
    /// `auto` (as many clusters as there are minority rows), or minority rows per cluster, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_leaving")]
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    voting: Voting,
}

struct Centroids(Params);

impl Resampler for Centroids {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let classes = Classes::both(ID, y)?;
        let left = self.0.sampling_strategy.left(ID, &classes)?;
        let larger = self.0.sampling_strategy.larger(&classes);
        let wanted = left[usize::from(larger)].unwrap_or(classes.many());
        let rows = rows_of(y, larger);
        let majority = x.select(Axis(0), &rows);
        measurable::<Euclidean>(ID, majority.view())?;
        let made = centres(majority.view(), wanted, self.0.random_state.unwrap_or(context.seed as u32))?;
        let pair = Pair::new(majority.view(), &vec![0; rows.len()])?;
        let near = told(pair.k_nearest::<Euclidean>(made.view(), 1)?)?;
        let nearest: Vec<usize> = near.into_iter().flatten().map(|n| rows[n.row as usize]).collect();
        let mut chosen = rows_of(y, 1 - larger);
        if self.0.voting == Voting::Hard {
            chosen.extend(nearest);
            chosen.sort_unstable();
            return Ok(Resampled::chosen(chosen));
        }
        Ok(Resampled { rows: chosen, made_y: vec![larger; wanted], made_from: nearest, made })
    }
}

/// imbalanced-learn's `ClusterCentroids` with scikit-learn's `KMeans`: with the same `random_state` the same centres but for
/// rounding, as long as no draw of k-means++ and no row between two centres turns on it. The minority's rows come first, whatever
/// its label. Several strategies of one meaning cluster the majority alone.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "the centres of the majority's clusters in the place of its rows", |table| {
        build::<Params, _>(ID, table, |params| {
            params.sampling_strategy.leaving()?;
            Ok(Box::new(Centroids(params)) as Box<dyn Resampler>)
        })
    })
    .version(2)
    .also(&[
        N_JOBS,
        Also::only(
            "estimator",
            "null",
            "the clusters are those of scikit-learn's `KMeans` with its defaults: leave it out",
        ),
    ])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.ClusterCentroids.html")
    .in_python(InPython::new().other_order());
