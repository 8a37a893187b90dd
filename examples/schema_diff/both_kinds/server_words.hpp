// examples/schema_diff/both_kinds/server_words.hpp - expressions of SQLite as PostgreSQL repeats
// them. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/executor.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace schema_diff {

/// A schema in the server's words, and what it does not understand.
struct spelled_schema {
  hewn::schema::database schema;
  std::vector<std::string> refused;  ///< as a person calls it: check c of t
};

namespace detail {

class server_spelling {
 public:
  explicit server_spelling(hewn::schema_executor& server) : server_(server) {}

  spelled_schema spell(const hewn::schema::database& wanted) {
    if (takes(wanted)) return {std::move(answer_), {}};
    hewn::schema::database left = wanted;
    for (hewn::schema::table& t : left.tables) strip(t);
    for (std::size_t i = 0; i != left.tables.size(); ++i)
      add_parts(left, left.tables[i], wanted.tables[i]);
    answer_ = server_.normalise(left);
    return {std::move(answer_), std::move(refused_)};
  }

 private:
  static void strip(hewn::schema::table& t) {
    t.checks.clear();
    t.foreign_keys.clear();
    t.indexes.clear();
    for (hewn::schema::column& c : t.columns) {
      c.default_text.clear();
      c.generated_text.clear();
      c.generated = hewn::schema::generated::no;
    }
  }

  // Each of them is tried; `t` is a table of `all`.
  void add_parts(hewn::schema::database& all, hewn::schema::table& t,
                 const hewn::schema::table& whole) {
    for (std::size_t i = 0; i != t.columns.size(); ++i)
      attempt(all, t.columns[i], whole.columns[i],
              "the default or expression of column " + whole.columns[i].name, t.name);
    add(all, t, t.checks, whole.checks, "check ");
    add(all, t, t.indexes, whole.indexes, "index ");
    add(all, t, t.foreign_keys, whole.foreign_keys, "foreign key ");
  }

  template <class Part>
  void add(const hewn::schema::database& all, const hewn::schema::table& t, std::vector<Part>& to,
           const std::vector<Part>& from, const std::string& kind) {
    for (const Part& part : from) {
      to.push_back(part);
      if (takes(all)) continue;
      to.pop_back();
      refused_.push_back(kind + part.name + (part.name.empty() ? "of " : " of ") + t.name);
    }
  }

  void attempt(const hewn::schema::database& all, hewn::schema::column& c,
               const hewn::schema::column& whole, const std::string& what,
               const std::string& table) {
    if (c == whole) return;
    hewn::schema::column before = std::exchange(c, whole);
    if (takes(all)) return;
    c = std::move(before);
    refused_.push_back(what + " of " + table);
  }

  bool takes(const hewn::schema::database& wanted) {
    try {
      answer_ = server_.normalise(wanted);
      return true;
    } catch (const hewn::error& failure) {
      if (failure.retryable() || failure.code() == hewn::errc::connection_lost ||
          failure.code() == hewn::errc::cannot_open)
        throw;
      return false;
    }
  }

  hewn::schema_executor& server_;
  hewn::schema::database answer_;
  std::vector<std::string> refused_;
};

}  // namespace detail

/// Asks the server; makes nothing that stays.
inline spelled_schema in_server_words(hewn::schema_executor& server,
                                      const hewn::schema::database& wanted) {
  return detail::server_spelling(server).spell(wanted);
}

}  // namespace schema_diff
