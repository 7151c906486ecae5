impl Post {
    fn like(&mut self) -> Result<()> {
        Ok(())
    }
    async fn clear(before: Option<Date>, cx: &Ctx) -> Result<u64> {
        Ok(0)
    }
}
const _: () = {
    use ::larder::__private as _larder;
    const _: () = _larder::is_model::<Post>();
    #[automatically_derived]
    impl Post {
        #[doc(hidden)]
        pub fn __larder_one_model_impl_per_model() -> _larder::Behaviour {
            #[allow(unused_mut)]
            let mut behaviour = <_larder::Behaviour as ::core::default::Default>::default();
            behaviour
                .actions
                .push(_larder::ActionDef {
                    name: "like",
                    doc: ::core::option::Option::None,
                    method: "PUT",
                    global: false,
                    changes: true,
                    allow: ::core::option::Option::Some("true"),
                    args: ::std::vec![],
                    output: _larder::schema_of::<()>,
                    run: |this, _| ::std::boxed::Box::pin(async move {
                        let this = this
                            .ok_or_else(|| _larder::Error::internal(
                                "an action of a record was called without one",
                            ))?;
                        let done: () = Self::like(_larder::this_mut::<Self>(this)?)?;
                        _larder::ActionOutput::of(&done)
                    }),
                });
            behaviour
                .actions
                .push(_larder::ActionDef {
                    name: "clear",
                    doc: ::core::option::Option::None,
                    method: "POST",
                    global: true,
                    changes: false,
                    allow: ::core::option::Option::Some("$actor.role=admin"),
                    args: ::std::vec![
                        _larder::ArgDef::of:: < Option < Date > > ("before")
                    ],
                    output: _larder::schema_of::<u64>,
                    run: |_, call| ::std::boxed::Box::pin(async move {
                        let done: u64 = Self::clear(
                                call.arg::<Option<Date>>("before")?,
                                call.cx,
                            )
                            .await?;
                        _larder::ActionOutput::of(&done)
                    }),
                });
            behaviour
        }
    }
};
