//! svod: documents of an education authority from its workbooks.
pub mod diag;
pub mod figure;
pub mod groups;
pub mod indicators;
pub mod measure;
pub mod model;
pub mod provenance;
pub mod ru;
pub mod settings;
pub mod sheets;
pub mod source;
pub mod workbook;
