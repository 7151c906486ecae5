//! Trees of types, grown from a seed.

/// A type of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// One without parts, by its name in Rust.
    Leaf(&'static str),
    Option(Box<Ty>),
    Vec(Box<Ty>),
    Boxed(Box<Ty>),
    /// From text to something.
    Map(Box<Ty>),
    /// From whole numbers to something.
    Numbered(Box<Ty>),
    Array(Box<Ty>, usize),
    Tuple(Vec<Ty>),
    /// A struct of one, with the number of its name; transparent or a tuple struct.
    New(usize, Box<Ty>, bool),
    Struct(usize, Case, Vec<Field>),
    Enum(usize, Tagging, Case, Vec<Variant>),
}

/// The case of names on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Case {
    Same,
    Camel,
    Kebab,
    Screaming,
}

/// How serde tells the variants of an enum apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tagging {
    External,
    Internal,
    Adjacent,
    Untagged,
}

/// A named field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// `name_3` in Rust.
    pub number: usize,
    pub ty: Ty,
    pub renamed: bool,
    pub default: bool,
    pub skip_none: bool,
    pub flatten: bool,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    pub number: usize,
    pub content: Content,
}

/// What a variant holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Unit,
    New(Ty),
    Tuple(Vec<Ty>),
    Struct(Vec<Field>),
}

impl Case {
    /// A name of the form `name_3` on the wire; variants are `Variant3` in Rust.
    pub fn field(self, number: usize) -> String {
        match self {
            Self::Same => format!("name_{number}"),
            Self::Camel => format!("name{number}"),
            Self::Kebab => format!("name-{number}"),
            Self::Screaming => format!("NAME_{number}"),
        }
    }

    pub fn variant(self, number: usize) -> String {
        // A digit begins no new word.
        match self {
            Self::Same => format!("Variant{number}"),
            Self::Camel | Self::Kebab => format!("variant{number}"),
            Self::Screaming => format!("VARIANT{number}"),
        }
    }
}

impl Field {
    /// The name on the wire.
    pub fn wire(&self, case: Case) -> String {
        if self.renamed {
            format!("re:{}", self.number)
        } else {
            case.field(self.number)
        }
    }
}

/// The types without parts.
pub const LEAVES: [&str; 24] = [
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
    "f32",
    "f64",
    "char",
    "String",
    "larder::Bytes",
    "jiff::Timestamp",
    "jiff::civil::Date",
    "jiff::civil::DateTime",
    "jiff::civil::Time",
    "chrono::DateTime<chrono::Utc>",
    "chrono::NaiveDate",
    "uuid::Uuid",
    "rust_decimal::Decimal",
    "serde_json::Value",
];

/// The fields of the model with this number, without its id.
pub fn shape(number: usize) -> (Case, Vec<Field>) {
    let mut grower = Grower {
        state: 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number as u64 + 1),
        names: 0,
        fields: 0,
    };
    let case = grower.case();
    let count = 3 + grower.below(5);
    let mut fields: Vec<Field> = (0..count).map(|_| grower.field(3, false)).collect();
    // Each leaf comes up, however the dice fall.
    fields.push(Field {
        ty: Ty::Leaf(LEAVES[number % LEAVES.len()]),
        ..grower.plain()
    });
    if grower.below(4) == 0 {
        let id = grower.name();
        let members = (0..2).map(|_| grower.field(1, true)).collect();
        let flat = Ty::Struct(id, case, members);
        let optional = grower.below(3) == 0;
        fields.push(Field {
            ty: if optional {
                Ty::Option(Box::new(required(flat)))
            } else {
                flat
            },
            flatten: true,
            ..grower.plain()
        });
    }
    (case, fields)
}

/// A struct whose first member must be there, so that it can be told whether it is.
fn required(mut ty: Ty) -> Ty {
    if let Ty::Struct(_, _, members) = &mut ty
        && let Some(first) = members.first_mut()
    {
        (first.ty, first.default, first.skip_none) = (Ty::Leaf("u16"), false, false);
        // Where it may be absent, answers leave out its nulls.
        for member in members {
            member.skip_none = matches!(member.ty, Ty::Option(_));
        }
    }
    ty
}

struct Grower {
    state: u64,
    names: usize,
    fields: usize,
}

impl Grower {
    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn name(&mut self) -> usize {
        self.names += 1;
        self.names
    }

    fn case(&mut self) -> Case {
        [Case::Same, Case::Camel, Case::Kebab, Case::Screaming][self.below(4)]
    }

    fn plain(&mut self) -> Field {
        self.fields += 1;
        Field {
            number: self.fields,
            ty: Ty::Leaf("bool"),
            renamed: false,
            default: false,
            skip_none: false,
            flatten: false,
        }
    }

