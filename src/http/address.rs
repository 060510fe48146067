//! What there is at an address, and the answer to any other method: 405 with what there is, and to `OPTIONS` the same as 204.
//! So whatever is in the table has both, and the contract can be held against it.

use actix_web::{HttpRequest, HttpResponse, Resource, Route, guard, http::Method, http::header, web};
use arc_swap::ArcSwap;

use super::{Api, problem::Problem};

/// Addresses that begin alike and refuse alike.
pub(super) struct Group {
    /// What their paths begin with.
    pub(super) prefix: &'static str,
    /// How a problem is told there.
    pub(super) refuse: fn(Problem) -> HttpResponse,
    /// What there is.
    pub(super) addresses: &'static [Address],
}

/// A path below its group's prefix, as the router reads it, and what it takes.
pub(super) struct Address {
    path: &'static str,
    takes: &'static [Takes],
    /// Whether a configuration makes it an address like any that is not there.
    hidden: fn(&Api) -> bool,
    asked: Option<Asked>,
}

/// A header by which `OPTIONS` asks for more than what there is, and what answers it.
#[derive(Clone, Copy)]
struct Asked {
    header: &'static str,
    route: fn() -> Route,
}

/// Methods and what answers them.
pub(super) struct Takes {
    methods: &'static [Method],
    route: fn() -> Route,
}

pub(super) const fn at(path: &'static str, takes: &'static [Takes]) -> Address {
    Address { path, takes, hidden: |_| false, asked: None }
}

/// What is read, and so can be asked for its head alone (RFC 9110, 9.3.2).
pub(super) const fn read(route: fn() -> Route) -> Takes {
    Takes { methods: &[Method::GET, Method::HEAD], route }
}

/// What has no end, and so no head of a whole.
pub(super) const fn listen(route: fn() -> Route) -> Takes {
    Takes { methods: &[Method::GET], route }
}

/// What changes something, or is given something to look at.
pub(super) const fn post(route: fn() -> Route) -> Takes {
    Takes { methods: &[Method::POST], route }
}

impl Group {
    /// Adds the group to the application.
    pub(super) fn configure(&self, config: &mut web::ServiceConfig) {
        let resources = self.addresses.iter().map(|address| address.resource(self.refuse));
        if self.prefix.is_empty() {
            for resource in resources {
                config.service(resource);
            }
            config.default_service(nothing_here(self.refuse));
        } else {
            let scope = resources.fold(web::scope(self.prefix), |scope, resource| scope.service(resource));
            config.service(scope.default_service(nothing_here(self.refuse)));
        }
    }

    /// Each whole path with its methods, `OPTIONS` left out, which every one takes.
    pub(super) fn listed(&self) -> impl Iterator<Item = (String, Vec<&'static str>)> {
        self.addresses.iter().map(|address| {
            let methods = address.methods().map(Method::as_str).collect();
            (format!("{}{}", self.prefix, address.path), methods)
        })
    }
}

impl Address {
    /// The same, which is not there as long as `hidden` says so.
    pub(super) const fn unless(self, hidden: fn(&Api) -> bool) -> Self {
        Self { hidden, ..self }
    }

    /// The same, where `OPTIONS` with this header is answered by a route of its own.
    pub(super) const fn asked(self, header: &'static str, route: fn() -> Route) -> Self {
        Self { asked: Some(Asked { header, route }), ..self }
    }

    fn methods(&self) -> impl Iterator<Item = &'static Method> {
        self.takes.iter().flat_map(|takes| takes.methods)
    }

    fn resource(&self, refuse: fn(Problem) -> HttpResponse) -> Resource {
        let allowed: Vec<&str> = self.methods().map(Method::as_str).chain(["OPTIONS"]).collect();
        let allow = allowed.join(", ");
        let otherwise = web::to(move |request: HttpRequest| {
            let answer = no_such_method(&request, &allow, refuse);
            async { answer }
        });
        let each =
            self.takes.iter().flat_map(|takes| takes.methods.iter().map(|method| (method, takes.route)));
        let asked = self.asked.map(|Asked { header, route }| {
            let has = guard::fn_guard(move |request| request.head().headers().contains_key(header));
            route().guard(guard::Options()).guard(has)
        });
        each.map(|(method, route)| route().guard(guard::Method(method.clone())))
            .chain(asked)
            .fold(web::resource(self.path).guard(self.is_there()), Resource::route)
            .default_service(otherwise)
    }

    fn is_there(&self) -> impl guard::Guard + use<> {
        let hidden = self.hidden;
        guard::fn_guard(move |request| {
            let api = request.app_data::<web::Data<ArcSwap<Api>>>();
            api.is_none_or(|api| !hidden(&api.load()))
        })
    }
}

/// `OPTIONS` asks what there is; any other method is wrong.
fn no_such_method(request: &HttpRequest, allow: &str, refuse: fn(Problem) -> HttpResponse) -> HttpResponse {
    if request.method() == Method::OPTIONS {
        return HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish();
    }
    refuse(Problem::method_not_allowed(request.method().as_str(), allow))
}

fn nothing_here(refuse: fn(Problem) -> HttpResponse) -> Route {
    web::to(move |request: HttpRequest| {
        let answer = refuse(Problem::no_route(request.method().as_str(), request.path()));
        async { answer }
    })
}
