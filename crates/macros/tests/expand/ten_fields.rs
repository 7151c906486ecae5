const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Post {
        type Key = Id<Post>;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Post";
        const FIELDS: &'static [&'static str] = &[
            "id",
            "blog",
            "author",
            "title",
            "status",
            "tags",
            "score",
            "notes",
            "subTitle",
            "type",
        ];
        const HIDDEN: &'static [&'static str] = &["notes"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[
                ("blog", <_larder::Probe<ModelParent<Blog>>>::RELATION),
                ("author", <_larder::Probe<ModelLink<User>>>::RELATION),
                ("status", <_larder::Probe<Status>>::RELATION),
            ],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .doc("One entry of a blog.\n\nWith a picture.")
                .url("/blogs/{blog}/posts")
                .store("main")
                .collection("entries")
                .timestamps()
                .client_id()
                .rule(_larder::Operation::Read, "status=published|author=$actor.id")
                .rule(_larder::Operation::Create, "true")
                .rule(_larder::Operation::Update, "author=$actor.id")
                .rule(_larder::Operation::Delete, "author=$actor.id")
                .search("title", "contains")
                .search("status", "eq")
                .sort(&["title", "_created"])
                .default_sort("-_created,+title")
                .page(20)
                .field(_larder::FieldDef::of::<Id<Post>>("id").id())
                .field(_larder::FieldDef::of::<ModelParent<Blog>>("blog").parent("blog"))
                .field(_larder::FieldDef::of::<ModelLink<User>>("author").owner())
                .field(_larder::FieldDef::of::<String>("title").index())
                .field(
                    _larder::FieldDef::of::<Status>("status")
                        .default(|| _larder::default_value(
                            &<Status as ::core::default::Default>::default(),
                        )),
                )
                .field(
                    _larder::FieldDef::of::<Vec<String>>("tags")
                        .default(|| _larder::default_value(&usual_tags())),
                )
                .field(
                    _larder::FieldDef::of::<f64>("score")
                        .read_only()
                        .default(|| _larder::default_value(
                            &<f64 as _larder::HasDefault>::value(),
                        )),
                )
                .field(
                    _larder::FieldDef::of::<Secret<String>>("notes")
                        .server_only()
                        .default(|| _larder::default_value(
                            &<Secret<String> as _larder::HasDefault>::value(),
                        )),
                )
                .field(_larder::FieldDef::of::<Option<String>>("subTitle").omit_null())
                .field(_larder::FieldDef::of::<String>("type").unique())
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    const _: fn() = || {
        fn server_only<T: _larder::IsSecret>() {}
        server_only::<Secret<String>>();
    };
    use _larder::NoRelation as _;
    _larder::inventory::submit! {
        _larder::Registration::of:: < Post > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Post {
        ///The field `id`, for queries in Rust.
        pub const ID: _larder::TypedField<Post, Id<Post>> = _larder::TypedField::new(
            "id",
        );
        ///The field `blog`, for queries in Rust.
        pub const BLOG: _larder::TypedField<Post, ModelParent<Blog>> = _larder::TypedField::new(
            "blog",
        );
        ///The field `author`, for queries in Rust.
        pub const AUTHOR: _larder::TypedField<Post, ModelLink<User>> = _larder::TypedField::new(
            "author",
        );
        ///The field `title`, for queries in Rust.
        pub const TITLE: _larder::TypedField<Post, String> = _larder::TypedField::new(
            "title",
        );
        ///The field `status`, for queries in Rust.
        pub const STATUS: _larder::TypedField<Post, Status> = _larder::TypedField::new(
            "status",
        );
        ///The field `tags`, for queries in Rust.
        const TAGS: _larder::TypedField<Post, Vec<String>> = _larder::TypedField::new(
            "tags",
        );
        ///The field `score`, for queries in Rust.
        pub const SCORE: _larder::TypedField<Post, f64> = _larder::TypedField::new(
            "score",
        );
        ///The field `subTitle`, for queries in Rust.
        pub const SUB_TITLE: _larder::TypedField<Post, Option<String>> = _larder::TypedField::new(
            "subTitle",
        );
        ///The field `type`, for queries in Rust.
        pub(crate) const TYPE: _larder::TypedField<Post, String> = _larder::TypedField::new(
            "type",
        );
    }
};
