// tests/sync/apply/approve_plan_test.cpp - approving a plan for the database at hand.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

using hewn::errc;
using support::failure_of;
using support::says;

namespace {

struct notes {
  std::int64_t id = 0;
  std::string title;
};

hewn::sqlite::database filled(const std::string& path = ":memory:") {
  auto db = hewn::sqlite::open(path);
  db.script(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, fax TEXT);"
      "INSERT INTO notes VALUES (1, 'a', 'x', '1'), (2, 'b', 'y', NULL)");
  return db;
}

/// A variable of the environment for a while.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) {
    if (const char* now = std::getenv(name)) before_ = now;
    set(value);
  }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { set(before_ ? before_->c_str() : nullptr); }

 private:
  void set(const char* value) {
    if (value)
      ::setenv(name_, value, 1);
    else
      ::unsetenv(name_);
  }

  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("a plan is approved in one line, for this database and for an hour", "[s80]") {
  const variable user("USER", "ada");
  auto db = filled();
  const hewn::plan p = hewn::plan_sync<notes>(db);
  const hewn::approval a = hewn::approve(db, p, "the bodies are in the archive");
  CHECK(a.plan == p.fingerprint());
  CHECK(a.from == p.from());
  CHECK(a.database == hewn::identity(db));
  CHECK(a.grants.size() == 2);
  CHECK(a.grants[0].values_lost == 2);
  CHECK(a.grants[1].values_lost == 1);
  CHECK(a.approver == "ada");
  CHECK(a.reason == "the bodies are in the archive");
  CHECK(a.expires_at - a.issued_at == std::chrono::hours(1));
  CHECK(a.signature.empty());
  hewn::apply_plan(db, p, {.approvals = {a}});
  CHECK(hewn::plan_sync<notes>(db).empty());
  CHECK(hewn::audit::verify(db).empty());
}

TEST_CASE("what is approved holds for no other database", "[s80]") {
  auto db = filled();
  auto other = filled();
  const hewn::plan p = hewn::plan_sync<notes>(db);
  const hewn::approval a = hewn::approve(db, p, "a test", {.approver = "ada"});
  CHECK(hewn::identity(db) == hewn::identity(db));
  CHECK(hewn::identity(db) != hewn::identity(other));
  const hewn::error failure = failure_of(
      [&] { hewn::apply_plan(other, hewn::plan_sync<notes>(other), {.approvals = {a}}); });
  CHECK(says(failure, "the approval is for database " + hewn::identity(db)));
  hewn::audit::renew_identity(db);
  CHECK(failure_of([&] { hewn::apply_plan(db, p, {.approvals = {a}}); }).code() ==
        errc::approval_required);
}

TEST_CASE("the terms of an approval can be said", "[s80]") {
  auto db = filled();
  const hewn::plan p = hewn::plan_sync<notes>(db);
  const std::string body = p.pending()[0].id();
  const hewn::approval a = hewn::approve(db, p, "a test",
                                         {.approver = "bob",
                                          .lifetime = std::chrono::minutes(5),
                                          .changes = {body},
                                          .signing_key = "key"});
  CHECK(a.approver == "bob");
  CHECK(a.expires_at - a.issued_at == std::chrono::minutes(5));
  REQUIRE(a.grants.size() == 1);
  CHECK(a.grants[0].change == body);
  CHECK_FALSE(a.signature.empty());
  // One of two losses is not both.
  hewn::sync_policy policy;
  policy.signing_key = "key";
  CHECK(says(failure_of([&] { hewn::apply_plan(db, p, {.policy = policy, .approvals = {a}}); }),
             "drop column notes.fax is not covered by an approval"));
  const hewn::approval rest = hewn::approve(
      db, p, "a test", {.approver = "ada", .changes = {p.pending()[1].id()}, .signing_key = "key"});
  hewn::apply_plan(db, p, {.policy = policy, .approvals = {a, rest}});
  CHECK(hewn::plan_sync<notes>(db).empty());
}

TEST_CASE("an approval that is given is recorded, and not used up by that", "[s80]") {
  auto db = filled();
  const hewn::approval a =
      hewn::approve(db, hewn::plan_sync<notes>(db), "a test", {.approver = "ada"});
  const auto all = hewn::audit::entries(db);
  REQUIRE(all.size() == 1);
  CHECK(all[0].event == "approval");
  CHECK(all[0].outcome == "given");
  CHECK(all[0].actor == "ada");
  CHECK(all[0].plan == a.plan);
  CHECK(all[0].approval.empty());
}

TEST_CASE("what cannot be approved leaves nothing behind") {
  auto db = filled();
  const hewn::plan p = hewn::plan_sync<notes>(db);
  const auto refused = [&](const hewn::plan& plan, std::string_view reason,
                           const hewn::approval_terms& terms) {
    const hewn::error failure = failure_of([&] { hewn::approve(db, plan, reason, terms); });
    CHECK(failure.code() == errc::usage);
    return std::string(failure.what());
  };
  CHECK(refused(p, "", {.approver = "ada"}).find("needs a person and a reason") !=
        std::string::npos);
  CHECK(refused(p, "a test", {.approver = "ada", .lifetime = std::chrono::days(400)})
            .find("lifetime") != std::string::npos);
  CHECK(refused(p, "a test", {.approver = "ada", .changes = {"0123456789abcdef"}}) ==
        "hewn: the plan has no change 0123456789abcdef that waits; take the id from its report");
  {
    const variable user("USER", nullptr);
    const variable name("LOGNAME", "");
    CHECK(refused(p, "a test", {}).find("fill approver") != std::string::npos);
  }
  // A new table needs nobody, and a column without a value for its rows cannot be had.
  hewn::wanted_schema wanted{.schema = {.tables = {{.name = "t", .columns = {{.name = "a"}}}}}};
  CHECK(refused(hewn::make_plan(db, wanted), "a test", {.approver = "ada"})
            .find("an approval of nothing") != std::string::npos);
  db.script("ALTER TABLE notes DROP COLUMN title");
  CHECK(refused(hewn::plan_sync<notes>(db), "a test", {.approver = "ada"})
            .find("cannot be approved, because it is blocked") != std::string::npos);
  CHECK(hewn::audit::entries(db).empty());
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM sqlite_master WHERE name LIKE "
                                       "'hewn%'">) == 0);
}

TEST_CASE("plans are made, undone and cut of a database object") {
  auto db = filled();
  hewn::wanted_schema wanted;
  wanted.intents.push_back({.kind = hewn::intent_kind::drop_table, .table = "notes"});
  CHECK(hewn::make_plan(db, wanted).pending().size() == 1);
  const hewn::plan whole = hewn::plan_sync<notes>(db);
  const hewn::plan rest = hewn::plan_without(db, whole, {whole.pending()[0].id()});
  CHECK(rest.pending().size() == 1);
  const hewn::applied done = hewn::apply_plan(
      db, rest, {.approvals = {hewn::approve(db, rest, "a test", {.approver = "ada"})}});
  CHECK(hewn::plan_undo(db, done).changes().size() == 1);
}
