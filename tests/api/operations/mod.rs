//! What the documents for operators promise: that what they tell to do works.

mod restore;
