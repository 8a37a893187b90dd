// hewn/sync/plan/plan.hpp - what a sync would do, as an immutable value.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// What a plan is made of.
struct plan_content {
  hewn::dialect dialect{};
  int database_version = 0;  ///< as schema_executor::version
  wanted_schema wanted = {};
  schema::database before = {};
  std::vector<change> changes = {};
  std::vector<step> steps = {};
  std::size_t renames = 0;  ///< how many of the steps, the first ones, only give new names
  std::vector<std::string> problems = {};
  std::vector<schema::other_object> unmanaged = {};
  std::vector<std::string> managed = {};
  std::string from = {};
  std::string to = {};
  bool moves_rows = false;
  bool purges = false;
};

HEWN_API void append_counted(std::string& out, std::string_view field);

HEWN_API std::string fingerprint_of(const plan_content& p);

}  // namespace detail

/// The differences between a live schema and a wanted one, what the rows say about them, and the
/// steps from one to the other. The same schemas, rows and database version give the same plan,
/// byte for byte, whatever order their tables are in; on PostgreSQL all but the sizes of tables in
/// bytes, which the server's housekeeping changes.
///
/// A plan that is not kept gives its lists away: `for (auto& s : sync<user>(db).steps())`.
class plan {
 public:
  // Compiled once: else they are a third of the functions of a program with one synced struct.
  explicit plan(detail::plan_content content);
  plan(const plan&);
  plan(plan&&) noexcept;
  plan& operator=(const plan&);
  plan& operator=(plan&&) noexcept;
  ~plan();

  /// Whether the live schema is as wanted.
  bool empty() const { return content_.changes.empty(); }

  /// All differences: renames first, then by table name; within a table columns, constraints,
  /// indexes.
  const std::vector<change>& changes() const& { return content_.changes; }
  std::vector<change> changes() && { return std::move(content_.changes); }

  /// The differences that wait, for an approval or because they are blocked.
  const std::vector<change>& pending() const& { return pending_; }
  std::vector<change> pending() && { return std::move(pending_); }

  /// Whether nobody can approve this plan: something has to be mended first.
  bool blocked() const;

  /// What is done, in this order, when the plan is applied. None while the plan is blocked.
  const std::vector<step>& steps() const& { return content_.steps; }
  std::vector<step> steps() && { return std::move(content_.steps); }

  /// How many of the steps, the first ones, give new names and do nothing else.
  std::size_t renames() const { return content_.renames; }

  /// What went wrong when the steps were rehearsed on a copy without rows.
  const std::vector<std::string>& problems() const& { return content_.problems; }
  std::vector<std::string> problems() && { return std::move(content_.problems); }

  /// What the live schema has beside the wanted one and is left alone.
  const std::vector<schema::other_object>& unmanaged() const& { return content_.unmanaged; }
  std::vector<schema::other_object> unmanaged() && { return std::move(content_.unmanaged); }

  /// The digest of everything that decides what happens: names this plan wherever it is approved.
  /// How many rows there are has no part in it; an approval limits that by itself.
  const std::string& fingerprint() const { return fingerprint_; }

  /// The digest of the part of the live schema that the plan is about.
  const std::string& from() const { return content_.from; }

  /// The digest of that part afterwards.
  const std::string& to() const { return content_.to; }

  /// The schema to be reached, normalised.
  const wanted_schema& wanted() const { return content_.wanted; }

  /// The live schema that the plan starts from.
  const schema::database& before() const { return content_.before; }

  /// The names of the tables that the plan is about, before and after, in order.
  const std::vector<std::string>& managed() const { return content_.managed; }

  /// Whether it is one of plan_purge(), for purge_kept() alone.
  bool purges() const { return content_.purges; }

  /// Whether rows are copied into new tables or tables go. Not possible inside a transaction.
  bool moves_rows() const { return content_.moves_rows; }

  hewn::dialect dialect() const { return content_.dialect; }

 private:
  detail::plan_content content_;
  std::vector<change> pending_;
  std::string fingerprint_;
};

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/digest.hpp>

namespace hewn::detail {

HEWN_API void append_counted(std::string& out, std::string_view field) {
  out += std::to_string(field.size());
  out += ':';
  out += field;
}

HEWN_API std::string fingerprint_of(const plan_content& p) {
  std::string content;
  append_counted(content, "hewn-plan");
  append_counted(content, std::to_string(planner_version));
  append_counted(content, p.dialect == dialect::sqlite ? "sqlite" : "postgres");
  append_counted(content, std::to_string(p.database_version));
  append_counted(content, p.from);
  append_counted(content, p.to);
  for (const change& c : p.changes) {
    append_counted(content, c.id());
    for (const fact& f : c.facts) append_counted(content, f.question.count);
  }
  for (const step& s : p.steps) {
    append_counted(content, std::to_string(static_cast<int>(s.kind)));
    append_counted(content, s.sql);
  }
  return sha256_hex(content);
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API plan::plan(detail::plan_content content)
    : content_(std::move(content)), fingerprint_(detail::fingerprint_of(content_)) {
  for (const change& c : content_.changes)
    if (c.waits()) pending_.push_back(c);
}

HEWN_API plan::plan(const plan&) = default;
HEWN_API plan::plan(plan&&) noexcept = default;
HEWN_API plan& plan::operator=(const plan&) = default;
HEWN_API plan& plan::operator=(plan&&) noexcept = default;
HEWN_API plan::~plan() = default;

HEWN_API bool plan::blocked() const {
  if (!content_.problems.empty()) return true;
  for (const change& c : pending_)
    if (c.verdict == verdict::blocked) return true;
  return false;
}

}  // namespace hewn

#endif