    /// `buffered`: inside something that serde reads into a buffer first, which loses keys that are numbers.
    fn field(&mut self, depth: usize, buffered: bool) -> Field {
        let ty = self.ty(depth, buffered);
        let is_option = matches!(ty, Ty::Option(_));
        Field {
            renamed: self.below(5) == 0,
            default: has_default(&ty) && self.below(3) == 0,
            skip_none: is_option && self.below(2) == 0,
            ty,
            ..self.plain()
        }
    }

    fn leaf(&mut self) -> Ty {
        Ty::Leaf(LEAVES[self.below(LEAVES.len())])
    }

    fn ty(&mut self, depth: usize, buffered: bool) -> Ty {
        if depth == 0 || self.below(5) == 0 {
            return self.leaf();
        }
        let inner = |grower: &mut Self| Box::new(grower.ty(depth - 1, buffered));
        match self.below(11) {
            0 | 1 => Ty::Option(Box::new(self.not_null(depth - 1, buffered))),
            2 => Ty::Vec(inner(self)),
            3 => Ty::Boxed(inner(self)),
            4 => Ty::Map(inner(self)),
            5 if !buffered => Ty::Numbered(inner(self)),
            5 | 6 => Ty::Array(inner(self), 1 + self.below(3)),
            7 => {
                let count = 2 + self.below(2);
                Ty::Tuple((0..count).map(|_| self.ty(depth - 1, buffered)).collect())
            }
            8 => {
                let transparent = self.below(2) == 0;
                Ty::New(self.name(), inner(self), transparent)
            }
            9 => self.a_struct(depth - 1, buffered),
            _ => self.an_enum(depth - 1, buffered),
        }
    }

    /// A type of which null is no value, so that an option of it says what it holds.
    fn not_null(&mut self, depth: usize, buffered: bool) -> Ty {
        loop {
            let ty = self.ty(depth, buffered);
            if !takes_null(&ty) {
                return ty;
            }
        }
    }

    fn a_struct(&mut self, depth: usize, buffered: bool) -> Ty {
        let (id, case, count) = (self.name(), self.case(), 1 + self.below(3));
        Ty::Struct(
            id,
            case,
            (0..count).map(|_| self.field(depth, buffered)).collect(),
        )
    }

    fn an_enum(&mut self, depth: usize, buffered: bool) -> Ty {
        let tagging = [
            Tagging::External,
            Tagging::Internal,
            Tagging::Adjacent,
            Tagging::Untagged,
        ][self.below(4)];
        let buffered = buffered
            || matches!(
                tagging,
                Tagging::Internal | Tagging::Untagged | Tagging::Adjacent
            );
        let (id, case) = (self.name(), self.case());
        let contents = match tagging {
            Tagging::Untagged => self.told_apart(depth),
            _ => (0..2 + self.below(3))
                .map(|_| self.content(tagging, depth, buffered))
                .collect(),
        };
        let numbered = contents.into_iter().enumerate();
        Ty::Enum(
            id,
            tagging,
            case,
            numbered
                .map(|(number, content)| Variant { number, content })
                .collect(),
        )
    }

    fn content(&mut self, tagging: Tagging, depth: usize, buffered: bool) -> Content {
        match self.below(if tagging == Tagging::Internal { 3 } else { 4 }) {
            0 => Content::Unit,
            1 if tagging == Tagging::Internal => Content::New(self.a_struct(depth, true)),
            1 => Content::New(self.ty(depth, buffered)),
            2 => Content::Struct(
                (0..1 + self.below(2))
                    .map(|_| self.field(depth, buffered))
                    .collect(),
            ),
            _ => Content::Tuple((0..2).map(|_| self.ty(depth, buffered)).collect()),
        }
    }

    /// Variants whose JSON shows which is meant.
    fn told_apart(&mut self, depth: usize) -> Vec<Content> {
        let mut contents = vec![
            Content::New(Ty::Leaf("i32")),
            Content::New(Ty::Leaf("String")),
            Content::New(Ty::Leaf("bool")),
            Content::New(Ty::Vec(Box::new(self.ty(depth, true)))),
        ];
        contents.remove(self.below(4));
        let mut first = self.plain();
        first.ty = Ty::Leaf("u8");
        contents.push(Content::Struct(vec![first]));
        contents
    }
}

fn has_default(ty: &Ty) -> bool {
    match ty {
        Ty::Leaf(name) => {
            !["jiff::Timestamp", "chrono::DateTime<chrono::Utc>"].contains(name)
                && !name.contains("serde_json")
        }
        Ty::Option(_) | Ty::Vec(_) | Ty::Map(_) | Ty::Numbered(_) => true,
        _ => false,
    }
}

/// Whether null is a value of a type.
pub fn takes_null(ty: &Ty) -> bool {
    match ty {
        Ty::Leaf(name) => *name == "serde_json::Value",
        Ty::Option(_) | Ty::Enum(_, Tagging::Untagged, ..) => true,
        Ty::New(_, inner, _) | Ty::Boxed(inner) => takes_null(inner),
        _ => false,
    }
}
