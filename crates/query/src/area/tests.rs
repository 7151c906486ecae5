use super::*;

fn at(lon: f64, lat: f64) -> Point {
    Point::new(lon, lat).unwrap()
}

/// The angle between two points as vectors, by their chord: good where they are not opposite.
fn chord(a: Point, b: Point) -> f64 {
    let xyz = |p: Point| {
        let (lon, lat) = (p.lon.to_radians(), p.lat.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let (a, b) = (xyz(a), xyz(b));
    let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    2.0 * EARTH_RADIUS * (square.sqrt() / 2.0).min(1.0).asin()
}

#[test]
fn distances() {
    // From published tables of airports, on a sphere of this radius: within a kilometre.
    for (a, b, km) in [
        (at(-73.7781, 40.6413), at(-0.4543, 51.4700), 5_540.0),
        (at(151.1772, -33.9461), at(-70.7858, -33.3930), 11_343.0),
    ] {
        let metres = a.metres_to(b);
        assert!((metres / 1_000.0 - km).abs() < 10.0, "{metres}");
        assert!((metres - chord(a, b)).abs() < 0.001);
        assert!((metres - b.metres_to(a)).abs() < 1e-6);
    }
    // A degree along the equator and along a meridian.
    let degree = EARTH_RADIUS.to_radians();
    assert!((at(0.0, 0.0).metres_to(at(1.0, 0.0)) - degree).abs() < 1e-6);
    assert!((at(7.0, 89.0).metres_to(at(7.0, 90.0)) - degree).abs() < 1e-6);
    // A millimetre, nothing, and half-way round.
    let step = 0.001 / degree;
    assert!((at(10.0, 50.0).metres_to(at(10.0, 50.0 + step)) - 0.001).abs() < 1e-8);
    assert_eq!(at(13.4, 52.5).metres_to(at(13.4, 52.5)), 0.0);
    let half = EARTH_RADIUS * std::f64::consts::PI;
    assert!((at(30.0, 20.0).metres_to(at(-150.0, -20.0)) - half).abs() < 0.001);
    assert!(half < FARTHEST);
    // Longitudes mean nothing at a pole, and 180 is -180.
    assert!(at(0.0, 90.0).metres_to(at(123.0, 90.0)) < 1e-6);
    assert!(at(180.0, 10.0).metres_to(at(-180.0, 10.0)) < 1e-6);
}

#[test]
fn points_are_two_numbers_in_range() {
    assert_eq!(Point::new(180.5, 0.0), None);
    assert_eq!(Point::new(0.0, -90.5), None);
    assert_eq!(Point::new(f64::NAN, 0.0), None);
    assert_eq!(Point::new(0.0, f64::INFINITY), None);
    for json in ["[1]", "[1,2,3]", "[\"1\",2]", "[200,2]", "{}", "null"] {
        let value: Value = serde_json::from_str(json).unwrap();
        assert_eq!(Point::of_value(&value), None, "{json}");
    }
}

#[test]
fn areas_are_checked() {
    let nan = Some(Distance::metres(f64::NAN));
    assert_eq!(Area::circle(at(0.0, 0.0), nan), Err(AreaError::Distance));
    let below = Some(Distance::miles(-1.0));
    assert_eq!(Area::circle(at(0.0, 0.0), below), Err(AreaError::Distance));
    assert!(Area::circle(at(0.0, 0.0), Some(Distance::metres(f64::INFINITY))).is_ok());
    assert_eq!(
        Area::bounds(at(0.0, 1.0), at(1.0, 0.0)),
        Err(AreaError::Corners)
    );
    let twice = vec![at(0.0, 0.0), at(1.0, 1.0), at(0.0, 0.0)];
    assert_eq!(Area::polygon(twice), Err(AreaError::TooFew));
}

#[test]
fn circles() {
    let here = at(179.9, 0.0);
    let near = Area::circle(here, Some(Distance::miles(20.0))).unwrap();
    // Over the date line as over any other.
    assert!(near.contains(at(-179.9, 0.0)) && !near.contains(at(-179.0, 0.0)));
    let nothing = Area::circle(here, Some(Distance::metres(0.0))).unwrap();
    assert!(nothing.contains(here) && !nothing.contains(at(179.9, 0.000_001)));
    let all = Area::circle(here, None).unwrap();
    assert!(all.contains(at(-0.1, 0.0)) && all.contains(at(0.0, -90.0)));
    let pole = Area::circle(at(0.0, 90.0), Some(Distance::metres(200_000.0))).unwrap();
    assert!(pole.contains(at(-170.0, 88.3)) && !pole.contains(at(5.0, 88.1)));
}

#[test]
fn boxes() {
    let over = Area::bounds(at(170.0, -20.0), at(-170.0, -10.0)).unwrap();
    for (lon, is_in) in [
        (170.0, true),
        (180.0, true),
        (-180.0, true),
        (-170.0, true),
        (-169.9, false),
        (169.9, false),
        (0.0, false),
    ] {
        assert_eq!(over.contains(at(lon, -15.0)), is_in, "{lon}");
        assert!(!over.contains(at(lon, -9.9)));
    }
    // A rim at the date line is met from both sides.
    let rim = Area::bounds(at(170.0, 0.0), at(180.0, 1.0)).unwrap();
    assert!(rim.contains(at(-180.0, 0.5)) && !rim.contains(at(-179.9, 0.5)));
    let all = Area::bounds(at(-180.0, -90.0), at(180.0, 90.0)).unwrap();
    assert!(all.contains(at(0.0, 90.0)) && all.contains(at(-77.0, -12.0)));
}

#[test]
fn polygons() {
    let square = [at(0.0, 0.0), at(4.0, 0.0), at(4.0, 4.0), at(0.0, 4.0)];
    let open = Area::polygon(square.to_vec()).unwrap();
    let closed = Area::polygon([&square[..], &square[..1]].concat()).unwrap();
    let backwards = Area::polygon(square.iter().rev().copied().collect()).unwrap();
    let bounds = Area::bounds(square[0], square[2]).unwrap();
    for x in -2..=10 {
        for y in -2..=10 {
            let point = at(f64::from(x) / 2.0, f64::from(y) / 2.0);
            let expected = bounds.contains(point);
            for area in [&open, &closed, &backwards] {
                assert_eq!(area.contains(point), expected, "{point:?}");
            }
        }
    }
    // A notch, and a line that crosses itself.
    let notch = Area::polygon(vec![
        at(0.0, 0.0),
        at(4.0, 0.0),
        at(4.0, 4.0),
        at(2.0, 1.0),
        at(0.0, 4.0),
    ])
    .unwrap();
    assert!(!notch.contains(at(2.0, 2.0)) && notch.contains(at(2.0, 1.0)));
    assert!(notch.contains(at(0.5, 2.0)) && notch.contains(at(3.5, 2.0)));
    let bow = Area::polygon(vec![at(0.0, 0.0), at(2.0, 2.0), at(2.0, 0.0), at(0.0, 2.0)]).unwrap();
    assert!(bow.contains(at(0.2, 1.0)) && bow.contains(at(1.8, 1.0)));
    assert!(!bow.contains(at(1.0, 0.2)) && !bow.contains(at(1.0, 1.8)));
    // 180 and -180 are one meridian.
    let east = Area::polygon(vec![at(170.0, 0.0), at(180.0, 0.0), at(180.0, 10.0)]).unwrap();
    assert!(east.contains(at(-180.0, 5.0)) && !east.contains(at(-179.0, 5.0)));
}
