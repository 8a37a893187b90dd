// tests/postgres/failure/errors_test.cpp - what the server reports, and what of it is shown.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/failure/errors.hpp>
#include <hewn/postgres/failure/partition.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <libpq-fe.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::errc;
using hewn::postgres::sqlstate;
using support::failure_of;
using support::says;
using support::secret;
namespace detail = hewn::postgres::detail;

namespace {

struct owner {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("owners").unique<&owner::name>().length<&owner::name>(0, 60);
  }
};

struct pet {
  std::int64_t id = 0;
  std::int64_t owner_id = 0;
  std::string name;
  std::string kind = "cat";
  static consteval auto table() {
    return hewn::table("pets")
        .references<&pet::owner_id, &owner::id>()
        .unique<&pet::name, &pet::kind>();
  }
};

support::database open_pets() {
  auto db = support::open_new();
  hewn::sync<owner, pet>(db);
  db.insert(owner{.name = "ann"});
  return db;
}

}  // namespace

TEST_CASE("an SQLSTATE fits into a number and comes back") {
  static_assert(hewn::postgres::pack_sqlstate("00000") == 0);
  for (const char* state : {"23505", "40P01", "XX001", "P0001", "ZZZZZ"})
    CHECK(sqlstate(hewn::error(
              hewn::error_details{.native = hewn::postgres::pack_sqlstate(state)})) == state);
  CHECK(sqlstate(hewn::error(errc::usage, "hewn: none; of the server's")).empty());
}

TEST_CASE("columns are found in a DETAIL of any language, values are not") {
  using names = std::vector<std::string>;
  CHECK(detail::key_columns("Key (email)=(a@b) already exists.") == names{"email"});
  CHECK(detail::key_columns("Key (a, b)=(1, 2) already exists.") == names{"a", "b"});
  CHECK(detail::key_columns("Schl\xc3\xbcssel \xc2\xbb(email)=(x)\xc2\xab existiert") ==
        names{"email"});
  CHECK(detail::key_columns("Key (\"E Mail\")=(x) already exists.") == names{"E Mail"});
  CHECK(detail::key_columns("Key (\"a, \"\")=(\", b)=(x, y) already exists.") ==
        names{"a, \")=(", "b"});
  CHECK(detail::key_columns("Key (lower(email))=(x) already exists.").empty());
  CHECK(detail::key_columns("Key (f(a, b), (c || 'x'::text), d)=(x) already exists.") ==
        names{"d"});
  CHECK(detail::key_columns("nothing").empty());
  CHECK(detail::key_columns("Key (a, b").empty());
  CHECK(detail::is_about_parent("Key (id)=(1) is still referenced from table \"pets\".", "pets"));
  CHECK_FALSE(
      detail::is_about_parent("Key (a)=(pets) is not present in table \"owners\".", "pets"));
  CHECK(detail::column_in_name("pets_owner_id_fkey", "pets", "_fkey") == "owner_id");
  CHECK(detail::column_in_name("other_fkey", "pets", "_fkey").empty());
  CHECK(detail::column_in_name("pets_fkey", "pets", "_fkey").empty());
}

TEST_CASE("what a message quotes is shown only when the statement says it", "[S9]") {
  CHECK(detail::without_values("relation \"x\" does not exist", "SELECT FROM x") ==
        "relation \"x\" does not exist");
  CHECK(detail::without_values("invalid input: \"s3cret\"", "SELECT $1") == "invalid input: \"?\"");
  CHECK(detail::without_values("an open \"quote", "") == "an open \"?\"");
  CHECK(detail::without_values("column \"a\" of relation \"b\" is ...", "a b") ==
        "column \"a\" of relation \"b\" is ...");
  const std::string missing = "operator class \"a_ops\" does not exist for access method \"gin\"";
  CHECK(detail::without_values(missing, "USING gin (n a_ops)") == missing);
  // Values with quotes, also such as look like names of the statement.
  const std::pair<std::string, std::string> texts[] = {
      {"a\" s3cret \"b", "\"a\" \"?\""},
      {"a\" of table \"s3cret", "\"a\" of table \"?\""},
      {"\" s3cret \"", "\"?\""},
      {"s3cret\"", "\"?\""},
      {"\"s3cret", "\"?\""}};
  for (const auto& [value, shown] : texts)
    CHECK(detail::without_values("no query: \"" + value + "\" was read", "SELECT a, b") ==
          "no query: " + shown + " was read");
}

