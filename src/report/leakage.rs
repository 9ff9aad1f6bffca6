//! The eight kinds of leakage that the field names, and what of each was priced, looked for, or has to be asked.

use super::audit::{brief, describe};
use super::document::{Table, Width};
use crate::analyze::Results;
use crate::analyze::ladder::{Ladder, Step, metrics};
use crate::audit::{checks, why_not};
use crate::data::catalogue;
use crate::split::{Leak, Leakage, Leaks};
use crate::study::Study;

/// A row per kind; `made` are the checks of the inspection, and `study` is what was run.
pub(super) fn table((results, study): (&Results, Option<&Study>), ladders: &[Ladder], made: &[String]) -> Table {
    let manifest = &results.manifest;
    let row = |kind: Leakage| {
        let leaks = || Leak::ALL.into_iter().filter(move |leak| Leakage::of(*leak).contains(&kind));
        let mut said: Vec<String> = leaks().filter_map(|leak| priced(results, ladders, (leak, study))).collect();
        if kind == Leakage::PreProcessing
            && let Some(of_data) = catalogue::leak(&manifest.table().name, &manifest.table().sha256)
        {
            said.push(format!("of the data themselves, which has no price: {of_data}"));
        }
        let lacking = |leak: Leak| {
            // What was run all the same has its price.
            if step(ladders, leak).is_some() {
                return None;
            }
            let (name, said) = (format!("`{}` ", leak.name()), why_not(leak, study?)?);
            let said = said.strip_prefix(&name).map_or_else(|| said.clone(), |rest| format!("it {rest}"));
            Some(format!("{name}not priced: {said}"))
        };
        said.extend(leaks().filter_map(lacking));
        let looked = checks(kind).filter(|check| made.iter().any(|one| one == check));
        let looked: Vec<String> = looked.map(|check| format!("`{check}`")).collect();
        let looked = if looked.is_empty() { "–".to_owned() } else { looked.join(", ") };
        vec![format!("{} {}", kind.number(), kind.name()), said.join("; "), looked, kind.ask().to_owned()]
    };
    let priced = format!("priced here: change of {}", results.primary);
    let header = ["kind", priced.as_str(), "looked for in inspection.md", "cannot be seen from the data: ask"];
    Table::marked("kinds", &header, Leakage::ALL.into_iter().map(row).collect())
        .widths(&[Width::Share(0.16), Width::Share(0.42), Width::Share(0.16), Width::Share(0.26)])
        .captioned(
            "The eight kinds of leakage of Kapoor and Narayanan (Patterns 4, 2023), by their numbers. A change is leaky minus honest on \
             the same splits, with its 95% interval; of several pipelines the largest.",
        )
}

/// What a leak alone is worth, over the pipeline where it is worth most; none where no pipeline has both protocols.
fn priced(results: &Results, ladders: &[Ladder], (leak, study): (Leak, Option<&Study>)) -> Option<String> {
    let place = metrics(results).iter().position(|metric| *metric == results.primary)?;
    let change = |ladder: &Ladder| step(std::slice::from_ref(ladder), leak)?.figures[place].change.clone();
    let all: Vec<_> = ladders.iter().filter_map(|ladder| Some((ladder, change(ladder)?))).collect();
    let (ladder, most) = all.iter().max_by(|a, b| a.1.mean.abs().total_cmp(&b.1.mean.abs()))?;
    // A zero that could be nothing else is no measurement.
    let worth = match (most.moved, study.and_then(|study| study.lacks_for(leak))) {
        (0, Some(said)) => format!("could change nothing: {said}"),
        (0, None) => "nothing changed".to_owned(),
        _ => brief(most),
    };
    let of = if all.len() > 1 && most.moved > 0 { format!(", {}", describe(ladder)) } else { String::new() };
    Some(format!("`{}` {worth}{of}", leak.name()))
}

/// The first step of a leak alone.
fn step(ladders: &[Ladder], leak: Leak) -> Option<&Step> {
    let alone = Leaks::of(&[leak]);
    ladders.iter().flat_map(|ladder| &ladder.steps).find(|step| step.leaks == alone)
}
