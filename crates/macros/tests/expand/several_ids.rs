const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Flight {
        type Key = (String, u32, Date);
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Owned((
                ::core::clone::Clone::clone(&self.carrier),
                ::core::clone::Clone::clone(&self.number),
                ::core::clone::Clone::clone(&self.day),
            ))
        }
        const NAME: &'static str = "Flight";
        const FIELDS: &'static [&'static str] = &["carrier", "number", "day", "plane"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[("plane", <_larder::Probe<ModelLink<Plane>>>::RELATION)],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .url("/flights")
                .collection("departures")
                .rule(_larder::Operation::Read, "true")
                .rule(_larder::Operation::Create, "carrier=$actor.airline")
                .search("carrier", "eq")
                .search("day", "ge")
                .sort(&["day"])
                .field(_larder::FieldDef::of::<String>("carrier").id().column("airline"))
                .field(
                    _larder::FieldDef::of::<u32>("number")
                        .id()
                        .default(|| _larder::default_value(
                            &<u32 as ::core::default::Default>::default(),
                        )),
                )
                .field(_larder::FieldDef::of::<Date>("day").id().index())
                .field(_larder::FieldDef::of::<ModelLink<Plane>>("plane"))
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    use _larder::NoRelation as _;
    _larder::inventory::submit! {
        _larder::Registration::of:: < Flight > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Flight {
        ///The field `carrier`, for queries in Rust.
        pub const CARRIER: _larder::TypedField<Flight, String> = _larder::TypedField::new(
            "carrier",
        );
        ///The field `number`, for queries in Rust.
        pub const NUMBER: _larder::TypedField<Flight, u32> = _larder::TypedField::new(
            "number",
        );
        ///The field `day`, for queries in Rust.
        pub const DAY: _larder::TypedField<Flight, Date> = _larder::TypedField::new(
            "day",
        );
        ///The field `plane`, for queries in Rust.
        pub const PLANE: _larder::TypedField<Flight, ModelLink<Plane>> = _larder::TypedField::new(
            "plane",
        );
    }
};
