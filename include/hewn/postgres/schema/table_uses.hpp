// hewn/postgres/schema/table_uses.hpp - what the steps of a plan lock, read and write.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/read/statement_locks.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/model/table_use.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Looks at the steps of a rehearsal while they are taken. Which locks a step takes is known by its
/// text and by the constraints of its table; whether it reads or writes the rows is what the server
/// does to the copies, and how many there are is asked of the tables themselves.
class table_uses {
 public:
  explicit table_uses(hewn::schema_executor& executor) : executor_(&executor) {}

  /// The locks of the steps from `first` to `end`, and how large their tables are. Order: while the
  /// tables of `live` have these names and no copies hide them.
  HEWN_COLD void begin(const std::vector<step>& steps, std::size_t first, std::size_t end,
                       const schema::database& live) {
    uses_.resize(steps.size());
    std::vector<table_use*> found;
    for (std::size_t i = first; i != end; ++i) {
      add_locks(steps[i], live, uses_[i]);
      for (table_use& u : uses_[i]) found.push_back(&u);
    }
    if (!found.empty()) measure(found);
  }

  /// What the copies are like before the first step on them.
  HEWN_COLD void look() { copies_ = copies(); }

  /// What step `i` has done to them.
  HEWN_COLD void look_again(std::size_t i) {
    if (uses_[i].empty()) return;
    std::vector<copy> now = copies();
    for (table_use& u : uses_[i]) {
      const copy* const before = find(copies_, u.table);
      const copy* const after = find(now, u.table);
      if (before == nullptr || after == nullptr) continue;
      if (before->file != after->file) u.cost = change_cost::rewrite;
      if (before->scans != after->scans) u.cost = std::max(u.cost, change_cost::scan);
    }
    copies_ = std::move(now);
  }

  std::vector<std::vector<table_use>> take() { return std::move(uses_); }

 private:
  struct copy {
    std::string table;
    std::string file;
    std::string scans;
  };

  static const copy* find(const std::vector<copy>& all, std::string_view table) {
    for (const copy& c : all)
      if (c.table == table) return &c;
    return nullptr;
  }

  std::vector<copy> copies() {
    std::vector<copy> out;
    for (text_row& row : executor_->query(
             "SELECT relname, pg_catalog.pg_relation_filenode(oid)::text, "
             "pg_catalog.pg_stat_get_xact_numscans(oid)::text FROM pg_catalog.pg_class WHERE "
             "relnamespace = pg_catalog.pg_my_temp_schema() AND relkind = 'r'"))
      out.push_back({std::move(row[0]).value(), row[1].value_or(""), row[2].value_or("")});
    return out;
  }

  // ---- locks

  static void add(std::vector<table_use>& to, const schema::database& live,
                  const std::string& table, table_lock lock, change_cost cost) {
    if (live.find_table(table) == nullptr) return;  // one that the plan makes
    for (table_use& u : to)
      if (u.table == table) {
        u.lock = std::max(u.lock, lock);
        u.cost = std::max(u.cost, cost);
        return;
      }
    to.push_back({table, lock, cost});
  }

  static void add_locks(const step& s, const schema::database& live, std::vector<table_use>& to) {
    if (s.kind == step_kind::keep)
      return add(to, live, s.table, table_lock::access_exclusive, change_cost::scan);
    // It looks for the last number that is taken.
    if (s.sql.starts_with("DO ") && s.sql.find(" max(") != std::string::npos)
      return add(to, live, s.table, table_lock::access_share, change_cost::scan);
    for (const hewn::detail::statement_lock& l : hewn::detail::locks_of(s.sql)) {
      const std::string& table = l.table.empty() ? s.table : l.table;
      add(to, live, table, l.lock,
          s.kind == step_kind::copy ? change_cost::rewrite
          : l.scans                 ? change_cost::scan
                                    : change_cost::metadata);
    }
    if (s.sql.starts_with("DROP TABLE ") || s.sql.starts_with("ALTER TABLE "))
      if (const schema::table* const t = live.find_table(s.table)) add_other_ends(s, *t, live, to);
  }

