use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{alone, attribute};
use crate::testing::{errors, golden, pretty};

mod computed;
mod searches;

fn mistakes(items: impl ToTokens) -> Vec<String> {
    errors(attribute(quote!(), &quote!(impl Post { #items })))
}

#[test]
fn everything() {
    let text = golden(
        "everything.rs",
        attribute(
            quote!(crate = my_larder),
            &quote! {
                impl Post {
                    /// Kept.
                    pub const LIMIT: usize = { 5 };
                    #[before(save, delete)]
                    #[inline]
                    async fn stamp(&mut self, cx: &Ctx) -> Result<()> {
                        Ok(())
                    }
                    #[after(delete)]
                    fn gone(&self) -> Result<()> {
                        Ok(())
                    }
                    /// Shows it to everybody.
                    #[action(allow = "author=$actor.id")]
                    async fn publish(&mut self, cx: &Ctx, at: Option<Timestamp>) -> Result<()> {
                        Ok(())
                    }
                    #[cfg(feature = "newest")]
                    #[larder::action(global, method = GET, allow = "true", name = "newest-first")]
                    fn newest(limit: u32, cx: &Ctx) -> Result<Vec<Entity<Post>>> {
                        Ok(Vec::new())
                    }
                    /// Both names.
                    #[computed(name = "fullName")]
                    fn full_name(&self) -> String {
                        String::new()
                    }
                    /// Words of the title, or an author.
                    #[search]
                    fn q(q: &str, status: Option<Status>, near: Option<&str>) -> Filter<Self> {
                        let words = q.split(' ').map(|word| Self::TITLE.contains(word));
                        let some = Filter::any_of(words).or(Post::AUTHOR.field(crate::User::NAME).starts_with(q));
                        if WORDS.contains(&q) || Self::STOP.contains(&q) { Self::TITLE.contains("") } else { some }
                    }
                    #[search(name = "older-than")]
                    fn older(older: u32) -> Filter<Post> {
                        use crate::User as U;
                        Post::AUTHOR.field(U::AGE).gt(older)
                    }
                    #[can_act]
                    fn can_act(&self, action: &str) -> Result<bool> {
                        Ok(true)
                    }
                    fn helper<'a, T>(self, x: &'a T) -> &'a T where T: Sized { x }
                    some_macro! { x }
                }
            },
        ),
    );
    assert!(!text.contains("::larder"), "{text}");
}

#[test]
fn an_action_stays_small() {
    let action = |items: TokenStream| {
        pretty(attribute(quote!(), &quote!(impl Post { #items })))
            .lines()
            .count()
    };
    let method = quote!(
        async fn publish(&mut self, cx: &Ctx, at: Option<Timestamp>, by: String) -> Result<u32> {
            Ok(1)
        }
    );
    let (without, with) = (
        action(quote!(#method)),
        action(quote!(#[action(allow = "author=$actor.id")] #method)),
    );
    assert!(
        with - without < 40,
        "an action adds {} lines",
        with - without
    );
}

#[test]
fn bodies_are_not_read() {
    let text = pretty(attribute(
        quote!(),
        &quote!(impl Post { #[action] fn f(&self) -> Result<()> { Ok(()) } fn g() { let x = 1; } }),
    ));
    assert!(text.contains("let x = 1;"), "{text}");
    assert!(!text.contains("#[action"), "{text}");
    // What rustc would call a mistake passes through.
    let broken = attribute(quote!(), &quote!(impl Post { fn g() { let = ; } })).to_string();
    assert!(broken.contains("let = ;"), "{broken}");
}

#[test]
fn the_impl_is_always_there() {
    for bad in [
        quote!(
            #[action]
            fn f() {}
        ),
        quote!(
            #[before(savee)]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
    ] {
        let text = pretty(attribute(quote!(), &quote!(impl Post { #bad })));
        assert!(
            text.contains("impl Post") && text.contains("compile_error"),
            "{text}"
        );
    }
}

#[test]
fn signatures_are_checked() {
    let bad = [
        quote!(
            #[action]
            fn f() -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action(global)]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(self: Box<Self>) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(&self) {}
        ),
        quote!(
            #[action]
            fn f(&self) -> u32 {
                1
            }
        ),
        quote!(
            #[action]
            fn f(&self, name: &str) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(&self, cx: &mut Ctx) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(&self, cx: Ctx) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(&self, a: &Ctx, b: &Ctx) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(&self, (a, b): (u8, u8)) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f(&self, a: impl Into<String>) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn f<T>(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action]
            fn _count(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action(name = "a/b")]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action(method = HEAD)]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action(alow = "true")]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action(allow = "author=")]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[action(allow = "author=$me")]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[before]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[before(save, create)]
            fn f(&self) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[before(save)]
            fn f() -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[before(save)]
            fn f(&self, x: u8) -> Result<()> {
                Ok(())
            }
        ),
        quote!(
            #[after(save)]
            fn f(&self) {}
        ),
        quote!(
            #[can_act]
            fn f(&mut self, action: &str) -> Result<bool> {
                Ok(true)
            }
        ),
        quote!(
            #[can_act]
            fn f(&self) -> Result<bool> {
                Ok(true)
            }
        ),
        quote!(
            #[can_act]
            fn f(&self, action: &str) -> bool {
                true
            }
        ),
    ];
    for items in bad {
        // An empty right side of `=` is allowed: it compares with the empty text.
        let expected = usize::from(!items.to_string().contains("author=\""));
        assert_eq!(
            mistakes(&items).len(),
            expected,
            "{items}: {:?}",
            mistakes(&items)
        );
    }
}

#[test]
fn impls_that_are_no_models() {
    let found = |item: TokenStream| errors(attribute(quote!(), &item)).len();
    assert_eq!(
        found(quote!(
            impl<T> Post<T> {}
        )),
        1
    );
    assert_eq!(found(quote!(impl Post where u8: Copy {})), 1);
    assert_eq!(found(quote!(impl Clone for Post {})), 1);
    assert_eq!(
        found(quote!(
            struct Post;
        )),
        1
    );
    assert_eq!(
        errors(attribute(quote!(krate = x), &quote!(impl Post {}))).len(),
        1
    );
}

#[test]
fn names_are_given_once() {
    let two = quote!(
        #[action]
        fn f(&self) -> Result<()> {
            Ok(())
        }
        #[action(name = "f")]
        fn g(&self) -> Result<()> {
            Ok(())
        }
    );
    assert_eq!(
        mistakes(two),
        ["two actions are called `f`; give one another name with `name = \"..\"`"]
    );
    let acts = quote!(
        #[can_act]
        fn a(&self, action: &str) -> Result<bool> {
            Ok(true)
        }
        #[can_act]
        fn b(&self, action: &str) -> Result<bool> {
            Ok(true)
        }
    );
    assert_eq!(mistakes(&acts), ["a model has one `#[can_act]`"]);
    assert_eq!(mistakes(quote!(#[cfg(x)] #acts)).len(), 1);
}

/// Two of one name are no mistake where only one of them is compiled.
#[test]
fn names_under_two_cfgs() {
    for (attr, rest) in [
        (quote!(action), quote!((&self) -> Result<()> {})),
        (quote!(computed), quote!((&self) -> u32 {})),
        (quote!(search), quote!((f: &str) -> Filter<Self> {})),
        (
            quote!(can_act),
            quote!((&self, action: &str) -> Result<bool> {}),
        ),
    ] {
        let two = |first: TokenStream, second: TokenStream| {
            mistakes(quote!(#first #[#attr] fn f #rest #second #[#attr] fn f #rest))
        };
        let (with, without) = (quote!(#[cfg(x)]), quote!(#[cfg(not(x))]));
        assert_eq!(two(with.clone(), without), [""; 0], "{attr}");
        assert_eq!(two(quote!(), quote!()).len(), 1, "{attr}");
    }
}

#[test]
fn forgotten_attribute() {
    let text = alone(
        "action",
        &quote!(
            fn f() {}
        ),
    )
    .to_string();
    assert!(
        text.contains("put `#[model_impl]`") && text.contains("fn f"),
        "{text}"
    );
}

/// Impls as they are typically written: hooks alone, and actions alone.
#[test]
fn typical_impls() {
    golden(
        "hooks.rs",
        attribute(
            quote!(),
            &quote! {
                impl Post {
                    #[before(create)]
                    fn tidy(&mut self) -> Result<()> {
                        Ok(())
                    }
                    #[after(save)]
                    async fn tell(&self, cx: &Ctx) -> Result<()> {
                        Ok(())
                    }
                }
            },
        ),
    );
    golden(
        "actions.rs",
        attribute(
            quote!(),
            &quote! {
                impl Post {
                    #[action(allow = "true")]
                    fn like(&mut self) -> Result<()> {
                        Ok(())
                    }
                    #[action(global, method = POST, allow = "$actor.role=admin")]
                    async fn clear(before: Option<Date>, cx: &Ctx) -> Result<u64> {
                        Ok(0)
                    }
                }
            },
        ),
    );
}

#[test]
fn an_impl_that_cannot_be_read_keeps_its_functions() {
    let item = quote!(impl Post { #[larder::action(allow = "true")] const A: u8 = { 5 }; #[inline] fn b() { #[cfg(x)] c() } });
    let text = attribute(quote!(), &item).to_string();
    assert!(
        !text.contains("action (allow") && !text.contains("larder :: action"),
        "{text}"
    );
    assert!(text.contains("inline") && text.contains("cfg"), "{text}");
}
