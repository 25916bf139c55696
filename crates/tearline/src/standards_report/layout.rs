//! Places of boxes and lines of a small graph, in layers: what covers, contains or refers stands above what is covered, contained or
//! referred to; what takes the place of another stands beside it.
//!
//! Layers by longest paths, edges that close a cycle left out; order within a layer by the mean place of what is above (Sugiyama, Tagawa
//! and Toda 1981). A layer that is too wide goes on in the next row. Lines run in the channels between rows and in the gutters between
//! columns, lines of one kind with an end in common on one track, so none runs through a box. Floats are lengths of drawings.
//!
//! INVARIANT: places are below the count of boxes wherever a list is indexed by them; links that say otherwise are passed over first.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::float;

/// Boxes of one row.
pub(super) const COLUMNS: usize = 4;
/// Width of a box.
pub(super) const BOX_WIDTH: f64 = 216.0;
/// Height of a box.
pub(super) const BOX_HEIGHT: f64 = 74.0;
/// Between two columns, and at both ends.
const GUTTER: f64 = 34.0;
/// Between two rows with one line in between.
const CHANNEL: f64 = 26.0;
/// Between two tracks.
const TRACK: f64 = 4.0;
/// Tracks of one gutter or channel before they are used again.
const TRACKS_MAX: usize = 7;

/// An edge between boxes, by their places in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How it is drawn. [`BESIDE`] stands beside its object, not above it.
    pub(super) kind: &'static str,
}

/// The kind of a link between two of which one takes the place of the other.
pub(super) const BESIDE: &str = "supersedes";

impl Link {
    fn beside(&self) -> bool {
        self.kind == BESIDE
    }
}

/// Lines of one kind that have an end in common run together: that end, whether it is their object, and the kind.
type Bundle = (usize, bool, &'static str);

/// Where everything is.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Upper left corner of each box.
    pub(super) corners: Vec<(f64, f64)>,
    /// Corners of each line, from subject to object.
    pub(super) lines: Vec<Vec<(f64, f64)>>,
}

/// Lays out `count` boxes. Links to boxes that are not there, and from one to itself, get no line.
pub(super) fn layout(count: usize, links: &[Link]) -> Layout {
    let groups = Groups::new(count, links);
    let rows = rows(&groups, links);
    Grid::new(count, &rows, links).drawn(links)
}

/// Boxes that stand beside each other, as one.
struct Groups {
    of: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl Groups {
    fn new(count: usize, links: &[Link]) -> Self {
        let mut root: Vec<usize> = (0..count).collect();
        let beside = |link: &&Link| link.beside() && link.from < count && link.to < count;
        for link in links.iter().filter(beside) {
            let (keep, drop) = (root[link.from], root[link.to]);
            root.iter_mut().filter(|at| **at == drop).for_each(|at| *at = keep);
        }
        let mut number: BTreeMap<usize, usize> = BTreeMap::new();
        let mut members: Vec<Vec<usize>> = Vec::new();
        let mut of = vec![0; count];
        for (place, root) in root.iter().enumerate() {
            let group = *number.entry(*root).or_insert_with(|| {
                members.push(Vec::new());
                members.len() - 1
            });
            of[place] = group;
            members[group].push(place);
        }
        // The later first: how many of its own group stand after it, directly or not.
        for group in &mut members {
            let before = |place: usize| {
                let mut seen = BTreeSet::from([place]);
                let mut next = vec![place];
                while let Some(at) = next.pop() {
                    let after =
                        links.iter().filter(|link| link.beside() && link.from == at && link.to < count);
                    next.extend(after.map(|link| link.to).filter(|to| seen.insert(*to)));
                }
                seen.len()
            };
            let keys: BTreeMap<usize, usize> = group.iter().map(|place| (*place, before(*place))).collect();
            group.sort_by_key(|place| (std::cmp::Reverse(keys.get(place).copied()), *place));
        }
        Self { of, members }
    }

    /// Links between groups that run downwards, those that close a cycle left out.
    fn arrows(&self, links: &[Link]) -> Vec<(usize, usize)> {
        let known = |link: &&Link| !link.beside() && link.from < self.of.len() && link.to < self.of.len();
        let wanted: BTreeSet<(usize, usize)> = links
            .iter()
            .filter(known)
            .map(|link| (self.of[link.from], self.of[link.to]))
            .filter(|(from, to)| from != to)
            .collect();
        let mut kept: Vec<(usize, usize)> = Vec::new();
        for (from, to) in wanted {
            if !reaches(&kept, to, from) {
                kept.push((from, to));
            }
        }
        kept
    }
}

fn reaches(arrows: &[(usize, usize)], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        if at == to {
            return true;
        }
        let after = arrows.iter().filter(|(above, _)| *above == at).map(|(_, below)| *below);
        next.extend(after.filter(|below| seen.insert(*below)));
    }
    false
}

