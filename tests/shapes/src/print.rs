//! Trees of types as Rust.

use std::fmt::Write;

use crate::shape::{Case, Content, Field, Tagging, Ty, Variant, shape};

const DERIVES: &str = "#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]\n";

/// The whole file: a module a model, a list of them, and their set.
pub(crate) fn file(count: usize) -> String {
    let mut text = format!("pub const COUNT: usize = {count};\n");
    let (mut cases, mut set) = (String::new(), String::new());
    for number in 0..count {
        let source = model(number);
        let _ = writeln!(
            text,
            "pub mod m{number} {{\nuse std::collections::BTreeMap;\n{source}}}"
        );
        let _ = writeln!(
            cases,
            "super::Case::of::<m{number}::Shape{number}>({source:?}),"
        );
        let _ = writeln!(set, ".with::<m{number}::Shape{number}>()");
    }
    let _ = writeln!(text, "pub const CASES: [super::Case; COUNT] = [{cases}];");
    let _ = writeln!(
        text,
        "pub fn models() -> larder::ModelSet {{ larder::ModelSet::new(){set} }}"
    );
    text
}

fn model(number: usize) -> String {
    let (case, fields) = shape(number);
    let mut print = Print(String::new());
    let members = print.fields(&fields, "pub ");
    format!(
        "{}{DERIVES}#[derive(larder::Model)]\n{}#[model(url = \"/shape{number}\", rules(read = \"true\", write = \"true\"))]\n\
         pub struct Shape{number} {{\n#[model(id)]\n#[serde(rename = \"id\")]\npub id: larder::Id<Shape{number}>,\n{members}}}\n",
        print.0,
        rename_all(case),
    )
}

fn rename_all(case: Case) -> &'static str {
    match case {
        Case::Same => "",
        Case::Camel => "#[serde(rename_all = \"camelCase\")]\n",
        Case::Kebab => "#[serde(rename_all = \"kebab-case\")]\n",
        Case::Screaming => "#[serde(rename_all = \"SCREAMING_SNAKE_CASE\")]\n",
    }
}

/// The types that a model needs, in the making.
struct Print(String);

impl Print {
    fn fields(&mut self, fields: &[Field], vis: &str) -> String {
        fields.iter().map(|field| self.field(field, vis)).collect()
    }

    fn field(&mut self, field: &Field, vis: &str) -> String {
        let mut attrs = String::new();
        for (on, attr) in [
            (field.renamed, format!("rename = \"re:{}\"", field.number)),
            (field.default, "default".to_owned()),
            (
                field.skip_none,
                "skip_serializing_if = \"Option::is_none\"".to_owned(),
            ),
            (field.flatten, "flatten".to_owned()),
        ] {
            if on {
                let _ = writeln!(attrs, "#[serde({attr})]");
            }
        }
        format!(
            "{attrs}{vis}name_{}: {},\n",
            field.number,
            self.ty(&field.ty)
        )
    }

    fn list(&mut self, types: &[Ty]) -> String {
        types
            .iter()
            .map(|ty| format!("{}, ", self.ty(ty)))
            .collect()
    }

    fn ty(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Leaf(name) => (*name).to_owned(),
            Ty::Option(inner) => format!("Option<{}>", self.ty(inner)),
            Ty::Vec(inner) => format!("Vec<{}>", self.ty(inner)),
            Ty::Boxed(inner) => format!("Box<{}>", self.ty(inner)),
            Ty::Map(inner) => format!("BTreeMap<String, {}>", self.ty(inner)),
            Ty::Numbered(inner) => format!("BTreeMap<u32, {}>", self.ty(inner)),
            Ty::Array(inner, count) => format!("[{}; {count}]", self.ty(inner)),
            Ty::Tuple(types) => format!("({})", self.list(types)),
            Ty::New(id, inner, transparent) => {
                let inner = self.ty(inner);
                let item = match transparent {
                    true => format!(
                        "#[serde(transparent)]\npub struct New{id} {{ pub inner: {inner} }}\n"
                    ),
                    false => format!("pub struct New{id}(pub {inner});\n"),
                };
                self.item(&item);
                format!("New{id}")
            }
            Ty::Struct(id, case, fields) => {
                let fields = self.fields(fields, "pub ");
                self.item(&format!(
                    "{}pub struct Struct{id} {{\n{fields}}}\n",
                    rename_all(*case)
                ));
                format!("Struct{id}")
            }
            Ty::Enum(id, tagging, case, variants) => {
                let variants: String = variants
                    .iter()
                    .map(|variant| self.variant(variant))
                    .collect();
                let tag = match tagging {
                    Tagging::External => "",
                    Tagging::Internal => "#[serde(tag = \"tag\")]\n",
                    Tagging::Adjacent => "#[serde(tag = \"tag\", content = \"content\")]\n",
                    Tagging::Untagged => "#[serde(untagged)]\n",
                };
                self.item(&format!(
                    "{tag}{}pub enum Enum{id} {{\n{variants}}}\n",
                    rename_all(*case)
                ));
                format!("Enum{id}")
            }
        }
    }

    fn variant(&mut self, variant: &Variant) -> String {
        let content = match &variant.content {
            Content::Unit => String::new(),
            Content::New(ty) => format!("({})", self.ty(ty)),
            Content::Tuple(types) => format!("({})", self.list(types)),
            Content::Struct(fields) => format!("{{\n{}}}", self.fields(fields, "")),
        };
        format!("Variant{}{content},\n", variant.number)
    }

    fn item(&mut self, item: &str) {
        self.0.push_str(DERIVES);
        self.0.push_str(item);
    }
}
