//! Pages, fonts and structure as the objects of a file.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use ledger::Digest;
use package::fingerprint::PDF_MARKER;
use pdf_writer::types::{
    CidFontType, FontFlags, PaintType, StructRole, SystemInfo, TabOrder, TableHeaderScope, TilingType,
    UnicodeCmap,
};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::PAGE;
use super::canvas::Canvas;
use super::font::{Embedded, Font};
use super::tree::{Kid, Role, Tree};
use crate::forms::Heading;

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
const LANGUAGE: &str = "en-GB";

/// Numbers of objects: fixed ones, then pages, then elements.
struct Refs {
    next: i32,
}

impl Refs {
    fn take(&mut self) -> Ref {
        self.next += 1;
        Ref::new(self.next)
    }

    fn many(&mut self, count: usize) -> Vec<Ref> {
        (0..count).map(|_| self.take()).collect()
    }
}

/// The bytes of the file; `None` when the font does not subset.
pub(super) fn write(canvas: Canvas, heading: &Heading<'_>) -> Option<Vec<u8>> {
    let Canvas { pages, fonts, tree, .. } = canvas;
    let mut refs = Refs { next: 0 };
    let [catalog, page_tree, info, metadata, root, hatch] = std::array::from_fn(|_| refs.take());
    let font_refs = [refs.take(), refs.take()];
    let (page_refs, content_refs) = (refs.many(pages.len()), refs.many(pages.len()));
    let elements = refs.many(tree.elements.len());
    let mut pdf = Pdf::new();
    pdf.set_binary_marker(&PDF_MARKER);
    let text: String = pages.iter().map(|page| page.content.as_str()).collect();
    let id = Digest::of(text.as_bytes()).as_bytes().get(..16).unwrap_or_default().to_vec();
    pdf.set_file_id((id.clone(), id));
    pdf.document_info(info)
        .title(TextStr(heading.title))
        .subject(TextStr(heading.marking))
        .creator(TextStr("Tearline"));
    pdf.metadata(metadata, xmp(heading).as_bytes());
    let mut written = pdf.catalog(catalog);
    written.pages(page_tree).metadata(metadata).lang(TextStr(LANGUAGE));
    written.mark_info().marked(true);
    written.viewer_preferences().display_doc_title(true);
    written.pair(Name(b"StructTreeRoot"), root);
    written.finish();
    pdf.pages(page_tree).kids(page_refs.iter().copied()).count(i32::try_from(pages.len()).ok()?);
    for (number, page) in pages.iter().enumerate() {
        let (page_ref, content) = (*page_refs.get(number)?, *content_refs.get(number)?);
        let mut written = pdf.page(page_ref);
        written
            .parent(page_tree)
            .media_box(Rect::new(0.0, 0.0, PAGE.0 as f32, PAGE.1 as f32))
            .contents(content);
        written.struct_parents(i32::try_from(number).ok()?).tab_order(TabOrder::StructureOrder);
        let mut resources = written.resources();
        let mut named = resources.fonts();
        for (font, reference) in fonts.iter().zip(font_refs) {
            named.pair(Name(font.weight.resource().as_bytes()), reference);
        }
        named.finish();
        resources.patterns().pair(Name(b"P1"), hatch);
        resources.finish();
        written.finish();
        // Not compressed: marks are found by how they are spelt.
        pdf.stream(content, page.content.as_bytes()).finish();
    }
    hatching(&mut pdf, hatch);
    for (font, reference) in fonts.iter().zip(font_refs) {
        embed(&mut pdf, font, &font.embedded()?, reference, &mut refs)?;
    }
    let owners: Vec<&[usize]> = pages.iter().map(|page| page.owners.as_slice()).collect();
    structure(&mut pdf, &tree, &elements, root, &page_refs, &owners, &mut refs)?;
    Some(pdf.finish())
}

/// The filling of ranges: lines over a light ground, seen on a grey print too (ISO 32000-2, 8.7.3).
fn hatching(pdf: &mut Pdf, reference: Ref) {
    let cell = b"0.992 0.941 0.878 rg 0 0 3 3 re f 0.816 0.541 0.271 RG 0.7 w -1 -1 m 4 4 l S -1 2 m 1 4 l S 2 -1 m 4 1 l S";
    let mut pattern = pdf.tiling_pattern(reference, cell);
    pattern.tiling_type(TilingType::ConstantSpacing).paint_type(PaintType::Colored);
    pattern.bbox(Rect::new(0.0, 0.0, 3.0, 3.0)).x_step(3.0).y_step(3.0);
    pattern.resources();
}

