// hewn/sync/online/online_calls.hpp - the definitions of what online_change.hpp declares.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/online/online_change.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/online_runner.hpp>
#include <hewn/sync/online/online_store.hpp>
#include <hewn/sync/online/own_schema.hpp>
#include <hewn/sync/online/phase_worker.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/report.hpp>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#if HEWN_DEFINES_CORE

namespace hewn {

namespace detail {

/// How far the server is with the index, which another session may be told while it is built.
HEWN_COLD inline void look_at_building(schema_executor& executor, online_progress& p) {
  const std::vector<text_row> rows = executor.query(concat(
      {"SELECT phase, CASE WHEN blocks_total > 0 THEN blocks_done::float8 / blocks_total WHEN "
       "tuples_total > 0 THEN tuples_done::float8 / tuples_total ELSE 0 END FROM "
       "pg_catalog.pg_stat_progress_create_index WHERE relid = ",
       own_schema::here("to_regclass", quote_identifier(p.phase.table))}));
  if (rows.empty()) return;
  p.doing = rows[0][0].value_or("");
  p.share = std::strtod(rows[0][1].value_or("0").c_str(), nullptr);
}

}  // namespace detail

HEWN_API online_result change_online(schema_executor& executor, const plan& p, const plan& whole,
                                     const online_options& options, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  // What is left of an unfinished change may be no difference of schemas.
  if (p.empty() && online_status(executor).empty()) return {};
  detail::online_runner runner(executor, options);
  runner.begin(p, whole);
  return runner.run();
}

HEWN_API online_result continue_online(schema_executor& executor, const online_options& options,
                                       call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  detail::online_runner runner(executor, options);
  runner.resume();
  return runner.run();
}

HEWN_API void abandon_online(schema_executor& executor, const online_options& options,
                             call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  detail::online_runner runner(executor, options);
  runner.resume();
  runner.abandon();
}

HEWN_API std::vector<online_progress> online_status(schema_executor& executor, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  std::vector<online_progress> out;
  if (executor.dialect() != dialect::postgres) return out;
  const detail::stored_run run = detail::online_store(executor).read();
  for (std::size_t i = 0; i != run.phases.size(); ++i) {
    out.push_back(detail::progress_of(run, i));
    if (out.back().state == "running" && out.back().phase.kind == phase_kind::alone)
      detail::look_at_building(executor, out.back());
  }
  return out;
}

HEWN_API std::string report(const online_phases& phases) {
  std::string out;
  std::size_t number = 0;
  for (const online_phase& p : phases.phases) {
    out += detail::concat({"phase ", std::to_string(++number), ": ", p.table, ", ", p.words,
                           p.breaking ? " [breaking]\n" : "\n"});
    if (p.kind != phase_kind::validate)
      for (const std::string& sql : p.statements) {
        out += "    ";
        detail::append_on_one_line(out, sql);
        out += '\n';
      }
  }
  for (const std::string& each : phases.obstacles) {
    out += "! ";
    detail::append_on_one_line(out, each);
    out += '\n';
  }
  return out;
}

}  // namespace hewn

#endif
