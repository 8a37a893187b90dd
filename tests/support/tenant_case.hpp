// tests/support/tenant_case.hpp - the rows of two tenants, and the same of one alone.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <support/place.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace support::tenants {

/// A table that all share.
struct country {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("countries"); }
};

struct team {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::int64_t country_id = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("teams")
        .tenant<&team::organisation_id>()
        .references<&team::country_id, &country::id>()
        .unique<&team::organisation_id, &team::name>();
  }
};

/// `helper_id` is no reference, so that it can be of another tenant's row.
struct task {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::int64_t team_id = 0;
  std::string title;
  std::int64_t hours = 0;
  std::optional<std::int64_t> helper_id;
  static consteval auto table() {
    return hewn::table("tasks")
        .tenant<&task::organisation_id>()
        .references<&task::team_id, &team::id>();
  }
};

/// The tenant is part of the key.
struct label {
  std::int64_t organisation_id = 0;
  std::string name;
  std::int64_t uses = 0;
  static consteval auto table() {
    return hewn::table("labels")
        .primary_key<&label::organisation_id, &label::name>()
        .tenant<&label::organisation_id>();
  }
};

struct helper {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("helpers").tenant<&helper::organisation_id>();
  }
};

struct helps {
  std::int64_t task_id = 0;
  std::int64_t helper_id = 0;
  std::int64_t organisation_id = 0;
  static consteval auto table() {
    return hewn::table("help")
        .primary_key<&helps::task_id, &helps::helper_id>()
        .tenant<&helps::organisation_id>()
        .references<&helps::task_id, &task::id>()
        .references<&helps::helper_id, &helper::id>();
  }
};

inline constexpr std::int64_t first = 7, second = 8;

inline database open_empty() {
  database db = open_new();
  hewn::sync<country, team, task, label, helper, helps>(db);
  db.insert_many({country{1, "here"}, country{2, "there"}});
  return db;
}

// Tenants alternate, so that neither has a stretch of keys of its own.
template <class Db>
void fill(const Db& db, std::int64_t of) {
  const auto acting = hewn::act_for(db, of);
  const std::int64_t k = of == first ? 0 : 1;
  db.insert_many({team{1 + k, 0, 1, "red"}, team{3 + k, 0, 2, of == first ? "blue" : "green"},
                  team{5 + k, 0, 2, "idle"}});
  db.insert_many({helper{1 + k, 0, "ann"}, helper{3 + k, 0, of == first ? "bob" : "eve"}});
  for (int i = 0; i != 6; ++i)
    db.insert(task{1 + k + 2 * i, 0, i % 2 == 0 ? 1 + k : 3 + k,
                   std::string(1, static_cast<char>('a' + i % 4)), 10 * k + i,
                   i == 5 ? std::nullopt : std::optional<std::int64_t>(i)});
  db.insert_many({label{0, "old", 1 + k}, label{0, "new", 3 + k}});
  db.insert_many({helps{1 + k, 1 + k, 0}, helps{1 + k, 3 + k, 0}, helps{3 + k, 1 + k, 0}});
}

inline database open_both() {
  database db = open_empty();
  fill(db, second);
  fill(db, first);
  return db;
}

inline database open_first() {
  database db = open_empty();
  fill(db, first);
  return db;
}

// ---- what verbs return, as text

inline void tell(std::ostream& out, std::int64_t v) { out << v << ' '; }
inline void tell(std::ostream& out, const std::string& v) { out << v << ' '; }
template <class T>
void tell(std::ostream& out, const std::optional<T>& v);
template <class T>
void tell(std::ostream& out, const std::vector<T>& v);
template <class... T>
void tell(std::ostream& out, const std::tuple<T...>& v);
template <class A, class B>
void tell(std::ostream& out, const std::pair<A, B>& v) {
  tell(out, v.first), tell(out, v.second);
}
inline void tell(std::ostream& out, const country& r) { tell(out, std::tuple(r.id, r.name)); }
inline void tell(std::ostream& out, const team& r) {
  tell(out, std::tuple(r.id, r.organisation_id, r.country_id, r.name));
}
inline void tell(std::ostream& out, const task& r) {
  tell(out, std::tuple(r.id, r.organisation_id, r.team_id, r.title, r.hours, r.helper_id));
}
inline void tell(std::ostream& out, const label& r) {
  tell(out, std::tuple(r.organisation_id, r.name, r.uses));
}
inline void tell(std::ostream& out, const helper& r) {
  tell(out, std::tuple(r.id, r.organisation_id, r.name));
}
inline void tell(std::ostream& out, const helps& r) {
  tell(out, std::tuple(r.task_id, r.helper_id, r.organisation_id));
}
template <class T>
void tell(std::ostream& out, const std::optional<T>& v) {
  v ? tell(out, *v) : void(out << "none ");
}
template <class T>
void tell(std::ostream& out, const std::vector<T>& v) {
  out << "[ ";
  for (const T& each : v) tell(out, each);
  out << "] ";
}
template <class... T>
void tell(std::ostream& out, const std::tuple<T...>& v) {
  out << "( ";
  std::apply([&](const auto&... each) { (tell(out, each), ...); }, v);
  out << ") ";
}

template <class T>
std::string told(const T& value) {
  std::ostringstream out;
  tell(out, value);
  return std::move(out).str();
}

/// Every row of one tenant, in spite of whose turn it is: by raw SQL.
template <class Db>
std::string rows_of(const Db& db, std::int64_t of) {
  return told(db.template all<team>(
             hewn::sql<"SELECT * FROM teams WHERE organisation_id = ? ORDER BY id">, of)) +
         told(db.template all<task>(
             hewn::sql<"SELECT * FROM tasks WHERE organisation_id = ? ORDER BY id">, of)) +
         told(db.template all<label>(
             hewn::sql<"SELECT * FROM labels WHERE organisation_id = ? ORDER BY name">, of)) +
         told(db.template all<helper>(
             hewn::sql<"SELECT * FROM helpers WHERE organisation_id = ? ORDER BY id">, of)) +
         told(db.template all<helps>(
             hewn::sql<"SELECT * FROM help WHERE organisation_id = ? ORDER BY task_id, helper_id">,
             of));
}

}  // namespace support::tenants
