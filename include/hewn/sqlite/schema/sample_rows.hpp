// hewn/sqlite/schema/sample_rows.hpp - a private database with a schema, and a few rows in its
// tables.
// SPDX-License-Identifier: BSL-1.0
//
// Whether a way back runs depends on rows: a default that breaks its own CHECK harms only a table
// that has some. Rows are made up here, because those of one database say little of another's.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/list.hpp>
#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/native_query.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// Makes up rows that the constraints of their tables take, as far as it finds some. The foreign
/// keys of `db` are not enforced meanwhile, and its triggers do not fire.
class sample_rows {
 public:
  sample_rows(sqlite3* db, const schema::database& live) : db_(db), live_(live) {}

  void fill() {
    tables waiting;
    for (const schema::table& t : live_.tables) waiting.push_back(&t);
    // Targets first; in a circle somebody has to begin.
    while (!waiting.empty()) {
      std::size_t next = 0;
      while (next != waiting.size() && refers_to_one_of(waiting, *waiting[next])) ++next;
      if (next == waiting.size()) next = 0;
      for (int row = 1; row <= rows; ++row) insert(*waiting[next], row);
      waiting.erase(next);
    }
    for (int i = 0; i != attempts && remove_orphan(); ++i) {
    }
  }

 private:
  // Two, because a default is the same value for both.
  static constexpr int rows = 2;
  static constexpr int attempts = 300;

  using tables = hewn::detail::list<const schema::table*>;

  struct choice {
    std::string column;
    std::vector<std::string> values;  // as SQL, the likeliest first
  };

  static bool refers_to_one_of(const tables& some, const schema::table& t) {
    for (const schema::foreign_key& key : t.foreign_keys)
      for (const schema::table* other : some)
        if (other != &t && hewn::detail::same_word(other->name, key.target_table)) return true;
    return false;
  }

  void insert(const schema::table& t, int row) {
    hewn::detail::list<choice> choices;
    for (const schema::column& c : t.columns)
      if (c.generated == schema::generated::no) choices.push_back({c.name, values_for(t, c, row)});
    std::uint32_t random = 2463534242;
    for (int i = 0; i != attempts; ++i) {
      std::string names;
      std::string values;
      for (const choice& c : choices) {
        // Mostly the likeliest, each time others; Marsaglia's xorshift.
        random ^= random << 13, random ^= random >> 17, random ^= random << 5;
        const bool likeliest = i == 0 || (random >> 8) % 2 == 0;
        names += (names.empty() ? "" : ", ") + quote_identifier(c.column);
        values += (values.empty() ? "" : ", ") +
                  c.values[likeliest ? 0 : static_cast<std::size_t>(random >> 9) % c.values.size()];
      }
      const std::string sql = hewn::detail::concat(
          {"INSERT INTO main.", quote_identifier(t.name),
           (names.empty() ? " DEFAULT VALUES" : " (" + names + ") VALUES (" + values + ")")});
      if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
    }
  }

  // A row whose target could not be made up would be taken for one that lost it.
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

  std::vector<std::string> values_for(const schema::table& t, const schema::column& c, int row) {
    const std::string n = std::to_string(row);
    std::vector<std::string> out;
    for (const schema::foreign_key& key : t.foreign_keys)
      for (std::size_t i = 0; i != key.columns.size(); ++i)
        if (hewn::detail::same_word(key.columns[i], c.name)) out.push_back(target_of(key, i, row));
    if (!out.empty()) {
      out.push_back(n);  // the row itself, where a table refers to itself
      return out;
    }
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
    for (const auto& some : number ? std::vector{numbers, texts} : std::vector{texts, numbers})
      out.insert(out.end(), some.begin(), some.end());
    if (!c.default_text.empty()) out.push_back(hewn::detail::concat({"(", c.default_text, ")"}));
    for (const schema::check& check : t.checks) add_literals(out, check.text);
    if (!c.not_null) out.push_back("NULL");
    out.push_back(hewn::detail::concat({"x'0", n, "'"}));
    for (const schema::check& check : t.checks) keep_allowed(out, c.name, check.text);
    return out;
  }

  // By conditions of this column alone; where there is another in it, it cannot be asked.
  void keep_allowed(std::vector<std::string>& values, const std::string& column,
                    const std::string& condition) {
    std::vector<std::string> allowed;
    for (const std::string& value : values) {
      const std::string sql =
          hewn::detail::concat({"SELECT 1 FROM (SELECT ", value, " AS ", quote_identifier(column),
                                ") WHERE (", condition, ") IS NOT FALSE"});
      sqlite3_stmt* asked = nullptr;
      const int prepared = sqlite3_prepare_v2(db_, sql.c_str(), -1, &asked, nullptr);
      const int code = prepared == SQLITE_OK ? sqlite3_step(asked) : prepared;
      sqlite3_finalize(asked);
      if (code == SQLITE_ROW) allowed.push_back(value);
      if (code != SQLITE_ROW && code != SQLITE_DONE) return;
    }
    if (!allowed.empty()) values = std::move(allowed);
  }

  std::string target_of(const schema::foreign_key& key, std::size_t i, int row) const {
    std::string column;
    if (i < key.target_columns.size()) column = key.target_columns[i];
    for (const schema::table& t : live_.tables)
      if (column.empty() && hewn::detail::same_word(t.name, key.target_table))
        for (const schema::column& c : t.columns)
          if (c.key_position == static_cast<int>(i) + 1) column = c.name;
    if (column.empty()) column = "rowid";
    return hewn::detail::concat({"(SELECT ", quote_identifier(column), " FROM ",
                                 quote_identifier(key.target_table), " LIMIT 1 OFFSET ",
                                 std::to_string(row - 1), ")"});
  }

  // The values that a condition speaks of, and those beside its numbers.
  static void add_literals(std::vector<std::string>& out, std::string_view condition) {
    hewn::detail::tokenizer words(condition);
    for (hewn::detail::token w = words.next(); w.kind != hewn::detail::token_kind::end;
         w = words.next()) {
      if (w.kind == hewn::detail::token_kind::string) out.emplace_back(w.text);
      if (w.kind != hewn::detail::token_kind::number) continue;
      out.emplace_back(w.text);
      out.push_back(hewn::detail::concat({"(", w.text, " + 1)"}));
      out.push_back(hewn::detail::concat({"(", w.text, " - 1)"}));
      out.push_back("-" + std::string(w.text));
    }
  }

  sqlite3* db_;
  const schema::database& live_;
};

/// Makes the schema in `db`, which is empty, with sample rows. What cannot be made there, such as a
/// table of a module that is missing, is left out.
inline void make_with_samples(sqlite3* db, const schema::database& live) {
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
  sample_rows(db, live).fill();
  set(SQLITE_DBCONFIG_ENABLE_TRIGGER, 1);
  set(SQLITE_DBCONFIG_ENABLE_FKEY, 1);
}

}  // namespace hewn::sqlite::detail
