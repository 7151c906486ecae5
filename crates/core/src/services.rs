//! Services: values that an app provides and that hooks and actions get by their type.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

use crate::error::{Error, Result};

/// The services of an app, one a type.
#[derive(Default)]
pub(crate) struct Services(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Services {
    pub(crate) fn provide<T: Send + Sync + 'static>(&mut self, service: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(service));
    }

    pub(crate) fn get<T: 'static>(&self) -> Result<&T> {
        self.0
            .get(&TypeId::of::<T>())
            .and_then(|service| service.downcast_ref())
            .ok_or_else(|| {
                let name = type_name::<T>();
                Error::internal(format!(
                    "nobody provided a `{name}`: add `.provide(..)` with one to the app's builder"
                ))
            })
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} services", self.0.len())
    }
}