/// The bundle of a line: with those of its subject or of its object, whichever are more.
fn bundle(link: &Link, links: &[Link]) -> Bundle {
    let count = |same: fn(&Link, &Link) -> bool| {
        links.iter().filter(|other| other.kind == link.kind && same(other, link)).count()
    };
    let (out, into) = (count(|a, b| a.from == b.from), count(|a, b| a.to == b.to));
    if into > out { (link.to, true, link.kind) } else { (link.from, false, link.kind) }
}

/// The boxes of each row, from left to right.
fn rows(groups: &Groups, links: &[Link]) -> Vec<Vec<usize>> {
    let arrows = groups.arrows(links);
    let count = groups.members.len();
    let mut layer = vec![0_usize; count];
    // Longest paths; without cycles at most `count` turns.
    for _ in 0..count {
        let mut moved = false;
        for (from, to) in &arrows {
            if layer[*to] <= layer[*from] {
                layer[*to] = layer[*from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    // What nothing stands above is drawn just above what is below it.
    for group in 0..count {
        if !arrows.iter().any(|(_, to)| *to == group) {
            let below = arrows.iter().filter(|(from, _)| *from == group).map(|(_, to)| layer[*to]).min();
            layer[group] = below.map_or(layer[group], |below| below.saturating_sub(1));
        }
    }
    let last = layer.iter().copied().max().unwrap_or(0);
    let mut order: Vec<Vec<usize>> =
        (0..=last).map(|at| (0..count).filter(|group| layer[*group] == at).collect()).collect();
    ordered(&mut order, &arrows);
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for groups_of_layer in &order {
        let boxes: Vec<usize> =
            groups_of_layer.iter().flat_map(|group| groups.members[*group].iter().copied()).collect();
        rows.extend(boxes.chunks(COLUMNS).map(<[usize]>::to_vec));
    }
    rows
}

/// Sorts each layer by the mean place of what stands above its groups; what nothing pulls apart stays in the order it was given in.
fn ordered(order: &mut [Vec<usize>], arrows: &[(usize, usize)]) {
    let mut place: BTreeMap<usize, f64> = BTreeMap::new();
    for layer in order {
        let width = float(layer.len() as i64);
        let own: BTreeMap<usize, f64> =
            layer.iter().zip(0_i64..).map(|(group, at)| (*group, (float(at) + 0.5) / width)).collect();
        let mean = |group: usize| {
            let above = arrows.iter().filter(|(_, to)| *to == group).filter_map(|(from, _)| place.get(from));
            let (sum, count) = above.fold((0.0, 0_i64), |(sum, count), at| (sum + at, count + 1));
            if count == 0 { own.get(&group).copied().unwrap_or(0.0) } else { sum / float(count) }
        };
        // A stable sort.
        layer.sort_by(|a, b| mean(*a).total_cmp(&mean(*b)));
        place.extend(layer.iter().zip(0_i64..).map(|(group, at)| (*group, (float(at) + 0.5) / width)));
    }
}

/// Boxes in rows and columns, and the tracks that lines run on.
struct Grid {
    /// Row and column of each box.
    cells: Vec<(usize, usize)>,
    /// Top of each row.
    tops: Vec<f64>,
    height: f64,
    /// Track of each bundle in the channel under a row.
    channels: BTreeMap<(usize, Bundle), usize>,
    /// Track of each bundle in a gutter.
    gutters: BTreeMap<(usize, Bundle), usize>,
    /// Bundle of each line, and its place at the top of its object: how many bundles come in there before it.
    bundles: Vec<(Bundle, usize)>,
}

impl Grid {
    fn new(count: usize, rows: &[Vec<usize>], links: &[Link]) -> Self {
        let mut cells = vec![(0, 0); count];
        for (row, boxes) in rows.iter().enumerate() {
            let left = (COLUMNS - boxes.len().min(COLUMNS)) / 2;
            for (column, place) in boxes.iter().enumerate() {
                cells[*place] = (row, left + column);
            }
        }
        let mut grid = Self {
            cells,
            tops: Vec::new(),
            height: 0.0,
            channels: BTreeMap::new(),
            gutters: BTreeMap::new(),
            bundles: Vec::new(),
        };
        let mut arrived: BTreeMap<usize, Vec<Bundle>> = BTreeMap::new();
        for link in links {
            let bundle = bundle(link, links);
            let before = arrived.entry(link.to).or_default();
            let place = before.iter().position(|known| *known == bundle).unwrap_or(before.len());
            if place == before.len() {
                before.push(bundle);
            }
            grid.bundles.push((bundle, place));
            grid.claim(link, bundle);
        }
        let mut top = CHANNEL / 2.0;
        for row in 0..rows.len().max(1) {
            grid.tops.push(top);
            let tracks = grid.channels.keys().filter(|(under, _)| *under == row).count().min(TRACKS_MAX);
            top += BOX_HEIGHT + CHANNEL + TRACK * float(tracks as i64);
        }
        grid.height = top;
        grid
    }

    /// The upper of the two ends first, and whether they were turned around.
    fn down(&self, link: &Link) -> Option<(usize, usize, bool)> {
        let (from, to) = (self.cells.get(link.from)?, self.cells.get(link.to)?);
        if link.from == link.to {
            return None;
        }
        Some(if from.0 <= to.0 { (link.from, link.to, false) } else { (link.to, link.from, true) })
    }

    /// Gives the bundle of a line its tracks.
    fn claim(&mut self, link: &Link, bundle: Bundle) {
        let Some((upper, lower, _)) = self.down(link) else { return };
        let ((from, _), (to, column)) = (self.cells[upper], self.cells[lower]);
        if self.neighbours(upper, lower) {
            return;
        }
        let mut claim = |row: usize| {
            let next = self.channels.keys().filter(|(under, _)| *under == row).count();
            self.channels.entry((row, bundle)).or_insert(next % TRACKS_MAX);
        };
        claim(from);
        if to > from + 1 {
            claim(to - 1);
            let gutter = self.gutter(upper, column);
            let next = self.gutters.keys().filter(|(known, _)| *known == gutter).count();
            self.gutters.entry((gutter, bundle)).or_insert(next % TRACKS_MAX);
        }
    }

    /// The gutter beside a column that is nearer to the upper end.
    fn gutter(&self, upper: usize, column: usize) -> usize {
        if self.cells[upper].1 > column { column + 1 } else { column }
    }

    fn neighbours(&self, a: usize, b: usize) -> bool {
        let ((row_a, column_a), (row_b, column_b)) = (self.cells[a], self.cells[b]);
        row_a == row_b && column_a.abs_diff(column_b) == 1
    }

    fn corner(&self, place: usize) -> (f64, f64) {
        let (row, column) = self.cells[place];
        let top = self.tops.get(row).copied().unwrap_or(0.0);
        (GUTTER + float(column as i64) * (BOX_WIDTH + GUTTER), top)
    }

    fn channel_y(&self, row: usize, bundle: Bundle) -> f64 {
        let track = self.channels.get(&(row, bundle)).copied().unwrap_or(0);
        let top = self.tops.get(row).copied().unwrap_or(0.0);
        top + BOX_HEIGHT + CHANNEL / 2.0 + TRACK * float(track as i64)
    }

    fn gutter_x(&self, gutter: usize, bundle: Bundle) -> f64 {
        let track = self.gutters.get(&(gutter, bundle)).copied().unwrap_or(0);
        let left = float(gutter as i64) * (BOX_WIDTH + GUTTER);
        left + (GUTTER - TRACK * float(TRACKS_MAX as i64 - 1)) / 2.0 + TRACK * float(track as i64)
    }

    fn drawn(&self, links: &[Link]) -> Layout {
        let lines =
            links.iter().zip(&self.bundles).map(|(link, (bundle, place))| self.line(link, *bundle, *place));
        Layout {
            width: GUTTER + float(COLUMNS as i64) * (BOX_WIDTH + GUTTER),
            height: self.height,
            corners: (0..self.cells.len()).map(|place| self.corner(place)).collect(),
            lines: lines.collect(),
        }
    }

    fn line(&self, link: &Link, bundle: Bundle, place: usize) -> Vec<(f64, f64)> {
        let Some((upper, lower, turned)) = self.down(link) else { return Vec::new() };
        let ((x_upper, y_upper), (x_lower, y_lower)) = (self.corner(upper), self.corner(lower));
        let ((from, _), (to, column)) = (self.cells[upper], self.cells[lower]);
        let mut line = if self.neighbours(upper, lower) {
            let y = y_upper + BOX_HEIGHT / 2.0;
            let (left, right) = (x_upper.min(x_lower) + BOX_WIDTH, x_upper.max(x_lower));
            if x_upper < x_lower { vec![(left, y), (right, y)] } else { vec![(right, y), (left, y)] }
        } else {
            // Lines leave in the middle and come in beside each other.
            let leaves = x_upper + BOX_WIDTH / 2.0;
            let step = [0_i64, 1, -1, 2, -2, 3, -3, 4, -4].get(place % 9).copied().unwrap_or(0);
            let comes = x_lower + BOX_WIDTH / 2.0 + 10.0 * float(step);
            let channel = self.channel_y(from, bundle);
            let mut line = vec![(leaves, y_upper + BOX_HEIGHT), (leaves, channel)];
            if from == to {
                line.extend([(comes, channel), (comes, y_lower + BOX_HEIGHT)]);
            } else {
                if to > from + 1 {
                    let gutter = self.gutter_x(self.gutter(upper, column), bundle);
                    let above = self.channel_y(to - 1, bundle);
                    line.extend([(gutter, channel), (gutter, above), (comes, above)]);
                } else {
                    line.push((comes, channel));
                }
                line.push((comes, y_lower));
            }
            line
        };
        if turned {
            line.reverse();
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down(from: usize, to: usize) -> Link {
        Link { from, to, kind: "covers" }
    }

    #[test]
    fn a_cover_is_above_what_it_covers_and_the_later_left_of_the_earlier() {
        let links = [down(0, 1), down(0, 2), down(2, 3), Link { from: 2, to: 4, kind: BESIDE }];
        let layout = layout(5, &links);
        let y = |place: usize| layout.corners[place].1;
        assert!(y(0) < y(1) && y(0) < y(2) && y(2) < y(3));
        assert!((y(2) - y(4)).abs() < 0.1 && layout.corners[2].0 < layout.corners[4].0);
    }

    #[test]
    fn a_cycle_and_a_loop_end() {
        let layout = layout(3, &[down(0, 1), down(1, 2), down(2, 0), down(1, 1), down(7, 0)]);
        assert_eq!(layout.corners.len(), 3);
        assert!(layout.lines[3].is_empty() && layout.lines[4].is_empty());
        assert!(layout.lines[..3].iter().all(|line| line.len() >= 2));
    }

    #[test]
    fn nothing_is_laid_out_as_nothing() {
        assert!(layout(0, &[]).corners.is_empty());
    }

    /// Whether an upright or level piece of a line runs through the inside of a box.
    fn crosses(a: (f64, f64), b: (f64, f64), corner: (f64, f64)) -> bool {
        let apart = |low: f64, high: f64, begin: f64, end: f64| high <= begin + 0.1 || low >= end - 0.1;
        !apart(a.0.min(b.0), a.0.max(b.0), corner.0, corner.0 + BOX_WIDTH)
            && !apart(a.1.min(b.1), a.1.max(b.1), corner.1, corner.1 + BOX_HEIGHT)
    }

    /// A small generator for the test's graphs (Steele, Lea and Flood 2014, splitmix).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)) as usize % end
        }
    }

    #[test]
    fn boxes_are_apart_and_lines_run_between_them() {
        for seed in 0..500 {
            let mut numbers = Numbers(seed);
            let count = 1 + numbers.below(24);
            let links: Vec<Link> = (0..numbers.below(40))
                .map(|_| Link {
                    from: numbers.below(count),
                    to: numbers.below(count),
                    kind: ["covers", "needs", "refers", BESIDE][numbers.below(4)],
                })
                .collect();
            judge(seed, count, &links);
        }
    }

    fn judge(seed: u64, count: usize, links: &[Link]) {
        let drawn = layout(count, links);
        for (at, a) in drawn.corners.iter().enumerate() {
            assert!(a.0 >= 0.0 && a.0 + BOX_WIDTH <= drawn.width && a.1 + BOX_HEIGHT <= drawn.height);
            for b in &drawn.corners[at + 1..] {
                assert!((a.0 - b.0).abs() >= BOX_WIDTH || (a.1 - b.1).abs() >= BOX_HEIGHT, "seed {seed}");
            }
        }
        for (link, line) in links.iter().zip(&drawn.lines) {
            assert_eq!(line.is_empty(), link.from == link.to, "seed {seed}");
            for piece in line.windows(2) {
                for corner in &drawn.corners {
                    assert!(
                        !crosses(piece[0], piece[1], *corner),
                        "seed {seed}: {link:?} {piece:?} {corner:?}"
                    );
                }
            }
            // It begins at its subject and ends at its object.
            for (end, place) in [(line.first(), link.from), (line.last(), link.to)] {
                let Some((x, y)) = end else { continue };
                let corner = drawn.corners[place];
                assert!(*x >= corner.0 - 0.1 && *x <= corner.0 + BOX_WIDTH + 0.1, "seed {seed}");
                assert!(*y >= corner.1 - 0.1 && *y <= corner.1 + BOX_HEIGHT + 0.1, "seed {seed}");
            }
        }
    }
}
