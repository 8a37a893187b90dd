// hewn/dialect/read/statement_locks.hpp - which tables a statement locks on PostgreSQL.
// SPDX-License-Identifier: BSL-1.0
//
// Sources: the manual of PostgreSQL 15 to 18, 13.3.1 and the pages of the statements; what it
// leaves out, such as the other table of a foreign key, is what pg_locks says there.
#pragma once

#include <hewn/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// What PostgreSQL locks a table with until the end of the transaction, from the weakest.
enum class table_lock : std::uint8_t {
  none,
  access_share,            ///< reads
  row_share,               ///< SELECT FOR UPDATE, and the target of a reference that is validated
  row_exclusive,           ///< writes
  share_update_exclusive,  ///< others read and write, and do not change the table
  share,                   ///< others read
  share_row_exclusive,     ///< others read
  exclusive,               ///< others read
  access_exclusive         ///< others wait
};

/// `l` as LOCK TABLE and the manual spell it: `ACCESS EXCLUSIVE`.
constexpr std::string_view to_string(table_lock l) noexcept {
  constexpr std::string_view names[] = {
      "none",  "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
      "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"};
  return names[static_cast<std::size_t>(l)];
}

/// Whether others that write to the table wait.
constexpr bool stops_writers(table_lock l) noexcept { return l >= table_lock::share; }

/// Whether others that read the table wait.
constexpr bool stops_readers(table_lock l) noexcept { return l == table_lock::access_exclusive; }

namespace detail {

/// A table that a statement locks.
struct statement_lock {
  std::string table;  ///< empty: that of the index which the statement drops
  table_lock lock = table_lock::none;
  bool scans = false;  ///< every row is read
};

/// The tables that were there before, and that `sql` names. What a statement locks besides, because
/// a constraint or an index of the table says so, is not in its text; nor is whether SET NOT NULL
/// has to read the rows. Empty for a statement that locks no table, or that is unknown.
HEWN_API std::vector<statement_lock> locks_of(std::string_view sql);

}  // namespace detail
}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/token_cursor.hpp>

#  include <algorithm>
#  include <utility>

namespace hewn::detail {

/// Reads one statement.
class statement_lock_reader {
 public:
  explicit statement_lock_reader(std::string_view sql) : in_(sql) {}

  std::vector<statement_lock> read() {
    if (in_.accept("alter", "table")) {
      alter_table();
    } else if (in_.accept("create")) {
      create();
    } else if (in_.accept("drop")) {
      drop();
    } else if (in_.accept("update")) {
      in_.accept("only");
      add(table_name(), table_lock::row_exclusive, true);
    } else if (in_.accept("delete", "from")) {
      in_.accept("only");
      add(table_name(), table_lock::row_exclusive, true);
    } else if (in_.accept("insert", "into")) {
      add(table_name(), table_lock::row_exclusive);
    } else if (in_.accept("truncate")) {
      in_.accept("table");
      do add(table_name(), table_lock::access_exclusive);
      while (in_.accept(token_kind::comma));
    } else if (in_.accept("lock")) {
      lock();
    } else if (in_.accept("comment", "on")) {
      comment();
    }
    return std::move(out_);
  }

 private:
  void add(std::string table, table_lock lock, bool scans = false) {
    out_.push_back({std::move(table), lock, scans});
  }

  /// Without its schema.
  std::string table_name() {
    std::string out = in_.name();
    while (in_.peek().text == "." && !in_.at_end()) {
      in_.skip();
      out = in_.name();
    }
    return out;
  }

  void skip_existence() {
    if (in_.accept("if")) {
      in_.accept("not");
      in_.accept("exists");
    }
  }

  // ---- ALTER TABLE

  void alter_table() {
    skip_existence();
    in_.accept("only");
    const std::string table = table_name();
    statement_lock strongest{table};
    do {
      const statement_lock one = action();
      strongest.lock = std::max(strongest.lock, one.lock);
      strongest.scans = strongest.scans || one.scans;
    } while (in_.accept(token_kind::comma));
    out_.insert(out_.begin(), std::move(strongest));
  }