TEST_CASE("text from outside cannot forge a line of a log", "[S7]") {
  CHECK(detail::printable("a\nb\x1b[31mc\x7f\r\0d" + std::string()) == "a?b?[31mc??");
  CHECK(detail::printable("\xc2\x9b"
                          "1m \xc3\xa9 \xe2\x82\xac") == "?1m \xc3\xa9 \xe2\x82\xac");
  const auto db = open_pets();
  const auto clean = [](const hewn::error& failure) {
    const std::string what = failure.what();
    CHECK(what.find('\n') == what.npos);
    CHECK(what.find('\x1b') == what.npos);
  };
  const auto named = failure_of([&] {
    db.script(
        "DO $$ BEGIN RAISE 'x' USING CONSTRAINT = E'a\nhewn: all is well; go on\x1b[2K'; END $$");
  });
  clean(named);
  CHECK(named.constraint() == "a\nhewn: all is well; go on\x1b[2K");
  clean(failure_of([&] { db.execute(hewn::dynamic_sql("DELETE FROM \"no\n\x1b[2Kwhere\"")); }));
  clean(failure_of([&] {
    hewn::postgres::open(support::postgres_server::get().url() + " dbname='no\n\x1b[2Kwhere'");
  }));
}

TEST_CASE("what leaves a commit in doubt", "[T6]") {
  const auto db = open_pets();
  const auto doubt = [&](errc code, int native) {
    return hewn::postgres::driver::commit_in_doubt(
        db.connection().native(), hewn::error(hewn::error_details{.code = code, .native = native}));
  };
  namespace client = hewn::postgres::client_failure;
  // The answer may have come, and there was no room for it.
  CHECK(doubt(errc::out_of_memory, client::out_of_memory));
  CHECK_FALSE(doubt(errc::out_of_memory, hewn::postgres::pack_sqlstate("53200")));
  CHECK_FALSE(doubt(errc::connection_lost, client::not_sent));
  CHECK_FALSE(doubt(errc::serialization, hewn::postgres::pack_sqlstate("40001")));
  CHECK_FALSE(hewn::postgres::is_unanswered(client::not_sent, nullptr));
  CHECK(hewn::postgres::is_unanswered(client::connection_lost, nullptr));
}

TEST_CASE("a constraint has the server's name and code", "[S9]") {
  const auto db = open_pets();
  const auto unique = failure_of([&] { db.insert(owner{.name = "ann"}); });
  CHECK(unique.constraint() == "owners_name_key");
  CHECK(sqlstate(unique) == "23505");
  const auto check = failure_of(
      [&] { db.execute(hewn::sql<"UPDATE owners SET name = ?">, secret + std::string(60, 'x')); });
  CHECK(check.code() == errc::check);
  CHECK(check.constraint() == "owners_name_length");
  CHECK(check.table() == "owners");
}

TEST_CASE("bound values and rows stay out of every message", "[S9]") {
  const auto db = open_pets();
  const auto fails = [&](errc code, const auto& action) {
    const auto failure = failure_of(action);  // looks for the secret
    CAPTURE(failure.what());
    CHECK(failure.code() == code);
  };
  fails(errc::invalid_data,
        [&] { db.one<std::int64_t>(hewn::sql<"SELECT (? || '')::bigint">, secret); });
  fails(errc::invalid_data,
        [&] { db.one<std::string>(hewn::sql<"SELECT (? || '')::jsonb::text">, "{" + secret); });
  fails(errc::invalid_data,
        [&] { db.one<hewn::timestamp>(hewn::sql<"SELECT (? || '')::timestamptz">, secret); });
  for (const std::string& value : {secret, "a\" " + secret + " \"b", "\" " + secret + " \""}) {
    fails(errc::syntax, [&] {
      db.one<std::string>(hewn::sql<"SELECT to_tsquery('simple', ?)::text">, value + " " + value);
    });
    const auto unknown = failure_of(
        [&] { db.one<std::string>(hewn::sql<"SELECT (? || '')::regtype::text">, value); });
    CHECK_FALSE(support::says(unknown, secret));
  }
  db.script("CREATE DOMAIN short AS text CHECK (length(VALUE) < 3)");
  fails(errc::check, [&] { db.one<std::string>(hewn::sql<"SELECT (? || '')::short">, secret); });
  db.script(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE 'not %', NEW.name; END $$;"
      "CREATE TRIGGER refuse BEFORE INSERT ON pets FOR EACH ROW EXECUTE FUNCTION refuse()");
  fails(errc::check, [&] { db.insert(pet{.owner_id = 1, .name = secret}); });
  fails(errc::check,
        [&] { db.insert_many(std::vector<pet>(20, pet{.owner_id = 1, .name = secret})); });
  const auto named =
      failure_of([&] { db.script("DO $$ BEGIN RAISE 'x' USING CONSTRAINT = 'quota'; END $$"); });
  CHECK(named.constraint() == "quota");
}

