const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Account {
        type Key = Uuid;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Account";
        const FIELDS: &'static [&'static str] = &[
            "id",
            "balance",
            "_seen",
            "token",
            "__key",
        ];
        const HIDDEN: &'static [&'static str] = &["token", "__key"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .field(_larder::FieldDef::of::<Uuid>("id").id())
                .field(
                    _larder::FieldDef::of::<i64>("balance")
                        .read_only()
                        .default(|| _larder::default_value(
                            &<i64 as _larder::HasDefault>::value(),
                        )),
                )
                .field(
                    _larder::FieldDef::of::<u32>("_seen")
                        .read_only()
                        .default(|| _larder::default_value(&usual())),
                )
                .field(
                    _larder::FieldDef::of::<Option<Secret<String>>>("token")
                        .server_only()
                        .unique()
                        .default(|| _larder::default_value(
                            &<Option<Secret<String>> as _larder::HasDefault>::value(),
                        )),
                )
                .field(
                    _larder::FieldDef::of::<Secret<u8>>("__key")
                        .server_only()
                        .default(|| _larder::default_value(
                            &<Secret<u8> as _larder::HasDefault>::value(),
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
        server_only::<Option<Secret<String>>>();
        server_only::<Secret<u8>>();
    };
    _larder::inventory::submit! {
        _larder::Registration::of:: < Account > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Account {
        ///The field `id`, for queries in Rust.
        const ID: _larder::TypedField<Account, Uuid> = _larder::TypedField::new("id");
        ///The field `balance`, for queries in Rust.
        const BALANCE: _larder::TypedField<Account, i64> = _larder::TypedField::new(
            "balance",
        );
        ///The field `_seen`, for queries in Rust.
        const _SEEN: _larder::TypedField<Account, u32> = _larder::TypedField::new(
            "_seen",
        );
    }
};
