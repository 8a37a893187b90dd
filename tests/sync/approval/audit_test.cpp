// tests/sync/approval/audit_test.cpp - the record of what was done, and what verify finds in it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/uuid_text.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/audit.hpp>

#include <support/temporary_file.hpp>
#include <support/text_executor.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace audit = hewn::audit;
using sentences = std::vector<std::string>;
using support::text_executor;

namespace {

void fill(text_executor& db, int count) {
  for (int i = 1; i <= count; ++i)
    audit::append(db, {.actor = "ada",
                       .event = "apply",
                       .plan = "plan " + std::to_string(i),
                       .from = "from",
                       .to = "to",
                       .detail = "{}",
                       .outcome = "applied"});
}

template <class Action>
hewn::errc code_of(Action action) {
  try {
    action();
  } catch (const hewn::error& e) {
    return e.code();
  }
  return hewn::errc{255};
}

}  // namespace

TEST_CASE("a database gets one identity and keeps it") {
  text_executor db;
  CHECK_FALSE(audit::find_identity(db));
  const std::string id = audit::ensure_identity(db);
  CHECK(hewn::parse_uuid(id));
  CHECK(audit::ensure_identity(db) == id);
  CHECK(audit::find_identity(db) == id);
  text_executor other;
  CHECK(audit::ensure_identity(other) != id);
}

TEST_CASE("a copy can be made a database of its own") {
  text_executor db;
  const std::string id = audit::ensure_identity(db);
  const std::string renewed = audit::renew_identity(db);
  CHECK(renewed != id);
  CHECK(audit::find_identity(db) == renewed);
}

TEST_CASE("reading the record writes nothing", "[s84]") {
  text_executor db;
  CHECK(audit::entries(db).empty());
  CHECK(audit::head(db) == audit::chain_head{});
  CHECK_FALSE(audit::used(db, "n"));
  CHECK(audit::verify(db).empty());
  CHECK_FALSE(audit::find_identity(db));
  CHECK(db.query("SELECT name FROM sqlite_master").empty());
}

TEST_CASE("an entry is recorded with time, library and hash") {
  text_executor db;
  const auto before = audit::database_time(db);
  const audit::entry first = audit::append(db, {.actor = "ada \"x\" 'y'",
                                                .event = "apply",
                                                .plan = "p",
                                                .from = "f",
                                                .to = "t",
                                                .detail = "{\"rows\":1}",
                                                .outcome = "applied",
                                                .backup = "/b"});
  const audit::entry second = audit::append(db, {.event = "plan"});
  CHECK(first.seq == 1);
  CHECK(first.previous.empty());
  CHECK(first.library.find('.') != std::string::npos);
  CHECK(hewn::parse_timestamp(first.at).value() >= before);
  CHECK(second.previous == first.hash);
  CHECK(audit::entries(db) == std::vector{first, second});
  CHECK(audit::head(db) == audit::chain_head{2, second.hash});
  CHECK(audit::verify(db).empty());
}

TEST_CASE("an entry is undone with the transaction that it belongs to") {
  text_executor db;
  fill(db, 1);
  CHECK(code_of([&] {
          db.transaction({}, [&] {
            fill(db, 2);
            throw hewn::error(hewn::errc::check, "the apply failed");
          });
        }) == hewn::errc::check);
  CHECK(audit::entries(db).size() == 1);
  CHECK(audit::verify(db).empty());
}

TEST_CASE("an approval is used up once, whoever checks", "[s80]") {
  text_executor db;
  hewn::approval a{.plan = "p", .from = "f", .approver = "ada", .reason = "a \"reason\"\n"};
  a.nonce = "first";
  a.grants.push_back({.change = "c", .rows_lost = 3});
  audit::append(db, audit::use_of(a));
  CHECK(audit::used(db, "first"));
  CHECK_FALSE(audit::used(db, "second"));
  CHECK_FALSE(audit::used(db, ""));
  CHECK(code_of([&] { audit::append(db, audit::use_of(a)); }) == hewn::errc::conflict);
  const audit::entry e = audit::entries(db).at(0);
  CHECK(e.actor == "ada");
  CHECK(e.approval == "first");
  // SQLite's own parser, because the text is written by hand.
  CHECK(db.query("SELECT json_extract(detail, '$.reason'), json_extract(detail, "
                 "'$.grants[0].rows_lost'), json_valid(detail) FROM hewn_audit") ==
        std::vector<hewn::text_row>{{"a \"reason\"\n", "3", "1"}});
  fill(db, 2);  // no approval is used: as often as wanted
  CHECK(audit::verify(db).empty());
}

