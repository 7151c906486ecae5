const _: () = {
    use my::store::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Note {
        type Key = String;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Note";
        const FIELDS: &'static [&'static str] = &["id", "__key", "_seen"];
        const HIDDEN: &'static [&'static str] = &["__key"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .field(_larder::FieldDef::of::<String>("id").id())
                .field(
                    _larder::FieldDef::of::<Secret<u8>>("__key")
                        .server_only()
                        .default(|| _larder::default_value(
                            &<Self as ::core::default::Default>::default().__key,
                        )),
                )
                .field(
                    _larder::FieldDef::of::<u32>("_seen")
                        .read_only()
                        .default(|| _larder::default_value(
                            &<Self as ::core::default::Default>::default()._seen,
                        )),
                )
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    const _: fn() = || {
        fn server_only<T: _larder::IsSecret>() {}
        server_only::<Secret<u8>>();
    };
    _larder::inventory::submit! {
        _larder::Registration::of:: < Note > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Note {
        ///The field `id`, for queries in Rust.
        const ID: _larder::TypedField<Note, String> = _larder::TypedField::new("id");
        ///The field `_seen`, for queries in Rust.
        const _SEEN: _larder::TypedField<Note, u32> = _larder::TypedField::new("_seen");
    }
};
