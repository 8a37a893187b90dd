// hewn/sync/plan/views_aside.hpp - views and triggers that are away while names change.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite carries a new name of a column into the views that read it, and so into the names of their
// own columns. What reads those by the former name would not compile, so SQLite refuses the
// renaming. Where a whole schema is given, it says what views and triggers are to be: they go
// before the renaming, and come back as they will be.
#pragma once

#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/rename.hpp>
#include <hewn/sync/diff/schema_diff.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/make_change.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/plan/views_and_triggers.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

class views_aside {
 public:
  views_aside(const schema::database& before, const wanted_schema& wanted, dialect d)
      : before_(before), wanted_(wanted), dialect_(d) {}

  /// Tries `renames` without what reads their tables, and without `unreadable`, as in
  /// schema_executor::unreadable_objects. They are the steps for that when it works. Returns what
  /// was tried.
  rehearsal try_renames(schema_executor& executor, const renamings& renamed,
                        const std::vector<std::string>& unreadable, std::vector<step>& renames) {
    std::vector<std::string> touched;
    for (const change& c : renamed.changes()) touched.push_back(renamed.former_table(c.table));
    std::vector<bool> taken = views_and_triggers_using(before_, std::move(touched), dialect_);
    take_named(taken, before_, unreadable, dialect_);
    std::vector<step> steps;
    append_view_and_trigger_drops(steps, before_, taken);
    for (step& s : renamed.steps()) steps.push_back(std::move(s));
    rehearsal tried = executor.rehearse(before_, steps);
    if (!tried.problems.empty()) return tried;
    renames = std::move(steps);
    for (std::size_t i = 0; i != taken.size(); ++i)
      if (taken[i]) away_.push_back(&before_.sources[i]);
    return tried;
  }

  /// Says of what is away how it changes, where `changes` take it for new.
  void correct(std::vector<change>& changes) const {
    for (const schema::source* was : away_) {
      const bool view = was->kind == "view";
      const schema::source* now = find_source(wanted_.schema, was->kind, was->name, dialect_);
      if (!now) {
        append_change(changes, view ? change_kind::drop_view : change_kind::drop_trigger,
                      view ? was->name : was->table, view ? std::string() : was->name, was->sql, {},
                      false, dialect_)
            .native = true;
        continue;
      }
      for (std::size_t i = changes.size(); i-- != 0;) {
        change& c = changes[i];
        if (c.kind != (view ? change_kind::create_view : change_kind::create_trigger) ||
            !same_name(dialect_, view ? c.table : c.object, was->name))
          continue;
        if (canonical_expression(was->sql, dialect_) == canonical_expression(now->sql, dialect_)) {
          erase_at(changes, i);
        } else {
          c.kind = view ? change_kind::change_view : change_kind::change_trigger;
          c.before = was->sql;
          c.risk = risk_of(c.kind, false, dialect_);
        }
        break;
      }
    }
  }

  /// What comes back, as it is wanted, in the order in which it can be made.
  std::vector<schema::source> coming_back() const {
    std::vector<schema::source> out;
    for (const schema::source& s : wanted_.schema.sources)
      for (const schema::source* was : away_)
        if (s.kind == was->kind && same_name(dialect_, s.name, was->name)) out.push_back(s);
    return out;
  }

 private:
  const schema::database& before_;
  const wanted_schema& wanted_;
  dialect dialect_;
  std::vector<const schema::source*> away_;
};

}  // namespace hewn::detail
