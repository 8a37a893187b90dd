// hewn/sync/approval/audit_chain.hpp - what was planned, approved and applied, in a chain.
// SPDX-License-Identifier: BSL-1.0
//
// Each entry of the table hewn_audit holds the hash of the one before, and hewn_identity where the
// chain ends. verify() finds what was edited, inserted, deleted or put in another order by hand.
// It cannot find what a program wrote that computes the hashes anew, nor both tables put back as
// they were: whoever may write to the database may rewrite its past. Against that, keep head()
// outside the database and hand it to verify().
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/json_text.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/model/database_executor.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/version.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::audit {

/// One line of the record. Whoever appends fills the first block; the second is filled by append().
struct entry {
  std::string actor = {};     ///< who, as far as the program knows
  std::string event = {};     ///< plan, approval, apply, restore, ...
  std::string plan = {};      ///< plan::fingerprint()
  std::string from = {};      ///< fingerprint of the schema before
  std::string to = {};        ///< fingerprint of the schema after
  std::string detail = {};    ///< what else there is to say, JSON or lines of text
  std::string outcome = {};   ///< applied, refused, failed, ...
  std::string backup = {};    ///< where it is; empty: none was made
  std::string approval = {};  ///< nonce of the approval that is used up by this

  std::int64_t seq = 0;       ///< 1, 2, 3, ...
  std::string at = {};        ///< the database's clock, UTC, as to_text(timestamp)
  std::string library = {};   ///< version of hewn
  std::string previous = {};  ///< hash of the entry before; empty: there is none
  std::string hash = {};      ///< SHA-256 of all of the above

  bool operator==(const entry&) const = default;
};

/// Where the chain ends.
struct chain_head {
  std::int64_t seq = 0;  ///< 0: nothing was recorded
  std::string hash = {};

  bool operator==(const chain_head&) const = default;
};

namespace detail {

// In the order of the columns; without the hash.
inline std::vector<std::string> fields_of(const entry& e) {
  return {std::to_string(e.seq),
          e.at,
          e.actor,
          e.event,
          e.plan,
          e.from,
          e.to,
          e.detail,
          e.outcome,
          e.backup,
          e.approval,
          e.library,
          e.previous};
}

inline constexpr std::string_view columns =
    "seq, at, actor, event, plan, from_schema, to_schema, detail, outcome, backup, approval, "
    "library, previous_hash, hash";

inline std::string hash_of(const entry& e) {
  std::string text = "hewn-audit:1";
  for (const std::string& field : fields_of(e)) {
    hewn::detail::append(text, {std::to_string(field.size()), ":", field});
  }
  return sha256_hex(text);
}

inline std::int64_t number(const std::string& text) {
  std::int64_t out = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), out);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? out : -1;
}

inline void create_table(schema_executor& executor) {
  executor.execute(
      "CREATE TABLE hewn_audit (seq BIGINT NOT NULL PRIMARY KEY, at TEXT NOT NULL, "
      "actor TEXT NOT NULL, event TEXT NOT NULL, plan TEXT NOT NULL, from_schema TEXT NOT NULL, "
      "to_schema TEXT NOT NULL, detail TEXT NOT NULL, outcome TEXT NOT NULL, backup TEXT NOT NULL, "
      "approval TEXT NOT NULL, library TEXT NOT NULL, previous_hash TEXT NOT NULL, "
      "hash TEXT NOT NULL)");
  // Two uses of one approval cannot both be recorded, hence not both be committed.
  executor.execute(
      "CREATE UNIQUE INDEX hewn_audit_approval ON hewn_audit (approval) "
      "WHERE approval <> ''");
}

inline entry entry_of(const text_row& row) {
  entry e;
  e.seq = number(required(row, 0));
  std::string* const texts[] = {&e.at,      &e.actor,    &e.event,   &e.plan,   &e.from,
                                &e.to,      &e.detail,   &e.outcome, &e.backup, &e.approval,
                                &e.library, &e.previous, &e.hash};
  for (std::size_t i = 0; i != std::size(texts); ++i) *texts[i] = required(row, i + 1);
  return e;
}

// Written beside the chain, so that the end of the chain cannot be cut off alone.
inline std::optional<chain_head> recorded_head(schema_executor& executor) {
  if (!has_table(executor, "hewn_identity")) return std::nullopt;
  const auto rows = executor.query("SELECT audit_seq, audit_hash FROM hewn_identity");
  if (rows.empty()) return std::nullopt;
  return chain_head{number(required(rows.front(), 0)), required(rows.front(), 1)};
}

inline std::string library_version() {
  return std::to_string(version_major) + '.' + std::to_string(version_minor) + '.' +
         std::to_string(version_patch);
}

}  // namespace detail

/// Every entry, the oldest first. Reads only.
inline std::vector<entry> entries(schema_executor& executor,
                                  call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  std::vector<entry> out;
  if (!detail::has_table(executor, "hewn_audit")) return out;
  for (const text_row& row : executor.query(
           hewn::detail::concat({"SELECT ", detail::columns, " FROM hewn_audit ORDER BY seq"})))
    out.push_back(detail::entry_of(row));
  return out;
}

