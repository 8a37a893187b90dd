// hewn/sync/approval/refusals.hpp - every reason why an approval does not hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// What an approval is held against, all of it read under the lock of the apply.
struct approval_context {
  std::string plan = {};
  std::string from = {};
  std::string database = {};           ///< audit::find_identity()
  std::vector<change> changes = {};    ///< of the plan, with the facts as they are now
  timestamp now = {};                  ///< the database's clock: audit::database_time()
  std::vector<std::string> used = {};  ///< those of the approvals' nonces that were used before
  int planner = planner_version;
  std::string signing_key = {};  ///< not empty: a signature is demanded
  /// Takes the place of the key, e.g. to check a public key per person: whether the signature is
  /// the one of that approver over canonical_text().
  std::function<bool(const approval&)> verifier = {};
  int approvers = 1;      ///< how many different people must grant each change
  bool in_parts = false;  ///< more changes may follow, to which the same approvals consent
};

namespace detail {

// From a file that anybody may have written; the terminal that shows it must not obey it.
inline std::string shown(std::string_view text, std::size_t limit = 36) {
  std::string out;
  for (const char c : text.substr(0, limit)) out += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > limit) out += "...";
  return out;
}

// Digests are told apart by their beginnings.
inline std::string shown_digest(std::string_view digest) { return shown(digest, 16); }

inline std::string shown_database(std::string_view id) {
  return id.empty() ? "a database without identity" : concat({"database ", shown(id)});
}

inline std::string shown_time(timestamp t) {
  const time_text text = to_text(t);
  return text.size == 0 ? "a time that no calendar has" : concat({text.view(), " UTC"});
}

