// bench/compile_sources.hpp - the programs whose compilation is measured.
// SPDX-License-Identifier: BSL-1.0
//
// A program has `count` entities of ten fields and, for each, insert, get, update, remove, all and
// one query with a condition. No two fields but the keys share a name, because a template that is
// instantiated for a name would be free the second time.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace bench {

struct generated_field {
  const char* name;
  const char* type;
  const char* column;  // the column type in C's CREATE TABLE
  bool optional;
};

inline constexpr std::array<generated_field, 9> generated_fields{{
    {"title", "std::string", "TEXT NOT NULL", false},
    {"note", "std::optional<std::string>", "TEXT", true},
    {"price", "double", "REAL NOT NULL", false},
    {"active", "bool", "INTEGER NOT NULL", false},
    {"owner", "std::int64_t", "INTEGER NOT NULL", false},
    {"amount", "int", "INTEGER NOT NULL", false},
    {"rating", "std::optional<double>", "REAL", true},
    {"parent", "std::optional<std::int64_t>", "INTEGER", true},
    {"code", "std::string", "TEXT NOT NULL", false},
}};

namespace detail {

inline std::string field(std::size_t f, const std::string& n) {
  return generated_fields[f].name + ("_" + n);
}

inline std::string structure(const std::string& n) {
  std::string out = "struct entity_" + n + " {\n  std::int64_t id = 0;\n";
  for (std::size_t f = 0; f != generated_fields.size(); ++f)
    out += std::string("  ") + generated_fields[f].type + " " + field(f, n) + "{};\n";
  return out + "};\n";
}

// One comma-separated piece for each column, the key being the first where it is wanted.
template <class Piece>
std::string columns(const std::string& n, bool with_key, Piece piece) {
  std::string out = with_key ? piece(std::string("id"), "INTEGER PRIMARY KEY") : "";
  for (std::size_t f = 0; f != generated_fields.size(); ++f)
    out += (out.empty() ? "" : ", ") + piece(field(f, n), generated_fields[f].column);
  return out;
}

inline std::string c_bind(std::size_t f, const std::string& n, int parameter) {
  const std::string type = generated_fields[f].type;
  const std::string at = "(s, " + std::to_string(parameter) + ", ";
  const std::string null = "sqlite3_bind_null(s, " + std::to_string(parameter) + ");\n";
  const std::string member = "row." + field(f, n);
  const std::string value = (generated_fields[f].optional ? "*" : "") + member;
  std::string bind;
  if (type.find("string") != type.npos)
    bind = "sqlite3_bind_text" + at + "(" + value + ").data(), static_cast<int>((" + value +
           ").size()), SQLITE_STATIC);\n";
  else if (type.find("double") != type.npos)
    bind = "sqlite3_bind_double" + at + value + ");\n";
  else
    bind = "sqlite3_bind_int64" + at + value + ");\n";
  if (!generated_fields[f].optional) return "  " + bind;
  return "  if (" + member + ") " + bind + "  else " + null;
}

inline std::string c_read(std::size_t f, const std::string& n) {
  const std::string type = generated_fields[f].type;
  const std::string i = std::to_string(f + 1);
  const std::string member = "row." + field(f, n);
  std::string value;
  if (type.find("string") != type.npos)
    value = "std::string(reinterpret_cast<const char*>(sqlite3_column_text(s, " + i +
            ")), static_cast<std::size_t>(sqlite3_column_bytes(s, " + i + ")))";
  else if (type.find("double") != type.npos)
    value = "sqlite3_column_double(s, " + i + ")";
  else if (type == "bool")
    value = "sqlite3_column_int(s, " + i + ") != 0";
  else if (type == "int")
    value = "sqlite3_column_int(s, " + i + ")";
  else
    value = "sqlite3_column_int64(s, " + i + ")";
  if (!generated_fields[f].optional) return "  " + member + " = " + value + ";\n";
  return "  if (sqlite3_column_type(s, " + i + ") == SQLITE_NULL) " + member +
         ".reset();\n  else " + member + " = " + value + ";\n";
}

inline std::string c_entity(const std::string& n) {
  const std::string type = "entity_" + n;
  const std::string list =
      columns(n, true, [](const std::string& name, const char*) { return name; });
  const auto name_only = [](const std::string& name, const char*) { return name; };
  const auto place = [](const std::string&, const char*) { return std::string("?"); };
  const auto assigned = [](const std::string& name, const char*) { return name + " = ?"; };
  const auto declared = [](const std::string& name, const char* t) { return name + " " + t; };
  std::string bind, read;
  for (std::size_t f = 0; f != generated_fields.size(); ++f) {
    bind += c_bind(f, n, static_cast<int>(f) + 1);
    read += c_read(f, n);
  }
  const std::string last = std::to_string(generated_fields.size() + 1);
  const auto rows = [&](const std::string& start, const std::string& bound, const char* condition) {
    return "std::vector<" + type + "> " + start + " {\n  sqlite3_stmt* s = prepare(db, \"SELECT " +
           list + " FROM " + type + "s" + condition + "\");\n" + bound + "  std::vector<" + type +
           "> rows;\n  int code;\n  while ((code = sqlite3_step(s)) == SQLITE_ROW) read(s, "
           "rows.emplace_back());\n  finish(db, s, code);\n  return rows;\n}\n";
  };
  const std::string owner = field(4, n);
  return structure(n) + "void create_" + type + "(sqlite3* db) {\n  execute(db, \"CREATE TABLE " +
         type + "s (" + columns(n, true, declared) + ")\");\n}\n" +
         "static void bind(sqlite3_stmt* s, const " + type + "& row) {\n" + bind + "}\n" +
         "static void read(sqlite3_stmt* s, " + type +
         "& row) {\n  row.id = sqlite3_column_int64(s, 0);\n" + read + "}\n" +  //
         "void insert(sqlite3* db, " + type +
         "& row) {\n  sqlite3_stmt* s = prepare(db, \"INSERT INTO " + type + "s (" +
         columns(n, false, name_only) + ") VALUES (" + columns(n, false, place) +
         ")\");\n  bind(s, row);\n  finish(db, s, sqlite3_step(s));\n"
         "  row.id = sqlite3_last_insert_rowid(db);\n}\n" +
         type + " get_" + type +
         "(sqlite3* db, std::int64_t id) {\n  sqlite3_stmt* s = "
         "prepare(db, \"SELECT " +
         list + " FROM " + type + "s WHERE id = ?\");\n  sqlite3_bind_int64(s, 1, id);\n  " + type +
         " row;\n  const int code = sqlite3_step(s);\n  if (code == SQLITE_ROW) read(s, row);\n"
         "  finish(db, s, code == SQLITE_ROW ? SQLITE_DONE : SQLITE_NOTFOUND);\n  return "
         "row;\n}\n" +
         "void update(sqlite3* db, const " + type +
         "& row) {\n  sqlite3_stmt* s = prepare(db, \"UPDATE " + type + "s SET " +
         columns(n, false, assigned) +
         " WHERE id = ?\");\n  bind(s, row);\n  sqlite3_bind_int64(s, " + last +
         ", row.id);\n  finish(db, s, sqlite3_step(s));\n}\n" + "void remove_" + type +
         "(sqlite3* db, std::int64_t id) {\n  sqlite3_stmt* s = "
         "prepare(db, \"DELETE FROM " +
         type +
         "s WHERE id = ?\");\n  sqlite3_bind_int64(s, 1, id);\n  finish(db, s, "
         "sqlite3_step(s));\n}\n" +
         rows("all_" + type + "(sqlite3* db)", "", "") +
         rows("filter_" + type + "(sqlite3* db, std::int64_t owner)",
              "  sqlite3_bind_int64(s, 1, owner);\n", (" WHERE " + owner + " = ?").c_str()) +
         "void use_" + n + "(sqlite3* db) {\n  " + type +
         " row;\n  insert(db, row);\n  row = get_" + type +
         "(db, row.id);\n  update(db, row);\n  all_" + type + "(db);\n  filter_" + type +
         "(db, 1);\n  remove_" + type + "(db, row.id);\n}\n";
}

}  // namespace detail

