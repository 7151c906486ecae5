//! From signatures and attributes to hooks, actions and `can_act`. All that can be wrong is found here, so that
//! [`expand`](super::expand) cannot fail.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, Path, PathArguments, ReceiverKind, ReturnType, Signature,
    Type,
};

use super::parse::{Impl, Item, Method, name_of};
use super::{action, computed, search};
use crate::ctxt::Ctxt;
use crate::keys;
use crate::symbol::{method, point};

/// All that an impl says.
pub(crate) struct Checked {
    pub(crate) krate: Option<Path>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) actions: Vec<action::Action>,
    pub(crate) computed: Vec<computed::Computed>,
    pub(crate) searches: Vec<search::Search>,
    /// One, or several of which the `cfg`s leave one.
    pub(crate) can_act: Vec<CanAct>,
}

/// What hooks, actions and `can_act` have in common.
pub(crate) struct Function {
    pub(crate) ident: Ident,
    pub(crate) is_async: bool,
    /// `#[cfg(..)]`, which has to stand on the description too.
    pub(crate) cfgs: Vec<Attribute>,
}

/// One hook.
pub(crate) struct Hook {
    pub(crate) function: Function,
    /// Variants of `HookPoint`.
    pub(crate) points: Vec<String>,
    pub(crate) takes_cx: bool,
    pub(crate) result: Span,
}

/// The model's own `can_act`.
pub(crate) struct CanAct {
    pub(crate) function: Function,
    pub(crate) takes_cx: bool,
    pub(crate) result: Span,
}

/// Who a function is called on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    None,
    Ref,
    Mut,
}

/// Checks everything; `None` only where something was reported.
pub(crate) fn check(cx: &Ctxt, item: &Impl, krate: Option<Path>) -> Option<Checked> {
    if let Some((token, _)) = &item.trait_for {
        cx.error(
            token.span(),
            "`#[model_impl]` stands on the model's own impl, not on a trait's",
        );
        return None;
    }
    if !item.generics.params.is_empty() || item.where_clause.is_some() {
        let message = "`#[model_impl]` can't be generic: a model is one type";
        match &item.where_clause {
            Some(clause) if item.generics.params.is_empty() => cx.error_on(clause, message),
            _ => cx.error_on(&item.generics, message),
        }
        return None;
    }
    let mut checked = Checked {
        krate,
        hooks: Vec::new(),
        actions: Vec::new(),
        computed: Vec::new(),
        searches: Vec::new(),
        can_act: Vec::new(),
    };
    for item in &item.items {
        if let Item::Method(function) = item {
            for attr in &function.ours {
                one(cx, &mut checked, function, attr);
            }
        }
    }
    duplicates(cx, &checked);
    Some(checked)
}

/// Two of one name: two actions would have one URL, two computed fields one place in the answer.
fn duplicates(cx: &Ctxt, checked: &Checked) {
    let actions = checked.actions.iter();
    twice(
        cx,
        actions.map(|it| (it.name.as_str(), it.span, &it.function)),
        |name| {
            format!("two actions are called `{name}`; give one another name with `name = \"..\"`")
        },
    );
    let computed = checked.computed.iter();
    twice(
        cx,
        computed.map(|it| (it.name.as_str(), it.span, &it.function)),
        |name| format!("two computed fields are called `{name}`"),
    );
    let searches = checked.searches.iter();
    twice(
        cx,
        searches.map(|it| (it.name.as_str(), it.span, &it.function)),
        |name| format!("two searches are called `{name}`"),
    );
    // Whatever they are called. Of several under `cfg`s rustc sees that one at the most is left.
    let always = |it: &CanAct| it.function.cfgs.is_empty();
    if checked.can_act.iter().any(always) {
        for other in checked.can_act.iter().skip(1) {
            let message = "a model has one `#[can_act]`";
            cx.error(other.function.ident.span(), message);
        }
    }
}

/// Reports each name that stands before, too. The same name under two `cfg`s is no mistake: one of them is there.
fn twice<'a>(
    cx: &Ctxt,
    all: impl Iterator<Item = (&'a str, Span, &'a Function)>,
    message: impl Fn(&str) -> String,
) {
    let mut before: Vec<&str> = Vec::new();
    for (name, span, _) in all.filter(|(_, _, function)| function.cfgs.is_empty()) {
        if before.contains(&name) {
            cx.error(span, message(name));
        }
        before.push(name);
    }
}

fn one(cx: &Ctxt, checked: &mut Checked, function: &Method, attr: &Attribute) {
    match name_of(attr).as_str() {
        method::ACTION => checked.actions.extend(action::read(cx, function, attr)),
        method::COMPUTED => checked.computed.extend(computed::read(cx, function, attr)),
        method::SEARCH => checked.searches.extend(search::read(cx, function, attr)),
        method::CAN_ACT => checked.can_act.push(can_act(cx, function, attr)),
        when => checked.hooks.push(hook(cx, function, attr, when)),
    }
}

impl Function {
    /// What is common; reports what no function of ours may be.
    pub(crate) fn read(cx: &Ctxt, function: &Method) -> Self {
        let sig = &function.sig;
        if !sig.generics.params.is_empty() {
            cx.error_on(&sig.generics, "this function is called by larder, which can't choose types for it; it can't be generic");
        }
        let cfgs = function
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg"))
            .cloned()
            .collect();
        Self {
            ident: sig.ident.clone(),
            is_async: sig.asyncness.is_some(),
            cfgs,
        }
    }
}

