// hewn/sync/audit.hpp - the record of what was done, read and checked.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/model/executor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hewn::audit {

/// Where `all`, the oldest first, is not the chain that append() writes: one sentence per entry
/// that was changed, is missing, or does not follow on the one before. `recorded` is where the
/// chain ended according to hewn_identity, `kept` a head() that was kept elsewhere. Pure.
inline std::vector<std::string> broken_links(const std::vector<entry>& all,
                                             const std::optional<chain_head>& recorded,
                                             const std::optional<chain_head>& kept = {}) {
  std::vector<std::string> out;
  const auto name = [](std::int64_t seq) { return "audit entry " + std::to_string(seq); };
  chain_head last;
  bool kept_found = !kept || kept->seq == 0;
  for (const entry& e : all) {
    if (e.seq <= last.seq)
      out.push_back(name(e.seq) + " is there twice or was numbered by somebody else");
    else if (e.seq != last.seq + 1)
      out.push_back(name(last.seq + 1) +
                    (e.seq == last.seq + 2
                         ? " is missing"
                         : " and more up to " + std::to_string(e.seq - 1) + " are missing"));
    else if (e.previous != last.hash)
      out.push_back(name(e.seq) + " does not follow on the one before");
    if (detail::hash_of(e) != e.hash) out.push_back(name(e.seq) + " was changed");
    if (kept && kept->seq == e.seq) {
      kept_found = true;
      if (kept->hash != e.hash) out.push_back(name(e.seq) + " is not the one that was kept");
    }
    last = {e.seq, e.hash};
  }
  if (!recorded) {
    if (!all.empty()) out.push_back("the record of where the audit ends is missing");
  } else if (recorded->seq > last.seq) {
    out.push_back("the audit ends at entry " + std::to_string(last.seq) + " and once went up to " +
                  std::to_string(recorded->seq));
  } else if (*recorded != last) {
    out.push_back("the audit does not end where hewn wrote last, at entry " +
                  std::to_string(recorded->seq));
  }
  if (!kept_found) out.push_back(name(kept->seq) + ", which was kept, is not there");
  return out;
}

/// What broken_links() says about the database. None: nothing was found, see audit.hpp for what
/// cannot be. Reads only.
inline std::vector<std::string> verify(schema_executor& executor,
                                       const std::optional<chain_head>& kept = {},
                                       call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  try {
    return broken_links(entries(executor), detail::recorded_head(executor), kept);
  } catch (const error& e) {
    if (e.code() != errc::corrupt) throw;
    return {"the audit has a row that hewn did not write"};
  }
}

/// As verify of its executor.
template <synced_database Database>
std::vector<std::string> verify(const Database& db, const std::optional<chain_head>& kept = {},
                                call_site site = call_site::current()) {
  const hewn::detail::call_scope at(site);
  return verify(*hewn::detail::executor_of(db), kept);
}

}  // namespace hewn::audit
