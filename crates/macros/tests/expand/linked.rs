const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Post {
        type Key = Id<Post>;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Post";
        const FIELDS: &'static [&'static str] = &["id", "author", "address"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[
                ("author", <_larder::Probe<ModelLink<User>>>::RELATION),
                ("address", <_larder::Probe<Address>>::RELATION),
            ],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .search("author.name", "starts_with")
                .search("author.team.name", "scan(eq)")
                .search("address.city", "eq")
                .sort(&["author.name"])
                .default_sort("-author.name")
                .field(_larder::FieldDef::of::<Id<Post>>("id").id())
                .field(_larder::FieldDef::of::<ModelLink<User>>("author"))
                .field(_larder::FieldDef::of::<Address>("address"))
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    use _larder::NoRelation as _;
    const _: () = _larder::check_reach(
        "author",
        "name",
        <_larder::Probe<ModelLink<User>>>::RELATION,
        <_larder::Probe<ModelLink<User>>>::TARGET,
    );
    const _: () = _larder::check_reach(
        "author",
        "team.name",
        <_larder::Probe<ModelLink<User>>>::RELATION,
        <_larder::Probe<ModelLink<User>>>::TARGET,
    );
    const _: () = _larder::check_reach(
        "address",
        "city",
        <_larder::Probe<Address>>::RELATION,
        <_larder::Probe<Address>>::TARGET,
    );
    _larder::inventory::submit! {
        _larder::Registration::of:: < Post > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Post {
        ///The field `id`, for queries in Rust.
        const ID: _larder::TypedField<Post, Id<Post>> = _larder::TypedField::new("id");
        ///The field `author`, for queries in Rust.
        const AUTHOR: _larder::TypedField<Post, ModelLink<User>> = _larder::TypedField::new(
            "author",
        );
        ///The field `address`, for queries in Rust.
        const ADDRESS: _larder::TypedField<Post, Address> = _larder::TypedField::new(
            "address",
        );
    }
};