fn embed(pdf: &mut Pdf, font: &Font, embedded: &Embedded, reference: Ref, refs: &mut Refs) -> Option<()> {
    let [cid, descriptor, file, unicode, glyphs] = std::array::from_fn(|_| refs.take());
    let name = Name(font.weight.name().as_bytes());
    pdf.type0_font(reference)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(unicode);
    let mut written = pdf.cid_font(cid);
    written.subtype(CidFontType::Type2).base_font(name).system_info(IDENTITY).font_descriptor(descriptor);
    written.default_width(600.0).cid_to_gid_map_stream(glyphs);
    let mut widths = written.widths();
    for (code, (_, width)) in &embedded.glyphs {
        widths.same(*code, *code, *width);
    }
    widths.finish();
    written.finish();
    let [x1, y1, x2, y2] = embedded.bounds;
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(Rect::new(x1, y1, x2, y2))
        .italic_angle(0.0)
        .ascent(embedded.ascent)
        .descent(embedded.descent)
        .cap_height(embedded.cap_height)
        .stem_v(80.0)
        .font_file2(file);
    let packed = packed(&embedded.bytes)?;
    let mut stream = pdf.stream(file, &packed);
    stream.filter(Filter::FlateDecode).pair(Name(b"Length1"), i32::try_from(embedded.bytes.len()).ok()?);
    stream.finish();
    // Codes of text are those of Unicode, so that a copied text is the text; glyphs are looked up.
    let mut map = vec![0_u8; 2 * 0x1_0000];
    let mut to_unicode = UnicodeCmap::new(Name(b"TearlineUnicode"), IDENTITY);
    for (code, (glyph, _)) in &embedded.glyphs {
        let at = 2 * usize::from(*code);
        map.get_mut(at..at + 2)?.copy_from_slice(&glyph.to_be_bytes());
        to_unicode.pair(*code, char::from_u32(u32::from(*code))?);
    }
    let packed = self::packed(&map)?;
    pdf.stream(glyphs, &packed).filter(Filter::FlateDecode);
    pdf.stream(unicode, &to_unicode.finish());
    Some(())
}

fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn structure(
    pdf: &mut Pdf,
    tree: &Tree,
    elements: &[Ref],
    root: Ref,
    pages: &[Ref],
    owners: &[&[usize]],
    refs: &mut Refs,
) -> Option<()> {
    let lists = refs.many(owners.len());
    let mut written = pdf.indirect(root).dict();
    written.pair(Name(b"Type"), Name(b"StructTreeRoot")).pair(Name(b"K"), *elements.first()?);
    let mut parents = written.insert(Name(b"ParentTree")).dict();
    let mut numbers = parents.insert(Name(b"Nums")).array();
    for (page, list) in (0..).zip(&lists) {
        numbers.item(page).item(*list);
    }
    numbers.finish();
    parents.finish();
    written.pair(Name(b"ParentTreeNextKey"), i32::try_from(owners.len()).ok()?);
    written.finish();
    for (owners, list) in owners.iter().zip(&lists) {
        let mut array = pdf.indirect(*list).array();
        for owner in *owners {
            array.item(*elements.get(*owner)?);
        }
    }
    for (element, reference) in tree.elements.iter().zip(elements) {
        let mut written = pdf.struct_element(*reference);
        written.kind(role(element.role));
        written.parent(element.parent.map_or(Some(root), |parent| elements.get(parent).copied())?);
        if let Some(alternative) = &element.alternative {
            written.alt(TextStr(alternative));
        }
        if element.role == Role::Th {
            written.attributes().push().table().scope(TableHeaderScope::Column);
        }
        let mut kids = written.children();
        for kid in &element.kids {
            match kid {
                Kid::Element(index) => drop(kids.struct_element(*elements.get(*index)?)),
                Kid::Content { page, id } => {
                    kids.marked_content_ref().page(*pages.get(*page)?).marked_content_id(*id);
                }
            }
        }
        kids.finish();
        written.finish();
    }
    Some(())
}

fn role(role: Role) -> StructRole {
    match role {
        Role::Document => StructRole::Document,
        Role::H1 => StructRole::H1,
        Role::H2 => StructRole::H2,
        Role::P => StructRole::P,
        Role::Figure => StructRole::Figure,
        Role::Table => StructRole::Table,
        Role::Tr => StructRole::TR,
        Role::Th => StructRole::TH,
        Role::Td => StructRole::TD,
    }
}

/// Title and language for programs that read nothing else (ISO 16684-1).
fn xmp(heading: &Heading<'_>) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>\
         <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:description>\
         <dc:language><rdf:Bag><rdf:li>{LANGUAGE}</rdf:li></rdf:Bag></dc:language>\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>",
        escape(heading.title),
        escape(heading.marking)
    )
}
