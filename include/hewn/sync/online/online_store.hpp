// hewn/sync/online/online_store.hpp - how far an online change has come, in the database.
// SPDX-License-Identifier: BSL-1.0
//
// The table hewn_online has a row for each phase of the one change that is not finished, and is
// empty otherwise. What was done at last is in the audit.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/online/online_phase.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A phase and how far it has come.
struct stored_phase {
  online_phase phase;
  std::string state = "waiting";  ///< as online_progress::state
  std::int64_t block = 0;         ///< batches: the first one of the table that is left to do
  std::int64_t blocks = -1;       ///< batches: of how many; -1: not begun
  std::int64_t rows = 0;          ///< batches: how many have got a value
  std::int64_t file = 0;          ///< batches: the blocks are those of this file
};

/// The change that is not finished.
struct stored_run {
  std::string plan = {};                  ///< its fingerprint
  std::string from = {};                  ///< digest of the schema before
  std::string to = {};                    ///< and of the one that it leads to
  std::string whole = {};                 ///< the latter, with what is left to sync
  std::vector<std::string> managed = {};  ///< the tables that the digests are of
  std::vector<stored_phase> phases = {};  ///< none: there is no such change
};

/// Reads and writes hewn_online. Lifetime: that of the executor.
class online_store {
 public:
  explicit online_store(schema_executor& executor) : executor_(&executor) {}

  stored_run read() {
    stored_run out;
    if (!audit::detail::has_table(*executor_, "hewn_online")) return out;
    for (const text_row& row : executor_->query(
             "SELECT plan, from_schema, to_schema, whole_schema, kind, table_name, "
             "words, breaking, "
             "state, next_block, blocks, rows, file FROM hewn_online ORDER BY phase")) {
      const auto text = [&row](std::size_t i) { return audit::detail::required(row, i); };
      out.plan = text(0);
      out.from = text(1);
      out.to = text(2);
      out.whole = text(3);
      out.phases.push_back({.phase = {.kind = kind_of(text(4)),
                                      .table = text(5),
                                      .words = text(6),
                                      .breaking = text(7) == "t"},
                            .state = text(8),
                            .block = audit::detail::number(text(9)),
                            .blocks = audit::detail::number(text(10)),
                            .rows = audit::detail::number(text(11)),
                            .file = audit::detail::number(text(12))});
    }
    for (std::size_t i = 0; i != out.phases.size(); ++i) {
      out.phases[i].phase.statements = list("statements", i);
      out.phases[i].phase.undo = list("undo", i);
    }
    if (!out.phases.empty()) out.managed = list("managed", 0);
    return out;
  }

  /// Order: in the transaction that begins the change.
  void write(const stored_run& run) {
    if (!audit::detail::has_table(*executor_, "hewn_online"))
      executor_->execute(
          "CREATE TABLE hewn_online (phase BIGINT NOT NULL PRIMARY KEY, plan TEXT NOT NULL, "
          "from_schema TEXT NOT NULL, to_schema TEXT NOT NULL, whole_schema TEXT NOT NULL, managed "
          "TEXT[] NOT NULL, kind TEXT NOT NULL, table_name TEXT NOT NULL, words TEXT NOT NULL, "
          "statements TEXT[] NOT NULL, undo TEXT[] NOT NULL, breaking BOOLEAN NOT NULL, state TEXT "
          "NOT NULL, next_block BIGINT NOT NULL, blocks BIGINT NOT NULL, rows BIGINT NOT NULL, "
          "file BIGINT NOT NULL, "
          "changed_at TIMESTAMPTZ NOT NULL)");
    for (std::size_t i = 0; i != run.phases.size(); ++i) {
      const online_phase& p = run.phases[i].phase;
      executor_->execute(concat({"INSERT INTO hewn_online VALUES (",
                                 std::to_string(i),
                                 ", ",
                                 quote_literal(run.plan),
                                 ", ",
                                 quote_literal(run.from),
                                 ", ",
                                 quote_literal(run.to),
                                 ", ",
                                 quote_literal(run.whole),
                                 ", ",
                                 array(run.managed),
                                 ", ",
                                 quote_literal(to_string(p.kind)),
                                 ", ",
                                 quote_literal(p.table),
                                 ", ",
                                 quote_literal(p.words),
                                 ", ",
                                 array(p.statements),
                                 ", ",
                                 array(p.undo),
                                 ", ",
                                 p.breaking ? "true" : "false",
                                 ", 'waiting', 0, -1, 0, 0, now())"}));
    }
  }

  /// Order: in the transaction that does what it says, where it is one.
  void update(std::size_t phase, const stored_phase& p) {
    executor_->execute(concat(
        {"UPDATE hewn_online SET state = ", quote_literal(p.state),
         ", next_block = ", std::to_string(p.block), ", blocks = ", std::to_string(p.blocks),
         ", rows = ", std::to_string(p.rows), ", file = ", std::to_string(p.file),
         ", changed_at = pg_catalog.clock_timestamp() WHERE phase = ", std::to_string(phase)}));
  }

  void clear() { executor_->execute("DELETE FROM hewn_online"); }

 private:
  static phase_kind kind_of(std::string_view name) {
    for (const phase_kind k :
         {phase_kind::together, phase_kind::alone, phase_kind::validate, phase_kind::keep})
      if (to_string(k) == name) return k;
    return phase_kind::batches;
  }

  std::vector<std::string> list(std::string_view column, std::size_t phase) {
    std::vector<std::string> out;
    for (const text_row& row : executor_->query(
             concat({"SELECT u.item FROM hewn_online, unnest(", column,
                     ") WITH ORDINALITY AS u(item, place) WHERE phase = ", std::to_string(phase),
                     " ORDER BY u.place"})))
      out.push_back(audit::detail::required(row, 0));
    return out;
  }

  static std::string array(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& each : items) append_separated(out, ", ", {quote_literal(each)});
    return concat({"ARRAY[", out, "]::text[]"});
  }

  schema_executor* executor_;
};

/// Enters in the audit what has become of `run`.
inline void record_online(schema_executor& executor, const stored_run& run,
                          const std::string& actor, std::string outcome, std::string text = {}) {
  audit::append(executor, {.actor = actor,
                           .event = "online",
                           .plan = run.plan,
                           .from = run.from,
                           .to = run.to,
                           .detail = std::move(text),
                           .outcome = std::move(outcome)});
}

}  // namespace hewn::detail
