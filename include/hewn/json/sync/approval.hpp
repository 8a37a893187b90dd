// hewn/json/sync/approval.hpp - an approval as a file.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/json/sync/strict.hpp>
#include <hewn/schema/uuid_text.hpp>
#include <hewn/sync/approval/approval.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace hewn {

/// `a` as JSON: the same approval gives the same bytes.
/// Throws: errc::invalid_data for text that is not UTF-8 and for years outside 0000 to 9999.
inline std::string to_json(const approval& a) {
  nlohmann::ordered_json grants = nlohmann::ordered_json::array();
  for (const grant& g : a.grants)
    grants.push_back({{"change", g.change},
                      {"rows_lost", g.rows_lost},
                      {"values_lost", g.values_lost},
                      {"values_changed", g.values_changed}});
  const nlohmann::ordered_json out = {
      {"format", "hewn-approval:1"},
      {"planner", a.planner},
      {"plan", a.plan},
      {"from", a.from},
      {"database", a.database},
      {"grants", grants},
      {"approver", a.approver},
      {"reason", a.reason},
      {"issued_at", detail::json_time(a.issued_at, "approval.issued_at")},
      {"not_before", detail::json_time(a.not_before, "approval.not_before")},
      {"expires_at", detail::json_time(a.expires_at, "approval.expires_at")},
      {"nonce", a.nonce},
      {"signature", a.signature}};
  return detail::written(out, "approval");
}

/// Reads what to_json() writes. Whether the approval holds is another question: refusals().
/// Throws: errc::invalid_data, naming the member, where one is missing, unknown, there twice or of
/// another type, and where the text is not JSON.
inline approval approval_from_json(std::string_view text) {
  const nlohmann::json parsed = detail::parse_strictly(text, "approval");
  detail::strict_object in(parsed, "approval");
  if (in.text("format") != "hewn-approval:1")
    detail::refuse_json("approval.format", "is not hewn-approval:1");
  approval a;
  a.planner = in.count<int>("planner");
  a.plan = in.digest("plan", 64);
  a.from = in.digest("from", 64);
  a.database = in.text("database");
  if (!a.database.empty() && !parse_uuid(a.database))
    detail::refuse_json("approval.database", "is not a UUID");
  a.grants = in.list("grants", [](const nlohmann::json& element, const std::string& where) {
    detail::strict_object one(element, where);
    grant g{.change = one.digest("change", 16),
            .rows_lost = one.count("rows_lost"),
            .values_lost = one.count("values_lost"),
            .values_changed = one.count("values_changed")};
    one.done();
    return g;
  });
  a.approver = in.text("approver");
  a.reason = in.text("reason");
  a.issued_at = in.time("issued_at");
  a.not_before = in.time("not_before");
  a.expires_at = in.time("expires_at");
  a.nonce = in.text("nonce");
  if (!parse_uuid(a.nonce)) detail::refuse_json("approval.nonce", "is not a UUID");
  a.signature = in.text("signature");
  in.done();
  return a;
}

}  // namespace hewn
