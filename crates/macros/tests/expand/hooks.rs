impl Post {
    fn tidy(&mut self) -> Result<()> {
        Ok(())
    }
    async fn tell(&self, cx: &Ctx) -> Result<()> {
        Ok(())
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
            for point in [_larder::HookPoint::BeforeCreate] {
                behaviour
                    .hooks
                    .push(
                        _larder::HookDef::new(
                            point,
                            "tidy",
                            |this, _| ::std::boxed::Box::pin(async move {
                                let done: () = Self::tidy(
                                    _larder::this_mut::<Self>(this)?,
                                )?;
                                ::core::result::Result::Ok(done)
                            }),
                        ),
                    );
            }
            for point in [
                _larder::HookPoint::AfterCreate,
                _larder::HookPoint::AfterUpdate,
            ] {
                behaviour
                    .hooks
                    .push(
                        _larder::HookDef::new(
                            point,
                            "tell",
                            |this, cx| ::std::boxed::Box::pin(async move {
                                let done: () = Self::tell(
                                        _larder::this_mut::<Self>(this)?,
                                        cx,
                                    )
                                    .await?;
                                ::core::result::Result::Ok(done)
                            }),
                        ),
                    );
            }
            behaviour
        }
    }
};
