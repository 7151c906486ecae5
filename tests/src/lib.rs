//! Tests of the whole of larder.