TEST_CASE("verify says which entry is not as it was written") {
  text_executor db;
  fill(db, 5);
  CHECK(audit::verify(db).empty());
  const audit::chain_head kept = audit::head(db);

  SECTION("edited") {
    db.execute("UPDATE hewn_audit SET outcome = 'refused' WHERE seq = 2");
    CHECK(audit::verify(db) == sentences{"audit entry 2 was changed"});
  }
  SECTION("edited with its hash") {
    auto e = audit::entries(db).at(1);
    e.outcome = "refused";
    db.query("UPDATE hewn_audit SET outcome = 'refused', hash = ? WHERE seq = 2",
             {audit::detail::hash_of(e)});
    CHECK(audit::verify(db) == sentences{"audit entry 3 does not follow on the one before"});
  }
  SECTION("deleted in the middle") {
    db.execute("DELETE FROM hewn_audit WHERE seq = 3");
    CHECK(audit::verify(db) == sentences{"audit entry 3 is missing"});
  }
  SECTION("deleted at the start") {
    db.execute("DELETE FROM hewn_audit WHERE seq <= 2");
    CHECK(audit::verify(db) == sentences{"audit entry 1 and more up to 2 are missing"});
  }
  SECTION("deleted and numbered anew") {
    db.execute("DELETE FROM hewn_audit WHERE seq = 3");
    db.execute("UPDATE hewn_audit SET seq = 3 WHERE seq = 4");
    db.execute("UPDATE hewn_audit SET seq = 4 WHERE seq = 5");
    CHECK(audit::verify(db) == sentences{"audit entry 3 does not follow on the one before",
                                         "audit entry 3 was changed", "audit entry 4 was changed",
                                         "the audit ends at entry 4 and once went up to 5"});
  }
  SECTION("cut off at the end") {
    db.execute("DELETE FROM hewn_audit WHERE seq >= 4");
    CHECK(audit::verify(db) == sentences{"the audit ends at entry 3 and once went up to 5"});
  }
  SECTION("all gone") {
    db.execute("DELETE FROM hewn_audit");
    CHECK(audit::verify(db) == sentences{"the audit ends at entry 0 and once went up to 5"});
  }
  SECTION("the end cut off and its record adjusted: only a kept head tells") {
    db.execute("DELETE FROM hewn_audit WHERE seq >= 4");
    const auto end = audit::head(db);
    db.query("UPDATE hewn_identity SET audit_seq = ?, audit_hash = ?",
             {std::to_string(end.seq), end.hash});
    CHECK(audit::verify(db).empty());
    CHECK(audit::verify(db, kept) == sentences{"audit entry 5, which was kept, is not there"});
  }
  SECTION("written anew with correct hashes: only a kept head tells") {
    db.execute("DROP TABLE hewn_audit");
    db.execute("DROP TABLE hewn_identity");
    fill(db, 4);
    audit::append(db, {.event = "another"});
    CHECK(audit::verify(db).empty());
    CHECK(audit::verify(db, kept) == sentences{"audit entry 5 is not the one that was kept"});
  }
  SECTION("the record of the end is gone") {
    db.execute("DROP TABLE hewn_identity");
    CHECK(audit::verify(db) == sentences{"the record of where the audit ends is missing"});
  }
  SECTION("a row of somebody else") {
    db.execute(
        "INSERT INTO hewn_audit SELECT seq + 1, at, actor, event, plan, from_schema, "
        "to_schema, detail, outcome, backup, approval, library, previous_hash, 'x' "
        "FROM hewn_audit WHERE seq = 5");
    CHECK(audit::verify(db) ==
          sentences{"audit entry 6 does not follow on the one before", "audit entry 6 was changed",
                    "the audit does not end where hewn wrote last, at entry 5"});
  }
  SECTION("a number that hewn does not give") {
    db.execute("UPDATE hewn_audit SET seq = -1 WHERE seq = 1");
    CHECK(audit::verify(db) ==
          sentences{"audit entry -1 is there twice or was numbered by somebody else",
                    "audit entry -1 was changed", "audit entry 0 and more up to 1 are missing"});
  }
  SECTION("a row that is no entry") {
    db.execute("DROP TABLE hewn_audit");
    db.execute(
        "CREATE TABLE hewn_audit AS SELECT 1 AS seq, NULL AS at, '' AS actor, '' AS event, "
        "'' AS plan, '' AS from_schema, '' AS to_schema, '' AS detail, '' AS outcome, "
        "'' AS backup, '' AS approval, '' AS library, '' AS previous_hash, '' AS hash");
    CHECK(audit::verify(db) == sentences{"the audit has a row that hewn did not write"});
    CHECK(code_of([&] { audit::entries(db); }) == hewn::errc::corrupt);
  }
  SECTION("appending goes on after a break, and the break is still found") {
    db.execute("UPDATE hewn_audit SET actor = 'eve' WHERE seq = 5");
    fill(db, 1);
    CHECK(audit::verify(db) == sentences{"audit entry 5 was changed"});
  }
  SECTION("appending does not heal a chain that was cut off") {
    db.execute("DELETE FROM hewn_audit WHERE seq >= 4");
    fill(db, 1);
    CHECK(audit::verify(db) == sentences{"audit entry 4 and more up to 5 are missing"});
  }
  SECTION("appending does not heal a chain that is gone") {
    db.execute("DROP TABLE hewn_audit");
    fill(db, 1);
    CHECK(audit::verify(db) == sentences{"audit entry 1 and more up to 5 are missing"});
  }
  SECTION("the kept head holds while the audit grows") {
    fill(db, 2);
    CHECK(audit::verify(db, kept).empty());
  }
}

