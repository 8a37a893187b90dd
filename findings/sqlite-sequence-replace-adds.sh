#!/usr/bin/env bash
# sqlite-sequence-replace-adds.sh - INSERT OR REPLACE INTO sqlite_sequence replaces nothing, and its counter is ignored.
#
# Expected: programs may change sqlite_sequence, which has one row for each AUTOINCREMENT table, by ordinary statements
# (https://sqlite.org/autoinc.html), so INSERT OR REPLACE with the name of a table sets its counter, up or down. What happens (SQLite 3.49.1):
# the table has no key but its rowid, so the statement adds a second row of that name. The next insert reads the first of
# them and writes it alone: the new counter has no effect for as long as the older row is there. A row that is put before
# it, by a smaller rowid, counts instead, and keys of deleted rows are given out again, which AUTOINCREMENT is there to
# prevent. A program that restores counters has to UPDATE, and to INSERT only what UPDATE has not found.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --cache cache --silent --no-audit --no-fund --ignore-scripts sql.js@1.13.0
cat >run.js <<'JS'
require('sql.js')().then(SQL => {
  const open = () => {
    const db = new SQL.Database();
    db.run(`CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);
            INSERT INTO t VALUES (1), (2), (3); DELETE FROM t WHERE id = 3`);
    return db;
  };
  const next = (db, change) => {
    db.run(change);
    db.run('INSERT INTO t DEFAULT VALUES');
    const rows = db.exec('SELECT name, seq FROM sqlite_sequence ORDER BY rowid')[0].values;
    return db.exec('SELECT max(id) FROM t')[0].values[0][0] + ' ' + rows.map(r => r.join('=')).join(' ');
  };
  console.log(new SQL.Database().exec('SELECT sqlite_version()')[0].values[0][0]);
  console.log(next(open(), ''));
  console.log(next(open(), "INSERT OR REPLACE INTO sqlite_sequence (name, seq) VALUES ('t', 100)"));
  console.log(next(open(), "INSERT INTO sqlite_sequence (rowid, name, seq) VALUES (-1, 't', 0)"));
  console.log(next(open(), "UPDATE sqlite_sequence SET seq = 100 WHERE name = 't'"));
});
JS
seen=$(node run.js)
printf 'version, then the next key and the counters: untouched, replaced, put before, updated\n%s\n' "$seen"
[[ $seen == "3.49.1
4 t=4
4 t=4 t=100
3 t=3 t=3
101 t=101" ]] || { echo changed; exit 1; }
