//! The guide's chapter on stores of one's own shows what is here.

const CHAPTER: &str = include_str!("../../../docs/guide/your-own-store.md");
const SOURCES: [&str; 2] = [
    include_str!("../src/lib.rs"),
    include_str!("conformance.rs"),
];

#[test]
fn every_block_stands_here_word_for_word() {
    let blocks = CHAPTER.split("```rust\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split_once("```"));
    let blocks: Vec<&str> = blocks.map(|(block, _)| block).collect();
    assert!(blocks.len() >= 5);
    for block in blocks {
        let here = SOURCES.iter().any(|source| source.contains(block));
        assert!(
            here,
            "this is not, or not any more, in the sources:\n{block}"
        );
    }
}
