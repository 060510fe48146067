//! The configuration that a request runs under.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use arc_swap::ArcSwap;

use super::Api;

/// What was in force when the request came. Taken once, it stays the same to the request's end.
#[derive(Clone)]
pub(super) struct InForce(Arc<Api>);

impl FromRequest for InForce {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let data = web::Data::<ArcSwap<Api>>::from_request(request, payload).into_inner();
        ready(data.map(|api| Self(api.load_full())))
    }
}

impl Deref for InForce {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.0
    }
}
