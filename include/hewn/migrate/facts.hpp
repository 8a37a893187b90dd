// hewn/migrate/facts.hpp - counting what a database holds, to see what a migration does to it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/ascii.hpp>
#include <hewn/dialect/quote.hpp>
#include <hewn/migrate/history.hpp>
#include <hewn/migrate/losses.hpp>
#include <hewn/migrate/statement_splitter.hpp>
#include <hewn/query/database.hpp>
#include <hewn/schema/model.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// The names that statements mention, in lower case: only those tables need a close look.
inline std::set<std::string> mentioned_names(const std::vector<sql_statement>& statements) {
  std::set<std::string> out;
  for (const sql_statement& s : statements)
    for (const token& t : tokenize(s.text))
      if (t.is_name()) out.insert(lower(unquoted(t)));
  return out;
}

/// Adds the tables that statements about `names` reach without mentioning them: by foreign keys,
/// whose actions delete rows and set values to NULL, and by triggers, which may do anything.
inline void add_reached(std::set<std::string>& names, const schema::database& schema) {
  bool triggered = false;
  for (const schema::other_object& o : schema.others)
    triggered |= o.kind == "trigger" && names.contains(lower(o.table));
  for (bool more = true; more;) {
    more = false;
    for (const schema::table& t : schema.tables) {
      bool reached = triggered;
      for (const schema::foreign_key& k : t.foreign_keys)
        reached |= names.contains(lower(k.target_table));
      if (reached) more |= names.insert(lower(t.name)).second;
    }
  }
}

// FNV-1a, then spread: sums of it tell sets of values apart, and nobody attacks his own migration.
// Source: http://www.isthe.com/chongo/tech/comp/fnv/.
inline std::uint64_t value_digest(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return next_random(h);
}

inline std::string as_text(std::string_view column, dialect d) {
  std::string name;
  append_identifier(name, column);
  return d == dialect::sqlite
             ? "CASE WHEN " + name + " IS NULL THEN NULL ELSE quote(" + name + ") END"
             : name + "::text";
}

template <class Driver>
std::int64_t count_rows(const transactional<Driver>& db, std::string_view table) {
  std::string sql = "SELECT COUNT(*) FROM ";
  append_identifier(sql, table);
  return db.template one<std::int64_t>(dynamic_sql(sql));
}

/// Reads the whole table once.
template <class Driver>
void examine(const transactional<Driver>& db, const schema::table& t, table_facts& facts) {
  std::string sql;
  for (const schema::column& c : t.columns) {
    if (c.generated != schema::generated::no) continue;
    sql += (sql.empty() ? "SELECT " : ", ") + as_text(c.name, Driver::dialect);
    facts.columns.push_back({.name = c.name});
  }
  facts.examined = true;
  if (sql.empty()) return;
  sql += " FROM ";
  append_identifier(sql, t.name);
  auto rows = open_raw(db.connection(), raw_statement<0>(dynamic_sql(sql)), false);
  std::string_view value;
  while (rows.step())
    for (std::size_t i = 0; i != facts.columns.size(); ++i) {
      if (rows.statement().is_null(static_cast<int>(i))) continue;
      rows.statement().read(static_cast<int>(i), value);
      ++facts.columns[i].values;
      facts.columns[i].content += value_digest(value);
    }
}

/// What the tables of `schema` hold; those for which `closely` holds are read, the others counted.
template <class Driver>
database_facts gather_facts(const transactional<Driver>& db, const schema::database& schema,
                            const std::function<bool(const std::string&)>& closely) {
  database_facts out;
  for (const schema::table& t : schema.tables) {
    if (is_history_table(t.name)) continue;
    table_facts& facts = out.emplace_back(table_facts{.name = t.name});
    facts.rows = count_rows(db, t.name);
    if (closely(t.name)) examine(db, t, facts);
  }
  for (const schema::other_object& o : schema.others) {
    if (o.kind != "virtual table") continue;
    table_facts& facts = out.emplace_back(table_facts{.name = o.name});
    try {
      facts.rows = count_rows(db, o.name);
    } catch (const error&) {
      facts.rows = 1;  // its module is not loaded here; whatever it holds would be lost
    }
  }
  return out;
}

}  // namespace hewn::detail
