//! Import of 2,000 and 100,000 invented standards with their edges, and questions about them.
//!
//! `cargo bench -p office --bench standards`; groups `import` and `questions`. An import is reading, findings, registry and index.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at a fault")]
#![expect(clippy::print_stdout, reason = "sizes belong to the figures")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ledger::act::PartId;
use office::standards::{Change, Date, Index, Record, Registry, around, difference, exercise, read};

const SIZES: [usize; 2] = [2_000, 100_000];

fn import(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("import");
    group.sample_size(10);
    for size in SIZES {
        let texts = exercise::invent(size, 1).to_csv();
        let bytes = texts.standards.len() + texts.edges.len() + texts.events.len();
        println!("{size} records, {} edges, {bytes} bytes", texts.edges.lines().count() - 1);
        group.bench_function(BenchmarkId::new("read and index", size), |bencher| {
            bencher.iter(|| {
                let reading = read(&texts.sources()).unwrap();
                black_box((Index::new(&reading.registry), reading))
            });
        });
    }
    group.finish();
}

/// The snapshot a year later: a tenth renamed, a tenth dropped, a tenth changed.
fn later(registry: &Registry) -> Registry {
    let turn = |(at, record): (usize, &Record)| {
        let mut record = record.clone();
        match at % 10 {
            0 => return None,
            1 => record.id = PartId::new(&format!("later-{}", record.id)).unwrap(),
            2 => record.title.push_str(" (changed)"),
            _ => {}
        }
        Some(record)
    };
    let records = registry.records().values().enumerate().filter_map(turn).collect();
    let profiles = registry.profiles().values().cloned().collect();
    Registry::new(records, registry.edges().to_vec(), profiles, registry.national().to_vec())
}

fn questions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("questions");
    group.sample_size(10);
    for size in SIZES {
        let texts = exercise::invent(size, 1).to_csv();
        let reading = read(&texts.sources()).unwrap();
        let registry = &reading.registry;
        let index = Index::new(registry);
        let mut of = |name: &str, question: &mut dyn FnMut()| {
            group.bench_function(BenchmarkId::new(name, size), |bencher| bencher.iter(&mut *question));
        };
        of("search for a number", &mut || {
            black_box(index.search("EXSTANAG 1034 Ed 2", 20));
        });
        // The worst there is: words that every record has.
        of("search for words of all", &mut || {
            black_box(index.search("exercise an invented standard about", 20));
        });
        let popular = registry.records().keys().max_by_key(|id| registry.edges_to(id).count()).unwrap();
        of("around the most popular, 3 far", &mut || {
            black_box(around(registry, popular, 3, 200));
        });
        let later = later(registry);
        let day = Date::read("2026-01").unwrap();
        let change = Change::between(registry, &later, day);
        println!("{size} records: change {:?}, {} bytes", change.counts(), change.to_bytes().len());
        of("change between snapshots", &mut || {
            black_box(Change::between(registry, &later, day));
        });
        of("apply a change", &mut || {
            black_box(registry.apply(&change));
        });
        of("difference of files", &mut || {
            black_box(difference(&reading.rows, &reading.rows));
        });
    }
    group.finish();
}

criterion_group!(standards, import, questions);
criterion_main!(standards);