/// Includes and nothing else.
inline std::string standard_program() {
  return "#include <chrono>\n#include <cstdint>\n#include <memory>\n#include <optional>\n"
         "#include <string>\n#include <string_view>\n#include <tuple>\n#include <vector>\n"
         "int main() {}\n";
}

/// What a source file takes of the library.
enum class includes { rows, sqlite, postgres, any };

inline std::string include_line(includes what) {
  switch (what) {
    case includes::rows:
      return "#include <hewn/sqlite/open.hpp>\n";
    case includes::sqlite:
      return "#include <hewn/sqlite.hpp>\n";
    case includes::postgres:
      return "#include <hewn/postgres.hpp>\n";
    default:
      return "#include <hewn/any.hpp>\n";
  }
}

inline std::string include_program(includes what) { return include_line(what) + "int main() {}\n"; }

/// What a unit of the library is compiled from.
inline std::string unit_program(const std::string& name) {
  return "#include <hewn/unit/" + name + ".hpp>\n";
}

/// `count` entities in SQLite. Their tables come from one sync, or they are created by their SQL.
inline std::string hewn_program(int count, includes what, bool synced) {
  std::string out = include_line(what) + "using hewn::col;\n";
  std::string types, uses, create;
  for (int i = 1; i <= count; ++i) {
    const std::string n = std::to_string(i);
    const std::string type = "entity_" + n;
    out += detail::structure(n) + "void use_" + n + "(const hewn::sqlite::database& db) {\n  " +
           type + " row;\n  db.insert(row);\n  row = db.get<" + type +
           ">(row.id);\n  db.update(row);\n  db.all<" + type + ">();\n  db.all(hewn::from<" + type +
           ">.where(col<&" + type + "::" + detail::field(4, n) + "> == 1));\n  db.remove<" + type +
           ">(row.id);\n}\n";
    types += (i == 1 ? "" : ", ") + type;
    uses += "  use_" + n + "(db);\n";
    create += "  db.script(\"CREATE TABLE " + type + " (" +
              detail::columns(
                  n, true, [](const std::string& name, const char* t) { return name + " " + t; }) +
              ")\");\n";
  }
  if (synced) create = "  hewn::sync<" + types + ">(db);\n";
  return out + "int main() {\n  const auto db = hewn::sqlite::open(\":memory:\");\n" + create +
         uses + "}\n";
}

