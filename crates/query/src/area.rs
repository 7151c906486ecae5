//! Places on the earth and areas around them.
//!
//! A point is written as Kinvey and GeoJSON do: longitude first, both in degrees. Distances are along the great circle of a
//! sphere with the mean radius of the earth, in metres.

use crate::Value;

/// The mean radius of the earth, in metres (IUGG).
pub const EARTH_RADIUS: f64 = 6_371_008.8;

/// Metres in an international mile.
pub const METRES_PER_MILE: f64 = 1_609.344;

/// A point: degrees east, degrees north.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Degrees east, from -180 to 180.
    pub lon: f64,
    /// Degrees north, from -90 to 90.
    pub lat: f64,
}

impl Point {
    /// A point, if the degrees are in range.
    pub fn new(lon: f64, lat: f64) -> Option<Self> {
        ((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat))
            .then_some(Self { lon, lat })
    }

    /// The point that a value is: an array of two numbers, longitude first.
    ///
    /// ```
    /// use larder_query::{Point, Value};
    ///
    /// let v: Value = [13.4, 52.5].into_iter().map(Value::from).collect();
    /// assert_eq!(Point::of_value(&v), Point::new(13.4, 52.5));
    /// ```
    pub fn of_value(value: &Value) -> Option<Self> {
        match value.as_array()? {
            [lon, lat] => Self::new(lon.as_f64()?, lat.as_f64()?),
            _ => None,
        }
    }

    /// Metres to another point along the great circle (haversine).
    ///
    /// ```
    /// use larder_query::Point;
    ///
    /// let (berlin, hamburg) = (Point { lon: 13.4, lat: 52.52 }, Point { lon: 10.0, lat: 53.55 });
    /// assert!((berlin.metres_to(hamburg) - 255_500.0).abs() < 1_500.0);
    /// ```
    pub fn metres_to(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let (dlat, dlon) = (b - a, (other.lon - self.lon).to_radians());
        let h = (dlat / 2.0).sin().powi(2) + a.cos() * b.cos() * (dlon / 2.0).sin().powi(2);
        2.0 * EARTH_RADIUS * h.sqrt().min(1.0).asin()
    }
}

/// A part of the earth.
#[derive(Clone, Debug, PartialEq)]
pub enum Area {
    /// All points within some metres of another, the rim included. Without a distance: the whole earth.
    Circle {
        /// The middle.
        center: Point,
        /// How far, in metres.
        metres: f64,
    },
    /// All points between two corners, the rim included. Where the lower corner is east of the upper one, the box goes over the
    /// date line.
    Box {
        /// South-west.
        lower: Point,
        /// North-east.
        upper: Point,
    },
    /// All points inside a closed line of at least three corners, straight in degrees.
    Polygon(Vec<Point>),
}

impl Area {
    /// Whether a point lies in it.
    pub fn contains(&self, point: Point) -> bool {
        match self {
            Self::Circle { center, metres } => center.metres_to(point) <= *metres,
            Self::Box { lower, upper } => {
                let across = if lower.lon <= upper.lon {
                    (lower.lon..=upper.lon).contains(&point.lon)
                } else {
                    point.lon >= lower.lon || point.lon <= upper.lon
                };
                across && (lower.lat..=upper.lat).contains(&point.lat)
            }
            Self::Polygon(corners) => inside(corners, point),
        }
    }

    /// Whether a value is a point that lies in it.
    pub fn holds(&self, value: &Value) -> bool {
        Point::of_value(value).is_some_and(|point| self.contains(point))
    }
}

/// The even-odd rule: a ray to the east crosses the line an odd number of times.
fn inside(corners: &[Point], at: Point) -> bool {
    let mut odd = false;
    let mut before = corners.last();
    for corner in corners {
        if let Some(last) = before
            && (corner.lat > at.lat) != (last.lat > at.lat)
            && at.lon
                < (last.lon - corner.lon) * (at.lat - corner.lat) / (last.lat - corner.lat)
                    + corner.lon
        {
            odd = !odd;
        }
        before = Some(corner);
    }
    odd
}