TEST_CASE("two connections that append at once make one chain") {
  const support::temporary_file file("audit.db");
  const auto run = [&file] {
    text_executor db(file.path);
    fill(db, 20);
  };
  std::thread a(run);
  std::thread b(run);
  a.join();
  b.join();
  text_executor db(file.path);
  CHECK(audit::entries(db).size() == 40);
  CHECK(audit::verify(db).empty());
  CHECK(db.query("SELECT id FROM hewn_identity").size() == 1);
}

namespace {

// One change that somebody makes by hand; the returned text says which. The record changes by it.
std::string tamper(text_executor& db, std::mt19937_64& random, std::int64_t size) {
  const auto pick = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  static constexpr const char* texts[] = {
      "at",      "actor",  "event",    "plan",    "from_schema",   "to_schema", "detail",
      "outcome", "backup", "approval", "library", "previous_hash", "hash"};
  const std::string seq = std::to_string(pick(1, size));
  const std::string column = texts[static_cast<std::size_t>(pick(0, 12))];
  std::string sql;
  switch (pick(0, 4)) {
    case 0:
      sql = "UPDATE hewn_audit SET " + column + " = " + column + " || 'x' WHERE seq = " + seq;
      break;
    case 1:
      sql = "DELETE FROM hewn_audit WHERE seq = " + seq;
      break;
    case 2:
      sql = "DELETE FROM hewn_audit WHERE seq >= " + seq;
      break;
    case 3: {  // every column but the number: two entries change places
      const std::string other = std::to_string(pick(1, size - 1));
      const std::string partner = other == seq ? std::to_string(size) : other;
      if (partner == seq) return tamper(db, random, size);
      sql = "UPDATE hewn_audit SET seq = CASE seq WHEN " + seq + " THEN -1 ELSE seq END";
      db.execute(sql);
      db.execute("UPDATE hewn_audit SET seq = " + seq + " WHERE seq = " + partner);
      db.execute("UPDATE hewn_audit SET seq = " + partner + " WHERE seq = -1");
      return "exchange " + seq + " and " + partner;
    }
    default:  // moves what one text ends with to the next: only lengths tell them apart
      sql =
          "UPDATE hewn_audit SET plan = plan || substr(from_schema, 1, 1), "
          "from_schema = substr(from_schema, 2) WHERE seq = " +
          seq;
  }
  db.execute(sql);
  return sql;
}

}  // namespace

TEST_CASE("any change by hand is found, also after more was recorded", "[properties]") {
  const char* given = std::getenv("HEWN_SEED");
  const std::uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
  for (std::uint64_t seed = first; seed != first + (given ? 1 : 150); ++seed) {
    INFO("HEWN_SEED=" << seed);
    std::mt19937_64 random(seed);
    text_executor db;
    const auto size = std::uniform_int_distribution<int>(2, 9)(random);
    fill(db, size);
    REQUIRE(audit::verify(db).empty());
    const std::string done = tamper(db, random, size);
    INFO(done);
    REQUIRE_FALSE(audit::verify(db).empty());
    fill(db, 2);
    REQUIRE_FALSE(audit::verify(db).empty());
  }
}
