//! One small proof, written and read again, and everything that may be wrong with its text.

use disclosure::bound::{Cut, Node, Proof};
use disclosure::component::Relation;
use disclosure::problem::{Direction, Problem, Requirement};

use super::{BoundError, read, write};
use crate::files::FilesInMemory;
use crate::limits::{BOUND_DEPTH_MAX, BOUND_FACTOR_MAX};

const SPECIFICATION: &str = "schema = \"tearline-spec/1\"\ntitle = \"EXERCISE\"\n[figures]\nfile = \"figures.csv\"\n\
    contributor = \"ally\"\nvalue = \"value\"\ndecimals = 0\nunit = \"piece\"\n[[variable]]\nname = \"kind\"\n\
    codes = \"kind.csv\"\n[rule]\np = 10\n";

/// Three kinds and their total; the first is sensitive.
fn problem() -> Problem {
    let mut files = FilesInMemory::new();
    files.put("spec.toml", SPECIFICATION);
    files.put("kind.csv", "child,parent\na,all\nb,all\nc,all\n");
    let row = |kind, value| ["NO", "DE", "FR"].map(|ally| format!("{ally},{kind},{value}\n")).concat();
    files.put("figures.csv", format!("ally,kind,value\nNO,a,100\n{}{}", row("b", 50), row("c", 70)));
    crate::load("spec.toml", &files)
        .ok()
        .and_then(|loaded| loaded.problem().ok())
        .expect("a sound specification")
}

/// To move `a` up, `b` or `c` must be hidden or the total; either `b` is, or one of the others.
fn proof(problem: &Problem) -> Proof {
    let table = problem.table();
    let cells: Vec<_> = ["all", "a", "b"]
        .map(|code| table.cell(&[table.hierarchies()[0].node(code).expect("a code")]).expect("a cell"))
        .to_vec();
    let need = problem.need(cells[1], Direction::Up);
    assert!(need > 0);
    let relation = Relation { variable: 0, margin: cells[0] };
    let requirement = Requirement { cell: cells[1], direction: Direction::Up, need };
    let cut = |assumed| Cut { requirement, steps: vec![(relation, -1)], assumed };
    Proof {
        cuts: vec![cut(Vec::new()), cut(vec![cells[2]])],
        nodes: vec![
            Node::Branch { cell: cells[2], published: 1, hidden: 2 },
            Node::Leaf { multipliers: vec![(0, 65_536)] },
            Node::Leaf { multipliers: Vec::new() },
        ],
    }
}

fn text(problem: &Problem) -> String {
    let bytes = write(problem.table(), &proof(problem)).expect("a proof of ordinary size");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn what_is_written_is_read_again() {
    let problem = problem();
    let read = read(text(&problem).as_bytes(), &problem).expect("our own file");
    assert_eq!(read, proof(&problem));
}

#[test]
fn every_other_form_is_refused() {
    let problem = problem();
    let text = text(&problem);
    let relation = "\"relations\":[[0,0,-1]]";
    let relations = |list: &str| format!("\"relations\":[{list}]");
    let branch = "{\"branch\":{\"cell\":2,\"published\":1,\"hidden\":2}}";
    let branches = |published: u32, hidden: u32| {
        format!("{{\"branch\":{{\"cell\":2,\"published\":{published},\"hidden\":{hidden}}}}}")
    };
    let cases = [
        ("not a proof", "\"cuts\"", "\"cut\"".to_owned()),
        ("not a proof", "\"cuts\"", "\"more\":0,\"cuts\"".to_owned()),
        ("not a proof", "\"up\"", "\"sideways\"".to_owned()),
        ("not a proof", "65536", "-1".to_owned()),
        ("not a proof", "65536", "1.5".to_owned()),
        ("schema", "bound/1", "bound/2".to_owned()),
        ("variables", "\"kind\"", "\"colour\"".to_owned()),
        ("variables", "\"kind\"", "\"kind\",\"kind\"".to_owned()),
        ("cell 1", "[\"a\"]", "[\"z\"]".to_owned()),
        ("cell 1", "[\"a\"]", "[\"a\",\"a\"]".to_owned()),
        ("cell 1", "[\"a\"]", "[\"all\"]".to_owned()),
        ("cut 0", "\"cell\":1", "\"cell\":3".to_owned()),
        ("cut 0", relation, relations("[1,0,-1]")),
        ("cut 0", relation, relations("[0,3,-1]")),
        ("cut 0", relation, relations("[0,0,0]")),
        ("cut 0", relation, relations(&format!("[0,0,{}]", BOUND_FACTOR_MAX + 1))),
        ("cut 0", relation, relations(&format!("[0,0,{}]", i64::MIN))),
        ("cut 0", relation, relations("[0,0,1],[0,0,1]")),
        ("cut 1", "\"assumed\":[2]", "\"assumed\":[2,2]".to_owned()),
        ("cut 1", "\"assumed\":[2]", "\"assumed\":[2,0]".to_owned()),
        ("cut 1", "\"assumed\":[2]", "\"assumed\":[3]".to_owned()),
        ("case 0", branch, branches(0, 2)),
        ("case 0", branch, branches(1, 1)),
        ("case 0", branch, branches(1, 3)),
        ("case 0", branch, branches(1, 2).replace("\"cell\":2", "\"cell\":3")),
        ("case 1", branch, "{\"leaf\":[]}".to_owned()),
        ("case 1", "[[0,65536]]", "[[2,65536]]".to_owned()),
    ];
    for (words, from, to) in cases {
        let changed = text.replacen(from, &to, 1);
        assert_ne!(changed, text, "{from}");
        let error = read(changed.as_bytes(), &problem).expect_err(&to).to_string();
        assert!(error.contains(words), "{to}: {error}");
    }
}

#[test]
fn cases_are_so_deep_and_no_deeper() {
    let problem = problem();
    let chain = |depth: u32| {
        let mut nodes = Vec::new();
        let cell = proof(&problem).cuts[1].assumed[0];
        for level in 0..depth {
            nodes.push(Node::Branch { cell, published: 2 * level + 1, hidden: 2 * level + 2 });
            nodes.push(Node::Leaf { multipliers: Vec::new() });
        }
        nodes.push(Node::Leaf { multipliers: Vec::new() });
        write(problem.table(), &Proof { cuts: Vec::new(), nodes }).expect("a proof of ordinary size")
    };
    assert!(read(&chain(BOUND_DEPTH_MAX), &problem).is_ok());
    assert!(matches!(read(&chain(BOUND_DEPTH_MAX + 1), &problem), Err(BoundError::Case(_))));
}
