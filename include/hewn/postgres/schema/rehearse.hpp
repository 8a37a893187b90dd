// hewn/postgres/schema/rehearse.hpp - what steps tried on temporary copies say about the tables
// themselves.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/step.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Whether the step adds a value to a type. The type itself is tried, because a value of a copy
/// could be used in the same transaction; that keeps nobody waiting but who does the same.
HEWN_COLD inline bool adds_value(const step& s) {
  return s.sql.starts_with("ALTER TYPE ") && s.sql.find(" ADD VALUE ") != s.sql.npos;
}

/// Whether the step drops a type that was made anew. Its columns are those of the tables
/// themselves, so it cannot be tried.
HEWN_COLD inline bool drops_type(const step& s) { return s.sql.starts_with("DROP TYPE "); }

/// Whether the steps only create and add, so that copies of the tables that they name tell all.
HEWN_COLD inline bool only_adds(const std::vector<step>& steps) {
  return std::all_of(steps.begin(), steps.end(), [](const step& s) {
    for (const std::string_view verb :
         {"CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ", "CREATE TYPE ",
          "CREATE OR REPLACE FUNCTION ", "CREATE TRIGGER "})
      if (s.sql.starts_with(verb)) return true;
    if (adds_value(s)) return true;
    return s.sql.starts_with("ALTER TABLE ") && s.sql.find(" ADD ") != s.sql.npos &&
           s.sql.find(" RENAME ") == s.sql.npos;
  });
}

/// How many of the first steps go together with one that renames, or drops a table. These are over
/// in a moment, whatever rows there are, and are held up by what no copy of a table has, a view or
/// a table of another schema that refers to it.
HEWN_COLD inline std::size_t end_of_renames_and_drops(const std::vector<step>& steps) {
  std::size_t end = 0;
  for (std::size_t i = 0; i != steps.size(); ++i) {
    const std::string& sql = steps[i].sql;
    const bool of_type = sql.starts_with("ALTER TYPE ") && sql.find(" RENAME VALUE ") == sql.npos;
    if (!of_type && (sql.starts_with("DROP TABLE ") || sql.find(" RENAME ") != sql.npos))
      end = i + 1;
    else if (!sql.starts_with("DROP INDEX ") && !sql.starts_with("DROP TRIGGER ") &&
             !sql.starts_with("DROP FUNCTION ") && sql.find(" DROP CONSTRAINT ") == sql.npos)
      break;
  }
  return end;
}

inline const std::string& name_of(const schema::enumeration& e) { return e.name; }
inline const std::string& name_of(const schema::other_object& o) { return o.name; }
inline const std::string& name_of(const schema::column& c) { return c.name; }
inline const std::string& name_of(const schema::unique_key& k) { return k.name; }
inline const std::string& name_of(const schema::check& k) { return k.name; }
inline const std::string& name_of(const schema::foreign_key& k) { return k.name; }
inline const std::string& name_of(const schema::index& i) { return i.name; }

template <class Parts, class Part>
auto* find_part(Parts& in, const Part& like) {
  for (auto& p : in)
    if (name_of(p) == name_of(like)) return &p;
  return static_cast<decltype(&in.front())>(nullptr);
}

/// Whether a step drops the index or constraint of this name.
HEWN_COLD inline bool is_dropped(const std::string& name, const std::vector<step>& steps) {
  for (const step& s : steps)
    for (const std::string_view verb : {"DROP INDEX ", "DROP CONSTRAINT "})
      if (s.sql.ends_with(std::string(verb) + quote_identifier(name, dialect::postgres)))
        return true;
  return false;
}

inline void keep_real_words(schema::column& c, const schema::column& copy,
                            const schema::column& real) {
  // A copy does not own the sequence of a serial, and may say functions and types otherwise.
  if (c.autoincrement == copy.autoincrement && c.always == copy.always &&
      c.default_text == copy.default_text) {
    c.autoincrement = real.autoincrement;
    c.always = real.always;
    c.default_text = real.default_text;
  }
  if (c.generated_text == copy.generated_text) c.generated_text = real.generated_text;
}
template <class Part>
void keep_real_words(Part&, const Part&, const Part&) {}

