//! Places on the earth and areas around them.
//!
//! A point is written as Kinvey and GeoJSON do: longitude first, both in degrees. Distances are along the great circle of a
//! sphere with the mean radius of the earth, in metres; the real earth is flatter, by up to 0.56 %.
//!
//! | area | its sides | the date line | the poles |
//! | --- | --- | --- | --- |
//! | circle | the distance from its middle | no border | no border |
//! | box | two meridians, two parallels | from 170 to -170 it goes over it | a corner may lie at one |
//! | polygon | straight in degrees, as on a map | a border: write one polygon for each side | a border |
//!
//! Rims belong to their areas. 180 and -180 are one meridian. At a pole, a point has the longitude it is written with.

use std::cmp::Ordering;
use std::fmt;

use crate::Value;

/// The mean radius of the earth, in metres (IUGG).
pub const EARTH_RADIUS: f64 = 6_371_008.8;

/// Metres in an international mile.
pub const METRES_PER_MILE: f64 = 1_609.344;

/// More metres than any two points are apart; the distance of a circle that has none.
pub const FARTHEST: f64 = 20_016_000.0;

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

    /// Metres to another point along the great circle.
    ///
    /// ```
    /// use larder_query::Point;
    ///
    /// let (berlin, hamburg) = (Point { lon: 13.4, lat: 52.52 }, Point { lon: 10.0, lat: 53.55 });
    /// assert!((berlin.metres_to(hamburg) - 255_500.0).abs() < 1_500.0);
    /// ```
    pub fn metres_to(self, other: Self) -> f64 {
        // Vincenty's formula on a sphere: exact to a millimetre at every distance, where the haversine loses metres between
        // opposite points and the law of cosines between neighbours.
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let dlon = (other.lon - self.lon).to_radians();
        let across = b.cos() * dlon.sin();
        let along = a.cos() * b.sin() - a.sin() * b.cos() * dlon.cos();
        let ahead = a.sin() * b.sin() + a.cos() * b.cos() * dlon.cos();
        EARTH_RADIUS * across.hypot(along).atan2(ahead)
    }

    /// The order of two values by their distance from here; what is no point comes last.
    ///
    /// ```
    /// use larder_query::{Point, Value};
    ///
    /// let here = Point { lon: 13.4, lat: 52.5 };
    /// let mut places = ["[10.0, 53.5]", "null", "[13.1, 52.4]"].map(|json| serde_json::from_str::<Value>(json).unwrap_or_default());
    /// places.sort_by(|a, b| here.nearer(a, b));
    /// assert_eq!(Point::of_value(&places[0]), Point::new(13.1, 52.4));
    /// assert!(places[2].is_null());
    /// ```
    pub fn nearer(self, a: &Value, b: &Value) -> Ordering {
        let metres = |value| Self::of_value(value).map_or(f64::INFINITY, |at| self.metres_to(at));
        metres(a).total_cmp(&metres(b))
    }
}

/// How far one may be apart: miles or metres, said when it is made.
///
/// ```
/// use larder_query::Distance;
///
/// assert_eq!(Distance::miles(10.0).in_metres(), 16_093.44);
/// assert_eq!(Distance::metres(500.0).in_metres(), 500.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Distance(f64);

impl Distance {
    /// So many metres.
    pub fn metres(metres: f64) -> Self {
        Self(metres)
    }

    /// So many international miles of 1609.344 m.
    pub fn miles(miles: f64) -> Self {
        Self(miles * METRES_PER_MILE)
    }

    /// The distance in metres.
    pub fn in_metres(self) -> f64 {
        self.0
    }
}

/// A part of the earth.
#[derive(Clone, Debug, PartialEq)]
pub enum Area {
    /// All points within some metres of another, the rim included. From [`FARTHEST`] on it is the whole earth.
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
    /// All points inside a closed line of at least three corners, straight in degrees, and those on it. Where the line crosses
    /// itself, the even-odd rule says what is inside. The last corner is joined with the first; it may repeat it.
    Polygon(Vec<Point>),
}

/// Why there is no such area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaError {
    /// A distance below zero, or none.
    Distance,
    /// The first corner of a box is north of the second.
    Corners,
    /// Fewer than three different corners.
    TooFew,
}

impl fmt::Display for AreaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Distance => "a distance is a number from 0",
            Self::Corners => "the first corner of a box is the south-western one",
            Self::TooFew => "a polygon has at least three different corners",
        })
    }
}

