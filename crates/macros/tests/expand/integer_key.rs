const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Flight {
        type Key = u32;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.number)
        }
        const NAME: &'static str = "Flight";
        const FIELDS: &'static [&'static str] = &["number", "carrier"];
        const KEY: &'static str = "number";
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .url("/flights")
                .client_id()
                .rule(_larder::Operation::Read, "true")
                .sort(&["number"])
                .field(_larder::FieldDef::of::<u32>("number").id())
                .field(_larder::FieldDef::of::<String>("carrier"))
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    _larder::inventory::submit! {
        _larder::Registration::of:: < Flight > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Flight {
        ///The field `number`, for queries in Rust.
        pub const NUMBER: _larder::TypedField<Flight, u32> = _larder::TypedField::new(
            "number",
        );
        ///The field `carrier`, for queries in Rust.
        pub const CARRIER: _larder::TypedField<Flight, String> = _larder::TypedField::new(
            "carrier",
        );
    }
};
