mod decision;
mod evidence;
mod fit;
mod info;
mod layer;
mod mask;
mod sent;
mod translator;

pub use layer::{Server, ServerLayer};
pub use sent::IntoStatus;
pub use translator::{Event, Translator};
