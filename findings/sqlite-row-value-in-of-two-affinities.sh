#!/usr/bin/env bash
# sqlite-row-value-in-of-two-affinities.sh - (b, a) IN (SELECT ...) may use the first column of an index on both.
#
# Expected: where t and w have the same columns, a TEXT and b INTEGER, and t has an index on (b, a), the condition
# (b, a) IN (SELECT b, a FROM w) finds rows of t by both columns of it, as (c, b) of two integers does. What happens (SQLite
# 3.39.3): the text column behind an integer is not used, so every row with that b is read and compared, and the subquery is
# made twice. The order (a, b) uses both columns, and so does SQLite 3.49.1 in either order. A table of many rows with one
# b and different texts is scanned for every row of w until the library is newer; a join instead of IN is not affected.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >run.js <<'JS'
require('sql.js')().then(SQL => {
  const db = new SQL.Database();
  db.run(`CREATE TABLE t (a TEXT, b INTEGER, c INTEGER);
          CREATE INDEX t_ba ON t (b, a); CREATE INDEX t_ab ON t (a, b); CREATE INDEX t_cb ON t (c, b);
          CREATE TABLE w (a TEXT, b INTEGER, c INTEGER)`);
  console.log(db.exec('SELECT sqlite_version()')[0].values[0][0]);
  for (const [index, columns] of [['t_ba', 'b, a'], ['t_ab', 'a, b'], ['t_cb', 'c, b']]) {
    const plan = db.exec(`EXPLAIN QUERY PLAN SELECT count(*) FROM t INDEXED BY ${index}
                          WHERE (${columns}) IN (SELECT ${columns} FROM w)`)[0].values.map(row => row[3]);
    console.log(plan[0], plan.filter(line => line.startsWith('LIST SUBQUERY')).length);
  }
  const join = db.exec('EXPLAIN QUERY PLAN SELECT count(*) FROM w CROSS JOIN t INDEXED BY t_ba ON t.b = w.b AND t.a = w.a');
  console.log(join[0].values[1][3]);
});
JS
seen=
for version in 1.8.0 1.13.0; do
  npm install --prefix . --cache cache --silent --no-audit --no-fund --ignore-scripts "sql.js@$version"
  seen+=$(node run.js)$'\n'
done
printf '%s' "$seen"
[[ $seen == '3.39.3
SEARCH t USING COVERING INDEX t_ba (b=?) 2
SEARCH t USING COVERING INDEX t_ab (a=? AND b=?) 1
SEARCH t USING COVERING INDEX t_cb (c=? AND b=?) 1
SEARCH t USING COVERING INDEX t_ba (b=? AND a=?)
3.49.1
SEARCH t USING COVERING INDEX t_ba (b=? AND a=?) 1
SEARCH t USING COVERING INDEX t_ab (a=? AND b=?) 1
SEARCH t USING COVERING INDEX t_cb (c=? AND b=?) 1
SEARCH t USING COVERING INDEX t_ba (b=? AND a=?)
' ]] || { echo changed; exit 1; }