  // Of this table; another one is added at once. Leaves the cursor at the comma behind.
  statement_lock action() {
    statement_lock out{{}, table_lock::access_exclusive};
    if (in_.accept("add")) {
      out = addition();
    } else if (in_.accept("validate")) {
      out = {{}, table_lock::share_update_exclusive, true};
    } else if (in_.accept("enable") || in_.accept("disable")) {
      if (in_.at("trigger")) out.lock = table_lock::share_row_exclusive;
    } else if (in_.accept("alter")) {
      in_.accept("column");
      in_.name();
      if (in_.accept("set") && (in_.at("statistics") || in_.at(token_kind::open)))
        out.lock = table_lock::share_update_exclusive;
    } else if (in_.at("set") && in_.peek(1).kind == token_kind::open) {
      out.lock = table_lock::share_update_exclusive;
    }
    skip_action();
    return out;
  }

  statement_lock addition() {
    if (in_.accept("constraint")) in_.name();
    const bool foreign = in_.at("foreign");
    const bool check = in_.at("check");
    const bool key = in_.at("unique") || in_.at("primary") || in_.at("exclude");
    bool unchecked = false;  // NOT VALID, or an index that is there already
    const std::size_t references = out_.size();
    while (!in_.at_end() && !in_.at(token_kind::comma)) {
      if (in_.at("not") && in_.peek(1).is("valid")) unchecked = true;
      if (key && in_.at("using") && in_.peek(1).is("index")) unchecked = true;
      if (in_.accept("references"))
        add(table_name(), table_lock::share_row_exclusive);
      else
        in_.skip_group();
    }
    if (foreign && references != out_.size()) {
      out_.back().scans = !unchecked;  // it is joined
      return {{}, table_lock::share_row_exclusive, !unchecked};
    }
    return {{}, table_lock::access_exclusive, (check || key) && !unchecked};
  }

  void skip_action() {
    while (!in_.at_end() && !in_.at(token_kind::comma)) in_.skip_group();
  }

  // ---- the others

  void create() {
    const bool unique = in_.accept("unique");
    if (in_.accept("index")) {
      const bool concurrently = in_.accept("concurrently");
      skip_until("on");
      in_.accept("only");
      add(table_name(), concurrently ? table_lock::share_update_exclusive : table_lock::share,
          true);
    } else if (!unique && in_.accept("table")) {
      while (!in_.at_end()) {
        if (in_.accept("references"))
          add(table_name(), table_lock::share_row_exclusive);
        else
          in_.skip();
      }
    } else if (in_.at("trigger") || in_.at("constraint")) {
      skip_until("on");
      add(table_name(), table_lock::share_row_exclusive);
    }
  }

  void drop() {
    if (in_.accept("table")) {
      skip_existence();
      do add(table_name(), table_lock::access_exclusive);
      while (in_.accept(token_kind::comma));
    } else if (in_.accept("index")) {
      add({}, in_.at("concurrently") ? table_lock::share_update_exclusive
                                     : table_lock::access_exclusive);
    } else if (in_.accept("trigger")) {
      skip_until("on");
      add(table_name(), table_lock::access_exclusive);
    }
  }

  void lock() {
    in_.accept("table");
    in_.accept("only");
    const std::string table = table_name();
    table_lock wanted = table_lock::access_exclusive;
    if (in_.accept("in")) {
      std::string words;
      for (; !in_.at_end() && !in_.at("mode"); in_.skip()) {
        if (!words.empty()) words += ' ';
        words += in_.peek().text;
      }
      for (std::size_t i = 1; i <= static_cast<std::size_t>(table_lock::access_exclusive); ++i)
        if (same_word(words, to_string(static_cast<table_lock>(i))))
          wanted = static_cast<table_lock>(i);
    }
    add(table, wanted);
  }

  void comment() {
    const bool column = in_.accept("column");
    if (!column && !in_.accept("table")) return;
    std::string last = in_.name();
    std::string before;
    while (in_.peek().text == "." && !in_.at_end()) {
      in_.skip();
      before = std::exchange(last, in_.name());
    }
    add(column ? before : last, table_lock::share_update_exclusive);
  }

  void skip_until(std::string_view word) {
    while (!in_.at_end() && !in_.accept(word)) in_.skip();
  }

  token_cursor in_;
  std::vector<statement_lock> out_;
};

HEWN_API std::vector<statement_lock> locks_of(std::string_view sql) {
  return statement_lock_reader(sql).read();
}

}  // namespace hewn::detail

#endif
