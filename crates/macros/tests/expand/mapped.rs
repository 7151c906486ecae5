#[automatically_derived]
impl ::larder::__private::Mapped for Card {
    type Source = blog::Comment;
    const VIA: &'static str = "post";
    const FIELDS: &'static [&'static str] = &["author", "theText"];
}
const _: () = {
    use ::larder::__private as _larder;
    use _larder::NoRelation as _;
    #[allow(dead_code)]
    trait Fields {
        const AUTHOR: _larder::Unseen = _larder::Unseen;
        const THE_TEXT: _larder::Unseen = _larder::Unseen;
    }
    impl Fields for blog::Comment {}
    const _: () = _larder::check_mapped_via(
        <_larder::Probe<blog::Comment>>::SOURCE,
        "post",
    );
    const _: () = _larder::check_mapped_field(
        <_larder::Probe<blog::Comment>>::SOURCE,
        "author",
    );
    const _: () = _larder::check_mapped_type::<
        ModelLink<User>,
        _,
    >(&<blog::Comment>::AUTHOR);
    const _: () = _larder::check_mapped_field(
        <_larder::Probe<blog::Comment>>::SOURCE,
        "theText",
    );
    const _: () = _larder::check_mapped_type::<String, _>(&<blog::Comment>::THE_TEXT);
};
