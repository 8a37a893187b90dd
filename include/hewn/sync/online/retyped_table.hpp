// hewn/sync/online/retyped_table.hpp - columns that can get another type while others use them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/belongs_online.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/online/online_names.hpp>
#include <hewn/sync/online/own_schema.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// What a type change of one plan would do to the columns of one table.
struct retyped_table {
  std::string table = {};
  std::vector<std::string> columns = {};
  std::vector<belonging> belongings = {};  ///< of all parts of the table
};

/// Whether `sql` is the ALTER TABLE that gives columns of `table` another type.
inline bool is_type_step(const step& s, std::string_view table, dialect d) {
  if (s.kind != step_kind::statement || !same_name(d, s.table, table)) return false;
  token_cursor in(s.sql);
  if (!in.accept("alter", "table")) return false;
  in.name();
  if (!in.accept("alter", "column")) return false;
  in.name();
  return in.at("type");
}

/// The expression that makes the new value of `column` out of the former row, as the ALTER TABLE
/// has it; empty: the statement has no clause for it. `type`: the new one.
inline std::string value_of_type_step(const step& s, std::string_view column,
                                      std::string_view type) {
  token_cursor in(s.sql);
  in.skip();
  in.skip();
  in.name();
  while (in.accept("alter", "column")) {
    const std::string name = in.name();
    std::size_t begin = 0;
    while (!in.at_end() && !in.at(token_kind::comma)) {
      if (begin == 0 && in.at("using")) begin = in.position() + 1;
      in.skip_group();
    }
    if (name == column)
      return begin != 0 ? in.slice(begin, in.position())
                        : concat({"CAST(", quote_identifier(column), " AS ", type, ")"});
    in.accept(token_kind::comma);
  }
  return {};
}

/// Whether the table says something of the index: CLUSTER ON, REPLICA IDENTITY, TABLESPACE.
inline bool is_chosen(const schema::database& in, std::string_view table, std::string_view index) {
  for (const schema::other_object& o : in.others)
    if (o.kind == "clause" && o.table == table &&
        (o.name == concat({"REPLICA IDENTITY USING INDEX ", index}) ||
         o.name == concat({"CLUSTER ON ", index}) ||
         (o.name.starts_with("TABLESPACE ") && o.name.ends_with(concat({" of index ", index})))))
      return true;
  return false;
}

/// Finds the changes of type that an online change makes by a second column.
class retyped_finder {
 public:
  retyped_finder(schema_executor& executor, const plan& p)
      : executor_(executor), schema_(executor), plan_(p), dialect_(p.dialect()) {}

  std::vector<retyped_table> find() {
    std::vector<retyped_table> out;
    if (dialect_ != dialect::postgres) return out;
    for (const change& c : plan_.changes()) {
      if (c.kind != change_kind::change_type || !is_possible(c)) continue;
      retyped_table* to = nullptr;
      for (retyped_table& each : out)
        if (each.table == c.table) to = &each;
      if (!to)
        to = &out.emplace_back(
            retyped_table{.table = c.table, .belongings = executor_.belongings(c.table)});
      to->columns.push_back(c.object);
    }
    return out;
  }

 private:
  bool is_possible(const change& c) {
    if (c.verdict == verdict::blocked || c.unsupported) return false;
    const schema::table* const live = find_table(plan_.before(), c.table, dialect_);
    const schema::table* const after = find_table(plan_.wanted().schema, c.table, dialect_);
    const schema::column* const was = live ? find_column(*live, c.object, dialect_) : nullptr;
    const schema::column* const wanted = after ? find_column(*after, c.object, dialect_) : nullptr;
    return was && wanted && is_plain(*was) && is_plain(*wanted) && !is_named_elsewhere(*live, c) &&
           !is_part_of_another_change(c) && !has_other_terms(*live, *was) &&
           is_made_alike_everywhere(*live, c, *was, *wanted) && keeps_by_key(c) &&
           executor_.dependents(c.table, c.object).empty() &&
           executor_.bound_to(c.table, c.object).empty() && !schema_.inherits(c.table) &&
           !schema_.is_published(c.table) &&
           !schema_.fires_behind(c.table, concat({"~", online_prefix}));
  }

  // What numbers rows belongs to the column.
  static bool is_plain(const schema::column& c) {
    return c.generated == schema::generated::no && !c.autoincrement && c.key_position == 0 &&
           c.default_text.find("nextval(") == c.default_text.npos;
  }

  bool is_named_elsewhere(const schema::table& live, const change& c) const {
    for (const schema::column& each : live.columns)
      if (mentions(each.generated_text, c.object, dialect_)) return true;
    for (const schema::table& t : plan_.before().tables)
      for (const schema::foreign_key& k : t.foreign_keys)
        if (same_name(dialect_, k.target_table, c.table) &&
            contains_text(k.target_columns, c.object))
          return true;
    for (const schema::index& i : live.indexes)
      if (concerns(i, c.object) && is_chosen(plan_.before(), live.name, i.name)) return true;
    for (const schema::unique_key& k : live.unique_keys)
      if (contains_text(k.columns, c.object) && is_chosen(plan_.before(), live.name, k.name))
        return true;
    return false;
  }

