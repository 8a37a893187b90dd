// hewn/sync/apply/row_proof.hpp - that a change in place has left the rows of its tables as they
// were.
// SPDX-License-Identifier: BSL-1.0
//
// PostgreSQL alters tables where they stand, so no step counts copied rows. Instead each table that
// steps rewrite or fill is read before and after, and the others are known to be left alone by the
// server's counters of this transaction, which cost nothing.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/facts/row_sums.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/model/wider_type.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// The proof of one apply. Order: begin, before_step before each step, check. On SQLite, whose
/// plans hold their own expectations, it does nothing.
class row_proof {
 public:
  row_proof(schema_executor& executor, const plan& p) : executor_(executor), plan_(p) {}

  /// Order: before the first step, under the lock of the apply.
  HEWN_COLD void begin() {
    if (plan_.dialect() != dialect::postgres) return;
    for (const schema::table& t : plan_.wanted().schema.tables) {
      const std::string former = former_name(change_kind::rename_table, t.name, {});
      const schema::table* const live = find_table(plan_.before(), former, dialect::postgres);
      if (!live || !is_altered(t.name)) continue;
      proven p{.name = t.name, .columns = columns_of(t, *live), .scanned = rewrites(t.name)};
      p.oid = text("SELECT " + quote_literal(quote_identifier(former)) +
                   "::pg_catalog.regclass::pg_catalog.oid::pg_catalog.text");
      tables_.push_back(std::move(p));
    }
    if (tables_.empty()) return;
    // Only an event trigger hears of steps that change no row.
    if (text("SELECT pg_catalog.current_setting('track_counts')") != "on" &&
        !executor_
             .query("SELECT 1 FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' LIMIT 1")
             .empty())
      for (proven& p : tables_) p.scanned = true;
    for (proven& p : tables_) p.written = writes_to(p);
  }

  /// Order: before the step is taken, behind the renames.
  HEWN_COLD void before_step(const step& s) {
    for (proven& p : tables_) {
      if (!p.scanned || !p.before.rows.empty() || p.name != s.table) continue;
      executor_.execute(
          concat({"LOCK TABLE ", quote_identifier(p.name), " IN ACCESS EXCLUSIVE MODE"}));
      refuse_written(p);
      p.before = sum_rows(executor_, p.name, p.columns, false);
    }
  }

  /// Order: behind the last step. Throws: errc::schema_mismatch where rows differ.
  HEWN_COLD void check() {
    for (const proven& p : tables_) {
      if (!p.scanned)
        refuse_written(p);
      else if (!p.before.rows.empty())
        refuse_other_rows(p, sum_rows(executor_, p.name, p.columns, true));
    }
  }

 private:
  /// What the server has counted so far.
  struct writes {
    std::int64_t rows = 0;
    bool any = false;  ///< whether the table has rows, or had some: TRUNCATE is not counted
  };

  struct proven {
    std::string name = {};  ///< behind the renames
    std::vector<summed_column> columns = {};
    bool scanned = false;  ///< a step could change rows
    std::string oid = {};
    writes written = {};
    row_sums before = {};  ///< no rows, not even "0": not read yet
  };

  std::string text(const std::string& sql) {
    return executor_.query(sql).at(0).at(0).value_or(std::string());
  }

  bool is_altered(std::string_view table) const {
    for (const change& c : plan_.changes())
      if (c.table == table && c.kind != change_kind::create_table &&
          c.kind != change_kind::drop_table)
        return true;
    return false;
  }

  // Whether a step may give rows other contents. Scans, such as those of a new constraint, do not.
  bool rewrites(std::string_view table) const {
    for (const step& s : plan_.steps())
      if (s.kind == step_kind::copy && s.table == table) return true;
    for (const change& c : plan_.changes())
      if (c.table == table && c.risk.cost == change_cost::rewrite &&
          (c.kind == change_kind::change_type || c.kind == change_kind::add_column))
        return true;
    return false;
  }