/// Includes what a program by hand does, and nothing else.
inline std::string c_includes() {
  return "#include <sqlite3.h>\n#include <cstdint>\n#include <optional>\n#include <stdexcept>\n"
         "#include <string>\n#include <vector>\n";
}

inline std::string c_program(int count) {
  std::string out =
      c_includes() +
      "static void check(sqlite3* db, bool good) {\n"
      "  if (!good) throw std::runtime_error(sqlite3_errmsg(db));\n}\n"
      "static sqlite3_stmt* prepare(sqlite3* db, const char* sql) {\n  sqlite3_stmt* s = nullptr;\n"
      "  check(db, sqlite3_prepare_v2(db, sql, -1, &s, nullptr) == SQLITE_OK);\n  return s;\n}\n"
      "static void finish(sqlite3* db, sqlite3_stmt* s, int code) {\n  sqlite3_finalize(s);\n"
      "  check(db, code == SQLITE_DONE);\n}\n"
      "static void execute(sqlite3* db, const char* sql) {\n"
      "  check(db, sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);\n}\n";
  std::string uses;
  for (int i = 1; i <= count; ++i) {
    const std::string n = std::to_string(i);
    out += detail::c_entity(n);
    uses += "  create_entity_" + n + "(db);\n  use_" + n + "(db);\n";
  }
  return out + "int main() {\n  sqlite3* db = nullptr;\n" +
         "  check(db, sqlite3_open(\":memory:\", &db) == SQLITE_OK);\n" + uses +
         "  sqlite3_close(db);\n}\n";
}

}  // namespace bench
