// bench/joined_sources.hpp - programs of queries over several tables, whose compilation is
// measured. SPDX-License-Identifier: BSL-1.0
//
// Twenty queries that join and group six entities, each read into a struct of its own. One program
// writes them out of typed columns, the other as raw SQL with the same meaning. Everything else is
// the same in both, so that the ratio is what typed queries cost.
#pragma once

#include "bench/compile_sources.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// How the queries of a program are written.
enum class query_language { typed, raw };

namespace detail {

inline constexpr int joined_entities = 6;
inline constexpr int joined_queries = 20;

// Which fields of generated_fields are what.
enum generated : std::size_t { title, note, price, active, owner, amount, rating, parent, code };

// One expression in both languages; `type` is that of its field in the result.
struct written {
  std::string typed;
  std::string raw;
  std::string type;
};

// A query while it is put together.
struct written_query {
  std::string typed;
  std::string raw;
  std::string bound;   // the values of the raw one
  std::string result;  // the struct that it is read into
};

inline written column(int entity, std::size_t f) {
  const std::string name = field(f, std::to_string(entity));
  const std::string of = "entity_" + std::to_string(entity);
  return {"col<&" + of + "::" + name + ">", of + "." + name, generated_fields[f].type};
}

inline written aggregate(const std::string& function, const std::string& raw, const written& of,
                         const std::string& type) {
  return {"hewn::" + function + "(" + of.typed + ")", raw + of.raw + ")", type};
}

inline written some_aggregate(int number, int entity) {
  const std::string real = "std::optional<double>", integer = "std::optional<std::int64_t>";
  switch (number % 8) {
    case 0:
      return {"hewn::count()", "COUNT(*)", "std::int64_t"};
    case 1:
      return aggregate("sum", "SUM(", column(entity, amount), integer);
    case 2:
      return aggregate("avg", "AVG(", column(entity, price), real);
    case 3:
      return aggregate("max", "MAX(", column(entity, code), "std::optional<std::string>");
    case 4:
      return aggregate("min", "MIN(", column(entity, rating), real);
    case 5:
      return aggregate("count", "COUNT(", column(entity, note), "std::int64_t");
    case 6:
      return aggregate("sum", "SUM(", column(entity, price), real);
    default:
      return aggregate("count_distinct", "COUNT(DISTINCT ", column(entity, title), "std::int64_t");
  }
}

// A condition with a value.
inline void add_condition(written_query& q, int number, int entity) {
  struct comparison_of {
    std::size_t field;
    const char* typed;
    const char* raw;
    const char* value;
  };
  constexpr std::array<comparison_of, 5> kinds{{{amount, " >= ", " >= ", "0"},
                                                {active, " == ", " = ", "false"},
                                                {title, " != ", " <> ", "\"none\""},
                                                {price, " < ", " < ", "10.5"},
                                                {owner, " == ", " = ", "1"}}};
  const comparison_of& kind = kinds[static_cast<std::size_t>(number) % kinds.size()];
  const written of = column(entity, kind.field);
  q.typed += of.typed + kind.typed + kind.value;
  q.raw += of.raw + kind.raw + "?";
  q.bound += std::string(", ") + kind.value;
}

inline bool has_left_join(int number) { return number % 4 == 3; }

inline void add_tables(written_query& q, int number, int child, int tables) {
  const std::string first = "entity_" + std::to_string(child);
  q.typed = "hewn::from<" + first + ">";
  q.raw = " FROM " + first;
  for (int i = 1; i != tables; ++i) {
    const int added = child - i;
    const std::string name = "entity_" + std::to_string(added);
    const bool outer = has_left_join(number) && i + 1 == tables;
    const written left = column(added + 1, owner);
    const written right{"col<&" + name + "::id>", name + ".id", ""};
    q.typed += std::string("\n      ") + (outer ? ".left_join<" : ".join<") + name + ">(";
    if (number % 5 == 1) q.typed += left.typed + " == " + right.typed;
    q.typed += ")";
    q.raw += (outer ? " LEFT JOIN " : " JOIN ") + name + " ON " + left.raw + " = " + right.raw;
  }
}

inline void add_where(written_query& q, int number, int child) {
  q.typed += "\n      .where(";
  q.raw += " WHERE ";
  add_condition(q, number, child);
  if (number % 2 == 0) {
    q.typed += " && ";
    q.raw += " AND ";
    add_condition(q, number / 2 + 1, child - 1);
  }
  q.typed += ")";
}

inline void add_groups(written_query& q, const std::vector<written>& groups) {
  std::string between;
  q.typed += "\n      .group_by(";
  q.raw += " GROUP BY ";
  for (const written& group : groups) {
    q.typed += between + group.typed;
    q.raw += between + group.raw;
    between = ", ";
  }
  q.typed += ")";
}

inline void add_result(written_query& q, int number, const std::vector<written>& items) {
  const std::string result = "result_" + std::to_string(number);
  std::string select, values;
  q.result = "struct " + result + " {\n";
  for (std::size_t i = 0; i != items.size(); ++i) {
    const std::string name = "value_" + std::to_string(number) + "_" + std::to_string(i);
    q.result += "  " + items[i].type + " " + name + "{};\n";
    select += (i == 0 ? "SELECT " : ", ") + items[i].raw + " AS " + name;
    values += (i == 0 ? "" : ", ") + items[i].typed;
  }
  q.result += "};\n";
  q.typed += "\n      .select<" + result + ">(" + values + ")";
  q.raw = select + q.raw;
}

inline written_query joined_query(int number) {
  const int tables = 2 + number % 3, child = joined_entities - number % 3;
  written_query q;
  add_tables(q, number, child, tables);
  add_where(q, number, child);

  std::vector<written> items{column(child - 1, number % 2 == 0 ? title : code)};
  if (has_left_join(number) && tables == 2) items[0].type = "std::optional<std::string>";
  if (number % 3 != 0) items.push_back(column(child, owner));
  add_groups(q, items);

  const written leading = some_aggregate(number, child);
  for (int i = 0; i != 2 + number % 2; ++i)
    items.push_back(i == 0 ? leading : some_aggregate(number + 3 * i, child - i % tables));
  if (number % 4 == 0) {
    q.typed += "\n      .having(hewn::count() > 0)";
    q.raw += " HAVING COUNT(*) > ?";
    q.bound += ", 0";
  }
  q.typed += "\n      .order_by(" + leading.typed + ".desc(), " + items[0].typed + ")";
  q.raw += " ORDER BY " + leading.raw + " DESC, " + items[0].raw;
  if (number % 2 == 1) {
    q.typed += "\n      .limit(50)";
    q.raw += " LIMIT ?";
    q.bound += ", 50";
  }
  add_result(q, number, items);
  return q;
}

// The first refers to no other.
inline std::string joined_entity(int number) {
  const std::string n = std::to_string(number);
  std::string type = structure(n);
  if (number == 1) return type;
  const std::string before = "entity_" + std::to_string(number - 1);
  type.resize(type.size() - 3);  // the brace
  return type + "  static consteval auto table() {\n    return hewn::table(\"entity_" + n +
         "\").references<&entity_" + n + "::" + field(owner, n) + ", &" + before +
         "::id>();\n  }\n};\n";
}

}  // namespace detail

