// hewn/migrate/losses/verdict.hpp - what the rules say to a migration that destroys something.
// SPDX-License-Identifier: BSL-1.0
//
// It is held to the approval of sync: what is lost becomes changes with counted facts, and those
// are what an approval grants.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/losses/destruction.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/loss.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

inline std::string label_of(const destruction& d) {
  return std::to_string(d.version) + " (" + d.name + ")";
}

/// What an approval calls this migration in this direction.
inline std::string plan_of(const migration_info& m, migration_direction d) {
  std::string content = "hewn-migration:1";
  for (const std::string& field :
       {std::to_string(m.version), m.name, std::string(to_string(d)), m.algorithm, m.checksum}) {
    content += std::to_string(field.size());
    content += ':';
    content += field;
  }
  return sha256_hex(content);
}

/// The digest of a schema without the tables that hewn keeps for itself.
inline std::string fingerprint_before(schema::database all, dialect d) {
  const auto own = [](std::string_view name) {
    return name == "hewn_audit" || name == "hewn_identity" || is_history_table(name);
  };
  std::erase_if(all.tables, [&](const schema::table& t) { return own(t.name); });
  std::erase_if(all.sources, [&](const schema::source& s) { return own(s.name) || own(s.table); });
  std::erase_if(all.others,
                [&](const schema::other_object& o) { return own(o.name) || own(o.table); });
  return fingerprint(all, d);
}

/// The losses as changes that wait for consent.
inline std::vector<change> approvable(const std::vector<loss>& losses) {
  std::vector<change> out = changes_of(losses);
  for (change& c : out) c.verdict = verdict::needs_approval;
  return out;
}

// What the migration says itself has been reviewed with it: to the rules it is a change of values
// like another, and no loss.
inline decision decide(const sync_policy& rules, const change& c, bool declared) {
  if (!declared) return rules.decide(c);
  change known = c;
  known.risk.effect = data_effect::reversible;
  known.facts.clear();
  return rules.decide(known);
}

/// The changes of `d` with what `rules` say to them. Throws: errc::approval_required for one that
/// they deny.
inline std::vector<change> changes_under(const destruction& d, const sync_policy& rules) {
  std::vector<change> out = changes_of(d.losses);
  for (std::size_t i = 0; i != out.size(); ++i) {
    change& c = out[i];
    const decision said = decide(rules, c, d.losses[i].declared);
    if (said == decision::deny)
      throw error(error_details{
          .code = errc::approval_required,
          .message = "hewn: migration " + label_of(d) +
                     " would destroy what is stored, and the policy " + rules.name +
                     " allows nobody to approve that; run it under another policy, or change it",
          .table = c.table});
    c.verdict = said == decision::allow ? verdict::applies : verdict::needs_approval;
  }
  return out;
}

[[noreturn]] HEWN_COLD inline void throw_approval_required(
    const destruction& d, const std::vector<std::string>& refused = {}) {
  std::string message = "hewn: migration " + std::to_string(d.version) + " (" + d.name + ")" +
                        (d.direction == migration_direction::up ? "" : ", when it is undone,") +
                        " would destroy what is stored";
  for (std::size_t i = 0; i != refused.size(); ++i)
    message += (i == 0 ? ", and the approval does not hold: " : "; also ") + refused[i];
  if (refused.empty()) message += "; approve it with migration_options::approvals, or change it";
  if (!d.declared.empty()) message += "\n  declared: " + d.declared;
  for (const loss& l : d.losses) message += "\n  " + to_string(l);
  throw error(errc::approval_required, std::move(message));
}

}  // namespace hewn::detail
