const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for User {
        type Key = String;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Member";
        const FIELDS: &'static [&'static str] = &["id", "first-name", "e-mail", "type"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .search("first-name", "starts_with")
                .sort(&["e-mail"])
                .field(_larder::FieldDef::of::<String>("id").id())
                .field(
                    _larder::FieldDef::of::<String>("first-name")
                        .default(|| _larder::default_value(
                            &<Self as ::core::default::Default>::default().first_name,
                        )),
                )
                .field(
                    _larder::FieldDef::of::<String>("e-mail")
                        .default(|| _larder::default_value(
                            &<Self as ::core::default::Default>::default().email,
                        )),
                )
                .field(
                    _larder::FieldDef::of::<Option<String>>("type")
                        .default(|| _larder::default_value(
                            &<Self as ::core::default::Default>::default().r#type,
                        )),
                )
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    _larder::inventory::submit! {
        _larder::Registration::of:: < User > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl User {
        ///The field `id`, for queries in Rust.
        const ID: _larder::TypedField<User, String> = _larder::TypedField::new("id");
        ///The field `first-name`, for queries in Rust.
        const FIRST_NAME: _larder::TypedField<User, String> = _larder::TypedField::new(
            "first-name",
        );
        ///The field `e-mail`, for queries in Rust.
        const EMAIL: _larder::TypedField<User, String> = _larder::TypedField::new(
            "e-mail",
        );
        ///The field `type`, for queries in Rust.
        const TYPE: _larder::TypedField<User, Option<String>> = _larder::TypedField::new(
            "type",
        );
    }
};
