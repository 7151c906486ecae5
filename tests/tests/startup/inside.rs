//! Paths into fields that lead nowhere, in rules, in what lists are searched by and in default orders.

use larder::prelude::*;

use super::{Post, User, fault, memory};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Part {
    name: String,
    size: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: i64,
    #[serde(default)]
    parts: Vec<Part>,
    first: Part,
}

#[tokio::test]
async fn in_rules() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(rules(
        read = "contains(lines,skew=7)|contains(marks,gt(3))",
        create = "not(contains(lines,and(first.sise=1,contains(parts,nmae=x))))",
        update = "contains(title,eq(a))&excludes(lines,contains(first,name=x))",
        delete = "contains(lines,parts.size=$actor.size)",
    ))]
    struct Order {
        #[model(id)]
        id: String,
        title: String,
        lines: Vec<Line>,
        marks: Vec<i64>,
    }
    #[model_impl]
    impl Order {
        #[action(allow = "contains(marks,depth=1)")]
        fn send(&mut self) -> Result<()> {
            self.title.push('!');
            Ok(())
        }
    }
    let app = App::builder()
        .models(models![Order])
        .store("main", memory());
    let expected = "5 mistakes in the set-up of the app:
- model Order: mistake in the read rule:
    contains(lines,skew=7)|contains(marks,gt(3))
                   ^^^^
    in an element of `lines` there is no `skew` inside; did you mean `sku`?
- model Order: mistake in the create rule:
    not(contains(lines,and(first.sise=1,contains(parts,nmae=x))))
                           ^^^^^^^^^^
    in an element of `lines` there is no `sise` inside; did you mean `size`?
    not(contains(lines,and(first.sise=1,contains(parts,nmae=x))))
                                                       ^^^^
    in an element of `parts` there is no `nmae` inside; did you mean `name`?
- model Order: mistake in the update rule:
    contains(title,eq(a))&excludes(lines,contains(first,name=x))
             ^^^^^
    `title` holds no list
    contains(title,eq(a))&excludes(lines,contains(first,name=x))
                                                  ^^^^^
    `first` holds no list
- model Order: mistake in the delete rule:
    contains(lines,parts.size=$actor.size)
                   ^^^^^^^^^^
    in an element of `lines` `size` is inside the elements of a list, and it is the list that is searched, by `contains`
- model Order: mistake in the rule of the action `send`:
    contains(marks,depth=1)
                   ^^^^^
    in an element of `marks` there is nothing inside, so no `depth`";
    assert_eq!(fault(app).await, expected);
}

#[tokio::test]
async fn in_searches() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/orders")]
    struct Order {
        #[model(id)]
        id: String,
        lines: Vec<Line>,
        first: Line,
        extra: serde_json::Value,
    }
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/parcels")]
    struct Parcel {
        #[model(id)]
        id: String,
        order: ModelLink<Order>,
    }
    #[model_impl]
    impl Order {
        /// One is right, the other two are not.
        #[search]
        fn sku(sku: i64) -> Filter<Self> {
            let of_lines = Self::LINES.any(|line| {
                line.at::<i64>("sku")
                    .eq(sku)
                    .and(line.at::<Vec<Part>>("parts").any(|part| {
                        part.at::<String>("name")
                            .eq("x")
                            .or(part.at::<Option<i64>>("seize").is_null())
                    }))
            });
            of_lines.or(Order::FIRST.at::<i64>("skew").eq(sku))
        }

        /// What a schema leaves open may be there.
        #[search]
        fn open(open: i64) -> Filter<Self> {
            let width = Self::EXTRA.at::<i64>("size.width");
            width.eq(open)
        }

        #[search]
        fn kept(kept: i64) -> Filter<Self> {
            let width = Self::FIRST.at::<i64>("first.width");
            width.eq(kept)
        }
    }
    #[model_impl]
    impl Parcel {
        #[search]
        fn sku(sku: i64) -> Filter<Self> {
            let lines = Self::ORDER.field(Order::LINES);
            lines
                .any(|line| line.at::<i64>("sku").eq(sku))
                .or(Self::ORDER
                    .field(Order::LINES)
                    .any(|line| line.at::<i64>("skuu").has_no_name(sku)))
        }
    }
    /// Compares by a method that is none of ours.
    trait HasNoName<M> {
        fn has_no_name(self, sku: i64) -> Filter<M>;
    }
    impl<M> HasNoName<M> for larder::TypedField<M, i64> {
        fn has_no_name(self, sku: i64) -> Filter<M> {
            self.eq(sku)
        }
    }
    let app = App::builder()
        .models(models![Order, Parcel])
        .store("main", memory());
    let expected = "4 mistakes in the set-up of the app:
- model Order: the parameter `sku` looks at `lines`: in an element of a list there is no `seize` inside; did you mean `size`?
- model Order: the parameter `sku` looks at `first.skew`: there is no `skew` inside; did you mean `sku`?
- model Order: the parameter `kept` looks at `first.first.width`: there is no `width` inside
- model Parcel: the parameter `sku` looks at `order.lines`: in an element of a list there is no `skuu` inside; did you mean `sku`?";
    assert_eq!(fault(app).await, expected);
}

#[tokio::test]
async fn in_what_is_declared() {
    let order = |search: &'static str, sort: &'static str| {
        let line = serde_json::json!({
            "type": "object", "properties": {"sku": {"type": "integer"}}, "additionalProperties": false,
        });
        larder::ModelDef::new("Order")
            .field(larder::FieldDef::new("id", serde_json::json!({"type": "string"})).id())
            .field(larder::FieldDef::new("line", line))
            .search(search, "eq")
            .default_sort(sort)
    };
    for (search, sort, expected) in [
        (
            "line.skew",
            "+id",
            "model Order: `search(line.skew)`: there is no `skew` inside; did you mean `sku`?",
        ),
        (
            "line.sku",
            "-line.skew",
            "model Order: `default_sort(line.skew)`: there is no `skew` inside; did you mean `sku`?",
        ),
        (
            "line.sku",
            "-line.sku",
            "model Order: `default_sort(line.sku)`: a list can't be sorted by what is inside a field: keep it in a field of its own",
        ),
    ] {
        let app = App::builder()
            .model(order(search, sort))
            .models(models![User, Post])
            .store("main", memory());
        assert_eq!(fault(app).await, expected);
    }
}
