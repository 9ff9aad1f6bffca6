use super::exact::{is_fine, is_stepped};
use super::*;
use crate::classify::summing_order;
use crate::component::{
    Link, MemberSum, SavedDistance, SavedLinear, SavedMap, SavedMember, SavedModel, SavedNeighbors, SavedScaler,
    SavedTree, SavedTrees, Sigmoid, TreeSum, VennAbers,
};

/// The operators of a graph in order: field 4 of each node, whose fields are all texts or messages.
fn operators(b: &Builder) -> Vec<String> {
    let of_node = |node: &Message| {
        let bytes = node.clone().into_bytes();
        let (mut at, mut found) = (0, String::new());
        while at < bytes.len() {
            let field = bytes[at] >> 3;
            let (mut length, mut shift) = (0_usize, 0);
            loop {
                at += 1;
                length |= usize::from(bytes[at] & 0x7f) << shift;
                shift += 7;
                if bytes[at] & 0x80 == 0 {
                    break;
                }
            }
            let value = &bytes[at + 1..at + 1 + length];
            if field == 4 {
                found = String::from_utf8(value.to_vec()).unwrap();
            }
            at += 1 + length;
        }
        found
    };
    b.graph.nodes.iter().map(of_node).collect()
}

fn operators_of(model: &SavedModel) -> Vec<String> {
    let mut b = Builder::default();
    models::said(&mut b, "x", model).unwrap();
    operators(&b)
}

/// A tree of two leaves that say 0 and `value`.
fn trees(says: TreeSum, value: f64) -> SavedModel {
    let tree = SavedTree {
        column: vec![0; 3],
        threshold: vec![0.5, 0.0, 0.0],
        next: vec![[1, 2], [1, 1], [2, 2]],
        value: vec![0.0, 0.0, value],
        other: vec![0.0, 1.0, 1.0 - value],
        ..SavedTree::default()
    };
    SavedModel::Trees(SavedTrees { columns: 1, narrow: true, trees: vec![tree; 10], says })
}

fn plane() -> SavedModel {
    SavedModel::Linear(SavedLinear { centre: None, coefficients: vec![1.0], intercept: 0.0, link: Link::Logistic })
}

fn members(says: MemberSum, models: Vec<SavedModel>) -> SavedModel {
    let one = |model| SavedMember { model, columns: None, weight: 0.5 };
    SavedModel::Members { columns: 1, says, members: models.into_iter().map(one).collect() }
}

fn stacked(models: Vec<SavedModel>, last: SavedModel) -> SavedModel {
    SavedModel::Stacked { members: models, last: Box::new(last), passthrough: false }
}

fn venn_abers(model: SavedModel) -> SavedModel {
    let map = VennAbers { scores: vec![0.6], lower: vec![0.5], upper: vec![0.5] };
    SavedModel::Mapped { model: Box::new(model), map: SavedMap::VennAbers(map) }
}

#[test]
fn means_and_votes_are_divided_as_we_divide_them() {
    // 6 * 0.1 is 0.6000000000000001, and 6 / 10 is 0.6.
    let mean = operators_of(&trees(TreeSum::Mean, 1.0));
    assert_eq!(mean[..6], ["Cast", "Cast", "TreeEnsembleRegressor", "Cast", "Div", "Squeeze"]);
    let vote = operators_of(&trees(TreeSum::Vote(3.0), 1.0));
    assert_eq!(vote[4..6], ["Div", "Mul"]);
    for says in [MemberSum::Mean, MemberSum::Shares, MemberSum::Labels] {
        let both = operators_of(&members(says, vec![plane(), plane()]));
        assert_eq!(both[both.len() - 4..], ["Div", "Div", "Greater", "Cast"], "{says:?}");
    }
    // Each label becomes 1 or -1, and then its weight.
    let boosted = operators_of(&members(MemberSum::Boosted, vec![trees(TreeSum::Mean, 1.0)]));
    let votes = ["Cast", "Mul", "Add", "Mul", "Div", "Mul", "Neg", "Exp", "Add", "Div", "Greater", "Cast"];
    assert_eq!(boosted[boosted.len() - votes.len()..], votes);
}

#[test]
fn a_logistic_keeps_the_digits_of_small_scores() {
    // onnxruntime 1.32: Sigmoid(-40) is 0, and 1 / (1 + exp(40)) is 4.2e-18.
    let found = operators_of(&plane());
    assert_eq!(found[2..], ["Squeeze", "Neg", "Exp", "Add", "Div", "Greater", "Cast"]);
    let map = SavedMap::Sigmoid(Sigmoid { a: -1.0, b: 0.0 });
    let found = operators_of(&SavedModel::Mapped { model: Box::new(plane()), map });
    assert!(!found.contains(&"Sigmoid".to_owned()), "{found:?}");
}

#[test]
fn maps_that_jump_stand_behind_scores_that_are_ours() {
    let whole = || trees(TreeSum::Mean, 1.0);
    // 32 bits do not hold a sum of tenths.
    let tenths = || trees(TreeSum::Mean, 0.1);
    let votes = || trees(TreeSum::Vote(3.0), 1.0);
    let odds = || trees(TreeSum::LogOdds(0.0), 1.0);
    let gaussians = SavedModel::Gaussians {
        means: [vec![0.0], vec![1.0]],
        variances: [vec![1.0], vec![1.0]],
        log_priors: [0.0; 2],
        constants: [0.0; 2],
    };
    let cases = [
        (whole(), true),
        (plane(), true),
        (tenths(), false),
        (votes(), false),
        (odds(), false),
        (gaussians, false),
        (members(MemberSum::Mean, vec![whole(), plane()]), true),
        (members(MemberSum::Shares, vec![whole(), odds()]), false),
        (members(MemberSum::Labels, vec![odds(), odds()]), true),
        (members(MemberSum::Boosted, vec![whole()]), false),
        (stacked(vec![odds()], plane()), false),
        (stacked(vec![whole()], plane()), true),
    ];
    for (model, is_ours) in cases {
        assert_eq!(is_fine(&model), is_ours, "{model:?}");
        let told = models::said(&mut Builder::default(), "x", &venn_abers(model)).err();
        assert_eq!(told.is_none(), is_ours);
        let why = "`calibrate = \"venn-abers\"` jumps where ONNX rounds the scores before it otherwise";
        assert!(told.is_none_or(|told| told == why));
    }
}

