// hewn/sync/diff/rename.hpp - which tables and columns have got new names.
// SPDX-License-Identifier: BSL-1.0
//
// A rename is never guessed: it takes an intent. The statements run first and the database carries
// the new names into indexes, triggers, views and foreign keys, so that all the rest of a plan
// starts from a schema in which only the new names exist.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/obstacle.hpp>
#include <hewn/sync/model/step.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// An object with its name in the live schema and afterwards. `table` is the new name of the
/// column's table; empty: the object is a table.
struct renaming {
  std::string table = {};
  std::string from = {};
  std::string to = {};
};

/// The renamings between a live schema and a wanted one.
class renamings {
 public:
  renamings(const schema::database& live, const wanted_schema& wanted, dialect d)
      : wanted_(wanted), dialect_(d) {
    find({{}, names_of(live.tables), names_of(wanted.schema.tables)});
    for (const schema::table& t : wanted.schema.tables)
      if (const schema::table* there = find_table(live, former_table(t.name), d))
        find({t.name, names_of(there->columns), names_of(t.columns)});
    for (const intent& i : wanted.intents)
      if (i.kind == intent_kind::rename_value) find_value(live, i);
  }

  bool empty() const { return found_.empty(); }

  /// A change for every renaming, and a blocked one for every conflict.
  const std::vector<change>& changes() const { return changes_; }

  /// The name that the table has in the live schema.
  std::string former_table(std::string_view now) const { return former({}, now); }

  /// The name that the column has in the live schema.
  std::string former_column(std::string_view table_now, std::string_view now) const {
    return former(table_now, now);
  }