TEST_CASE("what a function says of a failure is not repeated, whatever its class", "[S9]") {
  const auto db = open_pets();
  db.script(
      "CREATE FUNCTION complain(state text, v text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN "
      "RAISE EXCEPTION 'no % here', v USING ERRCODE = state, DETAIL = v, HINT = v; END $$;"
      "CREATE FUNCTION run(v text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN "
      "EXECUTE 'SELECT ' || v; RETURN 1; END $$");
  const std::string value = "merlin";  // which is a plain word
  for (const std::string state : {"42P01", "42703", "42883", "42501", "XX000", "0A000", "08006",
                                  "55000", "P0001", "22000", "23505", "40001", "53100"}) {
    CAPTURE(state);
    const auto failure =
        failure_of([&] { db.one<std::int64_t>(hewn::sql<"SELECT complain(?, ?)">, state, value); });
    CHECK_FALSE(says(failure, value));
    CHECK(sqlstate(failure) == state);
    CHECK(failure.table().empty());
  }
  for (const std::string& sql : {value, "a." + value + " FROM pets a", value + "(1)"}) {
    CAPTURE(sql);
    const auto failure = failure_of([&] { db.one<std::int64_t>(hewn::sql<"SELECT run(?)">, sql); });
    CHECK_FALSE(says(failure, value));
    CHECK(says(failure, "from a function or trigger"));
  }
}

namespace {

struct ticket {
  std::int64_t id = 0;
  std::string note;
  std::int64_t size = 0;
  static consteval auto table() { return hewn::table("tickets"); }
};

}  // namespace

TEST_CASE("a key that the database always makes says so when one is given", "[p:C2]") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE tickets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT "
      "NULL, size bigint NOT NULL)");
  CHECK(hewn::sync<ticket>(db).empty());
  CHECK(db.insert(ticket{.note = "a"}).id == 1);
  const auto fails = [&](const auto& action) {
    const auto failure = failure_of(action);
    CAPTURE(failure.what());
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(failure.table() == "tickets");
    CHECK(failure.column() == "id");
    CHECK(says(failure, "tickets.id is GENERATED ALWAYS AS IDENTITY"));
    CHECK(db.count<ticket>() == 1);
  };
  fails([&] { db.insert(ticket{.id = 7, .note = "b"}); });
  fails([&] { db.upsert(ticket{.id = 7, .note = "b"}); });
  // COPY would store them all the same.
  for (const std::size_t size : {2u, 5u, 150u, 5000u}) {
    std::vector<ticket> rows(size);
    for (std::size_t i = 0; i != size; ++i) rows[i].id = static_cast<std::int64_t>(100 + i);
    fails([&] { db.insert_many(rows); });
    fails([&] { db.insert_many(std::as_const(rows)); });
  }
  CHECK(db.insert_many(std::vector<ticket>(150)) == 150);
  db.script(
      "DROP TABLE tickets; CREATE TABLE tickets (id bigint GENERATED BY DEFAULT AS IDENTITY "
      "PRIMARY KEY, note text NOT NULL, size bigint NOT NULL GENERATED ALWAYS AS "
      "(length(note)) STORED)");
  const auto computed = failure_of([&] { db.insert(ticket{.note = "b"}); });
  CHECK(computed.code() == errc::schema_mismatch);
  CHECK(computed.column() == "size");
  CHECK(says(computed, "tickets.size is computed by the database"));
}

