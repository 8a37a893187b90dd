// examples/schema_diff/both_kinds/difference_report.hpp - differences as text and as JSON.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "comparison.hpp"

#include <hewn/sync/model/change.hpp>
#include <hewn/sync/plan/report.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace schema_diff {

/// As the report of a plan, without what only a plan knows.
inline std::string report_of(const comparison& c) {
  if (c.changes.empty()) return "no differences\n";
  std::string out;
  std::string_view table;
  for (const hewn::change& each : c.changes) {
    if (each.table != table || out.empty())
      out += each.table.empty() ? std::string() : "table " + each.table + "\n";
    table = each.table;
    out += "  ~ ";
    hewn::detail::append_subject(out, each);
    out += '\n';
  }
  const std::string number = std::to_string(c.changes.size());
  return out + number + (c.changes.size() == 1 ? " difference\n" : " differences\n");
}

inline std::string json_of(const comparison& c) {
  nlohmann::ordered_json out;
  out["differences"] = nlohmann::ordered_json::array();
  for (const hewn::change& each : c.changes)
    out["differences"].push_back({{"kind", hewn::to_string(each.kind)},
                                  {"table", each.table},
                                  {"object", each.object},
                                  {"before", each.before},
                                  {"after", each.after}});
  out["not_compared"] = c.uncompared;
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace schema_diff
