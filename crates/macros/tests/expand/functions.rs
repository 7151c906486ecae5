const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Post {
        type Key = Id<Post>;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Post";
        const FIELDS: &'static [&'static str] = &["id", "at", "one", "other"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[
                ("one", <_larder::Probe<Odd>>::RELATION),
                ("other", <_larder::Probe<Odd>>::RELATION),
            ],
        );
        const HAS_FLATTENED: bool = true;
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .field(_larder::FieldDef::of::<Id<Post>>("id").id())
                .field(
                    _larder::FieldDef::with(
                            "at",
                            |value| _larder::decodes_with::<
                                Timestamp,
                            >(
                                value,
                                |from| seconds::deserialize(from),
                                |typed, to| seconds::serialize(typed, to),
                            ),
                        )
                        .default(|| _larder::default_with(
                            &now(),
                            |typed, to| seconds::serialize(typed, to),
                        )),
                )
                .field(
                    _larder::FieldDef::with(
                        "one",
                        |value| _larder::decodes_with::<
                            Odd,
                        >(
                            value,
                            |from| _larder::from_value(from),
                            |typed, to| write(typed, to),
                        ),
                    ),
                )
                .field(
                    _larder::FieldDef::with(
                            "other",
                            |value| _larder::decodes_with::<
                                Odd,
                            >(
                                value,
                                |from| read(from),
                                |typed, to| _larder::Serialize::serialize(typed, to),
                            ),
                        )
                        .default(|| _larder::default_with(
                            &<Odd as ::core::default::Default>::default(),
                            |typed, to| _larder::Serialize::serialize(typed, to),
                        )),
                )
                .flatten::<Address>()
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    use _larder::NoRelation as _;
    _larder::inventory::submit! {
        _larder::Registration::of:: < Post > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Post {
        ///The field `id`, for queries in Rust.
        const ID: _larder::TypedField<Post, Id<Post>> = _larder::TypedField::new("id");
        ///The field `other`, for queries in Rust.
        const OTHER: _larder::TypedField<Post, Odd> = _larder::TypedField::new("other");
    }
};
