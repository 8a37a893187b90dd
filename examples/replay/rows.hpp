// examples/replay/rows.hpp - rows for tables that nobody knows, and what became of them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catalogue.hpp"
#include "stage.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace replay {

namespace detail {

/// The same numbers on every machine. Source: the constants of MMIX, Donald Knuth.
class sequence {
 public:
  explicit sequence(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state_ >> 33) % bound);
  }

 private:
  std::uint64_t state_;
};

/// The texts and numbers that the table's own checks mention: what they allow is among them.
inline std::vector<std::string> literals_of(std::string_view sql) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '\'') continue;
    const std::size_t end = sql.find('\'', i + 1);
    if (end == sql.npos) break;
    out.emplace_back(sql.substr(i, end - i + 1));
    i = end;
  }
  return out;
}

inline bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != text.npos;
}

inline std::string value_for(stage& db, const table& t, const column& c, std::size_t number,
                             sequence& random, const std::vector<std::string>& literals) {
  for (const link& l : t.links)
    if (l.column == c.name)
      return "(SELECT " + (l.target.empty() ? std::string("rowid") : in_quotes(l.target)) +
             " FROM " + in_quotes(l.table) + " ORDER BY 1 LIMIT 1 OFFSET " +
             std::to_string(random.below(3)) + ")";
  if (!c.required && (number + c.name.size()) % 3 == 0) return "NULL";
  const std::string type = lower(c.type);
  const std::string n = std::to_string(number);
  if (db.is_server() && contains(type, "[]")) return "'{}'";
  if (contains(type, "json")) return "'{\"n\": " + n + "}'";
  if (contains(type, "uuid"))
    return "'00000000-0000-4000-8000-" + std::string(12 - n.size(), '0') + n + "'";
  if (contains(type, "bool")) return db.is_server() ? "true" : std::to_string(number % 2);
  if (contains(type, "date") || contains(type, "time"))
    return "'2024-02-" + std::to_string(10 + number % 18) + " 10:11:12'";
  if (contains(type, "int") || contains(type, "serial")) return n;
  if (contains(type, "real") || contains(type, "doub") || contains(type, "num") ||
      contains(type, "dec") || contains(type, "float"))
    return n + ".5";
  if (contains(type, "blob")) return "x'0" + std::to_string(number % 10) + "'";
  if (contains(type, "bytea")) return "'\\x0" + std::to_string(number % 10) + "'";
  const bool is_text = contains(type, "char") || contains(type, "text") || type.empty();
  if (db.is_server() && !is_text) {
    const auto labels =
        db.query("SELECT enumlabel FROM pg_enum WHERE enumtypid = to_regtype($1)", {c.type});
    if (!labels.empty()) return as_literal(text(labels[random.below(labels.size())], 0));
  }
  if (!literals.empty() && random.below(2) == 0) return literals[random.below(literals.size())];
  return random.below(4) == 0 ? "'{}'" : "'text " + n + "'";
}

}  // namespace detail

/// Tries to bring each table to a few rows. What the constraints refuse is left out: an attempt
/// that fails is nobody's fault.
inline void fill(stage& db, const catalogue& schema, std::size_t round) {
  constexpr std::size_t wanted = 4;
  detail::sequence random(round + 1);
  for (int pass = 0; pass != 2; ++pass) {
    for (const table& t : schema.tables) {
      const std::vector<std::string> literals = detail::literals_of(t.source);
      for (std::size_t attempt = 0; attempt != 24; ++attempt) {
        const auto count = db.query("SELECT count(*) FROM " + in_quotes(t.name));
        if (std::stoul(detail::text(count[0], 0)) >= wanted + round % 3) break;
        std::string names;
        std::string values;
        for (const column& c : t.columns) {
          if (c.computed) continue;
          if (!db.is_server() && c.key == 1 && detail::lower(c.type) == "integer") continue;
          if (c.has_default && random.below(2) == 0) continue;
          names += (names.empty() ? "" : ", ") + in_quotes(c.name);
          values += (values.empty() ? "" : ", ") +
                    detail::value_for(db, t, c, round * 100 + attempt, random, literals);
        }
        db.run("INSERT INTO " + in_quotes(t.name) +
               (names.empty() ? " DEFAULT VALUES" : " (" + names + ") VALUES (" + values + ")"));
      }
    }
  }
}

/// How many rows each table has, and a digest of each column by itself.
struct content {
  std::map<std::string, std::int64_t> rows;
  std::map<std::string, std::string> columns;  ///< "table.column": its values in order
};

inline content read_content(stage& db, const catalogue& schema) {
  content out;
  for (const table& t : schema.tables) {
    out.rows[t.name] =
        std::stoll(detail::text(db.query("SELECT count(*) FROM " + in_quotes(t.name))[0], 0));
    for (const column& c : t.columns) {
      const std::string name = in_quotes(c.name);
      const std::string value =
          db.is_server() ? name + "::text" : "typeof(" + name + ") || ' ' || quote(" + name + ")";
      std::string all;
      for (const auto& v : db.query("SELECT " + value + ", count(*) FROM " + in_quotes(t.name) +
                                    " GROUP BY 1 "
                                    "ORDER BY 1"))
        all += v[0].value_or("NULL") + " x " + detail::text(v, 1) + "\n";
      out.columns[t.name + "." + c.name] = all;
    }
  }
  return out;
}

}  // namespace replay
