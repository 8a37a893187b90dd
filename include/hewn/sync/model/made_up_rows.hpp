// hewn/sync/model/made_up_rows.hpp - a few rows that the constraints of their tables take.
// SPDX-License-Identifier: BSL-1.0
//
// Whether a way back runs depends on rows: a default that breaks its own CHECK harms only a table
// that has some. Rows are made up, because those of one database say little of another's.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/list.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Makes up rows for the tables of a private database, as far as it finds some. What differs
/// between the databases is theirs.
class made_up_rows {
 public:
  made_up_rows(const schema::database& live, dialect d) : live_(live), dialect_(d) {}
  made_up_rows(const made_up_rows&) = delete;
  made_up_rows& operator=(const made_up_rows&) = delete;
  virtual ~made_up_rows() = default;

  void fill() {
    tables waiting;
    for (const schema::table& t : live_.tables) waiting.push_back(&t);
    // Targets first; in a circle somebody has to begin.
    while (!waiting.empty()) {
      std::size_t next = 0;
      while (next != waiting.size() && refers_to_one_of(waiting, *waiting[next])) ++next;
      if (next == waiting.size()) next = 0;
      for (int row = 1; row <= rows; ++row) make_up(*waiting[next], row);
      waiting.erase(next);
    }
  }

 protected:
  static constexpr int attempts = 300;

  /// Whether the row was taken. `columns` and `values`: as SQL, separated; empty: it has none.
  virtual bool insert(const schema::table& t, const std::string& columns,
                      const std::string& values) = 0;

  /// Values for a column as SQL, the likeliest first. `n`: the number of the row.
  virtual std::vector<std::string> values_of(const schema::column& c, const std::string& n) = 0;

  /// Takes out what the column does not hold, and says the type of the rest where that matters.
  virtual void keep_possible(std::vector<std::string>& values, const schema::column& c) = 0;

  /// Whether a condition takes a value; nothing: it cannot be asked of this column alone.
  virtual std::optional<bool> takes(const std::string& condition, const schema::column& c,
                                    const std::string& value) = 0;

  /// What stands for a column of the target that is not named.
  virtual std::string unnamed_target() const { return {}; }

  std::string quoted(std::string_view name) const { return quote_identifier(name, dialect_); }

  const schema::database& live() const { return live_; }

 private:
  // Two, because a default is the same value for both.
  static constexpr int rows = 2;

  using tables = list<const schema::table*>;

  struct choice {
    std::string column;
    std::vector<std::string> values;
  };

  static bool refers_to_one_of(const tables& some, const schema::table& t) {
    for (const schema::foreign_key& key : t.foreign_keys)
      for (const schema::table* other : some)
        if (other != &t && same_word(other->name, key.target_table)) return true;
    return false;
  }

  void make_up(const schema::table& t, int row) {
    list<choice> choices;
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
        if (c.values.empty()) return;
        names += (names.empty() ? "" : ", ") + quoted(c.column);
        values += (values.empty() ? "" : ", ") +
                  c.values[likeliest ? 0 : static_cast<std::size_t>(random >> 9) % c.values.size()];
      }
      if (insert(t, names, values)) return;
    }
  }

  std::vector<std::string> values_for(const schema::table& t, const schema::column& c, int row) {
    const std::string n = std::to_string(row);
    std::vector<std::string> out;
    for (const schema::foreign_key& key : t.foreign_keys)
      for (std::size_t i = 0; i != key.columns.size(); ++i)
        if (same_word(key.columns[i], c.name)) out.push_back(target_of(key, i, row));
    if (!out.empty()) {
      out.push_back(n);  // the row itself, where a table refers to itself
      return out;
    }
    out = values_of(c, n);
    for (const schema::check& check : t.checks) add_literals(out, check.text);
    if (!c.not_null) out.push_back("NULL");
    keep_possible(out, c);
    for (const schema::check& check : t.checks) keep_allowed(out, c, check.text);
    return out;
  }

  // By conditions of this column alone.
  void keep_allowed(std::vector<std::string>& values, const schema::column& c,
                    const std::string& condition) {
    std::vector<std::string> allowed;
    for (const std::string& value : values) {
      const std::optional<bool> taken = takes(condition, c, value);
      if (!taken) return;
      if (*taken) allowed.push_back(value);
    }
    if (!allowed.empty()) values = std::move(allowed);
  }

  std::string target_of(const schema::foreign_key& key, std::size_t i, int row) const {
    std::string column;
    if (i < key.target_columns.size()) column = key.target_columns[i];
    for (const schema::table& t : live_.tables)
      if (column.empty() && same_word(t.name, key.target_table))
        for (const schema::column& c : t.columns)
          if (c.key_position == static_cast<int>(i) + 1) column = c.name;
    if (column.empty()) column = unnamed_target();
    return concat({"(SELECT ", quoted(column), " FROM ", quoted(key.target_table),
                   " LIMIT 1 OFFSET ", std::to_string(row - 1), ")"});
  }

  // The values that a condition speaks of, and those beside its numbers.
  static void add_literals(std::vector<std::string>& out, std::string_view condition) {
    tokenizer words(condition);
    for (token w = words.next(); w.kind != token_kind::end; w = words.next()) {
      if (w.kind == token_kind::string) out.emplace_back(w.text);
      // What is a name in brackets on SQLite is a list of values on PostgreSQL.
      if (w.text.size() > 2 && w.text.front() == '[')
        add_literals(out, w.text.substr(1, w.text.size() - 2));
      if (w.kind != token_kind::number) continue;
      out.emplace_back(w.text);
      out.push_back(concat({"(", w.text, " + 1)"}));
      out.push_back(concat({"(", w.text, " - 1)"}));
      out.push_back("-" + std::string(w.text));
    }
  }

  const schema::database& live_;
  dialect dialect_;
};

}  // namespace hewn::detail