impl std::error::Error for AreaError {}

impl Area {
    /// All that is within a distance of a point; without one, the whole earth.
    ///
    /// # Errors
    /// [`AreaError::Distance`].
    pub fn circle(center: Point, distance: Option<Distance>) -> Result<Self, AreaError> {
        let metres = distance.map_or(FARTHEST, Distance::in_metres);
        // NaN is not in the range either.
        if !(0.0..).contains(&metres) {
            return Err(AreaError::Distance);
        }
        let metres = metres.min(FARTHEST);
        Ok(Self::Circle { center, metres })
    }

    /// All that is between the south-western and the north-eastern corner.
    ///
    /// ```
    /// use larder_query::{Area, Point};
    ///
    /// let at = |lon, lat| Point { lon, lat };
    /// let fiji = Area::bounds(at(176.0, -21.0), at(-178.0, -12.0))?; // over the date line
    /// assert!(fiji.contains(at(178.4, -18.1)) && fiji.contains(at(-179.0, -17.0)));
    /// assert!(!fiji.contains(at(0.0, -17.0)));
    /// # Ok::<(), larder_query::AreaError>(())
    /// ```
    ///
    /// # Errors
    /// [`AreaError::Corners`].
    pub fn bounds(lower: Point, upper: Point) -> Result<Self, AreaError> {
        if lower.lat > upper.lat {
            return Err(AreaError::Corners);
        }
        Ok(Self::Box { lower, upper })
    }

    /// All that is inside a closed line.
    ///
    /// # Errors
    /// [`AreaError::TooFew`].
    pub fn polygon(corners: Vec<Point>) -> Result<Self, AreaError> {
        let different = |(at, corner): &(usize, &Point)| !corners[..*at].contains(corner);
        if corners.iter().enumerate().filter(different).take(3).count() < 3 {
            return Err(AreaError::TooFew);
        }
        Ok(Self::Polygon(corners))
    }

    /// Whether a point lies in it.
    pub fn contains(&self, point: Point) -> bool {
        // What is written as 180 degrees may as well be written as -180.
        self.reaches(point)
            || point.lon.abs() == 180.0
                && self.reaches(Point {
                    lon: -point.lon,
                    ..point
                })
    }