  /// The name that the value of the enumeration `type` has in the live schema.
  std::string former_value(std::string_view type, const std::string& now) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::rename_value && c.object == type && c.after == quote_literal(now))
        return unquoted(tokenize(c.before).front());
    return now;
  }

  /// Whether values of the type have other names until the renamings are done.
  bool renames_values(std::string_view type) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::rename_value && is_of(type, {.name = c.object})) return true;
    return false;
  }

  std::vector<step> steps() const {
    std::vector<step> out;
    append_steps(out, true);
    append_steps(out, false);
    for (const change& c : changes_)
      if (c.kind == change_kind::rename_value && !c.unsupported)
        out.push_back({.sql = concat({"ALTER TYPE ", quote_identifier(c.object), " RENAME VALUE ",
                                      c.before, " TO ", c.after}),
                       .table = c.table});
    return out;
  }

 private:
  std::string former(std::string_view table, std::string_view now) const {
    for (const renaming& r : found_)
      if (r.table.empty() == table.empty() && same_name(dialect_, r.to, now) &&
          (table.empty() || same_name(dialect_, r.table, table)))
        return r.from;
    return std::string(now);
  }

  /// Names that must differ: those of all tables, or those of the columns of one table.
  struct name_list {
    std::string table;  ///< the new name of the columns' table; empty: tables
    std::vector<std::string> live;
    std::vector<std::string> wanted;
  };

  template <class Items>
  static std::vector<std::string> names_of(const Items& items) {
    std::vector<std::string> out;
    for (const auto& item : items) out.push_back(item.name);
    return out;
  }

  /// As it is spelt in `names`; empty: it is not there.
  std::string spelt_in(const std::vector<std::string>& names, std::string_view name) const {
    for (const std::string& n : names)
      if (same_name(dialect_, n, name)) return n;
    return {};
  }

  // One renaming may free the name that another one waits for.
  void find(const name_list& names) {
    for (bool more = true; more;) {
      more = false;
      for (const std::string& now : names.wanted)
        if (!renaming_to(names, now)) more = find_renaming(names, now) || more;
    }
    for (const std::string& now : names.wanted)
      if (!renaming_to(names, now)) refuse_conflict(names, now);
  }

  const renaming* renaming_to(const name_list& names, std::string_view now) const {
    for (const renaming& r : found_)
      if (r.table == names.table && same_name(dialect_, r.to, now)) return &r;
    return nullptr;
  }

  const renaming* renaming_from(const name_list& names, std::string_view former) const {
    for (const renaming& r : found_)
      if (r.table == names.table && same_name(dialect_, r.from, former)) return &r;
    return nullptr;
  }

  /// The intents for the name whose former name is still there.
  std::vector<const intent*> claims(const name_list& names, const std::string& now) const {
    const bool table = names.table.empty();
    std::vector<const intent*> out;
    for (const intent& i : wanted_.intents)
      if (i.kind == (table ? intent_kind::rename_table : intent_kind::rename_column) &&
          same_name(dialect_, i.table, table ? now : names.table) &&
          same_name(dialect_, i.column, table ? std::string() : now) &&
          !spelt_in(names.live, i.former).empty())
        out.push_back(&i);
    return out;
  }

  bool is_taken(const name_list& names, std::string_view now) const {
    return !spelt_in(names.live, now).empty() && !renaming_from(names, now);
  }

  bool find_renaming(const name_list& names, const std::string& now) {
    std::vector<const intent*> all;
    for (const intent* i : claims(names, now))
      if (!renaming_from(names, i->former)) all.push_back(i);
    for (const intent* i : all) {
      // Spelt in other letter case only: the same object, and to be called as declared.
      const std::string present = spelt_in(names.live, i->former);
      const bool respelt =
          same_name(dialect_, i->former, now) && present == i->former && present != now;
      const bool exchanged = i->once && !spelt_in(names.wanted, i->former).empty();
      if (respelt || exchanged) return add(names, present, now), true;
    }
    if (all.size() != 1 || is_taken(names, now)) return false;
    return add(names, spelt_in(names.live, all[0]->former), now), true;
  }

  void refuse_conflict(const name_list& names, const std::string& now) {
    const std::vector<const intent*> all = claims(names, now);
    if (all.empty()) return;
    const std::string former = spelt_in(names.live, all[0]->former);
    if (!is_taken(names, now)) {
      if (const renaming* other = renaming_from(names, former))
        return refuse(names, now, former,
                      concat({other->to, " and ", now, " both claim to have been ", former}));
      return refuse(names, now, former,
                    concat({"both ", former, " and ", all[1]->former, " exist"}));
    }
    for (const intent* i : all) {
      // Otherwise the former name has a new owner, so the renaming was long ago.
      const bool lost = !same_name(dialect_, i->former, now) &&
                        spelt_in(names.wanted, i->former).empty() &&
                        !renaming_from(names, i->former);
      if (!lost) continue;
      const std::string there = spelt_in(names.live, i->former);
      return refuse(names, now, there, concat({"both ", now, " and ", there, " exist"}));
    }
  }

  change change_of(const name_list& names, const std::string& from, const std::string& to) const {
    const bool table = names.table.empty();
    const change_kind kind = table ? change_kind::rename_table : change_kind::rename_column;
    return {.kind = kind,
            .table = table ? to : names.table,
            .object = table ? std::string() : to,
            .before = quote_identifier(from),
            .after = quote_identifier(to),
            .risk = risk_of(kind, false, dialect_)};
  }

  void add(const name_list& names, const std::string& from, const std::string& to) {
    changes_.push_back(change_of(names, from, to));
    found_.push_back({names.table, from, to});
  }

  void refuse(const name_list& names, const std::string& now, const std::string& former,
              std::string_view why) {
    change c = change_of(names, former, now);
    c.unsupported = true;
    c.reason = concat({why, ", so it is not clear ",
                       names.table.empty() ? "whose rows to keep" : "which values to keep"});
    c.repair = "move what is needed from one to the other and drop that, or take renamed_from away";
    changes_.push_back(std::move(c));
  }

  // The enumeration of the column that the intent is about, or nullptr.
  const schema::enumeration* enumeration_of(const intent& i) const {
    const schema::table* const t = find_table(wanted_.schema, i.table, dialect_);
    const schema::column* const c = t ? find_column(*t, i.column, dialect_) : nullptr;
    if (!c) return nullptr;
    for (const schema::enumeration& e : wanted_.schema.enumerations)
      if (is_of(c->type, e)) return &e;
    return nullptr;
  }

  // Where both names are there, or none, nothing has been renamed.
  void find_value(const schema::database& live, const intent& i) {
    const schema::enumeration* const wanted = enumeration_of(i);
    const schema::enumeration* const there = wanted ? live.find_enumeration(wanted->name) : nullptr;
    if (!there || !contains_text(there->labels, i.former) ||
        contains_text(there->labels, i.expression) || contains_text(wanted->labels, i.former) ||
        !contains_text(wanted->labels, i.expression))
      return;
    change c{.kind = change_kind::rename_value,
             .table = i.table,
             .object = wanted->name,
             .before = quote_literal(i.former),
             .after = quote_literal(i.expression),
             .risk = risk_of(change_kind::rename_value, false, dialect_)};
    for (change& other : changes_) {
      if (other.kind != c.kind || other.object != c.object ||
          (other.before != c.before && other.after != c.after))
        continue;
      if (other.before == c.before && other.after == c.after) return;
      c.unsupported = true;
      c.reason = concat({c.before, " and ", other.before, " are said to be ", c.after, " and ",
                         other.after, ", so it is not clear which is which"});
      c.repair = "declare one former name for each value";
    }
    changes_.push_back(std::move(c));
  }

  // Whether a renaming takes the name away from something else.
  bool is_freed(std::string_view table, std::string_view name) const {
    for (const renaming& r : found_)
      if (r.table == table && same_name(dialect_, r.from, name)) return true;
    return false;
  }

  // A name that something else still has is made free first.
  void append_steps(std::vector<step>& out, bool tables) const {
    std::vector<renaming> late;
    for (const renaming& r : found_) {
      if (r.table.empty() != tables) continue;
      if (!is_freed(r.table, r.to)) {
        append_step(out, r);
        continue;
      }
      const std::string between = concat({"hewn_renamed_", r.to});
      append_step(out, {r.table, r.from, between});
      late.push_back({r.table, between, r.to});
    }
    for (const renaming& r : late) append_step(out, r);
  }

  static void append_step(std::vector<step>& out, const renaming& r) {
    std::string sql = "ALTER TABLE ";
    append_identifier(sql, r.table.empty() ? r.from : r.table);
    sql += r.table.empty() ? " RENAME TO " : " RENAME COLUMN ";
    if (!r.table.empty()) {
      append_identifier(sql, r.from);
      sql += " TO ";
    }
    append_identifier(sql, r.to);
    out.push_back({.sql = std::move(sql), .table = r.table.empty() ? r.to : r.table});
  }

  const wanted_schema& wanted_;
  dialect dialect_;
  std::vector<renaming> found_;
  std::vector<change> changes_;
};

}  // namespace hewn::detail
