//! Mistakes in `#[computed]`.

use quote::quote;

use super::mistakes;

#[test]
fn computed_fields_are_checked() {
    assert_eq!(
        mistakes(quote!(
            #[computed]
            fn a(&self) -> String {
                x
            }
        )),
        [""; 0]
    );
    for wrong in [
        quote!(
            #[computed]
            fn a(&mut self) -> String {
                x
            }
        ),
        quote!(
            #[computed]
            fn a() -> String {
                x
            }
        ),
        quote!(
            #[computed]
            async fn a(&self) -> String {
                x
            }
        ),
        quote!(
            #[computed]
            fn a(&self, cx: &Ctx) -> String {
                x
            }
        ),
        quote!(
            #[computed]
            fn a(&self) -> Result<String> {
                x
            }
        ),
        quote!(
            #[computed]
            fn a(&self) {
                x
            }
        ),
        quote!(
            #[computed(as = "x")]
            fn a(&self) -> String {
                x
            }
        ),
        quote!(
            #[computed(name = "")]
            fn a(&self) -> String {
                x
            }
        ),
        quote!(
            #[computed]
            fn a(&self) -> u8 {
                x
            }
            #[computed(name = "a")]
            fn b(&self) -> u8 {
                x
            }
        ),
    ] {
        assert_eq!(mistakes(wrong.clone()).len(), 1, "{wrong}");
    }
}