/// `live` with what became of the copies: what they did not have stays, what the steps left alone
/// is as it is there, and the rest is as in `after`, in whose order the parts are. A copy may have
/// another name than its original, and lack a flaw of it, so one that was dropped and made again is
/// that of the copies.
template <class Part>
void take_changes(std::vector<Part>& live, const std::vector<step>& steps,
                  const std::vector<Part>& before, std::vector<Part> after) {
  std::vector<Part> out;
  for (Part& p : live)
    if (find_part(before, p) == nullptr) out.push_back(std::move(p));
  for (Part& p : after) {
    const Part* const old = find_part(before, p);
    Part* const real = find_part(live, p);
    if (old == nullptr || *old != p || is_dropped(name_of(p), steps)) {
      if (old != nullptr && real != nullptr) keep_real_words(p, *old, *real);
      out.push_back(std::move(p));
    } else if (real != nullptr) {
      out.push_back(std::move(*real));
    }
  }
  live = std::move(out);
}

/// The step as it is tried on copies. A function that is made there is one of the temporary schema,
/// which is not searched for functions.
HEWN_COLD inline std::string on_copies(std::string sql) {
  constexpr std::string_view call = "\nEXECUTE FUNCTION ", drop = "DROP FUNCTION IF EXISTS ";
  if (sql.starts_with(drop)) sql.insert(drop.size(), "pg_temp.");
  if (sql.starts_with("CREATE TRIGGER "))
    if (const std::size_t at = sql.rfind(call); at != sql.npos)
      sql.insert(at + call.size(), "pg_temp.");
  return sql;
}

template <class Part>
void append_new(std::vector<Part>& to, const std::vector<Part>& before, std::vector<Part>& after) {
  for (Part& p : after)
    if (std::find(before.begin(), before.end(), p) == before.end()) to.push_back(std::move(p));
}

/// The copies had none.
inline void take_time_triggers(schema::table& live, const std::vector<step>& steps,
                               std::vector<schema::time_trigger> made) {
  std::erase_if(live.time_triggers, [&](const schema::time_trigger& t) {
    const std::string drop =
        "DROP TRIGGER IF EXISTS " + quote_identifier(t.name, dialect::postgres) + " ON ";
    return std::any_of(steps.begin(), steps.end(), [&](const step& s) {
      return s.table == live.name && s.sql.starts_with(drop);
    });
  });
  for (schema::time_trigger& t : made) live.time_triggers.push_back(std::move(t));
}

/// `live` after steps that were tried on copies of some of its tables.
HEWN_COLD inline schema::database with_changes(schema::database live,
                                               const std::vector<step>& steps,
                                               const schema::database& before,
                                               schema::database after) {
  for (schema::enumeration& made : after.enumerations)
    std::erase_if(live.enumerations, [&](const schema::enumeration& e) {
      return e.name == made.name && before.find_enumeration(e.name) == nullptr;
    });
  append_new(live.enumerations, before.enumerations, after.enumerations);
  append_new(live.others, before.others, after.others);
  for (const schema::table& old : before.tables)
    if (after.find_table(old.name) == nullptr)
      std::erase_if(live.tables, [&](const schema::table& t) { return t.name == old.name; });
  for (schema::table& copy : after.tables) {
    const schema::table* const old = before.find_table(copy.name);
    if (old == nullptr) {
      live.tables.push_back(std::move(copy));
      continue;
    }
    for (schema::table& t : live.tables) {
      if (t.name != copy.name) continue;
      if (copy.primary_key_name != old->primary_key_name ||
          copy.primary_key_terms != old->primary_key_terms) {
        t.primary_key_name = copy.primary_key_name;
        t.primary_key_terms = copy.primary_key_terms;
        t.primary_key_storage = copy.primary_key_storage;
      }
      take_changes(t.columns, steps, old->columns, std::move(copy.columns));
      take_changes(t.unique_keys, steps, old->unique_keys, std::move(copy.unique_keys));
      take_changes(t.checks, steps, old->checks, std::move(copy.checks));
      take_changes(t.foreign_keys, steps, old->foreign_keys, std::move(copy.foreign_keys));
      take_changes(t.indexes, steps, old->indexes, std::move(copy.indexes));
      take_time_triggers(t, steps, std::move(copy.time_triggers));
    }
  }
  return live;
}

}  // namespace hewn::postgres::detail
