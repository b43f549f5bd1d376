//! The template for a new ecosystem, and the double that the engine is tested with.
