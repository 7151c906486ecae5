//! The questions, each as a URL and in SQL.

use super::plain::Form;

/// A question.
pub(crate) struct Question {
    pub(crate) title: &'static str,
    pub(crate) asked: &'static str,
    pub(crate) sql: &'static str,
    pub(crate) form: Form,
}

const fn ask(title: &'static str, asked: &'static str, sql: &'static str, form: Form) -> Question {
    Question {
        title,
        asked,
        sql,
        form,
    }
}

pub(crate) const QUESTIONS: &[Question] = &[
    ask(
        "How late do the airlines arrive?",
        "/flights?aggregate(carrier,flights=count(),late=mean(arr_delay))&sort(-late)",
        "SELECT carrier, count(*) AS flights, avg(arr_delay) AS late FROM flights GROUP BY carrier ORDER BY late DESC, carrier",
        Form::Objects,
    ),
    ask(
        "Which destinations are the busiest?",
        "/flights?aggregate(dest,n=count())&sort(-n)&limit(10)",
        "SELECT dest, count(*) AS n FROM flights GROUP BY dest ORDER BY n DESC, dest LIMIT 10",
        Form::Objects,
    ),
    ask(
        "The busiest routes, second page.",
        "/flights?aggregate(origin,dest,n=count(),miles=max(distance))&sort(-n)&limit(10,10)",
        "SELECT origin, dest, count(*) AS n, max(distance) AS miles FROM flights GROUP BY origin, dest \
         ORDER BY n DESC, origin, dest LIMIT 10 OFFSET 10",
        Form::Objects,
    ),
    ask(
        "At which hour should one not fly?",
        "/flights?aggregate(hour,late=mean(dep_delay),worst=max(dep_delay))&sort(-late)",
        "SELECT hour, avg(dep_delay) AS late, max(dep_delay) AS worst FROM flights GROUP BY hour ORDER BY late DESC, hour",
        Form::Objects,
    ),
    ask(
        "How was each month at each airport?",
        "/flights?aggregate(origin,month,n=count(),late=mean(dep_delay))",
        "SELECT origin, month, count(*) AS n, avg(dep_delay) AS late FROM flights GROUP BY origin, month ORDER BY origin, month",
        Form::Objects,
    ),
    ask(
        "How many flights were cancelled in each month?",
        "/flights?dep_delay==null&aggregate(month,cancelled=count())&sort(month)",
        "SELECT month, count(*) AS cancelled FROM flights WHERE dep_delay IS NULL GROUP BY month ORDER BY month",
        Form::Objects,
    ),
    ask(
        "Where does a plane fly next?",
        "/flights?tailnum=N532MQ&time_hour=gt=2013-02-01T00:00:00Z&sort(time_hour)&limit(5)&select(time_hour,carrier,flight,origin,dest)",
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', time_hour / 1000000, 'unixepoch') AS time_hour, carrier, flight, origin, dest FROM flights \
         WHERE tailnum = 'N532MQ' AND time_hour > unixepoch('2013-02-01') * 1000000 ORDER BY flights.time_hour, id LIMIT 5",
        Form::Objects,
    ),
    ask(
        "The ten latest arrivals of the year.",
        "/flights?sort(-arr_delay)&limit(10)&select(carrier,flight,month,day,arr_delay)",
        "SELECT carrier, flight, month, day, arr_delay FROM flights ORDER BY arr_delay DESC, id LIMIT 10",
        Form::Objects,
    ),
    ask(
        "Who left New York for Los Angeles late in July?",
        "/flights?origin=JFK&dest=LAX&month=7&dep_delay=gt=0&sort(-dep_delay,carrier)&select(carrier,flight,day,dep_delay)",
        "SELECT carrier, flight, day, dep_delay FROM flights WHERE origin = 'JFK' AND dest = 'LAX' AND month = 7 AND dep_delay > 0 \
         ORDER BY dep_delay DESC, carrier, id LIMIT 50",
        Form::Objects,
    ),
    ask(
        "How many flights left two hours late or more?",
        "/flights?dep_delay=120&count()",
        "SELECT count(*) FROM flights WHERE dep_delay >= 120",
        Form::One,
    ),
    ask(
        "How many miles did United fly?",
        "/flights?carrier=UA&sum(distance)",
        "SELECT sum(distance) FROM flights WHERE carrier = 'UA'",
        Form::One,
    ),
    ask(
        "Who flies from LaGuardia to Boston?",
        "/flights?origin=LGA&dest=BOS&values(carrier)&distinct()",
        "SELECT DISTINCT carrier FROM flights WHERE origin = 'LGA' AND dest = 'BOS' ORDER BY carrier",
        Form::Values,
    ),
    ask(
        "The shortest and the longest time in the air from each airport.",
        "/flights?aggregate(origin,shortest=min(air_time),longest=max(air_time),hours=sum(air_time))",
        "SELECT origin, min(air_time) AS shortest, max(air_time) AS longest, sum(air_time) AS hours FROM flights \
         GROUP BY origin ORDER BY origin",
        Form::Objects,
    ),
    ask(
        "How many flights were made with planes of Boeing?",
        "/flights?tailnum.manufacturer=BOEING&count()",
        "SELECT count(*) FROM flights JOIN planes ON planes.tailnum = flights.tailnum WHERE manufacturer = 'BOEING'",
        Form::One,
    ),
    ask(
        "Whose planes are on time? A flight without a known plane counts as nobody's.",
        "/flights?aggregate(tailnum.manufacturer,n=count(),late=mean(arr_delay))&sort(-n)&limit(10)",
        "SELECT manufacturer AS \"tailnum.manufacturer\", count(*) AS n, avg(arr_delay) AS late FROM flights \
         LEFT JOIN planes ON planes.tailnum = flights.tailnum GROUP BY manufacturer ORDER BY n DESC, manufacturer LIMIT 10",
        Form::Objects,
    ),
    ask(
        "Where does Delta fly to, by its name?",
        "/flights?carrier.name=Delta&aggregate(dest,n=count())&sort(-n,dest)&limit(20)",
        "SELECT dest, count(*) AS n FROM flights JOIN airlines ON airlines.carrier = flights.carrier WHERE airlines.name LIKE 'Delta%' \
         GROUP BY dest ORDER BY n DESC, dest LIMIT 20",
        Form::Objects,
    ),
    ask(
        "The longest flights to the Pacific coast.",
        "/flights?dest.tzone=America%2FLos_Angeles&sort(-distance,carrier)&limit(10)&select(origin,dest,carrier,distance)",
        "SELECT origin, dest, carrier, distance FROM flights JOIN airports ON faa = dest WHERE tzone = 'America/Los_Angeles' \
         ORDER BY distance DESC, carrier, id LIMIT 10",
        Form::Objects,
    ),
    ask(
        "Which flights were made with the oldest planes?",
        "/flights?tailnum.year=lt=1985&sort(tailnum.year,time_hour)&limit(10)&select(tailnum,carrier,month,day)",
        "SELECT flights.tailnum, carrier, month, day FROM flights JOIN planes ON planes.tailnum = flights.tailnum \
         WHERE planes.year < 1985 ORDER BY planes.year, time_hour, id LIMIT 10",
        Form::Objects,
    ),
    ask(
        "How many leave early in the morning or late in the evening?",
        "/flights?(hour=lt=6|hour=ge=22)&aggregate(origin,n=count(),late=mean(dep_delay))",
        "SELECT origin, count(*) AS n, avg(dep_delay) AS late FROM flights WHERE hour < 6 OR hour >= 22 GROUP BY origin ORDER BY origin",
        Form::Objects,
    ),
    ask(
        "Who flew at Christmas, but not to Florida's largest airports?",
        "/flights?between(time_hour,2013-12-24T05:00:00Z,2013-12-26T04:00:00Z)&out(dest,(MIA,MCO,FLL,TPA))&aggregate(carrier,n=count())&sort(-n)",
        "SELECT carrier, count(*) AS n FROM flights \
         WHERE time_hour BETWEEN unixepoch('2013-12-24 05:00:00') * 1000000 AND unixepoch('2013-12-26 04:00:00') * 1000000 \
         AND dest NOT IN ('MIA', 'MCO', 'FLL', 'TPA') GROUP BY carrier ORDER BY n DESC, carrier",
        Form::Objects,
    ),
    ask(
        "United and Delta three hours late, asked as Kinvey does.",
        "/flights?query=%7B%22carrier%22:%7B%22$in%22:%5B%22UA%22,%22DL%22%5D%7D,%22dep_delay%22:%7B%22$gte%22:180%7D%7D\
         &sort=%7B%22dep_delay%22:-1%7D&limit=20&fields=carrier,flight,dep_delay",
        "SELECT carrier, flight, dep_delay FROM flights WHERE carrier IN ('UA', 'DL') AND dep_delay >= 180 \
         ORDER BY dep_delay DESC, id LIMIT 20",
        Form::Objects,
    ),
    ask(
        "Which airport has the worst wind?",
        "/weather?aggregate(origin,wind=mean(wind_speed),gust=max(wind_gust),rain=sum(precip))&sort(-wind)",
        "SELECT origin, avg(wind_speed) AS wind, max(wind_gust) AS gust, sum(precip) AS rain FROM weathers \
         GROUP BY origin ORDER BY wind DESC, origin",
        Form::Objects,
    ),
    ask(
        "The hottest hours at Kennedy.",
        "/weather?origin=JFK&sort(-temp)&limit(5)&select(id,temp,humid)",
        "SELECT id, temp, humid FROM weathers WHERE origin = 'JFK' ORDER BY temp DESC, id LIMIT 5",
        Form::Objects,
    ),
    ask(
        "Who built most of the seats?",
        "/planes?aggregate(manufacturer,planes=count(),seats=sum(seats),oldest=min(year))&sort(-seats)&limit(10)",
        "SELECT manufacturer, count(*) AS planes, sum(seats) AS seats, min(year) AS oldest FROM planes \
         GROUP BY manufacturer ORDER BY seats DESC, manufacturer LIMIT 10",
        Form::Objects,
    ),
    ask(
        "The highest airports of Denver's time zone.",
        "/airports?tzone==America%2FDenver&sortBy=-alt&limit=10&fields=faa,name,alt",
        "SELECT faa, name, alt FROM airports WHERE tzone = 'America/Denver' ORDER BY alt DESC, faa LIMIT 10",
        Form::Objects,
    ),
];
