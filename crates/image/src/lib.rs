//! What the final image stage needs and has.