// Names are compared as people read them: "Ada " is the same person as "ada".
inline std::string person(std::string_view approver) {
  std::string out;
  for (const char c : approver)
    if (c != ' ' && c != '\t') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

inline void refuse_binding(const approval& a, const approval_context& context,
                           std::vector<std::string>& out) {
  if (a.plan != context.plan)
    append_line(out, {"the approval is for plan ", shown_digest(a.plan), ", and this is plan ",
                      shown_digest(context.plan), "; review this plan and approve it"});
  if (a.from != context.from)
    append_line(out, {"the approval is for schema ", shown_digest(a.from),
                      ", and the database has schema ", shown_digest(context.from),
                      "; find out what changed it, then plan and approve again"});
  if (a.database != context.database)
    append_line(out, {"the approval is for ", shown_database(a.database), ", and this is ",
                      shown_database(context.database), "; approve it for this one"});
  if (a.planner != context.planner)
    append_line(out, {"the approval was made with planner ", std::to_string(a.planner),
                      ", and this is planner ", std::to_string(context.planner),
                      "; plan and approve again"});
}

inline void refuse_time(const approval& a, const approval_context& context,
                        std::vector<std::string>& out) {
  if (context.now < a.not_before)
    append_line(out, {"the approval is valid from ", shown_time(a.not_before), ", and it is ",
                      shown_time(context.now), "; wait until then"});
  if (context.now >= a.expires_at)
    append_line(out, {"the approval expired at ", shown_time(a.expires_at), ", and it is ",
                      shown_time(context.now), "; approve again"});
  if (a.nonce.empty())
    append_line(out, {"the approval has no nonce, so its use could not be recorded; make it with "
                      "approve()"});
  else if (contains_text(context.used, a.nonce))
    append_line(out, {"the approval ", shown(a.nonce), " has been used already; approve again"});
}

inline void refuse_person(const approval& a, const approval_context& context,
                          std::vector<std::string>& out) {
  if (person(a.approver).empty())
    append_line(out, {"the approval names no approver; say who approves"});
  if (a.reason.find_first_not_of(" \t\n") == a.reason.npos)
    append_line(out, {"the approval gives no reason; say why"});
  if (context.signing_key.empty() && !context.verifier) return;
  if (a.signature.empty()) {
    append_line(out, {"the approval is not signed, and the policy demands it; sign it"});
    return;
  }
  const bool genuine =
      context.verifier ? context.verifier(a)
                       : equal_in_constant_time(
                             a.signature, hmac_sha256_hex(context.signing_key, canonical_text(a)));
  if (!genuine)
    append_line(out,
                {"the signature of the approval is wrong: it was changed after it was signed, or "
                 "signed with another key; approve and sign again"});
}

/// The first grant of this change, or nullptr.
inline const grant* grant_of(const approval& a, std::string_view change_id) {
  for (const grant& g : a.grants)
    if (g.change == change_id) return &g;
  return nullptr;
}

inline void refuse_excess(const change& c, std::int64_t limit, fact_kind kind,
                          std::vector<std::string>& out) {
  const fact counted{.question = {.kind = kind}, .count = c.counted(kind)};
  if (counted.count > limit)
    append_line(out, {subject_of(c), ": ", sentence(counted), ", and the approval allows ",
                      std::to_string(limit), "; review the rows and approve again"});
}

inline void refuse_grants(const approval& a, const approval_context& context,
                          std::vector<std::string>& out) {
  for (std::size_t i = 0; i != a.grants.size(); ++i) {
    const grant& g = a.grants[i];
    if (grant_of(a, g.change) != &g) {
      append_line(out, {"the approval grants change ", shown_digest(g.change),
                        " twice; leave one of the two"});
      continue;
    }
    bool known = false;
    for (const change& c : context.changes) {
      if (c.id() != g.change) continue;
      known = true;
      refuse_excess(c, g.rows_lost, fact_kind::rows_lost, out);
      refuse_excess(c, g.values_lost, fact_kind::values_lost, out);
      refuse_excess(c, g.values_changed, fact_kind::values_changed, out);
    }
    if (!known && !context.in_parts)
      append_line(out, {"the approval grants change ", shown_digest(g.change),
                        ", which the plan does not have; review this plan and approve it"});
  }
}

/// The different people who grant `c`.
inline std::size_t people_for(const change& c, const std::vector<approval>& approvals) {
  std::vector<std::string> people;
  const std::string id = c.id();
  for (const approval& a : approvals)
    if (std::string who = person(a.approver); grant_of(a, id) && !contains_text(people, who))
      people.push_back(std::move(who));
  return people.size();
}

inline void refuse_uncovered(const std::vector<approval>& approvals,
                             const approval_context& context, std::vector<std::string>& out) {
  const auto wanted = static_cast<std::size_t>(context.approvers > 1 ? context.approvers : 1);
  for (const change& c : context.changes) {
    if (c.verdict != verdict::needs_approval) continue;
    const std::size_t people = people_for(c, approvals);
    if (people >= wanted) continue;
    if (people == 0)
      append_line(out, {subject_of(c), " is not covered by an approval; grant change ", c.id()});
    else
      append_line(out, {subject_of(c), " is approved by ", std::to_string(people),
                        people == 1 ? " person" : " people", ", and the policy demands ",
                        std::to_string(wanted), "; have somebody else approve change ", c.id()});
  }
}

}  // namespace detail

/// Every clause by which `approvals` together do not allow the plan of `context`, each a sentence
/// with its repair; none: they do. One approval that does not hold refuses all, even where the
/// others would be enough: somebody who hands it in is mistaken about something.
/// Cost: what `context.verifier` costs, and no database.
inline std::vector<std::string> refusals(const std::vector<approval>& approvals,
                                         const approval_context& context) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i != approvals.size(); ++i) {
    const approval& a = approvals[i];
    detail::refuse_binding(a, context, out);
    detail::refuse_time(a, context, out);
    detail::refuse_person(a, context, out);
    detail::refuse_grants(a, context, out);
    for (std::size_t j = 0; j != i; ++j)
      if (!a.nonce.empty() && approvals[j].nonce == a.nonce)
        detail::append_line(
            out, {"the approval ", detail::shown(a.nonce), " is there twice; hand it in once"});
  }
  detail::refuse_uncovered(approvals, context, out);
  return out;
}

/// The same for one approval.
inline std::vector<std::string> refusals(const approval& a, const approval_context& context) {
  return refusals(std::vector<approval>{a}, context);
}

}  // namespace hewn
