// hewn/sync/plan.hpp - what a sync would do, as an immutable value.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/digest.hpp>
#include <hewn/dialect/ddl.hpp>
#include <hewn/dialect/dialect.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sync/change.hpp>
#include <hewn/sync/creation_order.hpp>
#include <hewn/sync/diff.hpp>
#include <hewn/sync/fingerprint.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hewn {

/// The differences between a live schema and a wanted one, and the statements for those that the
/// database can do natively without touching a stored value. The same two schemas give the same
/// plan, byte for byte, whatever order their tables are in.
///
/// A plan that is not kept gives its lists away: `for (auto& step : sync<user>(db).steps())`.
class plan {
 public:
  /// Compares two normalised schemas. Pure: nothing is read or written.
  plan(const schema::database& live, schema::database wanted, hewn::dialect d)
      : dialect_(d), wanted_(std::move(wanted)) {
    changes_ = diff(live, wanted_, d);
    others_ = hewn::unmanaged(live, wanted_, d);
    for (const change& c : changes_)
      if (c.waits()) pending_.push_back(c);
    from_ = hewn::fingerprint(managed_part(live, wanted_, d), d);
    to_ = hewn::fingerprint(wanted_, d);
    append_steps();
    std::string content;
    detail::append_field(content, "hewn-plan:1");
    detail::append_field(content, d == hewn::dialect::sqlite ? "sqlite" : "postgres");
    detail::append_field(content, from_);
    detail::append_field(content, to_);
    for (const std::string& step : steps_) detail::append_field(content, step);
    fingerprint_ = sha256_hex(content);
  }

  /// Whether the live schema is as wanted.
  bool empty() const { return changes_.empty(); }

  /// All differences, by table name; within a table columns, constraints, indexes.
  const std::vector<change>& changes() const& { return changes_; }
  std::vector<change> changes() && { return std::move(changes_); }

  /// The differences that wait for a decision. While there are any, no step is taken.
  const std::vector<change>& pending() const& { return pending_; }
  std::vector<change> pending() && { return std::move(pending_); }

  /// The statements for the differences that do not wait, in the order in which they run.
  const std::vector<std::string>& steps() const& { return steps_; }
  std::vector<std::string> steps() && { return std::move(steps_); }

  /// What the live schema has beside the wanted one and is left alone.
  const std::vector<schema::other_object>& unmanaged() const& { return others_; }
  std::vector<schema::other_object> unmanaged() && { return std::move(others_); }

  /// The digest of dialect, both schemas and steps: names this plan wherever it is approved.
  const std::string& fingerprint() const { return fingerprint_; }

  /// The digest of the live tables that the wanted schema names.
  const std::string& from() const { return from_; }

  /// The digest of the wanted schema.
  const std::string& to() const { return to_; }

  /// The wanted schema, normalised.
  const schema::database& wanted() const { return wanted_; }

  hewn::dialect dialect() const { return dialect_; }

 private:
  void append_steps() {
    append_tables();
    for (const change& c : changes_)
      if (c.kind == change_kind::add_column && !c.waits()) {
        std::string step = "ALTER TABLE ";
        append_identifier(step, c.table);
        step += " ADD COLUMN ";
        step += c.after;
        steps_.push_back(std::move(step));
      }
    for (const change& c : changes_)
      if (c.kind == change_kind::create_index && !c.waits()) steps_.push_back(c.after);
  }

  void append_tables() {
    std::vector<const schema::table*> fresh;
    for (const change& c : changes_)
      if (c.kind == change_kind::create_table && !c.waits())
        fresh.push_back(detail::find_table(wanted_, c.table, dialect_));
    std::vector<std::string> late_keys;
    for (const detail::creation& next : detail::creation_order(fresh, dialect_)) {
      schema::table t = *next.table;
      // SQLite lets a reference precede its table; PostgreSQL does not.
      if (dialect_ == hewn::dialect::postgres) {
        t.foreign_keys = next.early_keys;
        for (const schema::foreign_key& k : next.late_keys)
          late_keys.push_back(add_foreign_key(t.name, k, dialect_));
      }
      steps_.push_back(create_table(t, dialect_));
    }
    for (std::string& step : late_keys) steps_.push_back(std::move(step));
  }

  hewn::dialect dialect_;
  schema::database wanted_;
  std::vector<change> changes_;
  std::vector<change> pending_;
  std::vector<std::string> steps_;
  std::vector<schema::other_object> others_;
  std::string from_;
  std::string to_;
  std::string fingerprint_;
};

}  // namespace hewn
