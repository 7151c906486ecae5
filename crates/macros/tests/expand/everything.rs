impl Post {
    /// Kept.
    pub const LIMIT: usize = { 5 };
    #[inline]
    async fn stamp(&mut self, cx: &Ctx) -> Result<()> {
        Ok(())
    }
    fn gone(&self) -> Result<()> {
        Ok(())
    }
    /// Shows it to everybody.
    async fn publish(&mut self, cx: &Ctx, at: Option<Timestamp>) -> Result<()> {
        Ok(())
    }
    #[cfg(feature = "newest")]
    fn newest(limit: u32, cx: &Ctx) -> Result<Vec<Entity<Post>>> {
        Ok(Vec::new())
    }
    /// Both names.
    fn full_name(&self) -> String {
        String::new()
    }
    /// Words of the title, or an author.
    fn q(q: &str, status: Option<Status>, near: Option<&str>) -> Filter<Self> {
        let words = q.split(' ').map(|word| Self::TITLE.contains(word));
        let some = Filter::any_of(words)
            .or(Post::AUTHOR.field(crate::User::NAME).starts_with(q));
        if WORDS.contains(&q) || Self::STOP.contains(&q) {
            Self::TITLE.contains("")
        } else {
            some
        }
    }
    fn older(older: u32) -> Filter<Post> {
        use crate::User as U;
        Post::AUTHOR.field(U::AGE).gt(older)
    }
    fn can_act(&self, action: &str) -> Result<bool> {
        Ok(true)
    }
    fn helper<'a, T>(self, x: &'a T) -> &'a T
    where
        T: Sized,
    {
        x
    }
    some_macro! {
        x
    }
}
const _: () = {
    use my_larder::__private as _larder;
    const _: () = _larder::is_model::<Post>();
    const _: () = ::core::assert!(
        _larder::may_have_field:: < Post > ("author"),
        "the rule of the action `publish` names `author`, which is no field of the model"
    );
    #[automatically_derived]
    impl Post {
        #[doc(hidden)]
        pub fn __larder_one_model_impl_per_model() -> _larder::Behaviour {
            #[allow(unused_mut)]
            let mut behaviour = <_larder::Behaviour as ::core::default::Default>::default();
            for point in [
                _larder::HookPoint::BeforeCreate,
                _larder::HookPoint::BeforeUpdate,
                _larder::HookPoint::BeforeDelete,
            ] {
                behaviour
                    .hooks
                    .push(
                        _larder::HookDef::new(
                            point,
                            "stamp",
                            |this, cx| ::std::boxed::Box::pin(async move {
                                let done: () = Self::stamp(
                                        _larder::this_mut::<Self>(this)?,
                                        cx,
                                    )
                                    .await?;
                                ::core::result::Result::Ok(done)
                            }),
                        ),
                    );
            }
            for point in [_larder::HookPoint::AfterDelete] {
                behaviour
                    .hooks
                    .push(
                        _larder::HookDef::new(
                            point,
                            "gone",
                            |this, _| ::std::boxed::Box::pin(async move {
                                let done: () = Self::gone(
                                    _larder::this_mut::<Self>(this)?,
                                )?;
                                ::core::result::Result::Ok(done)
                            }),
                        ),
                    );
            }
            behaviour
                .actions
                .push(_larder::ActionDef {
                    name: "publish",
                    doc: ::core::option::Option::Some("Shows it to everybody."),
                    method: "PUT",
                    global: false,
                    changes: true,
                    allow: ::core::option::Option::Some("author=$actor.id"),
                    args: ::std::vec![
                        _larder::ArgDef::of:: < Option < Timestamp > > ("at")
                    ],
                    output: _larder::schema_of::<()>,
                    run: |this, call| ::std::boxed::Box::pin(async move {
                        let this = this
                            .ok_or_else(|| _larder::Error::internal(
                                "an action of a record was called without one",
                            ))?;
                        let done: () = Self::publish(
                                _larder::this_mut::<Self>(this)?,
                                call.cx,
                                call.arg::<Option<Timestamp>>("at")?,
                            )
                            .await?;
                        _larder::ActionOutput::of(&done)
                    }),
                });
            #[cfg(feature = "newest")]
            behaviour
                .actions
                .push(_larder::ActionDef {
                    name: "newest-first",
                    doc: ::core::option::Option::None,
                    method: "GET",
                    global: true,
                    changes: false,
                    allow: ::core::option::Option::Some("true"),
                    args: ::std::vec![_larder::ArgDef::of:: < u32 > ("limit")],
                    output: _larder::schema_of::<Vec<Entity<Post>>>,
                    run: |_, call| ::std::boxed::Box::pin(async move {
                        let done: Vec<Entity<Post>> = Self::newest(
                            call.arg::<u32>("limit")?,
                            call.cx,
                        )?;
                        _larder::ActionOutput::of(&done)
                    }),
                });
            behaviour
                .computed
                .push(_larder::ComputedDef {
                    name: "fullName",
                    doc: ::core::option::Option::Some("Both names."),
                    schema: _larder::output_schema_of::<String>,
                    run: |this| {
                        let value: String = Self::full_name(
                            _larder::this_ref::<Self>(this)?,
                        );
                        _larder::computed_value(&value)
                    },
                });
            behaviour
                .parameters
                .push(_larder::ParameterDef {
                    name: "q",
                    doc: ::core::option::Option::Some(
                        "Words of the title, or an author.",
                    ),
                    args: ::std::vec![
                        _larder::ArgDef::of:: < ::std::string::String > ("q"),
                        _larder::ArgDef::of:: < Option < Status > > ("status"),
                        _larder::ArgDef::of:: < ::core::option::Option <
                        ::std::string::String > > ("near")
                    ],
                    uses: {
                        use _larder::NoField as _;
                        [
                            _larder::Used(&Self::TITLE).field("contains"),
                            _larder::Used(&Post::AUTHOR.field(crate::User::NAME))
                                .field("starts_with"),
                            _larder::Used(&Self::STOP).field("contains"),
                        ]
                            .into_iter()
                            .flatten()
                            .collect()
                    },
                    run: |call| {
                        let filter: _larder::Filter<Self> = Self::q(
                            &call.arg::<::std::string::String>("q")?,
                            call.arg::<Option<Status>>("status")?,
                            call
                                .arg::<
                                    ::core::option::Option<::std::string::String>,
                                >("near")?
                                .as_deref(),
                        );
                        ::core::result::Result::Ok(_larder::Condition::from(filter))
                    },
                });
            behaviour
                .parameters
                .push(_larder::ParameterDef {
                    name: "older-than",
                    doc: ::core::option::Option::None,
                    args: ::std::vec![_larder::ArgDef::of:: < u32 > ("older-than")],
                    uses: ::std::vec::Vec::new(),
                    run: |call| {
                        let filter: _larder::Filter<Self> = Self::older(
                            call.arg::<u32>("older-than")?,
                        );
                        ::core::result::Result::Ok(_larder::Condition::from(filter))
                    },
                });
            {
                behaviour.can_act = ::core::option::Option::Some(|this, action, _| ::std::boxed::Box::pin(async move {
                    let allowed: bool = Self::can_act(
                        _larder::this_ref::<Self>(this)?,
                        action,
                    )?;
                    ::core::result::Result::Ok(allowed)
                }));
            }
            behaviour
        }
    }
};
