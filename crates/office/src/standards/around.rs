//! The reference graph around one document: what it leads to and what leads to it, some steps far.
//!
//! Profiles are no documents and no steps: two standards that one profile requires are not near each other. Their number is said.

use std::collections::{BTreeMap, VecDeque};

use ledger::act::PartId;

use super::record::{Edge, Relation};
use super::registry::Registry;

/// A document near another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Which.
    pub id: PartId,
    /// How many edges away, in either direction.
    pub distance: u32,
    /// How many profiles require it.
    pub profiles: usize,
}

/// What is near a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbourhood {
    /// The document itself and what is near it, by distance and id.
    pub nodes: Vec<Near>,
    /// Edges between them, in the order of the registry, without those of profiles.
    pub edges: Vec<Edge>,
    /// How many more are within the distance and were left out.
    pub cut: usize,
}

/// What is within `depth` edges of a document, at most `nodes_max` of them, the nearest first. A document that is not registered has
/// nothing around it; one that had this id before is found by it. Cost: O(edges) at most.
#[must_use]
pub fn around(registry: &Registry, id: &PartId, depth: u32, nodes_max: usize) -> Neighbourhood {
    let Some(centre) = registry.canonical(id) else { return Neighbourhood::default() };
    let mut distances: BTreeMap<&PartId, u32> = BTreeMap::from([(centre, 0)]);
    let mut queue = VecDeque::from([(centre, 0)]);
    while let Some((id, distance)) = queue.pop_front() {
        if distance == depth {
            continue;
        }
        let out = registry.edges_from(id).map(|edge| (edge, &edge.to));
        let into = registry.edges_to(id).map(|edge| (edge, &edge.from));
        for (edge, end) in out.chain(into) {
            if edge.relation != Relation::ProfileRequires && !distances.contains_key(end) {
                distances.insert(end, distance + 1);
                queue.push_back((end, distance + 1));
            }
        }
    }
    let mut near: Vec<(u32, &PartId)> = distances.iter().map(|(id, distance)| (*distance, *id)).collect();
    near.sort_unstable();
    let cut = near.len().saturating_sub(nodes_max);
    near.truncate(nodes_max);
    let node = |(distance, id): &(u32, &PartId)| {
        let required = registry.edges_to(id).filter(|edge| edge.relation == Relation::ProfileRequires);
        let mut profiles: Vec<&PartId> = required.map(|edge| &edge.from).collect();
        profiles.dedup();
        Near { id: (*id).clone(), distance: *distance, profiles: profiles.len() }
    };
    let nodes: Vec<Near> = near.iter().map(node).collect();
    let mut shown: Vec<&PartId> = near.into_iter().map(|(_, id)| id).collect();
    shown.sort_unstable();
    let inside =
        |edge: &&Edge| edge.relation != Relation::ProfileRequires && shown.binary_search(&&edge.to).is_ok();
    let edges = shown.iter().flat_map(|id| registry.edges_from(id).filter(inside)).cloned().collect();
    Neighbourhood { nodes, edges, cut }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::exercise::invent;
    use super::*;

    proptest! {
        /// Distances against the definition: nearest of all neighbours plus one, by repeated relaxation over the list of edges.
        #[test]
        fn distances_are_those_of_the_graph(seed in 0_u64..40, which in 0_usize..80, depth in 0_u32..4, nodes_max in 0_usize..30) {
            let registry = invent(80, seed).registry();
            let centre = registry.records().keys().nth(which).unwrap();
            let mut distances = BTreeMap::from([(centre.clone(), 0_u32)]);
            for step in 1..=depth {
                let before = distances.clone();
                for edge in registry.edges().iter().filter(|edge| edge.relation != Relation::ProfileRequires) {
                    for (a, b) in [(&edge.from, &edge.to), (&edge.to, &edge.from)] {
                        if before.get(a) == Some(&(step - 1)) {
                            distances.entry(b.clone()).or_insert(step);
                        }
                    }
                }
            }
            let found = around(&registry, centre, depth, nodes_max);
            prop_assert_eq!(found.nodes.len() + found.cut, distances.len());
            prop_assert_eq!(found.nodes.len(), distances.len().min(nodes_max));
            for near in &found.nodes {
                prop_assert_eq!(Some(&near.distance), distances.get(&near.id));
                let mut profiles: Vec<_> = registry
                    .edges()
                    .iter()
                    .filter(|edge| edge.relation == Relation::ProfileRequires && edge.to == near.id)
                    .map(|edge| &edge.from)
                    .collect();
                profiles.dedup();
                prop_assert_eq!(near.profiles, profiles.len());
            }
            prop_assert!(found.nodes.windows(2).all(|pair| (pair[0].distance, &pair[0].id) < (pair[1].distance, &pair[1].id)));
            let shown = |id: &PartId| found.nodes.iter().any(|near| near.id == *id);
            let between: Vec<Edge> = registry
                .edges()
                .iter()
                .filter(|edge| edge.relation != Relation::ProfileRequires && shown(&edge.from) && shown(&edge.to))
                .cloned()
                .collect();
            prop_assert_eq!(found.edges, between);
        }
    }

    #[test]
    fn what_is_not_registered_has_nothing_around_it() {
        let registry = invent(20, 1).registry();
        assert_eq!(around(&registry, &PartId::new("none").unwrap(), 9, 9), Neighbourhood::default());
    }
}