/// The last entry's number and hash: kept outside the database, it proves later that nothing up to
/// it was changed. Reads only.
inline chain_head head(schema_executor& executor, call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  if (!detail::has_table(executor, "hewn_audit")) return {};
  const auto rows = executor.query("SELECT seq, hash FROM hewn_audit ORDER BY seq DESC LIMIT 1");
  if (rows.empty()) return {};
  return {detail::number(detail::required(rows.front(), 0)), detail::required(rows.front(), 1)};
}

/// As entries and head of its executor.
template <synced_database Database>
std::vector<entry> entries(const Database& db, call_site site = call_site::current()) {
  const hewn::detail::call_scope at(site);
  return entries(*hewn::detail::executor_of(db));
}
template <synced_database Database>
chain_head head(const Database& db, call_site site = call_site::current()) {
  const hewn::detail::call_scope at(site);
  return head(*hewn::detail::executor_of(db));
}

/// Appends `e` and returns it as recorded. In the caller's transaction it is recorded if that
/// commits: what an apply did and that it was done are then one. After a break it goes on where the
/// chain should have ended, so that verify() still finds the break.
/// Throws: errc::conflict when `e.approval` was used before; errc::usage where a trigger would be
/// set off; what writing throws.
inline entry append(schema_executor& executor, entry e, call_site site = call_site::current()) {
  const hewn::detail::call_scope at(hewn::detail::outer_call(site));
  executor.transaction({}, [&] {
    ensure_identity(executor);
    detail::check_recording(executor);
    // One at a time, before anything else is locked: SQLite has the write lock from the start.
    if (executor.dialect() == dialect::postgres)
      executor.query("SELECT id FROM hewn_identity FOR UPDATE");
    if (!detail::has_table(executor, "hewn_audit")) detail::create_table(executor);
    // Where the chain ended when hewn wrote last: what was cut off since must stay a gap.
    const chain_head recorded = detail::recorded_head(executor).value_or(chain_head{});
    const chain_head there = head(executor);
    const chain_head last = recorded.seq >= there.seq ? recorded : there;
    e.seq = last.seq + 1;
    e.previous = last.hash;
    e.at = std::string(to_text(database_time(executor)).view());
    e.library = detail::library_version();
    e.hash = detail::hash_of(e);
    text_row values;
    std::string insert =
        hewn::detail::concat({"INSERT INTO hewn_audit (", detail::columns, ") VALUES ("});
    for (std::string& field : detail::fields_of(e)) {
      values.emplace_back(field);
      hewn::detail::append(
          insert, {detail::parameter(static_cast<int>(values.size()), executor.dialect()), ", "});
    }
    values.emplace_back(e.hash);
    hewn::detail::append(
        insert, {detail::parameter(static_cast<int>(values.size()), executor.dialect()), ")"});
    executor.query(insert, values);
    executor.query(
        hewn::detail::concat(
            {"UPDATE hewn_identity SET audit_seq = ", detail::parameter(1, executor.dialect()),
             ", audit_hash = ", detail::parameter(2, executor.dialect())}),
        {std::to_string(e.seq), e.hash});
  });
  return e;
}

/// Whether the approval with this nonce has been used up. Reads only.
inline bool used(schema_executor& executor, std::string_view nonce) {
  if (nonce.empty() || !detail::has_table(executor, "hewn_audit")) return false;
  return !executor
              .query(hewn::detail::concat({"SELECT seq FROM hewn_audit WHERE approval = ",
                                           detail::parameter(1, executor.dialect())}),
                     {std::string(nonce)})
              .empty();
}

namespace detail {

inline std::string terms_of(const approval& a) {
  std::string json = "{\"reason\":";
  hewn::detail::append_json_text(json, a.reason);
  json += ",\"issued_at\":";
  hewn::detail::append_json_text(json, to_text(a.issued_at).view());
  json += ",\"expires_at\":";
  hewn::detail::append_json_text(json, to_text(a.expires_at).view());
  json += ",\"signed\":";
  json += a.signature.empty() ? "false" : "true";
  json += ",\"grants\":[";
  const char* separator = "";
  for (const grant& g : a.grants) {
    json += separator;
    separator = ",";
    json += "{\"change\":";
    hewn::detail::append_json_text(json, g.change);
    hewn::detail::append(json, {",\"rows_lost\":", std::to_string(g.rows_lost),
                                ",\"values_lost\":", std::to_string(g.values_lost),
                                ",\"values_changed\":", std::to_string(g.values_changed), "}"});
  }
  return json + "]}";
}

}  // namespace detail

/// The entry that uses `a` up: appended in the transaction of the apply, once for each approval.
inline entry use_of(const approval& a) {
  return {.actor = a.approver,
          .event = "approval",
          .plan = a.plan,
          .from = a.from,
          .detail = detail::terms_of(a),
          .outcome = "used",
          .approval = a.nonce};
}

/// The entry that says that `a` was given. It does not use it up.
inline entry issue_of(const approval& a) {
  entry e = use_of(a);
  e.outcome = "given";
  e.approval.clear();
  return e;
}

}  // namespace hewn::audit