  // The triggers of a reference are on both of its tables.
  static void add_other_ends(const step& s, const schema::table& t, const schema::database& live,
                             std::vector<table_use>& to) {
    const bool whole = s.sql.starts_with("DROP TABLE ");
    for (const schema::table& from : live.tables)
      for (const schema::foreign_key& k : from.foreign_keys) {
        if (from.name != t.name && k.target_table != t.name) continue;
        const std::string& other = from.name == t.name ? k.target_table : from.name;
        if (whole || goes(s, from.name == t.name, k))
          add(to, live, other, table_lock::access_exclusive, change_cost::metadata);
        else if (comes_again(s, from.name == t.name, k))
          add(to, live, other, table_lock::access_exclusive, change_cost::scan);
      }
  }

  // Whether the step takes the reference away.
  static bool goes(const step& s, bool is_own, const schema::foreign_key& k) {
    if (is_own && s.sql.ends_with(hewn::detail::concat(
                      {" DROP CONSTRAINT ", quote_identifier(k.name, dialect::postgres)})))
      return true;
    return has_clause(s, " DROP COLUMN ", is_own ? k.columns : k.target_columns, "");
  }

  // Whether it takes it away, to make it again with another type.
  static bool comes_again(const step& s, bool is_own, const schema::foreign_key& k) {
    return has_clause(s, " ALTER COLUMN ", is_own ? k.columns : k.target_columns, " TYPE ");
  }

  static bool has_clause(const step& s, std::string_view before,
                         const std::vector<std::string>& columns, std::string_view behind) {
    for (const std::string& column : columns)
      if (s.sql.find(hewn::detail::concat(
              {before, quote_identifier(column, dialect::postgres), behind})) != std::string::npos)
        return true;
    return false;
  }

  // ---- sizes

  // Of large tables a part is counted, always the same one, so that a plan is the same twice.
  void measure(const std::vector<table_use*>& uses) {
    constexpr std::int64_t counted_bytes = 8 * 1024 * 1024;
    std::string names;
    for (const table_use* u : uses)
      hewn::detail::append_separated(names, ", ", {quote_literal(u->table)});
    std::string sql;
    for (const text_row& row : executor_->query(hewn::detail::concat(
             {"SELECT relname, pg_catalog.pg_relation_size(oid)::text, "
              "(pg_catalog.pg_relation_size(oid) + pg_catalog.pg_indexes_size(oid) + "
              "coalesce(pg_catalog.pg_relation_size(nullif(reltoastrelid, 0)), 0))::text "
              "FROM pg_catalog.pg_class WHERE relname IN (",
              names, ") AND relnamespace = current_schema()::regnamespace"}))) {
      const std::string& table = row[0].value();
      const std::int64_t rows_in = number(row[1].value());
      const std::int64_t bytes = number(row[2].value());
      for (table_use* u : uses)
        if (u->table == table) u->bytes = bytes;
      const std::int64_t times = 1 + rows_in / counted_bytes;
      hewn::detail::append_separated(
          sql, " UNION ALL ",
          {"SELECT ", quote_literal(table), "::text, (count(*) * ", std::to_string(times),
           ")::text FROM ", quote_identifier(table, dialect::postgres),
           " TABLESAMPLE SYSTEM (100.0 / ", std::to_string(times), ") REPEATABLE (0)"});
    }
    if (sql.empty()) return;
    for (const text_row& row : executor_->query(sql))
      for (table_use* u : uses)
        if (u->table == row[0]) u->rows = number(row[1].value());
  }

  static std::int64_t number(const std::string& text) {
    std::int64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
  }

  hewn::schema_executor* executor_;
  std::vector<copy> copies_;
  std::vector<std::vector<table_use>> uses_;
};

}  // namespace hewn::postgres::detail