TEST_CASE("the SQL is at fault") {
  const auto db = open_pets();
  CHECK(failure_of([&] { db.execute(hewn::dynamic_sql("SELEC 1")); }).code() == errc::syntax);
  CHECK(failure_of([&] { db.execute(hewn::sql<"SELECT no_such_function(1)">); }).code() ==
        errc::syntax);
  CHECK(failure_of([&] { db.execute(hewn::dynamic_sql("SELECT 1; SELECT 2")); }).code() ==
        errc::usage);
  CHECK(failure_of([&] { db.execute(hewn::sql<"COPY pets TO STDOUT">); }).code() == errc::usage);
  CHECK(failure_of([&] { db.script("COPY pets FROM STDIN"); }).code() == errc::usage);
  CHECK(failure_of([&] { db.script("SELECT 1; COPY pets TO STDOUT"); }).code() == errc::usage);
  CHECK(failure_of([&] { db.transaction([](auto& tx) { tx.script("VACUUM"); }); }).code() ==
        errc::usage);
  CHECK(db.count<owner>() == 1);
}

TEST_CASE("a server that takes no write names both ways out of it", "[p:C4]") {
  const auto db = open_pets();
  db.script("SET default_transaction_read_only = on");
  const auto refused = [](const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::read_only);
    CHECK(says(failure, "default_transaction_read_only"));
    CHECK(says(failure, "use read() where nothing is to be written"));
    CHECK_FALSE(says(failure, "instead of read()"));
  };
  refused([&] { db.insert(owner{.name = "bob"}); });
  refused([&] { db.transaction([](auto& tx) { tx.insert(owner{.name = "bob"}); }); });
  refused([&] {
    auto tx = db.begin();
    tx.insert(owner{.name = "bob"});
  });
  CHECK(db.read([](auto& tx) { return tx.template count<owner>(); }) == 1);
}

TEST_CASE("a value larger than the server takes is told its limit", "[p:C4]") {
  const auto db = open_pets();
  // Never written to, so that it costs no memory, and never read.
  constexpr std::size_t size = std::size_t{1} << 30;
  void* const zeros =
      mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(zeros != MAP_FAILED);
  const auto failure = failure_of([&] {
    db.one<std::int64_t>(hewn::sql<"SELECT length(?::bytea)::bigint">,
                         hewn::bytes_view(static_cast<const std::byte*>(zeros), size));
  });
  munmap(zeros, size);
  CHECK(failure.code() == errc::invalid_data);
  CHECK(says(failure, "is larger than the database takes for one value"));
  CHECK(says(failure, "1073741823 bytes"));
  CHECK(db.count<owner>() == 1);
}

TEST_CASE("a parameter of another type says so") {
  const auto db = open_pets();
  const auto failure = failure_of(
      [&] { db.one<std::int64_t>(hewn::sql<"SELECT id FROM pets WHERE id = ?">, secret); });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(says(failure, "parameter 1"));
  CHECK(says(failure, "cast the parameter"));
}

namespace {

struct rented {
  std::int64_t id = 0;
  std::string name;
  std::int64_t owner_id = 1;
  static consteval auto table() { return hewn::table("rented"); }
};

std::string raised(const std::string& state, const std::string& more = "") {
  return "DO $$ BEGIN RAISE EXCEPTION 'no way to get there' USING ERRCODE = '" + state + "'" +
         more + "; END $$";
}

}  // namespace

