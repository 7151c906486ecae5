//! The output of `#[model_impl]`. It cannot fail: everything was checked before.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::action::{Action, Arg};
use super::check::{CanAct, Checked, Function, Hook, Receiver};
use super::parse::Impl;
use crate::model::{at, crate_path};

/// The impl as it was written, and beside it one function that describes it.
pub(crate) fn expand(item: &Impl, checked: &Checked) -> TokenStream {
    let krate = crate_path(checked.krate.as_ref());
    let ty = &item.ty;
    let cfgs: Vec<_> = item
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .collect();
    let hooks = checked.hooks.iter().map(hook);
    let actions = checked.actions.iter().map(action);
    let computed = checked
        .computed
        .iter()
        .map(super::computed::Computed::expand);
    let searches = checked.searches.iter();
    let searches = searches.map(super::search::Search::expand);
    let can_act = checked.can_act.iter().map(can_act);
    let one_can_act = one_can_act(&checked.can_act);
    let is_model = quote_spanned!(at(ty.span())=> _larder::is_model::<#ty>());
    let rules = checked
        .actions
        .iter()
        .flat_map(|action| rule_fields(item, action));
    quote! {
        #item
        #(#cfgs)*
        const _: () = {
            use #krate::__private as _larder;
            const _: () = #is_model;
            #(#rules)*
            #one_can_act
            #[automatically_derived]
            impl #ty {
                #[doc(hidden)]
                pub fn __larder_one_model_impl_per_model() -> _larder::Behaviour {
                    #[allow(unused_mut)]
                    let mut behaviour = <_larder::Behaviour as ::core::default::Default>::default();
                    #(#hooks)*
                    #(#actions)*
                    #(#computed)*
                    #(#searches)*
                    #(#can_act)*
                    behaviour
                }
            }
        };
    }
}

fn hook(hook: &Hook) -> TokenStream {
    let Function { ident, cfgs, .. } = &hook.function;
    let points = hook
        .points
        .iter()
        .map(|point| Ident::new(point, Span::call_site()));
    let name = ident.to_string();
    let (given, cx) = context(hook.takes_cx);
    let call = call(
        &hook.function,
        &quote!(_larder::this_mut::<Self>(this)? #cx),
        hook.result,
    );
    let body = future(
        &hook.function,
        &quote!(let done: () = #call?; ::core::result::Result::Ok(done)),
    );
    quote! {
        #(#cfgs)*
        for point in [#(_larder::HookPoint::#points),*] {
            behaviour.hooks.push(_larder::HookDef::new(point, #name, |this, #given| #body));
        }
    }
}

/// The context as a closure's parameter, and as what is handed on.
fn context(takes_cx: bool) -> (TokenStream, Option<TokenStream>) {
    if takes_cx {
        (quote!(cx), Some(quote!(, cx)))
    } else {
        (quote!(_), None)
    }
}

fn can_act(can_act: &CanAct) -> TokenStream {
    let cfgs = &can_act.function.cfgs;
    let (given, cx) = context(can_act.takes_cx);
    let call = call(
        &can_act.function,
        &quote!(_larder::this_ref::<Self>(this)?, action #cx),
        can_act.result,
    );
    let body = future(
        &can_act.function,
        &quote!(let allowed: bool = #call?; ::core::result::Result::Ok(allowed)),
    );
    quote! {
        #(#cfgs)*
        {
            behaviour.can_act = ::core::option::Option::Some(|this, action, #given| #body);
        }
    }
}

/// Lets two that are left after all collide: the second would put the first out of force.
fn one_can_act(all: &[CanAct]) -> Option<TokenStream> {
    let names = all.iter().map(|can_act| {
        let cfgs = &can_act.function.cfgs;
        quote_spanned! {at(can_act.function.ident.span())=>
            #(#cfgs)*
            #[allow(dead_code)]
            const A_MODEL_HAS_ONE_CAN_ACT: () = ();
        }
    });
    (all.len() > 1).then(|| quote!(#(#names)*))
}

fn action(action: &Action) -> TokenStream {
    let Action {
        name,
        method,
        output,
        ..
    } = action;
    let cfgs = &action.function.cfgs;
    let doc = option(action.doc.as_ref());
    let allow = option(action.allow.as_ref().map(|allow| &allow.text));
    let global = action.receiver == Receiver::None;
    let changes = action.receiver == Receiver::Mut;
    let args = action.args.iter().filter_map(|arg| match arg {
        Arg::Cx => None,
        Arg::Value { name, ty } => Some(quote!(_larder::ArgDef::of::<#ty>(#name))),
    });
    let (given, body) = run(action);
    let body = future(&action.function, &body);
    quote! {
        #(#cfgs)*
        behaviour.actions.push(_larder::ActionDef {
            name: #name,
            doc: #doc,
            method: #method,
            global: #global,
            changes: #changes,
            allow: #allow,
            args: ::std::vec![#(#args),*],
            output: _larder::schema_of::<#output>,
            run: |#given| #body,
        });
    }
}

/// The parameters and the body of an action's function pointer.
fn run(action: &Action) -> (TokenStream, TokenStream) {
    let global = action.receiver == Receiver::None;
    let this = (!global).then(|| {
        quote! {
            let this = this.ok_or_else(|| _larder::Error::internal("an action of a record was called without one"))?;
        }
    });
    let receiver = (!global).then(|| quote!(_larder::this_mut::<Self>(this)?,));
    let args = action.args.iter().map(|arg| match arg {
        Arg::Cx => quote!(call.cx),
        Arg::Value { name, ty } => quote!(call.arg::<#ty>(#name)?),
    });
    let span = action.output.span();
    let call = call(&action.function, &quote!(#receiver #(#args),*), span);
    let done = quote_spanned!(at(span)=> _larder::ActionOutput::of(&done));
    let given = match (global, action.args.is_empty()) {
        (true, true) => quote!(_, _),
        (true, false) => quote!(_, call),
        (false, true) => quote!(this, _),
        (false, false) => quote!(this, call),
    };
    let output = &action.output;
    (given, quote!(#this let done: #output = #call?; #done))
}

/// A boxed future. It stands where the function's name does, since what is wrong with it (say, that it can't move between
/// threads) is the function's fault.
fn future(function: &Function, body: &TokenStream) -> TokenStream {
    quote_spanned!(at(function.ident.span())=> ::std::boxed::Box::pin(async move { #body }))
}

/// `Self::publish(..).await`, shown where the result's type stands.
fn call(function: &Function, arguments: &TokenStream, span: Span) -> TokenStream {
    let ident = &function.ident;
    let span = at(span);
    let wait = function.is_async.then(|| quote_spanned!(span=> .await));
    quote_spanned!(span=> Self::#ident(#arguments) #wait)
}

/// The fields of an action's rule can't be looked up here, since the struct is out of sight: rustc does it.
fn rule_fields(item: &Impl, action: &Action) -> Vec<TokenStream> {
    let ty = &item.ty;
    let Some(allow) = &action.allow else {
        return Vec::new();
    };
    let cfgs = &action.function.cfgs;
    let check = |field: &String| {
        let message = format!(
            "the rule of the action `{}` names `{field}`, which is no field of the model",
            action.name
        );
        quote_spanned! {at(allow.span)=>
            #(#cfgs)*
            const _: () = ::core::assert!(
                _larder::may_have_field::<#ty>(#field),
                #message
            );
        }
    };
    allow.fields.iter().map(check).collect()
}

fn option(text: Option<&String>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}
