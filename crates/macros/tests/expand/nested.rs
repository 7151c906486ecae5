const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Comment {
        type Key = Id<Comment>;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Comment";
        const FIELDS: &'static [&'static str] = &["id", "of_blog", "post", "author"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[
                ("of_blog", <_larder::Probe<ModelParent<Blog>>>::RELATION),
                ("post", <_larder::Probe<ModelParent<Post>>>::RELATION),
                ("author", <_larder::Probe<Option<ModelLink<User>>>>::RELATION),
            ],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .url("/blogs/{blog}/posts/{post}/comments")
                .timestamps()
                .rule(_larder::Operation::Read, "true")
                .rule(_larder::Operation::Create, "author=$actor.id")
                .rule(_larder::Operation::Update, "author=$actor.id")
                .rule(_larder::Operation::Delete, "author=$actor.id")
                .field(_larder::FieldDef::of::<Id<Comment>>("id").id())
                .field(
                    _larder::FieldDef::of::<ModelParent<Blog>>("of_blog").parent("blog"),
                )
                .field(_larder::FieldDef::of::<ModelParent<Post>>("post").parent("post"))
                .field(
                    _larder::FieldDef::of::<Option<ModelLink<User>>>("author")
                        .owner()
                        .index(),
                )
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    use _larder::NoRelation as _;
    _larder::inventory::submit! {
        _larder::Registration::of:: < Comment > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Comment {
        ///The field `id`, for queries in Rust.
        pub const ID: _larder::TypedField<Comment, Id<Comment>> = _larder::TypedField::new(
            "id",
        );
        ///The field `of_blog`, for queries in Rust.
        pub const OF_BLOG: _larder::TypedField<Comment, ModelParent<Blog>> = _larder::TypedField::new(
            "of_blog",
        );
        ///The field `post`, for queries in Rust.
        pub const POST: _larder::TypedField<Comment, ModelParent<Post>> = _larder::TypedField::new(
            "post",
        );
        ///The field `author`, for queries in Rust.
        pub const AUTHOR: _larder::TypedField<Comment, Option<ModelLink<User>>> = _larder::TypedField::new(
            "author",
        );
    }
};
