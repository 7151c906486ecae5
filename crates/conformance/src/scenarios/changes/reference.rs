//! Changes by the dice, compared with what they mean.

use larder_core::store::{Condition, FieldChange};
use larder_query::Value;

use super::change;
use crate::bench::{Bench, updated};
use crate::scenarios::{Scenario, rows};
use crate::things::{BIG, DOC, F, N, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[]; as_the_reference_does]
}

/// A few hundred changes by the dice, always the same ones: what a store makes of each is what `FieldChange::apply` makes of it.
async fn as_the_reference_does(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    let mut dice = Dice(7);
    let (mut made, mut refused) = (0, 0);
    for step in 0..400 {
        let (field, one) = dice.change();
        let old = bench.get("a").await.unwrap();
        let wanted = one.apply(old.get(field), &bench.layout.fields[field]);
        let write = change("a", vec![(field, one.clone())], Condition::default());
        match (bench.one(write).await, wanted) {
            (Ok(outcome), Ok(wanted)) => {
                let found = updated(outcome);
                assert!(
                    found.get(field).same(&wanted),
                    "step {step}: {one:?} of {:?}: {:?}",
                    old.get(field),
                    found.get(field)
                );
                assert_eq!(bench.get("a").await, Some(found), "step {step}");
                made += 1;
            }
            (Err(found), Err(wanted)) => {
                assert_eq!(
                    (found.kind(), found.fields()),
                    (wanted.kind(), wanted.fields()),
                    "step {step}: {one:?}"
                );
                assert_eq!(bench.get("a").await, Some(old), "step {step}: {one:?}");
                refused += 1;
            }
            (found, wanted) => panic!(
                "step {step}: {one:?} of {:?} is {found:?} in place of {wanted:?}",
                old.get(field)
            ),
        }
    }
    assert!(made > 100 && refused > 50, "{made} made, {refused} refused");
}

/// Numbers that look random (Knuth's 64-bit linear congruence), the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }

    fn change(&mut self) -> (usize, FieldChange) {
        let whole = [
            0,
            1,
            -1,
            7,
            i64::MAX,
            i64::MIN,
            i64::MAX - 1,
            i64::MIN + 1,
            9_007_199_254_740_993,
            -(1 << 40),
        ];
        let large = [u64::MAX, 1 << 63, (1 << 63) + 1, 5];
        let floats = [
            0.1,
            -0.3,
            1e308,
            -1e308,
            f64::MAX,
            f64::MIN,
            5e-324,
            0.0,
            12.0,
        ];
        let field = self.of(&[N, BIG, F, DOC, DOC]);
        let resets = self.roll(6) == 0;
        let change = match field {
            F if resets => FieldChange::Set(self.of(&[Value::Null, 0.0.into(), f64::MAX.into()])),
            F => FieldChange::Add(self.of(&floats).into()),
            N if resets => FieldChange::Set(self.of(&[
                Value::Null,
                0.into(),
                i64::MAX.into(),
                i64::MIN.into(),
            ])),
            BIG if resets => FieldChange::Set(self.of(&[
                Value::Null,
                0.into(),
                i64::MAX.into(),
                u64::MAX.into(),
            ])),
            N | BIG => match self.roll(3) {
                0 => FieldChange::Add(self.of(&large).into()),
                _ => FieldChange::Add(self.of(&whole).into()),
            },
            _ if resets => FieldChange::Set(
                self.of(&["null", "[]", "{}", "\"[]\"", "3", "[1, [2], {\"a\": null}]"].map(json)),
            ),
            _ => self.list(),
        };
        (field, change)
    }

    fn list(&mut self) -> FieldChange {
        let items = [
            "1",
            "1.5",
            "null",
            "\"x\"",
            "\"\"",
            "[2]",
            "{\"a\": null}",
            "{\"b\": [1, {}], \"a\": \"'\"}",
            "18446744073709551615",
            "true",
        ];
        let items: Vec<Value> = (0..=self.roll(3)).map(|_| json(self.of(&items))).collect();
        let place = self.roll(6);
        match (self.roll(6), items.first()) {
            (0, _) => FieldChange::RemoveItem(place),
            (1, Some(item)) => FieldChange::SetItem(place, item.clone()),
            (2 | 3, _) => FieldChange::Pull(items),
            _ => FieldChange::Push(items),
        }
    }
}