  // What else becomes of the column, or of what is made of it, is easier told apart in two changes.
  bool is_part_of_another_change(const change& c) const {
    for (const change& other : plan_.changes()) {
      if (other.kind == change_kind::change_values || other.kind == change_kind::rename_column ||
          other.kind == change_kind::rename_table)
        return true;
      const bool here = same_name(dialect_, other.table, c.table);
      if (other.kind == change_kind::change_type) continue;
      if (other.kind == change_kind::change_default && here) continue;
      if (!here && !mentions(other.after, c.table, dialect_)) continue;
      if ((here && same_name(dialect_, other.object, c.object)) ||
          mentions(other.after, c.object, dialect_) || mentions(other.before, c.object, dialect_))
        return true;
    }
    return false;
  }

  bool concerns(const schema::index& i, std::string_view column) const {
    if (mentions(i.where, column, dialect_)) return true;
    for (const schema::index_part& p : i.parts)
      if (mentions(p.text, column, dialect_)) return true;
    return contains_text(i.storage.included, column);
  }

  // Constraints that are not held against all rows.
  bool has_other_terms(const schema::table& live, const schema::column& c) const {
    for (const schema::check& k : live.checks)
      if (mentions(k.text, c.name, dialect_) && !k.terms.empty()) return true;
    for (const schema::foreign_key& k : live.foreign_keys)
      if (contains_text(k.columns, c.name) && !k.terms.empty()) return true;
    for (const schema::index& i : live.indexes)
      if (concerns(i, c.name) && i.terms.find("INVALID") != i.terms.npos) return true;
    return false;
  }

  // Whether the new value is the same whoever computes it, and whenever.
  bool is_made_alike_everywhere(const schema::table& live, const change& c,
                                const schema::column& was, const schema::column& wanted) {
    const intent* const converted =
        find_intent(plan_.wanted().intents, intent_kind::convert, c.table, c.object, dialect_);
    if (!converted) {
      const auto has_zone = [](std::string_view type) {
        return type.find("with time zone") != type.npos;
      };
      return has_zone(was.type) == has_zone(wanted.type);
    }
    for (const schema::column& each : live.columns)
      if (each.generated != schema::generated::no &&
          mentions(converted->expression, each.name, dialect_))
        return false;
    std::string functions;
    for (token_cursor in(converted->expression); !in.at_end(); in.skip()) {
      const std::string word = lower(in.peek().text);
      if (word.starts_with("current_") || word.starts_with("localtime") || word == "select")
        return false;
      if (in.peek().is_name() && in.peek(1).kind == token_kind::open)
        append_separated(functions, ", ", {quote_literal(unquoted(in.peek()))});
    }
    return functions.empty() ||
           executor_
               .query(concat({"SELECT 1 FROM pg_catalog.pg_proc WHERE proname IN (", functions,
                              ") AND (provolatile = 'v' OR provolatile = 's' AND pronargs = 0)"}))
               .empty();
  }

  // Values that change are kept with the key of their row.
  bool keeps_by_key(const change& c) const {
    for (const step& s : plan_.steps())
      if (s.kind == step_kind::keep && s.table == c.table && s.promise == c.object &&
          s.sql.starts_with("SELECT ALL "))
        return false;
    return true;
  }

  schema_executor& executor_;
  own_schema schema_;
  const plan& plan_;
  dialect dialect_;
};

/// The columns whose change of type in `p` belongs online. Reads the catalogue only.
HEWN_COLD inline std::vector<retyped_table> find_retyped(schema_executor& executor, const plan& p) {
  return retyped_finder(executor, p).find();
}

/// Whether the change is one of those.
inline bool is_retyped(const std::vector<retyped_table>& all, const change& c) {
  for (const retyped_table& t : all)
    if (t.table == c.table && contains_text(t.columns, c.object)) return true;
  return false;
}

/// What of the changes of a plan an online change leaves to sync: what does not belong online, an
/// index of which the table says something, and the new default of a column whose type is left.
inline std::vector<change> left_to_sync(const plan& p, const std::vector<retyped_table>& retyped) {
  std::vector<change> out;
  const auto stays = [&](const change& c) {
    if (c.kind == change_kind::change_type) return !is_retyped(retyped, c);
    return !belongs_online(c) ||
           (c.kind == change_kind::change_index && is_chosen(p.before(), c.table, c.object));
  };
  for (const change& c : p.changes()) {
    bool left = stays(c);
    if (c.kind == change_kind::change_default)
      for (const change& other : p.changes())
        left = left || (other.kind == change_kind::change_type && other.table == c.table &&
                        other.object == c.object && stays(other));
    if (left) out.push_back(c);
  }
  return out;
}

}  // namespace hewn::detail
