const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Note {
        type Key = String;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Note";
        const FIELDS: &'static [&'static str] = &["id"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .field(_larder::FieldDef::of::<String>("id").id())
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    _larder::inventory::submit! {
        _larder::Registration::of:: < Note > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Note {
        ///The field `id`, for queries in Rust.
        pub const ID: _larder::TypedField<Note, String> = _larder::TypedField::new("id");
    }
};