/// The hook of `#[before(save, delete)] async fn stamp(&mut self, cx: &Ctx) -> Result<()>`.
fn hook(cx: &Ctxt, function: &Method, attr: &Attribute, when: &str) -> Hook {
    let shape = format!(
        "a hook looks like this: `async fn {}(&mut self, cx: &Ctx) -> Result<()>`",
        function.sig.ident
    );
    if receiver(cx, &function.sig, &shape) == Some(Receiver::None) {
        cx.error(
            function.sig.ident.span(),
            format!("a hook runs on a record, so it takes `&self` or `&mut self`; {shape}"),
        );
    }
    let mut takes_cx = false;
    for arg in typed(&function.sig) {
        if is_ctx(&arg.ty) && !takes_cx {
            takes_cx = true;
        } else {
            cx.error_on(
                arg,
                format!("a hook takes nothing but the record and `cx: &Ctx`; {shape}"),
            );
        }
    }
    let result = result_type(&function.sig);
    if result.is_none() {
        cx.error(
            end_of(&function.sig),
            format!("a hook returns `Result<()>`; {shape}"),
        );
    }
    let result = result.map_or_else(Span::call_site, Spanned::span);
    Hook {
        function: Function::read(cx, function),
        points: points(cx, attr, when),
        takes_cx,
        result,
    }
}

/// The variants of `HookPoint` that `before(..)` or `after(..)` names.
fn points(cx: &Ctxt, attr: &Attribute, when: &str) -> Vec<String> {
    let prefix = if when == method::BEFORE {
        "Before"
    } else {
        "After"
    };
    let mut points: Vec<String> = Vec::new();
    if attr.meta.require_list().is_err() {
        cx.error_on(
            attr,
            format!(
                "say before or after what: `#[{when}(save)]`; there are {}",
                keys::list_of(point::ALL)
            ),
        );
        return points;
    }
    keys::attribute(cx, attr, |key, _: ParseStream<'_>| {
        let names: &[&str] = match key.to_string().as_str() {
            point::SAVE => &["Create", "Update"],
            point::CREATE => &["Create"],
            point::UPDATE => &["Update"],
            point::DELETE => &["Delete"],
            _ => return Err(keys::unknown("event", key, point::ALL)),
        };
        for name in names {
            let point = format!("{prefix}{name}");
            if points.contains(&point) {
                cx.error(
                    key.span(),
                    format!(
                        "`{key}` says again what stands before it; `save` is `create` and `update`"
                    ),
                );
                break;
            }
            points.push(point);
        }
        Ok(())
    });
    points
}

fn can_act(cx: &Ctxt, function: &Method, attr: &Attribute) -> CanAct {
    let sig = &function.sig;
    let shape = format!(
        "it looks like this: `async fn {}(&self, action: &str, cx: &Ctx) -> Result<bool>`",
        sig.ident
    );
    if attr.meta.require_path_only().is_err() {
        cx.error_on(attr, "`#[can_act]` takes nothing");
    }
    if receiver(cx, sig, &shape).is_some_and(|receiver| receiver != Receiver::Ref) {
        cx.error(
            sig.ident.span(),
            format!("`#[can_act]` looks at a record without changing it; {shape}"),
        );
    }
    let arguments: Vec<&syn::PatType> = typed(sig).collect();
    let takes_cx = match arguments.as_slice() {
        [action] if is_str(&action.ty) => false,
        [action, context] if is_str(&action.ty) && is_ctx(&context.ty) => true,
        _ => {
            cx.error_on(
                &sig.inputs,
                format!("`#[can_act]` takes the name of the action and the context; {shape}"),
            );
            false
        }
    };
    let result = result_type(sig);
    if result.is_none() {
        cx.error(
            end_of(sig),
            format!("`#[can_act]` returns `Result<bool>`; {shape}"),
        );
    }
    CanAct {
        function: Function::read(cx, function),
        takes_cx,
        result: result.map_or_else(Span::call_site, Spanned::span),
    }
}

/// How a function takes `self`; a way that is not possible is reported.
pub(crate) fn receiver(cx: &Ctxt, sig: &Signature, shape: &str) -> Option<Receiver> {
    let Some(receiver) = sig.receiver() else {
        return Some(Receiver::None);
    };
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => Some(Receiver::Ref),
        ReceiverKind::Reference(_, _, Some(_)) => Some(Receiver::Mut),
        _ => {
            cx.error_on(
                receiver,
                format!("the record is lent, not given: `&self` or `&mut self`; {shape}"),
            );
            None
        }
    }
}

/// The arguments behind `self`.
pub(crate) fn typed(sig: &Signature) -> impl Iterator<Item = &syn::PatType> {
    sig.inputs.iter().filter_map(|arg| match arg {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    })
}

/// Whether a type is written as `&Ctx`.
pub(crate) fn is_ctx(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none() && ends_with(&reference.elem, "Ctx"))
}

pub(crate) fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if ends_with(&reference.elem, "str"))
}

/// Whether a type is written as a path with this last part.
pub(crate) fn ends_with(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// The `T` of `-> Result<T>`.
pub(crate) fn result_type(sig: &Signature) -> Option<&Type> {
    let ReturnType::Type(_, ty) = &sig.output else {
        return None;
    };
    let Type::Path(path) = ty.as_ref() else {
        return None;
    };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// Where the return type stands, or would.
pub(crate) fn end_of(sig: &Signature) -> Span {
    match &sig.output {
        ReturnType::Default => sig.ident.span(),
        ReturnType::Type(_, ty) => ty
            .to_token_stream()
            .into_iter()
            .next()
            .map_or_else(Span::call_site, |token| token.span()),
    }
}