    fn reaches(&self, point: Point) -> bool {
        match self {
            Self::Circle { center, metres } => {
                *metres >= FARTHEST || center.metres_to(point) <= *metres
            }
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

    /// A box around it, as its south-western and north-eastern corner; for boxes over the date line and around a pole it
    /// spans all longitudes. No point of the area lies outside.
    ///
    /// ```
    /// use larder_query::{Area, Point};
    ///
    /// let berlin = Point { lon: 13.4, lat: 52.52 };
    /// let (low, high) = Area::Circle { center: berlin, metres: 10_000.0 }.extent();
    /// assert!(low.lat > 52.42 && high.lat < 52.62 && low.lon > 13.2 && high.lon < 13.6);
    /// ```
    pub fn extent(&self) -> (Point, Point) {
        let all = (-180.0, 180.0);
        let (lon, lat) = match self {
            Self::Circle { center, metres } => circle(*center, *metres),
            Self::Box { lower, upper } if lower.lon <= upper.lon => {
                ((lower.lon, upper.lon), (lower.lat, upper.lat))
            }
            Self::Box { lower, upper } => (all, (lower.lat, upper.lat)),
            Self::Polygon(corners) => {
                let range = |of: fn(&Point) -> f64| {
                    let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
                    corners
                        .iter()
                        .map(of)
                        .fold((low, high), |(low, high), at| (low.min(at), high.max(at)))
                };
                (range(|point| point.lon), range(|point| point.lat))
            }
        };
        // The date line has two names: what touches it by one holds points that bear the other.
        let lon = if lon.0 <= all.0 || lon.1 >= all.1 {
            all
        } else {
            lon
        };
        let point = |lon, lat| Point { lon, lat };
        (point(lon.0, lat.0), point(lon.1, lat.1))
    }

    /// Whether a value is a point that lies in it.
    pub fn holds(&self, value: &Value) -> bool {
        Point::of_value(value).is_some_and(|point| self.contains(point))
    }
}

/// The longitudes and latitudes that a circle reaches, a hair wider than it is: the sines and cosines are rounded.
fn circle(center: Point, metres: f64) -> ((f64, f64), (f64, f64)) {
    const HAIR: f64 = 1e-9;
    let angle = metres.max(0.0) / EARTH_RADIUS;
    let reach = angle.to_degrees() * (1.0 + HAIR) + HAIR;
    let lat = (center.lat - reach, center.lat + reach);
    // Around a pole, or further than a quarter of the earth, it reaches every longitude.
    if lat.0 <= -90.0 || lat.1 >= 90.0 || angle.is_nan() {
        return ((-180.0, 180.0), lat);
    }
    let wide = (angle.sin() / center.lat.to_radians().cos()).asin();
    let wide = wide.to_degrees() * (1.0 + HAIR) + HAIR;
    let lon = (center.lon - wide, center.lon + wide);
    // Over the date line there would be two ranges.
    if wide.is_nan() || lon.0 < -180.0 || lon.1 > 180.0 {
        return ((-180.0, 180.0), lat);
    }
    (lon, lat)
}

/// The even-odd rule: a ray to the east crosses the line an odd number of times.
fn inside(corners: &[Point], at: Point) -> bool {
    let mut odd = false;
    let mut before = corners.last();
    for corner in corners {
        if let Some(last) = before {
            if is_on(*last, *corner, at) {
                return true;
            }
            if (corner.lat > at.lat) != (last.lat > at.lat)
                && at.lon
                    < (last.lon - corner.lon) * (at.lat - corner.lat) / (last.lat - corner.lat)
                        + corner.lon
            {
                odd = !odd;
            }
        }
        before = Some(corner);
    }
    odd
}

/// Whether a point lies on a side, as exactly as degrees of 64 bits say it.
fn is_on(a: Point, b: Point, at: Point) -> bool {
    let between = |x: f64, y: f64, z: f64| (x.min(y)..=x.max(y)).contains(&z);
    between(a.lon, b.lon, at.lon)
        && between(a.lat, b.lat, at.lat)
        && (b.lon - a.lon) * (at.lat - a.lat) == (at.lon - a.lon) * (b.lat - a.lat)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod bounds_hold {
    use proptest::prelude::*;

    use super::*;

    fn point() -> impl Strategy<Value = Point> {
        // The corners of the earth more often than chance would have them.
        let lon = prop_oneof![Just(-180.0), Just(180.0), -180.0..180.0, -3.0..3.0];
        let lat = prop_oneof![Just(-90.0), Just(90.0), -90.0..90.0, -3.0..3.0];
        (lon, lat).prop_map(|(lon, lat)| Point { lon, lat })
    }

    fn area() -> impl Strategy<Value = Area> {
        prop_oneof![
            (
                point(),
                prop_oneof![0.0..3e7, 0.0..1e5, Just(f64::INFINITY), -1.0..0.0]
            )
                .prop_map(|(center, metres)| Area::Circle { center, metres }),
            (point(), point()).prop_map(|(lower, upper)| Area::Box { lower, upper }),
            prop::collection::vec(point(), 0..6).prop_map(Area::Polygon),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: crate::long::cases(1024), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_it_holds_lies_within_its_bounds(area in area(), points in prop::collection::vec(point(), 20)) {
            let (low, high) = area.extent();
            for at in points.into_iter().filter(|at| area.contains(*at)) {
                prop_assert!((low.lon..=high.lon).contains(&at.lon), "{area:?} {at:?} {low:?} {high:?}");
                prop_assert!((low.lat..=high.lat).contains(&at.lat), "{area:?} {at:?} {low:?} {high:?}");
            }
        }

        /// Points on the rim and around it.
        #[test]
        fn circles_reach_no_further_than_their_bounds(center in point(), metres in 0.0..2e6_f64, turn in 0.0..std::f64::consts::TAU, part in 0.9..1.0_f64) {
            let area = Area::Circle { center, metres };
            let (low, high) = area.extent();
            let (lat, angle) = (center.lat.to_radians(), metres * part / EARTH_RADIUS);
            let to = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * turn.cos()).clamp(-1.0, 1.0).asin();
            let east = (turn.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * to.sin());
            let lon = (center.lon + east.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
            let at = Point { lon, lat: to.to_degrees() };
            prop_assume!(area.contains(at));
            prop_assert!((low.lon..=high.lon).contains(&at.lon) && (low.lat..=high.lat).contains(&at.lat), "{area:?} {at:?} {low:?} {high:?}");
        }
    }
}
