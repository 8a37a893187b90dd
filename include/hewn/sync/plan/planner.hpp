// hewn/sync/plan/planner.hpp - from two schemas and the rows that are there to a plan.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/diff/rename.hpp>
#include <hewn/sync/diff/retired.hpp>
#include <hewn/sync/diff/schema_diff.hpp>
#include <hewn/sync/diff/virtual_tables.hpp>
#include <hewn/sync/facts/empty_columns.hpp>
#include <hewn/sync/facts/row_facts.hpp>
#include <hewn/sync/facts/row_gate.hpp>
#include <hewn/sync/facts/standing_gates.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/check_names.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/own_tables.hpp>
#include <hewn/sync/plan/dangling.hpp>
#include <hewn/sync/plan/expressions_read_again.hpp>
#include <hewn/sync/plan/long_locks.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/plan/obstructed_table.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/steps.hpp>
#include <hewn/sync/plan/verdicts.hpp>
#include <hewn/sync/plan/views_and_triggers.hpp>
#include <hewn/sync/plan/views_aside.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

inline void forget_own_tables(schema::database& d) {
  for (std::size_t i = d.tables.size(); i-- != 0;)
    if (is_own_table(d.tables[i].name)) erase_at(d.tables, i);
  for (std::size_t i = d.sources.size(); i-- != 0;)
    if (is_own_table(d.sources[i].table)) erase_at(d.sources, i);
}

/// So that a plan does not depend on the order in which tables were made or declared.
inline void sort_tables(schema::database& in, dialect d) {
  std::vector<schema::table> sorted;
  for (const std::size_t i : order_of(in.tables, d)) sorted.push_back(std::move(in.tables[i]));
  in.tables = std::move(sorted);
}

/// Takes what sync does not manage out of `wanted`: a table whose parts are other tables, or that
/// is on another server. The others of the same call go on.
inline void leave_alone(wanted_schema& wanted, const schema::database& live, dialect d) {
  for (const schema::other_object& o : live.others) {
    if (o.kind != "partitioned table" && o.kind != "foreign table") continue;
    if (!erase_table(wanted.schema, o.name, d)) continue;
    for (std::size_t i = wanted.intents.size(); i-- != 0;)
      if (same_name(d, wanted.intents[i].table, o.name)) erase_at(wanted.intents, i);
    wanted.uncompared.push_back(o.name);
  }
}

/// Whether `live` needs no change to be as `wanted`, both in the same words.
inline bool is_as_wanted(schema::database live, wanted_schema wanted, dialect d) {
  forget_own_tables(live);
  forget_own_tables(wanted.schema);
  keep_retired(wanted, live, d);
  return diff(live, wanted, d).empty();
}

/// Has the database say `wanted` in its own words, without those tables that it cannot make.
/// Where nothing is to do, or nothing can be done, nothing is made for that.
inline std::vector<obstructed_table> normalise(schema_executor& executor, wanted_schema& wanted,
                                               const schema::database& live) {
  const dialect d = executor.dialect();
  if (d != dialect::postgres) {
    wanted.schema = executor.normalise(wanted.schema);
    return {};
  }
  leave_alone(wanted, live, d);
  wanted.schema = executor.spelled_as(live, std::move(wanted.schema));
  if (is_as_wanted(live, wanted, d) || !executor.takes_writes()) return {};
  // Clauses without a place in the model are only named.
  std::vector<schema::other_object> others = wanted.schema.others;
  std::vector<obstructed_table> out = normalise_what_can_be(executor, wanted.schema, live);
  wanted.schema.others = std::move(others);
  return out;
}

/// The work of make_plan, step by step. `wanted` is normalised but for `obstructed`; `live` is what
/// introspect() says.
class planner {
 public:
  planner(schema_executor& executor, const wanted_schema& wanted, const sync_policy& policy)
      : planner(executor, wanted, policy, {}, executor.introspect()) {}

