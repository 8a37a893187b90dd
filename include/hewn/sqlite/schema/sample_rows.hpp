// hewn/sqlite/schema/sample_rows.hpp - a private database with a schema, and a few rows in its
// tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sync/model/made_up_rows.hpp>

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::sqlite::detail {

/// Makes up rows that the constraints of their tables take, as far as it finds some. The foreign
/// keys of `db` are not enforced meanwhile, and its triggers do not fire.
class sample_rows final : public hewn::detail::made_up_rows {
 public:
  sample_rows(sqlite3* db, const schema::database& live)
      : made_up_rows(live, dialect::sqlite), db_(db) {}

  // A row whose target could not be made up would be taken for one that lost it.
  void remove_orphans() {
    for (int i = 0; i != attempts && remove_orphan(); ++i) {
    }
  }

 private:
  bool insert(const schema::table& t, const std::string& columns,
              const std::string& values) override {
    const std::string sql = hewn::detail::concat(
        {"INSERT INTO main.", quoted(t.name),
         (columns.empty() ? " DEFAULT VALUES" : " (" + columns + ") VALUES (" + values + ")")});
    return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  std::vector<std::string> values_of(const schema::column& c, const std::string& n) override {
    using hewn::detail::affinity;
    const affinity kind = hewn::detail::affinity_of(c.type);
    const std::vector<std::string> numbers = {n, n + ".5"};
    const std::vector<std::string> texts = {"'s" + n + "'",
                                            "'2024-01-0" + n + "'",
                                            "'2024-01-01 00:00:0" + n + "'",
                                            "'{\"s\":" + n + "}'",
                                            "'[" + n + "]'",
                                            "'00000000-0000-7000-8000-00000000000" + n + "'"};
    const bool number = kind != affinity::text && kind != affinity::blob;
    std::vector<std::string> out;
    for (const auto& some : number ? std::vector{numbers, texts} : std::vector{texts, numbers})
      out.insert(out.end(), some.begin(), some.end());
    if (!c.default_text.empty()) out.push_back(hewn::detail::concat({"(", c.default_text, ")"}));
    out.push_back(hewn::detail::concat({"x'0", n, "'"}));
    return out;
  }

  void keep_possible(std::vector<std::string>&, const schema::column&) override {}

  std::optional<bool> takes(const std::string& condition, const schema::column& c,
                            const std::string& value) override {
    const std::string sql =
        hewn::detail::concat({"SELECT 1 FROM (SELECT ", value, " AS ", quoted(c.name), ") WHERE (",
                              condition, ") IS NOT FALSE"});
    sqlite3_stmt* asked = nullptr;
    const int prepared = sqlite3_prepare_v2(db_, sql.c_str(), -1, &asked, nullptr);
    const int code = prepared == SQLITE_OK ? sqlite3_step(asked) : prepared;
    sqlite3_finalize(asked);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return std::nullopt;
    return code == SQLITE_ROW;
  }

  std::string unnamed_target() const override { return "rowid"; }

  bool remove_orphan() {
    std::string from;
    std::string row;
    {
      native_query orphans(db_, "SELECT \"table\", rowid FROM pragma_foreign_key_check");
      if (!orphans.step()) return false;
      from = orphans.text(0);
      row = orphans.text(1);
    }
    const std::string which = row.empty() ? "" : " WHERE rowid = " + row;
    const std::string sql =
        hewn::detail::concat({"DELETE FROM main.", quote_identifier(from), which});
    return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  sqlite3* db_;
};

/// Makes the schema in `db`, which is empty, with sample rows where they are wanted. What cannot be
/// made there, such as a table of a module that is missing, is left out.
inline void make_with_samples(sqlite3* db, const schema::database& live, bool with_rows) {
  const auto set = [db](int what, int to) { sqlite3_db_config(db, what, to, nullptr); };
  const auto attempt = [db](const std::string& sql) {
    sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  };
  // What other programs wrote is taken as it is.
  set(SQLITE_DBCONFIG_DQS_DDL, 1);
  set(SQLITE_DBCONFIG_DQS_DML, 1);
  set(SQLITE_DBCONFIG_ENABLE_FKEY, 0);
  for (const schema::source& s : live.sources)
    if (!hewn::detail::same_word(std::string_view(s.name).substr(0, 7), "sqlite_")) attempt(s.sql);
  set(SQLITE_DBCONFIG_DQS_DDL, 0);
  set(SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
  if (with_rows) {
    sample_rows rows(db, live);
    rows.fill();
    rows.remove_orphans();
  }
  set(SQLITE_DBCONFIG_ENABLE_TRIGGER, 1);
  set(SQLITE_DBCONFIG_ENABLE_FKEY, 1);
}

}  // namespace hewn::sqlite::detail
