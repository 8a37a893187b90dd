// hewn/sync/approval/approval.hpp - who allows what to be lost, until when.
// SPDX-License-Identifier: BSL-1.0
//
// Order: plan, approve, sign where the policy demands it, hand it to apply. Whether it holds is
// asked under the lock, see refusals.hpp.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// Counts up whenever the same schemas would be planned in another way. An approval is for the
/// plan of one planner: another one may mean other statements by the same change.
inline constexpr int planner_version = 1;

/// One change that may be carried out, and the most that it may lose.
struct grant {
  std::string change = {};  ///< change::id()
  std::int64_t rows_lost = 0;
  std::int64_t values_lost = 0;
  std::int64_t values_changed = 0;

  bool operator==(const grant&) const = default;
};

/// A person's consent to some changes of one plan, on one database, once. Plain data: it can be
/// written to a file, reviewed, and carried to where it is used.
struct approval {
  std::string plan = {};      ///< plan::fingerprint()
  std::string from = {};      ///< plan::from(): the schema that the plan starts from
  std::string database = {};  ///< identity(db); empty only where there is none yet
  std::vector<hewn::grant> grants = {};
  std::string approver = {};
  std::string reason = {};
  timestamp issued_at = {};
  timestamp not_before = {};  ///< the default is long ago: valid at once
  timestamp expires_at = {};  ///< the default is long ago: valid never
  std::string nonce = {};     ///< tells this approval from every other; used once
  int planner = planner_version;
  std::string signature = {};  ///< of canonical_text(); empty: not signed

  bool operator==(const approval&) const = default;
};

/// What a signature covers: every field but the signature, each with its length in front, so that
/// no content can look like two fields.
HEWN_API std::string canonical_text(const approval& a);

/// Signs with HMAC-SHA-256. Whoever checks the signature has the same key, and could make one.
/// Throws: errc::usage for an empty key.
HEWN_API void sign(approval& a, std::string_view key, call_site site = call_site::current());

/// What approve() is told, by name because five texts in a row are easily mixed up.
struct approval_request {
  std::string plan = {};
  std::string from = {};
  std::string database = {};
  std::vector<change> changes = {};  ///< those to be granted, with their facts
  std::string approver = {};
  std::string reason = {};
  std::chrono::seconds lifetime = std::chrono::hours(1);
  timestamp issued_at =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
};

/// What may be said beside the reason when a plan is approved for a database at hand.
struct approval_terms {
  std::string approver = {};  ///< empty: whoever runs the program, by the variable USER
  std::chrono::seconds lifetime = std::chrono::hours(1);  ///< from now, by the database's clock
  std::vector<std::string> changes = {};                  ///< ids; empty: everything that waits
  std::string signing_key = {};                           ///< not empty: signed with it
};

namespace detail {

/// "drop table notes", "drop column notes.body".
HEWN_API std::string subject_of(const change& c);

HEWN_API void check_request(const approval_request& r);

}  // namespace detail

/// An approval of `request.changes` that allows each to lose what its facts count, and no more.
/// Throws: errc::usage without changes, approver or reason, for a lifetime that is not positive or
/// above a year, and for a change that is blocked.
HEWN_API approval approve(const approval_request& request, call_site site = call_site::current());

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/digest.hpp>
#  include <hewn/sync/approval/random_uuid.hpp>

namespace hewn {

HEWN_API std::string canonical_text(const approval& a) {
  std::string out;
  const auto text = [&out](std::string_view field) {
    out += std::to_string(field.size());
    out += ':';
    out += field;
  };
  const auto number = [&text](std::int64_t n) { text(std::to_string(n)); };
  text("hewn-approval:1");
  for (const std::string_view field :
       {std::string_view(a.plan), std::string_view(a.from), std::string_view(a.database),
        std::string_view(a.approver), std::string_view(a.reason), std::string_view(a.nonce)})
    text(field);
  for (const timestamp t : {a.issued_at, a.not_before, a.expires_at})
    number(t.time_since_epoch().count());
  number(a.planner);
  number(static_cast<std::int64_t>(a.grants.size()));
  for (const grant& g : a.grants) {
    text(g.change);
    for (const std::int64_t n : {g.rows_lost, g.values_lost, g.values_changed}) number(n);
  }
  return out;
}

HEWN_API void sign(approval& a, std::string_view key, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (key.empty())
    throw error(errc::usage,
                "hewn: an approval cannot be signed with an empty key; set signing_key");
  a.signature = hmac_sha256_hex(key, canonical_text(a));
}

}  // namespace hewn

namespace hewn::detail {

HEWN_API std::string subject_of(const change& c) {
  std::string out(to_string(c.kind));
  out += ' ';
  out += c.table;
  if (c.object.empty()) return out;
  if (!c.table.empty()) out += '.';
  return out + c.object;
}

HEWN_API void check_request(const approval_request& r) {
  if (r.changes.empty())
    throw error(errc::usage, "hewn: an approval of nothing was asked for; name the changes");
  if (r.approver.empty() || r.reason.empty())
    throw error(errc::usage,
                "hewn: an approval needs a person and a reason; fill approver and reason");
  if (r.lifetime <= std::chrono::seconds(0) || r.lifetime > std::chrono::days(366))
    throw error(errc::usage,
                "hewn: the lifetime of an approval is out of range; choose up to 366 days");
  for (const change& c : r.changes)
    if (c.verdict == verdict::blocked)
      throw error(error_details{
          .code = errc::usage,
          .message = "hewn: " + subject_of(c) +
                     " cannot be approved, because it is blocked: " + c.reason + "; " + c.repair,
          .table = c.table});
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API approval approve(const approval_request& request, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  detail::check_request(request);
  approval a{.plan = request.plan,
             .from = request.from,
             .database = request.database,
             .approver = request.approver,
             .reason = request.reason,
             .issued_at = request.issued_at,
             .expires_at = request.issued_at + request.lifetime,
             .nonce = detail::random_uuid()};
  for (const change& c : request.changes)
    a.grants.push_back({.change = c.id(),
                        .rows_lost = c.counted(fact_kind::rows_lost),
                        .values_lost = c.counted(fact_kind::values_lost),
                        .values_changed = c.counted(fact_kind::values_changed)});
  return a;
}

}  // namespace hewn

#endif