  planner(schema_executor& executor, const wanted_schema& wanted, const sync_policy& policy,
          std::vector<obstructed_table> obstructed, schema::database live)
      : executor_(executor), policy_(policy), obstructed_(std::move(obstructed)) {
    content_.dialect = executor.dialect();
    content_.database_version = executor.version();
    // Assigning would compile copies of every type in it.
    content_.wanted = wanted_schema(wanted);
    content_.before = std::move(live);
    forget_own_tables(content_.before);
    sort_tables(content_.wanted.schema, content_.dialect);
    sort_tables(content_.before, content_.dialect);
  }

  plan make() {
    const renamings renamed(content_.before, content_.wanted, content_.dialect);
    content_.changes = std::vector<change>(renamed.changes());
    std::vector<step> first = renamed.steps();
    schema::database live = content_.before;
    views_aside aside(content_.before, content_.wanted, content_.dialect);
    if (!first.empty()) {
      put_aside_unreadable(first);
      rehearsal tried = executor_.rehearse(content_.before, first);
      if (!tried.problems.empty() && content_.wanted.complete) {
        rehearsal again =
            aside.try_renames(executor_, renamed, executor_.unreadable_objects(), first);
        if (again.problems.empty()) tried = std::move(again);
      }
      if (!tried.problems.empty()) return without_renames(renamed, std::move(tried.problems));
      live = std::move(tried.after);
      forget_own_tables(live);
      sort_tables(live, content_.dialect);
    }
    keep_retired(content_.wanted, live, content_.dialect);
    live = expressions_read_again(executor_, content_.wanted.schema).in(std::move(live));
    std::vector<change> rest = diff(live, content_.wanted, content_.dialect);
    aside.correct(rest);
    for (change& c : rest) content_.changes.push_back(std::move(c));
    for (change& c : content_.changes) refuse_obstructed(c, obstructed_, content_.dialect);
    if (content_.wanted.refuses_dangling) {
      dangling_references references(executor_, live, content_.wanted.schema);
      for (change& c : content_.changes) references.refuse_in(c);
    }
    find_managed(live, renamed);
    content_.unmanaged = unmanaged(live, content_.wanted, content_.dialect);
    for (schema::other_object& o : content_.unmanaged)
      if (contains_name(content_.wanted.uncompared, o.name, content_.dialect) && o.table.empty())
        o.kind = "uncompared " + o.kind;
    for (const change& c : content_.changes)
      if (c.kind == change_kind::drop_index) manage_index(c.object);
    content_.from =
        fingerprint(part_of(content_.before, content_.managed, content_.dialect), content_.dialect);
    content_.to = content_.from;
    if (content_.changes.empty()) return plan(std::move(content_));

    const plan_context context{live, content_.wanted, renamed, content_.dialect,
                               content_.database_version};
    if (content_.dialect == dialect::sqlite) {
      for (change& c : content_.changes) refuse_lost_reader(c, content_.before, renamed);
      refuse_hidden_tables();
    }
    row_facts facts(executor_, context);
    facts.ask(content_.changes);
    for (const schema::table& t : live.tables)
      empty_columns(content_.changes, content_.dialect).excuse_constraints_of(t);
    executor_.call_out([&] {
      for (change& c : content_.changes) set_verdict(c, policy_, content_.dialect);
    });
    if (content_.problems.empty() && !is_blocked()) {
      step_writer writer(context, content_.changes, content_.database_version);
      if (writer.reads_schema()) writer.put_aside(executor_.unreadable_objects());
      writer.bring_back(aside.coming_back());
      refuse_impossible_rebuilds(writer, context);
      refuse_unruly_rows(writer, context, facts);
      content_.moves_rows = writer.moves_rows();
      content_.renames = first.size();
      content_.steps = std::move(first);
      for (step& s : writer.steps(executor_)) content_.steps.push_back(std::move(s));
    }
    if (!is_blocked()) rehearse();
    if (is_blocked()) forget_steps();
    return plan(std::move(content_));
  }

 private:
  bool is_blocked() const {
    for (const change& c : content_.changes)
      if (c.verdict == verdict::blocked) return true;
    return false;
  }

  void manage_index(std::string_view name) {
    for (std::size_t i = content_.unmanaged.size(); i-- != 0;)
      if (content_.unmanaged[i].kind == "index" &&
          same_name(content_.dialect, content_.unmanaged[i].name, name))
        erase_at(content_.unmanaged, i);
  }

