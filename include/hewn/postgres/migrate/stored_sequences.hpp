// hewn/postgres/migrate/stored_sequences.hpp - the numbers that sequences have given out, which no
// rollback takes back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hewn::postgres::detail {

/// A sequence and the last number that it has given out.
struct stored_sequence {
  std::string oid;
  std::string name;  // quoted, with its schema
  std::string called;
  std::optional<std::string> last;  // nothing: none yet
  bool falls = false;               // its numbers do
};

/// Those that this role may look at, by name.
HEWN_COLD inline std::map<std::string, stored_sequence> read_sequences(connection& c) {
  std::map<std::string, stored_sequence> out;
  for (catalog_query q(
           c,
           "SELECT c.oid, pg_catalog.quote_ident(n.nspname) || '.' || "
           "pg_catalog.quote_ident(c.relname), CASE WHEN pg_catalog.pg_table_is_visible(c.oid) "
           "THEN c.relname ELSE n.nspname || '.' || c.relname END, "
           "pg_catalog.pg_sequence_last_value(c.oid), s.seqincrement < 0 FROM "
           "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN "
           "pg_catalog.pg_sequence s ON s.seqrelid = c.oid WHERE c.relkind = 'S' AND "
           "c.relpersistence <> 't' AND CASE WHEN c.relkind = 'S' THEN "
           "pg_catalog.has_sequence_privilege(c.oid, 'SELECT, USAGE') END");
       q.next();)
    out[q.text(1)] = {.oid = q.text(0),
                      .name = q.text(1),
                      .called = q.text(2),
                      .last = q.is_null(3) ? std::nullopt : std::optional(q.text(3)),
                      .falls = q.flag(4)};
  return out;
}

/// The number that a sequence begins with which has given out none, as behind RESTART; nothing:
/// this role may not read it.
HEWN_COLD inline std::optional<long long> first_of(connection& c, const stored_sequence& s) {
  catalog_query may(c, "SELECT pg_catalog.has_sequence_privilege($1::pg_catalog.oid, 'SELECT')",
                    {s.oid});
  if (!may.next() || !may.flag(0)) return std::nullopt;
  catalog_query q(c, "SELECT last_value FROM " + s.name);
  return q.next() ? std::optional(std::stoll(q.text(0))) : std::nullopt;
}

/// Whether `now` gives out numbers that `before` has given out.
inline bool gives_again(connection& c, const stored_sequence& before, const stored_sequence& now) {
  if (!before.last || now.falls != before.falls) return false;
  const long long then = std::stoll(*before.last);
  if (!now.last) {
    const std::optional<long long> first = first_of(c, now);
    return !first || (before.falls ? *first >= then : *first <= then);
  }
  const long long last = std::stoll(*now.last);
  return before.falls ? last > then : last < then;
}

/// Finds the sequences that fall behind what they were at begin().
class sequence_watch {
 public:
  explicit sequence_watch(connection& c) : connection_(&c) {}

  /// The first time counts.
  HEWN_COLD void begin() {
    if (before_.empty()) before_ = read_sequences(*connection_);
  }

  /// Their names, as a person calls them.
  HEWN_COLD std::vector<std::string> fallen() const {
    std::vector<std::string> out;
    const auto now = read_sequences(*connection_);
    for (const auto& [name, was] : before_)
      if (const auto is = now.find(name);
          is != now.end() && gives_again(*connection_, was, is->second))
        out.push_back(was.called);
    return out;
  }

  /// Others may have drawn numbers meanwhile, which lie above those before.
  HEWN_COLD void put_back() const {
    const auto now = read_sequences(*connection_);
    for (const auto& [name, was] : before_)
      if (const auto is = now.find(name); is != now.end() && is->second.oid == was.oid &&
                                          gives_again(*connection_, was, is->second))
        catalog_query(*connection_,
                      "SELECT pg_catalog.setval(" + quote_literal(name) + ", " + *was.last + ")");
  }

 private:
  connection* connection_;
  std::map<std::string, stored_sequence> before_;
};

}  // namespace hewn::postgres::detail
