const _: () = {
    use ::larder::__private as _larder;
    #[automatically_derived]
    impl _larder::Model for Article {
        type Key = i64;
        fn key(&self) -> _larder::Cow<'_, Self::Key> {
            _larder::Cow::Borrowed(&self.id)
        }
        const NAME: &'static str = "Article";
        const FIELDS: &'static [&'static str] = &["id", "title"];
        const RELATIONS: ::core::option::Option<_larder::Relations> = ::core::option::Option::Some(
            &[],
        );
        fn describe() -> _larder::ModelDef {
            _larder::ModelDef::of::<Self>(::core::env!("CARGO_PKG_NAME"))
                .collection("articles")
                .was("posts")
                .version_column("lock_version")
                .database_id()
                .field(_larder::FieldDef::of::<i64>("id").id().column("article_id"))
                .field(
                    _larder::FieldDef::of::<String>("title")
                        .column("headline")
                        .was("title"),
                )
                .behaviour({
                    use _larder::NoBehaviour as _;
                    Self::__larder_one_model_impl_per_model()
                })
        }
    }
    _larder::inventory::submit! {
        _larder::Registration::of:: < Article > (::core::env!("CARGO_PKG_NAME"))
    }
    #[automatically_derived]
    #[allow(dead_code)]
    impl Article {
        ///The field `id`, for queries in Rust.
        const ID: _larder::TypedField<Article, i64> = _larder::TypedField::new("id");
        ///The field `title`, for queries in Rust.
        const TITLE: _larder::TypedField<Article, String> = _larder::TypedField::new(
            "title",
        );
    }
};