  // The tables that the plan is about, under their names before and after.
  void find_managed(const schema::database& live, const renamings& renamed) {
    const auto add = [this](const std::string& name) {
      if (!contains_text(content_.managed, name)) content_.managed.push_back(name);
    };
    for (const schema::table& t : content_.wanted.schema.tables) {
      add(t.name);
      add(renamed.former_table(t.name));
    }
    for (const change& c : content_.changes) add(c.table);
    if (content_.wanted.complete)
      for (const schema::table& t : live.tables) add(t.name);
    std::sort(content_.managed.begin(), content_.managed.end());
  }

  // ---- steps

  // Nothing else can be said of a schema in which the former names are still there: each column
  // would be lost under one name and new under the other.
  plan without_renames(const renamings& renamed, std::vector<std::string> problems) {
    for (std::string& p : problems) {
      if (p.find(" after rename: ") != p.npos)
        p += "; a view that others read must name its columns itself (SELECT a AS name), which a "
             "migration can see to first";
      content_.problems.push_back(std::move(p));
    }
    find_managed(content_.before, renamed);
    for (change& c : content_.changes) refuse_lost_reader(c, content_.before, renamed);
    executor_.call_out([&] {
      for (change& c : content_.changes) set_verdict(c, policy_, content_.dialect);
    });
    content_.from =
        fingerprint(part_of(content_.before, content_.managed, content_.dialect), content_.dialect);
    content_.to = content_.from;
    return plan(std::move(content_));
  }

  // SQLite renames nothing while a view or trigger does not compile, whatever it is about. If it is
  // about what gets a new name, that name cannot be carried into it.
  void put_aside_unreadable(std::vector<step>& renames) {
    const std::vector<std::string> names = executor_.unreadable_objects();
    for (const schema::source& s : content_.before.sources) {
      if (!is_view_or_trigger(s) || !contains_text(names, s.name)) continue;
      for (const change& c : content_.changes) {
        if (c.kind != change_kind::rename_table && c.kind != change_kind::rename_column) continue;
        const std::string former = unquoted(tokenize(c.before).front());
        if (!mentions(s.sql, former, content_.dialect)) continue;
        append_line(content_.problems,
                    {s.kind, " ", s.name, " does not compile, so that the new name of ", former,
                     " cannot be carried into it; mend or drop it first"});
        break;
      }
    }
    renames =
        without_views_and_triggers(content_.before, names, std::move(renames), content_.dialect);
  }

  // What would get lost with the old table, because it is not in the model.
  void refuse_impossible_rebuilds(const step_writer& writer, const plan_context& context) {
    for (const schema::table* t : writer.rebuilt()) {
      std::string cause;
      for (const schema::other_object& o : context.live.others)
        if (o.kind == "clause" && same_name(content_.dialect, o.table, t->name))
          cause = concat({"a rebuild of the table would lose its clause ", o.name});
      const std::string leftover = rebuilt_name(t->name);
      if (find_table(context.live, leftover, content_.dialect))
        cause = concat(
            {"a table ", leftover, " is there, left by an interrupted change of another tool"});
      const std::string former = context.renamed.former_table(t->name);
      for (const std::string* known : {&t->name, &former})
        for (const std::string& name : executor_.temporary_objects(*known))
          cause = concat({"the temporary ", name, " would be lost with the old table"});
      if (!cause.empty()) block_table(t->name, cause, "write a migration, or take that away first");
    }
  }

