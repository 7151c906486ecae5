//! One action: its attribute and its signature.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, LitStr, Meta, Pat, PatType, Type};

use super::check::{Function, Receiver, end_of, ends_with, is_ctx, receiver, result_type, typed};
use super::parse::Method;
use crate::ctxt::Ctxt;
use crate::symbol::{SYSTEM_FIELDS, action as key};
use crate::{keys, rule};

/// An action that is right.
pub(crate) struct Action {
    pub(crate) function: Function,
    pub(crate) name: String,
    /// Where the name stands.
    pub(crate) span: Span,
    pub(crate) doc: Option<String>,
    pub(crate) method: String,
    pub(crate) receiver: Receiver,
    pub(crate) allow: Option<Allow>,
    pub(crate) args: Vec<Arg>,
    pub(crate) output: Type,
}

/// The rule of an action.
pub(crate) struct Allow {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// The fields it speaks of, to be checked against the model's by rustc.
    pub(crate) fields: BTreeSet<String>,
}

/// One argument, in the order of the signature.
pub(crate) enum Arg {
    Cx,
    Value { name: String, ty: Box<Type> },
}

#[derive(Default)]
struct Keys {
    global: Option<Span>,
    method: Option<Ident>,
    allow: Option<LitStr>,
    name: Option<LitStr>,
}

/// Reads an action; `None` only where something was reported.
pub(crate) fn read(cx: &Ctxt, function: &Method, attr: &Attribute) -> Option<Action> {
    let sig = &function.sig;
    let keys = Keys::read(cx, attr);
    let shape = format!(
        "an action looks like this: `async fn {}(&mut self, cx: &Ctx, ..) -> Result<T>`",
        sig.ident
    );
    let receiver = receiver(cx, sig, &shape);
    match (receiver, keys.global) {
        (Some(Receiver::None), None) => {
            cx.error(sig.ident.span(), "an action without `self` runs on the model, not on a record: say so with `#[action(global)]`");
        }
        (Some(Receiver::Ref | Receiver::Mut), Some(span)) => {
            cx.error(
                span,
                "a `global` action runs on no record, so it can't take `self`",
            );
        }
        _ => {}
    }
    let args = args(cx, function);
    let output = result_type(sig);
    if output.is_none() {
        cx.error(
            end_of(sig),
            format!("an action returns `Result<T>`; {shape}"),
        );
    }
    let (name, span) = name(cx, &sig.ident, keys.name.as_ref());
    let what = format!("the rule of the action `{name}`");
    let allow = keys.allow.map(|text| Allow {
        fields: rule::parse(cx, &what, &text)
            .map(|expr| rule::fields(&expr))
            .unwrap_or_default(),
        text: text.value(),
        span: text.span(),
    });
    Some(Action {
        function: Function::read(cx, function),
        name,
        span,
        doc: keys::doc(&function.attrs),
        method: keys.method.map_or_else(
            || key::DEFAULT_METHOD.to_owned(),
            |method| method.to_string(),
        ),
        receiver: receiver?,
        allow: allow.map(Allow::without_system_fields),
        args,
        output: output?.clone(),
    })
}

impl Keys {
    fn read(cx: &Ctxt, attr: &Attribute) -> Self {
        let mut read = Self::default();
        if !matches!(attr.meta, Meta::Path(_)) {
            keys::attribute(cx, attr, |word, input| read.key(cx, word, input));
        }
        read
    }

    fn key(&mut self, cx: &Ctxt, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match word.to_string().as_str() {
            key::GLOBAL => keys::set(cx, &mut self.global, word, word.span()),
            key::ALLOW => keys::set(cx, &mut self.allow, word, keys::text(word, input)?),
            key::NAME => keys::set(cx, &mut self.name, word, keys::text(word, input)?),
            key::METHOD => {
                let method = keys::word(input, "the method is a word: `method = GET`")?;
                if !key::METHODS.iter().any(|known| method == known) {
                    return Err(keys::unknown("method", &method, key::METHODS));
                }
                keys::set(cx, &mut self.method, word, method);
            }
            _ => return Err(keys::unknown("key", word, key::ALL)),
        }
        Ok(())
    }
}

impl Allow {
    /// Whether a model keeps `_created` is known when the app is built, and checked there.
    fn without_system_fields(mut self) -> Self {
        self.fields
            .retain(|field| !SYSTEM_FIELDS.contains(&field.as_str()));
        self
    }
}

/// The last segment of the action's URL.
fn name(cx: &Ctxt, ident: &Ident, given: Option<&LitStr>) -> (String, Span) {
    let (name, span) = match given {
        Some(text) => (text.value(), text.span()),
        None => (ident.unraw().to_string(), ident.span()),
    };
    if let Err(fault) = larder_query::check_action(&name) {
        cx.error(span, fault);
    }
    (name, span)
}

fn args(cx: &Ctxt, function: &Method) -> Vec<Arg> {
    let mut args: Vec<Arg> = Vec::new();
    for arg in typed(&function.sig) {
        if is_ctx(&arg.ty) {
            if args.iter().any(|before| matches!(before, Arg::Cx)) {
                cx.error_on(arg, "the context stands here twice: leave one out");
            }
            args.push(Arg::Cx);
        } else if let Some(value) = value(cx, arg) {
            args.push(value);
        }
    }
    args
}

fn value(cx: &Ctxt, arg: &PatType) -> Option<Arg> {
    let Pat::Ident(pat) = arg.pat.as_ref() else {
        cx.error_on(
            &arg.pat,
            "an argument of an action has a plain name: it is its name in the request",
        );
        return None;
    };
    if pat.by_ref.is_some() || pat.subpat.is_some() {
        cx.error_on(
            pat,
            "an argument of an action has a plain name: it is its name in the request",
        );
        return None;
    }
    let message = match arg.ty.as_ref() {
        Type::Reference(reference) if ends_with(&reference.elem, "Ctx") => {
            "the context is shared: `cx: &Ctx`"
        }
        ty if ends_with(ty, "Ctx") => "the context is lent: `cx: &Ctx`",
        Type::Reference(_) => {
            "an argument of an action is read from the request, so it is owned: `String`, not `&str`"
        }
        Type::ImplTrait(_) => "larder can't choose a type for `impl Trait`; name one",
        ty => {
            return Some(Arg::Value {
                name: pat.ident.unraw().to_string(),
                ty: Box::new(ty.clone()),
            });
        }
    };
    cx.error_on(&arg.ty, message);
    None
}