  // The name in the live schema of what the plan calls `now`.
  std::string former_name(change_kind kind, const std::string& table,
                          const std::string& column) const {
    for (const change& c : plan_.changes())
      if (c.kind == kind && c.table == table && c.object == column)
        return unquoted(tokenize(c.before).front());
    return column.empty() ? table : column;
  }

  const change* change_of(change_kind kind, const std::string& table,
                          const std::string& column) const {
    for (const change& c : plan_.changes())
      if (c.kind == kind && c.table == table && c.object == column) return &c;
    return nullptr;
  }

  // Whether a value of this type reads as the name that something has at the moment.
  static bool shows_a_name(std::string_view type) {
    for (const std::string_view each :
         {"regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper",
          "regoperator", "regproc", "regprocedure", "regrole", "regtype"})
      if (type == each) return true;
    return false;
  }

  // Without those that get other values by design: converted, filled or computed ones.
  std::vector<summed_column> columns_of(const schema::table& wanted, const schema::table& live) {
    std::vector<summed_column> out;
    for (const schema::column& c : wanted.columns) {
      const schema::column* const before = find_column(
          live, former_name(change_kind::rename_column, wanted.name, c.name), dialect::postgres);
      if (!before || c.generated != schema::generated::no ||
          change_of(change_kind::fill_column, wanted.name, c.name))
        continue;
      std::string value = concat({"hewn_row.", quote_identifier(c.name)});
      if (shows_a_name(before->type)) value = concat({"CAST(", value, " AS pg_catalog.oid)"});
      summed_column p{.name = c.name, .before = value, .after = value, .key = c.key_position != 0};
      if (const change* const type = change_of(change_kind::change_type, wanted.name, c.name)) {
        if (!is_wider_type(type->after, type->before) ||
            find_intent(plan_.wanted().intents, intent_kind::convert, wanted.name, c.name,
                        dialect::postgres))
          continue;
        p.before = concat({"CAST(", value, " AS ", c.type, ")"});
      }
      out.push_back(std::move(p));
    }
    // A part of a key ties no value to its row.
    for (const schema::column& c : wanted.columns) {
      bool is_tied = c.key_position == 0;
      for (const summed_column& p : out) is_tied = is_tied || p.name == c.name;
      if (!is_tied)
        for (summed_column& p : out) p.key = false;
    }
    return out;
  }

  writes writes_to(const proven& p) {
    const std::vector<text_row> answer =
        executor_.query(concat({"SELECT pg_catalog.pg_stat_get_xact_tuples_inserted(", p.oid,
                                ") + pg_catalog.pg_stat_get_xact_tuples_updated(", p.oid,
                                ") + pg_catalog.pg_stat_get_xact_tuples_deleted(", p.oid,
                                "), pg_catalog.pg_relation_size(", p.oid, ") <> 0"}));
    return {audit::detail::number(answer.at(0).at(0).value_or("")), answer[0].at(1) == "t"};
  }

  // Fewer than before have been handed over to the statistics of the server.
  void refuse_written(const proven& p) {
    const writes now = writes_to(p);
    if (now.rows <= p.written.rows && now.any >= p.written.any) return;
    fail(p, concat({"hewn: rows of table ", p.name,
                    " were written while only its definition was to change, so everything was "
                    "rolled back; look for an event trigger that writes to it"}));
  }

  void refuse_other_rows(const proven& p, const row_sums& now) {
    std::string what;
    if (now.rows != p.before.rows)
      what = concat({"there were ", p.before.rows, " and now there are ", now.rows});
    else if (std::string names = differing_columns(p.columns, p.before, now); !names.empty())
      what = concat({"values differ in ", names});
    if (what.empty()) return;
    fail(p, concat({"hewn: the rows of table ", p.name,
                    " are not those that it had before the change: ", what,
                    ", so everything was rolled back; look for a trigger, rule or event trigger "
                    "that writes to it"}));
  }

  [[noreturn]] HEWN_COLD static void fail(const proven& p, std::string message) {
    throw error(error_details{
        .code = errc::schema_mismatch, .message = std::move(message), .table = p.name});
  }

  schema_executor& executor_;
  const plan& plan_;
  std::vector<proven> tables_;
};

}  // namespace hewn::detail
