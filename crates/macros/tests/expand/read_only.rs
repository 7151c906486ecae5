const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Stat {
        type Key = String;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.name)
        }
        const NAME: &'static str = "Stat";
        const FIELDS: &'static [&'static str] = &["name"];
        const KEY: &'static str = "name";
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .collection("stats")
                .unversioned()
                .read_only()
                .field(_larder::FieldDef::of::<String>("name").id())
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    _larder::inventory::submit! {
        _larder::Registration::of:: < Stat > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Stat {
        ///The field `name`, for queries in Rust.
        const NAME: _larder::TypedField<Stat, String> = _larder::TypedField::new("name");
    }
};