  // Rows that break what their table demands already would end the plan halfway.
  void refuse_unruly_rows(const step_writer& writer, const plan_context& context,
                          row_facts& facts) {
    if (content_.dialect != dialect::sqlite) return;
    for (const schema::table& t : context.live.tables) {
      const schema::table* wanted = find_table(context.wanted.schema, t.name, content_.dialect);
      const bool copied = writer.is_rebuilt(t.name);
      if (!wanted || (!copied && !adds_checked_column(t.name))) continue;
      const standing_gates gates(context, content_.changes, t, *wanted);
      std::vector<standing_gate> all;
      if (facts.answer(gates.any_of_rows()).count != 0) all = gates.of_rows();
      if (copied)
        for (standing_gate& g : gates.of_keys()) all.push_back(std::move(g));
      for (standing_gate& g : all) {
        if (is_asked(t.name, g.question)) continue;
        const fact unruly = facts.answer(std::move(g.question));
        if (unruly.count == 0) continue;
        block_table(t.name, concat({g.demand, " was not enforced: ", with_samples(unruly)}),
                    "mend these rows first, or drop them; SQLite would refuse them again");
        break;
      }
    }
  }

  bool adds_checked_column(const std::string& table) const {
    for (const change& c : content_.changes)
      if (c.kind == change_kind::add_column && c.risk.cost == change_cost::scan &&
          same_name(content_.dialect, c.table, table))
        return true;
    return false;
  }

  bool is_asked(const std::string& table, const gate& g) const {
    for (const change& c : content_.changes) {
      if (!same_name(content_.dialect, c.table, table)) continue;
      for (const fact& f : c.facts)
        if (f.question.count == g.count) return true;
    }
    return false;
  }

  void block_table(const std::string& table, const std::string& reason, const std::string& repair) {
    for (change& c : content_.changes)
      if (same_name(content_.dialect, c.table, table)) block(c, reason, repair);
  }

  // The statements of a plan would mean the table that is this connection's own.
  void refuse_hidden_tables() {
    for (const text_row& row : executor_.query(
             "SELECT type, name FROM sqlite_temp_master WHERE type IN ('table', 'view')"))
      for (change& c : content_.changes) {
        if (row.size() != 2 || !row[0] || !row[1] || !same_word(c.table, *row[1])) continue;
        c.unsupported = true;
        c.reason =
            concat({"the temporary ", *row[0], " ", *row[1], " hides it on this connection"});
        c.repair = "drop that, or use another connection";
      }
  }

  void forget_steps() {
    content_.steps.clear();
    content_.renames = 0;
  }

  // Schema only and on a copy, so that what cannot work is known before anything is touched.
  void rehearse() {
    if (!executor_.takes_writes()) return;  // an apply fails at its first step
    rehearsal tried = executor_.rehearse(content_.before, content_.steps);
    for (std::string& p : tried.problems) content_.problems.push_back(std::move(p));
    if (!content_.problems.empty()) return forget_steps();
    for (std::size_t i = 0; i != tried.uses.size(); ++i)
      content_.steps[i].uses = std::move(tried.uses[i]);
    refuse_long_locks(content_.changes, content_.steps, policy_);
    forget_own_tables(tried.after);
    for (change& c : content_.changes)
      refuse_lost_clause(c, content_.wanted.schema, tried.after, content_.dialect);
    if (is_blocked()) return;
    for (const change& c : diff(tried.after, content_.wanted, content_.dialect))
      append_line(content_.problems, {"afterwards there would still be: ", to_string(c.kind),
                                      " of ", c.table, c.object.empty() ? "" : " ", c.object});
    content_.to =
        fingerprint(part_of(tried.after, content_.managed, content_.dialect), content_.dialect);
  }

  schema_executor& executor_;
  const sync_policy& policy_;
  std::vector<obstructed_table> obstructed_;
  plan_content content_;
};

}  // namespace detail

#if HEWN_DEFINES_CORE

HEWN_API plan make_plan(schema_executor& executor, wanted_schema wanted, const sync_policy& policy,
                        call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  // A whole schema was read from a database, which may have them.
  if (wanted.complete) detail::forget_own_tables(wanted.schema);
  check_names(wanted.schema, executor.dialect());
  // What was read from a database is in its words already.
  std::vector<detail::obstructed_table> obstructed;
  schema::database live = executor.introspect();
  if (wanted.schema.sources.empty()) obstructed = detail::normalise(executor, wanted, live);
  detail::forget_own_tables(wanted.schema);
  return detail::planner(executor, wanted, policy, std::move(obstructed), std::move(live)).make();
}

#endif

}  // namespace hewn
