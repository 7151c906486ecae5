//! The models: one for each table, named and typed as its columns. What the tables call `NA` is `None`, and null in JSON.

use jiff::Timestamp;
use larder::prelude::*;

/// An airline, by its two-letter code.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/airlines", rules(read = "true"), search(name = contains), sort(carrier, name))]
pub struct Airline {
    /// The code: `UA`.
    #[model(id)]
    #[schemars(length(equal = 2))]
    pub carrier: String,
    /// The full name.
    pub name: String,
}

/// An airport, by the code that the FAA gave it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/airports", rules(read = "true"))]
#[model(search(name = contains, tzone = eq), sort(faa, name, lat, lon, alt))]
pub struct Airport {
    /// The code: `JFK`.
    #[model(id)]
    #[schemars(length(equal = 3))]
    pub faa: String,
    /// The usual name.
    pub name: String,
    /// Degrees north.
    #[schemars(range(min = -90, max = 90))]
    pub lat: f64,
    /// Degrees east.
    #[schemars(range(min = -180, max = 180))]
    pub lon: f64,
    /// Feet above the sea.
    pub alt: i32,
    /// Hours from UTC in winter.
    #[schemars(range(min = -12, max = 14))]
    pub tz: i8,
    /// When summer time is kept.
    pub dst: SummerTime,
    /// The time zone by its IANA name.
    #[model(index)]
    pub tzone: Option<String>,
}

/// When an airport keeps summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SummerTime {
    /// From the second Sunday of March to the first of November, as in the United States.
    #[serde(rename = "A")]
    American,
    /// Never.
    #[serde(rename = "N")]
    Never,
    /// Nobody knows.
    #[serde(rename = "U")]
    Unknown,
}

/// A plane, by the number on its tail. Not every plane that flew is in the table.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/planes", rules(read = "true"))]
#[model(search(manufacturer = eq, model = eq, engine = eq, seats = ge), sort(tailnum, year, manufacturer, seats))]
pub struct Plane {
    /// The number: `N14228`.
    #[model(id)]
    #[schemars(length(min = 2, max = 6))]
    pub tailnum: String,
    /// The year it was made.
    #[schemars(range(min = 1900, max = 2013))]
    pub year: Option<u16>,
    /// `Fixed wing multi engine`.
    pub r#type: String,
    /// Who made it.
    #[model(index)]
    pub manufacturer: String,
    /// The maker's name of its model.
    #[model(index)]
    pub model: String,
    /// How many engines it has.
    pub engines: u8,
    /// How many people it can carry.
    pub seats: u16,
    /// Cruising speed in miles an hour.
    pub speed: Option<u16>,
    /// `Turbo-fan`.
    pub engine: String,
}

/// What the weather was at one of the three airports of New York, hour by hour.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/weather", rules(read = "true"))]
#[model(search(origin = eq, month = eq, day = eq, hour = eq, time_hour = eq), sort(time_hour, origin, temp, wind_speed))]
pub struct Weather {
    /// Airport and hour: `EWR-2013-01-01T06`.
    #[model(id)]
    pub id: String,
    /// Where.
    #[model(index)]
    pub origin: ModelLink<Airport>,
    /// The local year.
    pub year: u16,
    /// The local month.
    #[schemars(range(min = 1, max = 12))]
    pub month: u8,
    /// The local day of the month.
    #[schemars(range(min = 1, max = 31))]
    pub day: u8,
    /// The local hour.
    #[schemars(range(min = 0, max = 23))]
    pub hour: u8,
    /// Degrees Fahrenheit.
    pub temp: Option<f64>,
    /// The dew point in degrees Fahrenheit.
    pub dewp: Option<f64>,
    /// Relative humidity in percent.
    #[schemars(range(min = 0, max = 100))]
    pub humid: Option<f64>,
    /// Where the wind comes from, in degrees.
    #[schemars(range(min = 0, max = 360))]
    pub wind_dir: Option<u16>,
    /// Miles an hour.
    pub wind_speed: Option<f64>,
    /// Miles an hour in gusts.
    pub wind_gust: Option<f64>,
    /// Inches of rain.
    pub precip: f64,
    /// Millibars at sea level.
    pub pressure: Option<f64>,
    /// Miles one could see.
    pub visib: f64,
    /// The hour as a point in time, shared with [`Flight::time_hour`].
    #[model(index)]
    pub time_hour: Timestamp,
}

/// One flight that was to leave New York. A flight without a `dep_time` was cancelled.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/flights", rules(read = "true"))]
#[model(search(
    carrier = eq, flight = eq, tailnum = eq, origin = eq, dest = eq, month = eq, day = eq, hour = eq, time_hour = eq,
    dep_delay = ge, arr_delay = ge, distance = ge,
    carrier.name = starts_with, tailnum.manufacturer = eq, tailnum.year = le, dest.tzone = eq
))]
#[model(sort(time_hour, carrier, flight, dep_delay, arr_delay, distance, air_time, tailnum.year))]
pub struct Flight {
    /// Its own, as the table has none.
    #[model(id)]
    pub id: Id<Flight>,
    /// The local year of departure.
    pub year: u16,
    /// The local month.
    #[schemars(range(min = 1, max = 12))]
    pub month: u8,
    /// The local day of the month.
    #[schemars(range(min = 1, max = 31))]
    pub day: u8,
    /// When it left, local time as hour and minute: 517 is 5:17.
    #[schemars(range(min = 0, max = 2400))]
    pub dep_time: Option<u16>,
    /// When it was to leave.
    #[schemars(range(min = 0, max = 2400))]
    pub sched_dep_time: u16,
    /// Minutes late at departure; negative is early.
    pub dep_delay: Option<i16>,
    /// When it arrived, local time there.
    #[schemars(range(min = 0, max = 2400))]
    pub arr_time: Option<u16>,
    /// When it was to arrive.
    #[schemars(range(min = 0, max = 2400))]
    pub sched_arr_time: u16,
    /// Minutes late at arrival; negative is early.
    pub arr_delay: Option<i16>,
    /// Whose flight it was.
    #[model(index)]
    pub carrier: ModelLink<Airline>,
    /// The number of the flight.
    pub flight: u16,
    /// The plane, if it is known; it need not be among the planes.
    #[model(index)]
    pub tailnum: Option<ModelLink<Plane>>,
    /// `EWR`, `JFK` or `LGA`.
    #[model(index)]
    pub origin: ModelLink<Airport>,
    /// Where it went; four places are not among the airports.
    #[model(index)]
    pub dest: ModelLink<Airport>,
    /// Minutes in the air.
    pub air_time: Option<u16>,
    /// Miles.
    pub distance: u16,
    /// The hour it was to leave.
    #[schemars(range(min = 0, max = 23))]
    pub hour: u8,
    /// The minute it was to leave.
    #[schemars(range(min = 0, max = 59))]
    pub minute: u8,
    /// The hour it was to leave as a point in time, shared with [`Weather::time_hour`].
    #[model(index)]
    pub time_hour: Timestamp,
}