TEST_CASE("an error of a partition is one of its table", "[p:C4]") {
  const auto db = open_pets();
  db.script(
      "CREATE TABLE rented (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text NOT "
      "NULL, owner_id bigint NOT NULL CONSTRAINT of_owner REFERENCES owners (id), CONSTRAINT "
      "rented_name_length CHECK (length(name) < 60), UNIQUE (id, name)) PARTITION BY RANGE (id);"
      "CREATE TABLE rented_p1 PARTITION OF rented FOR VALUES FROM (1) TO (100);"
      "CREATE TABLE odd PARTITION OF rented FOR VALUES FROM (100) TO (200);"
      "INSERT INTO rented VALUES (1, 'a', 1), (101, 'b', 1)");
  const auto judge = [](const hewn::error& key, const hewn::error& orphan,
                        const hewn::error& check) {
    CHECK(key.code() == errc::conflict);
    CHECK(key.is<&rented::id>());
    CHECK(key.constraint() == "rented_pkey");
    CHECK(says(key, "rented.id must be unique"));
    CHECK(orphan.code() == errc::foreign_key);
    CHECK(orphan.is<&rented::owner_id>());
    CHECK(orphan.constraint() == "of_owner");
    CHECK(check.code() == errc::check);
    CHECK(check.table() == "rented");
    CHECK(check.constraint() == "rented_name_length");
  };
  const auto failures = [&](const auto& run, std::int64_t id) {
    judge(run(rented{.id = id, .name = secret}),
          run(rented{.id = id + 1, .name = "x", .owner_id = 9}),
          run(rented{.id = id + 1, .name = secret + std::string(60, 'x')}));
  };
  const auto alone = [&](const rented& row) { return failure_of([&] { db.insert(row); }); };
  failures(alone, 1);
  failures(alone, 101);  // whose name tells nothing
  failures(
      [&](const rented& row) {
        return failure_of([&] { db.transaction([&](auto& tx) { tx.insert(row); }); });
      },
      1);
  const auto null = failure_of([&] {
    db.execute(hewn::sql<"UPDATE rented SET name = ? WHERE id = 101">,
               std::optional<std::string>());
  });
  CHECK(null.is<&rented::name>());
  const auto nowhere = alone(rented{.id = 900, .name = secret});
  CHECK(nowhere.code() == errc::check);
  CHECK(nowhere.table() == "rented");
  CHECK(says(nowhere, "rented has no partition that takes the row"));

  // A trigger that writes to another table is not taken for a part.
  db.script(
      "CREATE TABLE rented_log (id bigint PRIMARY KEY); INSERT INTO rented_log VALUES (7);"
      "CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN INSERT INTO rented_log VALUES (7); RETURN NULL; END $$;"
      "CREATE TRIGGER log AFTER INSERT ON rented FOR EACH ROW EXECUTE FUNCTION log()");
  CHECK(alone(rented{.id = 7, .name = "x"}).table() == "rented_log");
  CHECK(failure_of([&] {
          db.transaction([](auto& tx) { tx.insert(rented{.id = 7, .name = "x"}); });
        }).table() == "rented_log");
}

TEST_CASE("a constraint that only the message names is found there", "[p:C4]") {
  const auto named = [](const std::string& message, errc code, const std::string& sql) {
    hewn::error_details d;
    d.code = code;
    detail::server_report r(nullptr);
    r.message = message;
    detail::take_names(r, detail::written_table(sql), d);
    return d;
  };
  // As Citus 13 sends them from a worker.
  auto d = named("duplicate key value violates unique constraint \"pets_name_key_102008\"",
                 errc::conflict, "INSERT INTO \"pets\" (\"name\") VALUES ($1)");
  CHECK(d.table == "pets");
  CHECK(d.constraint == "pets_name_key");
  d = named(
      "null value in column \"name\" of relation \"pets_102008\" violates not-null constraint",
      errc::not_null, "UPDATE ONLY public.\"pets\" SET name = NULL");
  CHECK(d.table == "pets");
  CHECK(d.column == "name");
  d = named("value \"petrol\" is taken by \"" + secret + "\"", errc::conflict,
            "INSERT INTO pets VALUES ($1)");
  CHECK(d.table.empty());
  CHECK(d.constraint.empty());
  CHECK(detail::written_table("WITH x AS (INSERT INTO a VALUES (1)) DELETE FROM s.b WHERE x") ==
        "b");
  CHECK(detail::written_table("COPY \"a b\" (c) FROM STDIN") == "a b");
  CHECK(detail::written_table("SELECT 1 FROM t").empty());
  CHECK(detail::without_shard("t_2024_key") == "t_2024_key");
  CHECK(detail::is_part_name("t_2024", "t"));
  CHECK_FALSE(detail::is_part_name("t_log", "t"));
}

