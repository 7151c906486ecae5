// The other side of `cargo xtask bench --query`: npm's rql, which is found where this is started.
// Same work, same output as the example rql_speed of larder-query.
const path = require('path');
const { createRequire } = require('module');
const load = createRequire(path.join(process.cwd(), 'package.json'));
const { parseQuery } = load('rql/parser');
const { executeQuery } = load('rql/js-array');

const work = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const SLICE = 400_000; // microseconds of CPU time

function rate(task) {
  // Warm up: the compiler of V8 must have had its time.
  for (const end = process.hrtime.bigint() + 300_000_000n; process.hrtime.bigint() < end; ) task();
  for (let batch = 1; ; ) {
    const before = process.cpuUsage();
    for (let i = 0; i < batch; i++) task();
    const { user, system } = process.cpuUsage(before);
    const used = user + system;
    if (used >= SLICE) return (batch * 1e6) / used;
    batch = used < 10_000 ? batch * 4 : Math.ceil((batch * SLICE) / used + batch / 8);
  }
}

const parse = work.texts.map((text) => rate(() => parseQuery(text)));
const run = work.queries.map((text) => rate(() => executeQuery(text, {}, work.rows)));
const found = work.queries.map((text) => executeQuery(text, {}, work.rows).map((row) => row.id));
const indexed = work.indexed.map((text) => rate(() => executeQuery(text, {}, work.rows)));
const found_indexed = work.indexed.map((text) => executeQuery(text, {}, work.rows).map((row) => row.id));
console.log(JSON.stringify({ parse, run, found, indexed, found_indexed }));