/// The program whose queries are written so. It ends with 0 if each of them has found its row.
inline std::string joined_program(query_language language) {
  std::string out = include_line(includes::rows) + "using hewn::col;\n";
  std::string uses;
  for (int i = 1; i <= detail::joined_entities; ++i) {
    const std::string n = std::to_string(i);
    const std::string type = "entity_" + n;
    out += detail::joined_entity(i);
    uses += "  db.script(\"CREATE TABLE " + type + " (" +
            detail::columns(n, true,
                            [](const std::string& name, const char* t) { return name + " " + t; }) +
            ")\");\n  " + type + " row_" + n + "{." + detail::field(detail::owner, n) +
            " = 1};\n  db.insert(row_" + n + ");\n";
  }
  uses += "  std::size_t found = 0;\n";
  for (int i = 0; i != detail::joined_queries; ++i) {
    const std::string n = std::to_string(i);
    const detail::written_query q = detail::joined_query(i);
    out += q.result + "std::size_t query_" + n + "(const hewn::sqlite::database& db) {\n  return ";
    out += language == query_language::typed ? "db.all(" + q.typed + ").size();\n}\n"
                                             : "db.all<result_" + n + ">(hewn::sql<\"" + q.raw +
                                                   "\">" + q.bound + ").size();\n}\n";
    uses += "  found += query_" + n + "(db);\n";
  }
  return out + "int main() {\n  const auto db = hewn::sqlite::open(\":memory:\");\n" + uses +
         "  return found == " + std::to_string(detail::joined_queries) + " ? 0 : 1;\n}\n";
}

}  // namespace bench
