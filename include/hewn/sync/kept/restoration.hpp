// hewn/sync/kept/restoration.hpp - putting back what was dropped.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/apply/kept_record.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/kept/kept_entries.hpp>
#include <hewn/sync/kept/kept_item.hpp>
#include <hewn/sync/kept/value_return.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/executor.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// One call of restore_dropped, under the lock. Order: run.
class restoration {
 public:
  restoration(schema_executor& executor, const restore_options& options)
      : executor_(executor), options_(options) {}

  /// Tables first, then their references, which may be to each other, then values, of keys before
  /// the others.
  HEWN_COLD std::vector<restored_item> run(const std::vector<kept_entry>& rows) {
    audit::detail::check_recording(executor_);
    std::vector<restored_item> out;
    for (const kept_entry& r : rows)
      if (r.is_table()) out.push_back(bring_back(r));
    for (const kept_entry& r : rows)
      if (r.is_table() && !options_.without_foreign_keys && !r.foreign_keys.empty()) refer(r);
    for (const bool keys : {true, false})
      for (const kept_entry& r : rows)
        if (!r.is_table() && tells_rows_apart(r, rows) == keys) out.push_back(put_back(r));
    for (const kept_entry& r : rows)
      if (r.is_table()) drop_empty_schema(executor_, r);
    record(rows, out);
    return out;
  }

 private:
  HEWN_COLD void refuse(const kept_entry& row, const kept_obstacle& o) const {
    if (!o) return;
    throw error(
        error_details{.code = errc::usage,
                      .message = concat({"hewn: ", words_of(row), " cannot be restored, because ",
                                         o.reason, "; ", o.repair}),
                      .table = row.table,
                      .column = row.column});
  }

  // Whether others of `all` find their rows by the column of `row`.
  HEWN_COLD bool tells_rows_apart(const kept_entry& row, const std::vector<kept_entry>& all) {
    for (const kept_entry& other : all) {
      if (other.is_table() || other.whole_rows || other.table != row.table ||
          other.column == row.column)
        continue;
      for (const auto& [name, type] : kept_columns(executor_, other))
        if (name == row.column) return true;
    }
    return false;
  }

  HEWN_COLD void lock(const std::string& table) {
    executor_.execute(concat({"LOCK TABLE ", table, " IN ACCESS EXCLUSIVE MODE"}));
  }

  HEWN_COLD restored_item bring_back(const kept_entry& row) {
    refuse(row, obstacle_to(executor_, row, {}));
    lock(row.place);
    const std::vector<text_row> home =
        executor_.query("SELECT pg_catalog.quote_ident(pg_catalog.current_schema())");
    executor_.execute(
        concat({"ALTER TABLE ", row.place, " SET SCHEMA ", home.at(0).at(0).value_or("")}));
    const std::string table = concat({home[0][0].value_or(""), ".", quote_identifier(row.table)});
    executor_.execute(concat({"COMMENT ON TABLE ", table, " IS ",
                              row.remark ? quote_literal(*row.remark) : std::string("NULL")}));
    restored_item out{.id = row.id, .table = row.table};
    out.rows = audit::detail::number(
        executor_.query(concat({"SELECT count(*) FROM ", table})).at(0).at(0).value_or(""));
    set_state(executor_, row, "restored");
    return out;
  }

  HEWN_COLD void refer(const kept_entry& row) {
    in_current_schema(executor_, [&] {
      try {
        executor_.execute(
            concat({"ALTER TABLE ", quote_identifier(row.table), " ", row.foreign_keys}));
      } catch (const error& failure) {
        if (failure.retryable() || failure.code() == errc::connection_lost ||
            failure.code() == errc::interrupted)
          throw;
        error_details d = failure.details();
        d.message = concat({"hewn: table ", row.table, " cannot be restored with its references (",
                            without_frame(failure.what()),
                            "); bring back what they refer to first, or restore it "
                            "without_foreign_keys"});
        d.table = row.table;
        throw error(std::move(d));
      }
    });
  }

  HEWN_COLD restored_item put_back(const kept_entry& row) {
    const schema::database live = executor_.introspect();
    refuse(row, obstacle_to(executor_, row, live));
    lock(quote_identifier(row.table));
    lock(row.place);
    const schema::table& table = *find_table(live, row.table, dialect::postgres);
    value_return values(executor_, row, table);
    refuse(row, values.obstacle());
    restored_item out = values.run(options_.overwrite);
    if (out.gone == 0 && out.occupied == 0 && out.unfit == 0) set_state(executor_, row, "restored");
    return out;
  }

  HEWN_COLD void record(const std::vector<kept_entry>& rows,
                        const std::vector<restored_item>& done) {
    std::string lines;
    for (const restored_item& i : done) {
      if (!lines.empty()) lines += '\n';
      append(lines,
             {i.column.empty() ? "table " : "values of column ", i.table,
              i.column.empty() ? "" : ".", i.column, ": ", std::to_string(i.rows), " restored"});
      if (!i.column.empty())
        append(lines, {", ", std::to_string(i.gone), " without their rows, ",
                       std::to_string(i.occupied), " left because of other values, ",
                       std::to_string(i.unfit), " that the type does not hold"});
    }
    audit::append(executor_, {.actor = options_.actor,
                              .event = "restore",
                              .plan = rows.front().plan,
                              .detail = std::move(lines),
                              .outcome = "applied",
                              .backup = concat({"schema ", rows.front().schema})});
  }

  schema_executor& executor_;
  const restore_options& options_;
};

/// What SQLite has instead, by the record.
[[noreturn]] HEWN_COLD inline void refuse_on_sqlite(schema_executor& in, std::string_view plan) {
  std::string file;
  for (const audit::entry& e : audit::entries(in))
    if (!e.backup.empty() && e.plan.starts_with(plan)) file = e.backup;
  throw error(errc::usage,
              concat({"hewn: SQLite keeps what is dropped in a backup of the whole file",
                      file.empty() ? "" : ", ", file,
                      "; put it back by hewn::sqlite::restore, or attach it and copy the rows"}));
}

/// Restores those that `choose` takes of all rows, which are read under the lock.
HEWN_COLD inline std::vector<restored_item> restore_chosen(
    schema_executor& in, const restore_options& options,
    const std::function<std::vector<kept_entry>(const std::vector<kept_entry>&)>& choose) {
  std::vector<restored_item> out;
  in.transaction({}, [&] { out = restoration(in, options).run(choose(kept_entries(in))); });
  return out;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn {

HEWN_API std::vector<restored_item> restore_dropped(schema_executor& executor,
                                                    std::string_view plan,
                                                    const restore_options& options,
                                                    call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (executor.dialect() != dialect::postgres) detail::refuse_on_sqlite(executor, plan);
  return detail::restore_chosen(executor, options, [&](const std::vector<detail::kept_entry>& all) {
    std::vector<detail::kept_entry> of_plan = detail::entries_of(all, plan);
    std::vector<detail::kept_entry> open;
    for (const detail::kept_entry& r : of_plan)
      if (r.state == "kept") open.push_back(r);
    // The first one says what became of it.
    return open.empty() ? of_plan : open;
  });
}

HEWN_API restored_item restore_dropped(schema_executor& executor, std::int64_t id,
                                       const restore_options& options, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (executor.dialect() != dialect::postgres) detail::refuse_on_sqlite(executor, {});
  return detail::restore_chosen(executor, options,
                                [&](const std::vector<detail::kept_entry>& all) {
                                  return std::vector{detail::entry_of(all, id)};
                                })
      .front();
}

}  // namespace hewn

#endif
