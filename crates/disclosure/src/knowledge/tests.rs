//! Properties of the exact model.
