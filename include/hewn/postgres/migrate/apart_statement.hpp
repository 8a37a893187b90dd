// hewn/postgres/migrate/apart_statement.hpp - statements that the server runs outside of
// transactions alone.
// SPDX-License-Identifier: BSL-1.0
//
// Which they are the server says. Their text is read for what they leave when they are interrupted.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres::detail {

/// Whether the statement was refused because of the transaction around it, and has done nothing.
inline bool refuses_transaction(const error& failure) {
  const std::string state = sqlstate(failure);
  return state == "25001" || state == "2D000";  // the latter of a procedure that commits
}

/// Whether it was refused because what it makes is there.
inline bool exists_already(const error& failure) {
  const std::string state = sqlstate(failure);
  return state == "42P07" || state == "42710" || state == "42P04";
}

class apart_statement {
 public:
  explicit apart_statement(std::string_view text) : words_(text) {
    if (words_.accept("create")) {
      words_.accept("unique");
      if (words_.accept("index")) read_index();
    } else if (words_.accept("drop")) {
      if (words_.accept("index")) {
        concurrent_ = words_.accept("concurrently");
        words_.accept("if", "exists");
        kind_ = kind::drop_index;
        index_ = read_name();
      }
    } else if (words_.accept("reindex")) {
      kind_ = kind::reindex;
      if (words_.at(token_kind::open)) words_.skip_group();
      const bool of_table = words_.at("table");
      if (of_table || words_.at("index")) words_.skip();
      words_.accept("concurrently");
      (of_table ? table_ : index_) = read_name();
    } else if (words_.accept("vacuum")) {
      kind_ = kind::vacuum;
    }
  }

  /// Whether it changes nothing that a later statement could see, but for its name.
  bool only_stores() const { return kind_ != kind::other; }

  /// What stands for it in a transaction where nobody else is; empty: nothing does.
  static std::string in_transaction(std::string_view text) {
    const apart_statement s(text);
    if (s.kind_ == kind::other) return std::string(text);
    if (s.kind_ == kind::vacuum || s.kind_ == kind::reindex) return {};
    std::string out(text);
    tokenizer words(text);
    for (token t = words.next(); t.kind != token_kind::end; t = words.next()) {
      if (!t.is("concurrently")) continue;
      out.erase(static_cast<std::size_t>(t.text.data() - text.data()), t.text.size());
      break;
    }
    return out;
  }

  /// Throws: usage for an index that nobody could find again.
  void check() const {
    if (kind_ == kind::create_index && concurrent_ && index_.empty())
      throw error(errc::usage,
                  "hewn: an index that is built concurrently has no name by which an interrupted "
                  "attempt could be found; name it");
  }

  /// Clears away what an interrupted attempt has left. False: the attempt was not interrupted.
  /// Throws: busy while the server is still at it.
  HEWN_COLD bool clear(connection& c) const {
    if (kind_ == kind::drop_index) return find(c).has_value();
    if (kind_ == kind::reindex) {
      check_idle(c);
      clear_copies(c);
      return true;
    }
    if (kind_ != kind::create_index) return true;
    check_idle(c);
    const auto found = find(c);
    if (!found) return true;
    if (found->valid) return false;
    catalog_query(c, "DROP INDEX CONCURRENTLY " + found->name);
    return true;
  }

  /// Throws where it has left an index that is of no use.
  HEWN_COLD void check_outcome(connection& c) const {
    if (kind_ != kind::create_index) return;
    if (const auto found = find(c); found && !found->valid)
      throw error(errc::other, "hewn: the index " + index_ +
                                   " is invalid, as an attempt that failed has left it; run again, "
                                   "which builds it anew");
  }

 private:
  enum class kind : unsigned char { other, create_index, drop_index, reindex, vacuum };

  struct found_index {
    std::string name;
    bool valid = false;
  };

  void read_index() {
    kind_ = kind::create_index;
    concurrent_ = words_.accept("concurrently");
    if (words_.accept("if", "not")) words_.accept("exists");
    if (!words_.at("on")) index_ = read_name();
    if (!words_.accept("on")) return;
    words_.accept("only");
    table_ = read_name();
  }

  // As written, with its schema.
  std::string read_name() {
    std::string out;
    for (;;) {
      if (!words_.peek().is_name()) return out;
      out += words_.peek().text;
      words_.skip();
      if (words_.peek().text != ".") return out;
      out += '.';
      words_.skip();
    }
  }

  // Of a partitioned table's index, which is valid when those of all partitions are, nobody asks.
  std::optional<found_index> find(connection& c) const {
    std::string sql =
        "SELECT c.oid::pg_catalog.regclass::text, i.indisvalid FROM pg_catalog.pg_index i JOIN "
        "pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE c.relkind = 'i' AND ";
    std::vector<std::optional<std::string>> values = {index_};
    if (kind_ == kind::create_index) {
      // It stands in the schema of its table. A long name is cut, as the server cuts it.
      sql +=
          "c.relname = (pg_catalog.parse_ident($1))[1]::pg_catalog.name AND i.indrelid = "
          "pg_catalog.to_regclass($2)";
      values.push_back(table_);
    } else {
      sql += "c.oid = pg_catalog.to_regclass($1)";
    }
    catalog_query q(c, sql, values);
    if (!q.next()) return std::nullopt;
    return found_index{q.text(0), q.flag(1)};
  }

  // The server goes on for a client that is gone.
  void check_idle(connection& c) const {
    catalog_query q(c,
                    "SELECT index_relid::pg_catalog.regclass::text FROM "
                    "pg_catalog.pg_stat_progress_create_index WHERE datname = "
                    "pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() AND "
                    "relid IN " +
                        tables(),
                    {table_, kind_ == kind::reindex ? index_ : std::string()});
    if (q.next())
      throw error(error_details{.code = errc::busy,
                                .message = "hewn: the server is still building the index " +
                                           (index_.empty() ? q.text(0) : index_) +
                                           " for a process that is gone; run again when it has "
                                           "ended",
                                .retryable = true});
  }

  // REINDEX CONCURRENTLY builds a new index beside the old one, of its name and `_ccnew`.
  void clear_copies(connection& c) const {
    std::vector<std::string> left;
    for (catalog_query q(
             c,
             "SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_index i JOIN "
             "pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND "
             "c.relkind = 'i' AND c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid IN " +
                 tables(),
             {table_, index_});
         q.next();)
      left.push_back(q.text(0));
    for (const std::string& name : left) catalog_query(c, "DROP INDEX CONCURRENTLY " + name);
  }

  // The table $1, or that of the index $2. An empty name would be an error of the server's.
  static std::string tables() {
    return "(pg_catalog.to_regclass(nullif($1, '')), (SELECT x.indrelid FROM pg_catalog.pg_index x "
           "WHERE x.indexrelid = pg_catalog.to_regclass(nullif($2, ''))))";
  }

  using token = hewn::detail::token;
  using token_kind = hewn::detail::token_kind;
  using tokenizer = hewn::detail::tokenizer;

  hewn::detail::token_cursor words_;
  kind kind_ = kind::other;
  bool concurrent_ = false;
  std::string index_;
  std::string table_;
};

}  // namespace hewn::postgres::detail