namespace {

// As a server says it itself, outside of any function.
detail::server_report report_of(std::string_view state) {
  detail::server_report r(nullptr);
  r.state = state;
  r.severity = "ERROR";
  r.message = "no way to get there";
  return r;
}

}  // namespace

TEST_CASE("an error without a class shows what the server says, and no values", "[p:C4]") {
  CHECK(detail::plain_words("could not find \"s3cret\" at (1, 2) for a@b: it's 42 of t_1", "t_1") ==
        "could not find \"?\" at (?) for ?: it's ? of t_1");
  CHECK(detail::plain_words("an open 'quote", "") == "an open '?");
  detail::server_report r = report_of("XX000");
  r.detail = "The value is s3cr3t (s3cr3t).";
  r.hint = "Move the table first.";
  const hewn::error internal(hewn::postgres::describe(r, "SELECT give_up($1)"));
  CHECK(internal.code() == errc::other);
  CHECK(says(internal, "no way to get there"));
  CHECK(says(internal, "Move the table first"));
  CHECK_FALSE(says(internal, "s3cr3t"));
  r = report_of("0A000");
  r.hint = "Use another.";
  CHECK(says(hewn::error(hewn::postgres::describe(r, "")), "Use another"));
}

TEST_CASE("a server that loses another server has not lost the session", "[p:C4]") {
  const auto db = open_pets();
  for (const char* state : {"08006", "08001", "08003"}) {
    const auto failure = failure_of([&] { db.script(raised(state)); });
    CHECK(failure.code() == errc::other);
    CHECK(failure.retryable());
    CHECK(says(hewn::error(hewn::postgres::describe(report_of(state), "")), "no way to get there"));
    CHECK(db.count<owner>() == 1);
  }
  const auto protocol = failure_of([&] { db.script(raised("08P01")); });
  CHECK(protocol.code() == errc::other);
  CHECK_FALSE(protocol.retryable());
  // A write that failed so is known to be undone.
  const auto write = failure_of([&] {
    db.transaction([](auto& tx) {
      tx.insert(owner{.name = "x"});
      tx.script(raised("08006"));
    });
  });
  CHECK(write.code() == errc::other);
  CHECK(db.count<owner>() == 1);
}

namespace {

struct subscriber {
  std::int64_t id = 0;
  std::string email;
  std::string name;
  static consteval auto table() { return hewn::table("subscribers").unique<&subscriber::email>(); }
};

}  // namespace

TEST_CASE("an upsert by a deferrable constraint says why it cannot be", "[p:C4]") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE subscribers (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email "
      "TEXT NOT NULL CONSTRAINT one_address UNIQUE DEFERRABLE, name TEXT NOT NULL)");
  const auto check = [](const hewn::error& failure) {
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(failure.constraint() == "one_address");
    CHECK(
        says(failure,
             "hewn: an upsert cannot go by constraint one_address, because it is deferrable; make "
             "it NOT DEFERRABLE, or name other unique fields"));
    CHECK_FALSE(says(failure, secret));
  };
  const subscriber row{.email = std::string(secret), .name = "x"};
  check(failure_of([&] { db.upsert<&subscriber::email>(row); }));
  check(failure_of([&] { db.upsert_many<&subscriber::email>(std::vector{row}); }));
  check(db.try_upsert<&subscriber::email>(row).error());
  db.script("ALTER TABLE subscribers DROP CONSTRAINT one_address, ADD UNIQUE (email)");
  CHECK(db.upsert<&subscriber::email>(row).id != 0);
}

TEST_CASE("a savepoint that is gone on the server is told, with what became of the rest",
          "[p:C4]") {
  const auto db = open_pets();
  const auto lost = failure_of([&] {
    db.transaction([&](auto& tx) {
      tx.insert(owner{.name = "eve"});
      tx.transaction([&](auto& inner) {
        PQclear(PQexec(inner.connection().native().native(), "RELEASE hewn_1"));
      });
    });
  });
  CHECK(lost.code() == errc::usage);
  CHECK(sqlstate(lost) == "3B001");
  CHECK(says(lost, "has lost its savepoint"));
  CHECK(says(lost, "all of the transaction is rolled back"));
  CHECK(db.count<owner>() == 1);
}
