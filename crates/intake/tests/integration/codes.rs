use crate::scene::{CAPABILITY, found, messages, read, with};

fn capability(text: &str) -> String {
    found(&with("capability.csv", text))
}

#[test]
fn trees_that_are_not_trees() {
    assert_eq!(
        capability(&CAPABILITY.replace("gun,land,", "gun,,")),
        "reject orphan-code capability.csv:5:- parent\n"
    );
    let lost = with("capability.csv", CAPABILITY.replace("gun,land,", "gun,lnd,"));
    assert_eq!(
        messages(&lost),
        [
            "capability.csv, line 5 (`parent`): code `gun` stands under `lnd`, which is not in the tree; nearest is `land`"
        ]
    );
    let cycle = CAPABILITY.replace("land,total,", "land,air,").replace("air,total,", "air,land,");
    assert_eq!(
        messages(&with("capability.csv", cycle)),
        ["capability.csv, line 3 (`parent`): codes stand above each other: land > air > land"]
    );
    let own = CAPABILITY.replace("land,total,", "land,land,");
    assert_eq!(
        messages(&with("capability.csv", own)),
        ["capability.csv, line 3 (`parent`): codes stand above each other: land > land"]
    );
    assert_eq!(
        capability(&format!("{CAPABILITY}gun,air,,piece\n")),
        "reject code-in-two-parents capability.csv:8:2 parent\n"
    );
    assert_eq!(
        capability(&format!("{CAPABILITY}gun,land,,piece\n")),
        "reject duplicate-code capability.csv:8:1 code\n"
    );
    assert_eq!(
        capability(&format!("{CAPABILITY},land,,piece\n")),
        "reject missing-code capability.csv:8:1 code\n"
    );
    assert_eq!(capability("code,parent\n"), "reject no-records capability.csv:-:- -\n");
    assert_eq!(capability("code,above\na,\n"), "reject missing-column capability.csv:1:- parent\n");
}

#[test]
fn two_roots_in_the_child_form() {
    let year = with("year.csv", "child,parent\n2030,all\n2031,al\n2032,all\n");
    assert_eq!(
        messages(&year),
        [
            "year.csv, line 3 (`parent`): code `2031` stands under `al`, which is not in the tree; nearest is `all`"
        ]
    );
}

#[test]
fn units_along_the_tree() {
    let inherited = CAPABILITY
        .replace("land,total,Land,", "land,total,Land,piece")
        .replace("tank,land,Tanks,piece", "tank,land,Tanks,");
    assert_eq!(capability(&inherited), "");
    assert_eq!(
        capability(&CAPABILITY.replace("jet,air,Jets,piece", "jet,air,Jets,")),
        "reject missing-unit capability.csv:7:- unit\n"
    );
    let declared = CAPABILITY
        .replace("total,,All,", "total,,All,piece")
        .replace("jet,air,Jets,piece", "jet,air,Jets,tonne");
    assert_eq!(
        messages(&with("capability.csv", declared)),
        ["capability.csv, line 2 (`unit`): `total` would add up piece and tonne"]
    );
    let mut files = with("year.csv", "code,parent,unit\nall,,\n2030,all,piece\n2031,all,piece\n");
    assert_eq!(found(&files), "reject two-unit-lists spec.toml:-:- -\n");
    files.put("year.csv", "code,parent\nall,\n2030,all\n2031,all\n");
    assert_eq!(found(&files), "");
}

#[test]
fn codes_are_text_and_trees_may_be_ragged() {
    let capability = "code,parent,unit\ntotal,,\n01,total,piece\n1,total,\n001,1,\n0001,001,piece\n";
    let mut files = with("capability.csv", capability);
    files.put(
        "figures.csv",
        "ally,capability,year,quantity,unit\nDEU,01,2030,5,piece\nFRA,0001,2031,4,piece\n",
    );
    assert_eq!(found(&files), "");
    let loaded = read(&files).unwrap();
    let tree = loaded.lists[0].hierarchy();
    assert_eq!(tree.len(), 5);
    assert_eq!(tree.children(tree.node("1").unwrap()).len(), 1);
}
