//! Parts of the earth: `circle`, `box`, `polygon`, and `near`.

use super::condition::Base;
use super::{Lowering, Result, fault};
use crate::area::{Area, Point};
use crate::expr::{Expr, Op, Operand};
use crate::syntax::{ParseErrorKind as Kind, Term, What};

impl Lowering<'_> {
    /// `near(path,lon,lat,metres)` or `near(path,(lon,lat),metres)`; without a distance, any point at all.
    pub(super) fn near(&self, term: Term<'_>, args: &[Term<'_>], base: &Base) -> Result<Expr> {
        let metres = |arg: Option<&Term<'_>>| arg.map_or(Ok(f64::INFINITY), |arg| number(*arg));
        let (path, center, metres) = match args {
            [path, at] => (path, point(*at)?, metres(None)?),
            [path, at, far] if matches!(at.what(), What::Array) => {
                (path, point(*at)?, metres(Some(far))?)
            }
            [path, lon, lat] => (
                path,
                degrees(term, number(*lon)?, number(*lat)?)?,
                metres(None)?,
            ),
            [path, lon, lat, far] => (
                path,
                degrees(term, number(*lon)?, number(*lat)?)?,
                metres(Some(far))?,
            ),
            _ => {
                return fault(
                    Kind::Arguments,
                    term.span(),
                    "`near` takes a field, a place and metres: near(field,(lon,lat),5000)",
                );
            }
        };
        let area = Operand::Area(Area::Circle { center, metres });
        let subject = self.subject(*path, base)?;
        Self::compare(term, subject, Op::Within, area, false)
    }

    /// An area written as a call.
    pub(super) fn area(term: Term<'_>) -> Result<Area> {
        let args: Vec<Term<'_>> = term.children().collect();
        match (term.name(), args.as_slice()) {
            (Some("circle"), [center, metres]) => Ok(Area::Circle {
                center: point(*center)?,
                metres: number(*metres)?,
            }),
            (Some("box"), [lower, upper]) => Ok(Area::Box {
                lower: point(*lower)?,
                upper: point(*upper)?,
            }),
            (Some("polygon"), corners) if corners.len() >= 3 => {
                let corners = corners.iter().map(|corner| point(*corner));
                corners.collect::<Result<_>>().map(Area::Polygon)
            }
            (Some("circle" | "box" | "polygon"), _) => fault(
                Kind::Arguments,
                term.span(),
                "an area is circle((lon,lat),metres), box((lon,lat),(lon,lat)) or polygon((lon,lat),..) with three corners or more",
            ),
            _ => fault(
                Kind::Arguments,
                term.span(),
                "a condition or a result can't be a value here",
            ),
        }
    }
}

fn point(term: Term<'_>) -> Result<Point> {
    let args: Vec<Term<'_>> = term.children().collect();
    match args.as_slice() {
        [lon, lat] if matches!(term.what(), What::Array) => {
            degrees(term, number(*lon)?, number(*lat)?)
        }
        _ => fault(Kind::Value, term.span(), "a place is (longitude,latitude)"),
    }
}

fn degrees(term: Term<'_>, lon: f64, lat: f64) -> Result<Point> {
    match Point::new(lon, lat) {
        Some(point) => Ok(point),
        None => fault(
            Kind::Value,
            term.span(),
            "longitude is from -180 to 180, latitude from -90 to 90",
        ),
    }
}

fn number(term: Term<'_>) -> Result<f64> {
    let number = match term.what() {
        What::Value { value, .. } => value.as_f64(),
        What::Unbounded(number) => Some(*number),
        _ => None,
    };
    match number {
        Some(number) => Ok(number),
        None => fault(Kind::Value, term.span(), "a number belongs here"),
    }
}
