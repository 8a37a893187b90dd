// tests/support/postgres_lab.hpp - a PostgreSQL database on which plans are made and carried out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// An identity called `id`, which is the primary key.
inline hewn::schema::column postgres_key() {
  return {
      .name = "id", .type = "bigint", .not_null = true, .key_position = 1, .autoincrement = true};
}

inline hewn::schema::column postgres_column(std::string name, std::string type,
                                            bool not_null = false, std::string value = {}) {
  return {.name = std::move(name),
          .type = std::move(type),
          .not_null = not_null,
          .default_text = std::move(value)};
}

/// An empty database. What plans keep of lost values goes with it.
struct postgres_plans {
  place where;
  database db = where.open();
  hewn::postgres::schema_executor executor{db.connection()};

  postgres_plans() { db.script("SET client_min_messages = error"); }
  postgres_plans(const postgres_plans&) = delete;
  postgres_plans& operator=(const postgres_plans&) = delete;
  ~postgres_plans() {
    for (const std::string& s : kept_schemas()) db.script("DROP SCHEMA " + s + " CASCADE");
  }

  /// The approval of whatever waits.
  hewn::sync_options consent(const hewn::plan& p) {
    hewn::sync_options out;
    out.approvals = {hewn::approve({.plan = p.fingerprint(),
                                    .from = p.from(),
                                    .database = hewn::audit::ensure_identity(executor),
                                    .changes = p.pending(),
                                    .approver = "ada",
                                    .reason = "a test wants it"})};
    return out;
  }

  std::int64_t number(const std::string& sql) { return support::number(db, sql); }
  std::string text(const std::string& sql) { return db.one<std::string>(hewn::dynamic_sql(sql)); }
  std::vector<std::string> kept_schemas() {
    return db.all<std::string>(
        hewn::sql<"SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'hewn\\_dropped%' "
                  "ORDER BY oid">);
  }
};

/// A database in which `notes` has two rows, 'a' and 'b'.
struct postgres_lab : postgres_plans {
  hewn::schema::table notes{.name = "notes",
                            .columns = {postgres_key(), postgres_column("text", "text")}};

  postgres_lab() {
    apply({notes});
    db.script("INSERT INTO notes (text) VALUES ('a'), ('b')");
  }

  hewn::plan plan(std::vector<hewn::schema::table> tables, std::vector<hewn::intent> intents = {}) {
    return hewn::make_plan(
        executor, {.schema = {.tables = std::move(tables)}, .intents = std::move(intents)});
  }

  /// Without anybody's approval.
  hewn::plan apply(std::vector<hewn::schema::table> tables,
                   std::vector<hewn::intent> intents = {}) {
    return carry_out(std::move(tables), std::move(intents), false);
  }
  /// With the approval of whatever waits, of which there is something.
  hewn::plan approve(std::vector<hewn::schema::table> tables,
                     std::vector<hewn::intent> intents = {}) {
    return carry_out(std::move(tables), std::move(intents), true);
  }

  /// Nothing is applied, and the report says so.
  void refused(const hewn::plan& p, const std::string& words) {
    CAPTURE(hewn::report(p));
    const std::int64_t before = number("SELECT COUNT(*) FROM notes");
    CHECK(p.blocked());
    CHECK(hewn::report(p).find(words) != std::string::npos);
    CHECK(failure_of([&] { hewn::apply(executor, p); }).code() == hewn::errc::approval_required);
    CHECK(number("SELECT COUNT(*) FROM notes") == before);
  }

 private:
  hewn::plan carry_out(std::vector<hewn::schema::table> tables, std::vector<hewn::intent> intents,
                       bool waits) {
    const hewn::plan p = plan(tables, intents);
    CAPTURE(hewn::report(p));
    CHECK(hewn::report(plan(tables, intents)) == hewn::report(p));  // byte for byte
    CHECK_FALSE(p.blocked());
    CHECK(p.pending().empty() == !waits);
    if (waits) {
      CHECK(failure_of([&] { hewn::apply(executor, p); }).code() == hewn::errc::approval_required);
      hewn::apply(executor, p, consent(p));
    } else {
      hewn::apply(executor, p);
    }
    const hewn::plan again = plan(std::move(tables), std::move(intents));
    CHECK(hewn::report(again).find("no changes") != std::string::npos);
    return p;
  }
};

}  // namespace support