#[test]
fn trees_and_neighbours_do_not_see_scores_that_are_rounded_otherwise() {
    let odds = || trees(TreeSum::LogOdds(0.0), 1.0);
    let told = |model: &SavedModel| models::said(&mut Builder::default(), "x", model).err();
    let why = "its last model jumps where ONNX rounds the scores of the members before it otherwise";
    assert_eq!(told(&stacked(vec![plane(), odds()], odds())).as_deref(), Some(why));
    assert_eq!(told(&stacked(vec![odds()], venn_abers(plane()))).as_deref(), Some(why));
    assert_eq!(told(&stacked(vec![plane()], odds())), None);
    assert_eq!(told(&stacked(vec![odds()], plane())), None);
    assert!(
        is_stepped(&members(MemberSum::Labels, vec![plane()])) && !is_stepped(&members(MemberSum::Mean, vec![plane()]))
    );
}

#[test]
fn steps_that_are_rounded_otherwise_are_named_by_their_ids() {
    let facts = |id: &str| ComponentFacts { id: id.into(), ..ComponentFacts::none() };
    let all = [("scaler".to_owned(), facts("normalizer")), ("select".to_owned(), facts("pca"))];
    let of = |has_exact_trees: bool, has_neighbors: bool| {
        let rounded = vec![Rounded { step: "scaler", by: "sums" }, Rounded { step: "select", by: "sums" }];
        missed(&Builder { rounded, has_exact_trees, has_neighbors, ..Builder::default() }, &all)
    };
    let behind = "behind `normalizer` and `pca`, ONNX's sums";
    let trees = format!("{behind} miss its trees' thresholds, which may be values of rows, by last digits");
    assert_eq!((of(true, false), of(true, true)), (Some(trees.clone()), Some(trees)));
    assert_eq!(of(false, true), Some(format!("{behind} tell equally far neighbours apart, by last digits")));
    assert_eq!(of(false, false), None);
    assert_eq!(missed(&Builder { has_exact_trees: true, ..Builder::default() }, &all), None);
}

#[test]
fn distances_are_summed_in_the_order_of_our_search_and_of_its_products() {
    let saved = |distance| {
        // The second column varies by 9 and the first by 1.
        let rows: [f64; 6] = [0.0, 9.0, 1.0, 0.0, 0.5, 3.0];
        let bytes = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
        SavedNeighbors { columns: 2, k: 1, by_distance: false, distance, labels: vec![0, 1, 0], bytes }
    };
    let order = |distance| summing_order(&saved(distance), &saved(distance).values());
    assert_eq!(order(SavedDistance::Minkowski(2.0)), [1, 0]);
    assert_eq!(order(SavedDistance::Chebyshev), [1, 0]);
    // Without an index columns stand as in the table.
    assert_eq!(order(SavedDistance::Minkowski(1.5)), [0, 1]);
    let powers = |p: f64| {
        let found = operators_of(&SavedModel::Neighbors(saved(SavedDistance::Minkowski(p))));
        let distances = found.split(|operator| operator == "TopK").next().unwrap();
        let of = |name: &str| distances.iter().filter(|operator| *operator == name).count();
        (of("Pow"), of("Mul"))
    };
    // v^5 is (v^2)^2 times v, for each of two columns.
    assert_eq!((powers(3.0), powers(4.0), powers(5.0), powers(1.5)), ((0, 4), (0, 4), (0, 6), (2, 0)));
}

#[test]
fn quantiles_are_read_from_the_side_that_ours_are_read_from() {
    let mut b = Builder::default();
    let scaler =
        SavedScaler::Quantiles { normal: false, references: vec![0.0, 0.5, 1.0], quantiles: vec![vec![1.0, 2.0, 4.0]] };
    steps::scaled(&mut b, "x", &scaler).unwrap();
    let found = operators(&b);
    let behind: Vec<&[String]> = found.split(|operator| operator == "Div").skip(1).map(|rest| &rest[..4]).collect();
    // Upwards a share is added to the lower quantile's, downwards it is taken off the higher one's.
    assert_eq!(behind, [["Sub", "Mul", "Add", "Where"], ["Sub", "Mul", "Sub", "Where"]]);
    assert!(b.rounded.is_empty());
}

#[test]
fn products_are_multiplied_from_the_last_factor_on() {
    let mut b = Builder::default();
    let scaler = SavedScaler::Products { columns: 2, degree: 3, interaction_only: false, include_bias: false };
    steps::scaled(&mut b, "x", &scaler).unwrap();
    // The columns of aaa, aab, abb and bbb by place; before them those of one factor and of two.
    let places: [&[i64]; 6] = [&[0, 1], &[0, 1, 1], &[0, 0, 1], &[0, 1, 1, 1], &[0, 0, 1, 1], &[0, 0, 0, 1]];
    assert_eq!(b.graph.constants.len(), places.len());
    for (constant, places) in b.graph.constants.iter().zip(places) {
        let raw: Vec<u8> = places.iter().flat_map(|place| place.to_le_bytes()).collect();
        assert!(constant.clone().into_bytes().ends_with(&raw), "{places:?}");
    }
    assert!(b.rounded.is_empty());
}
