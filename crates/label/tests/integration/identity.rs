//! Reading and writing are inverse, whatever the label.

use label::{
    Category, Classification, Information, Label, Originator, OriginatorKind, Policy, Succession, Successor,
    Tag, Text, UtcTime,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn text() -> impl Strategy<Value = Text> {
    "[ -~äßÅΩ中&<>\"']{1,40}".prop_filter_map("a text of a label", |t| Text::new(&t).ok())
}

fn time() -> impl Strategy<Value = UtcTime> {
    (1970_u16..=9998, 1_u8..=12, 1_u8..=28, 0_u8..=23, 0_u8..=59, 0_u8..=59).prop_map(
        |(y, mo, d, h, mi, s)| format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z").parse().unwrap(),
    )
}

fn category(tag: Tag) -> impl Strategy<Value = Category> {
    vec(text(), 1..5).prop_filter_map("values that differ", move |values| Category::new(tag, values).ok())
}

fn information() -> impl Strategy<Value = Information> {
    let others = (
        option::of(category(Tag::ReleasableTo)),
        option::of(category(Tag::Only)),
        option::of(category(Tag::AdditionalSensitivity)),
        option::of(category(Tag::Administrative)),
    );
    (select(Classification::ALL.to_vec()), option::of(text()), category(Tag::Context), others).prop_map(
        |(classification, mark, context, (a, b, c, d))| {
            let nato = classification.policy() == Policy::Nato;
            let all = [a, b, Some(context), c, d].into_iter().flatten().filter(|_| nato);
            Information::new(classification, mark, all.collect()).unwrap()
        },
    )
}

fn originator() -> impl Strategy<Value = Originator> {
    (select(OriginatorKind::ALL.to_vec()), text()).prop_map(|(kind, id)| Originator { kind, id })
}

fn label() -> impl Strategy<Value = Label> {
    let succession = (time(), information(), option::of(originator()), time()).prop_map(
        |(at_utc, information, originator, created_utc)| Succession {
            at_utc,
            successor: Successor { information, originator, created_utc },
        },
    );
    (information(), option::of(originator()), time(), option::of(time()), option::of(succession))
        .prop_filter_map("review or succession", |(information, originator, created, review, succession)| {
            Label::new(information, originator, created, review, succession).ok()
        })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(label in label()) {
        let xml = label.to_xml().unwrap();
        prop_assert_eq!(&Label::from_xml(xml.as_bytes()).unwrap(), &label);
        prop_assert_eq!(Label::from_xml(xml.as_bytes()).unwrap().to_xml().unwrap(), xml);
        prop_assert!(!label.marking().is_empty());
    }

    #[test]
    fn a_changed_byte_never_panics(label in label(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut xml = label.to_xml().unwrap().into_bytes();
        let at = at.index(xml.len());
        xml[at] = byte;
        // A change of case, of white space or inside a text may still be a label; it then reads back as itself.
        if let Ok(read) = Label::from_xml(&xml) {
            let printed = read.to_xml().unwrap();
            prop_assert_eq!(Label::from_xml(printed.as_bytes()).unwrap(), read);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        let _ = Label::from_xml(&bytes);
    }
}
