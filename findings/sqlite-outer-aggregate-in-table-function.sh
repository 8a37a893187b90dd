#!/usr/bin/env bash
# sqlite-outer-aggregate-in-table-function.sh - An outer aggregate may be an argument of json_each only where another is near.
#
# Expected: in a scalar subquery, an aggregate whose argument is a column of the query around it belongs to that query, as
# in (SELECT max(x)), so it can be the argument of a table-valued function there, always or never. What happens (SQLite
# 3.49.1): FROM json_each(max(t.x)) is "misuse of aggregate function max()" when the subquery selects a column of
# json_each, and is computed over the outer group when the subquery itself selects an aggregate, such as count(*). Behind
# one more SELECT, json_each((SELECT max(t.x))), both work. A program that writes such queries has to write the inner
# SELECT every time.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --cache cache --silent --no-audit --no-fund --ignore-scripts sql.js@1.13.0
cat >run.js <<'JS'
require('sql.js')().then(SQL => {
  const db = new SQL.Database();
  db.run(`CREATE TABLE t (g INTEGER, x TEXT);
          INSERT INTO t VALUES (1, '["a","b"]'), (1, '["c"]'), (2, '["d"]')`);
  const show = (selected, argument) => {
    const sql = `SELECT g, (SELECT ${selected} FROM json_each(${argument})) FROM t GROUP BY g`;
    try {
      console.log(selected, argument, JSON.stringify(db.exec(sql)[0].values));
    } catch (e) {
      console.log(selected, argument, e.message);
    }
  };
  console.log(db.exec('SELECT sqlite_version()')[0].values[0][0]);
  for (const argument of ['max(t.x)', '(SELECT max(t.x))'])
    for (const selected of ['value', 'max(value)', 'count(*)']) show(selected, argument);
});
JS
seen=$(node run.js)
printf '%s\n' "$seen"
[[ $seen == '3.49.1
value max(t.x) misuse of aggregate function max()
max(value) max(t.x) [[1,"c"],[2,"d"]]
count(*) max(t.x) [[1,1],[2,1]]
value (SELECT max(t.x)) [[1,"c"],[2,"d"]]
max(value) (SELECT max(t.x)) [[1,"c"],[2,"d"]]
count(*) (SELECT max(t.x)) [[1,1],[2,1]]' ]] || { echo changed; exit 1; }
