// hewn/schema/table_declaration.hpp - how a struct says what its table is beyond its fields.
// SPDX-License-Identifier: BSL-1.0
//
// A declaration is a value of one fixed type: every declaration of a program has the same type, so
// nothing is instantiated per table but the calls that name its members.
#pragma once

#include <hewn/reflect/member.hpp>
#include <hewn/reflect/type_name.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/declaration_mistakes.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/limit_words.hpp>
#include <hewn/schema/terms.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <ratio>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// The unit in which a field of type F counts the time, as a clause has it: u(s), m(s), s or M for
/// minutes; 0 where the databases have no clock of it.
template <class F>
constexpr char clock_unit() {
  if constexpr (requires { typename unwrapped<F>::duration::period; }) {
    using period = typename unwrapped<F>::duration::period;
    return std::is_same_v<period, std::micro>           ? 'u'
           : std::is_same_v<period, std::milli>         ? 'm'
           : std::ratio_equal_v<period, std::ratio<1>>  ? 's'
           : std::ratio_equal_v<period, std::ratio<60>> ? 'M'
                                                        : '\0';
  }
  return '\0';
}

/// The time of the database's clock as a default.
struct clock_default {
  char unit;

  constexpr void write(clause_writer& out) const { out.clock(unit); }
};

/// The last number that a version in a field of this type comes to. Neither database has numbers
/// beyond those of 64 bits with a sign.
template <class F>
constexpr std::int64_t greatest_version() {
  constexpr auto greatest = std::numeric_limits<F>::max();
  if constexpr (std::in_range<std::int64_t>(greatest))
    return static_cast<std::int64_t>(greatest);
  else
    return std::numeric_limits<std::int64_t>::max();
}

}  // namespace detail

/// The declaration that `table()` of a struct returns. Every function adds one clause and returns
/// the declaration, so that the calls chain. Columns are named by member pointers.
class table_spec : public detail::limit_words<table_spec> {
 public:
  constexpr explicit table_spec(std::string_view table_name) : limit_words(table_name) {}

  /// The columns of the primary key in this order. Without it, a field called `id` is the key.
  template <auto... Members>
  constexpr table_spec& primary_key() {
    detail::explain_key_columns<sizeof...(Members)>();
    return clauses_.add<Members...>(detail::clause_kind::primary_key), *this;
  }

  template <auto... Members, class Other, class... More>
  constexpr table_spec& primary_key(const Other&, const More&...) {
    return detail::refuse_parameter<Other>(), *this;
  }

  /// Keys are never reused, also not after the highest row was deleted (SQLite: AUTOINCREMENT).
  constexpr table_spec& autoincrement() {
    clauses_.new_clause(detail::clause_kind::autoincrement);
    return *this;
  }

  /// The program gives every row its key, 0 too, and the database never chooses one: a natural key.
  /// Only for a key of one integer column: no database chooses others. A key that refers to another
  /// table needs no such word, and autoincrement() says nothing then.
  constexpr table_spec& given_key() {
    clauses_.new_clause(detail::clause_kind::given_key);
    return *this;
  }

  /// No two rows hold the same values in these columns.
  template <auto... Members>
  constexpr table_spec& unique() {
    detail::explain_key_columns<sizeof...(Members)>();
    return clauses_.add<Members...>(detail::clause_kind::unique), *this;
  }

  template <auto... Members>
  constexpr table_spec& unique(hewn::name wanted) {
    detail::explain_key_columns<sizeof...(Members)>();
    clauses_.add<Members...>(detail::clause_kind::unique).text = wanted.text;
    return *this;
  }

  template <auto... Members, class Other, class... More>
  constexpr table_spec& unique(const Other&, const More&...) {
    return detail::refuse_parameter<Other>(), *this;
  }

  /// An index over columns; a part is `&T::field` or `hewn::desc<&T::field>`. Options, in any
  /// order: `hewn::where(condition)` for a partial index, `hewn::name("...")`.
  template <auto... Parts, class... Options>
  constexpr table_spec& index(const Options&... options) {
    static_assert(sizeof...(Parts) > 0 || (std::is_member_pointer_v<Options> || ...),
                  "hewn: an index needs at least one column");
    auto& added = clauses_.add<Parts...>(detail::clause_kind::index);
    return (option(added, options), ...), *this;
  }

  /// As `index`, and no two rows in it hold the same values.
  template <auto... Parts, class... Options>
  constexpr table_spec& unique_index(const Options&... options) {
    static_assert(sizeof...(Parts) > 0 || (std::is_member_pointer_v<Options> || ...),
                  "hewn: an index needs at least one column");
    auto& added = clauses_.add<Parts...>(detail::clause_kind::index);
    added.unique = true;
    return (option(added, options), ...), *this;
  }

  /// An index over an expression, e.g. `hewn::raw("lower(email)")`, which needs a name.
  template <class Expression, class... Options>
  constexpr table_spec& index_on(hewn::name wanted, const Expression& expression,
                                 const Options&... options) {
    auto& added = clauses_.new_clause(detail::clause_kind::index);
    added.text = wanted.text;
    added.expression = clauses_.write(expression);
    return (option(added, options), ...), *this;
  }

  /// A foreign key from the first half of the members to the second half, pair by pair. A hewn::ref
  /// may stand alone, because its type says what it refers to.
  template <auto... Members>
  constexpr table_spec& references(on_delete deleted = on_delete::no_action,
                                   on_update updated = on_update::no_action) {
    constexpr bool alone = detail::is_lone_ref<Members...>();
    static_assert(alone || (sizeof...(Members) > 0 && sizeof...(Members) % 2 == 0),
                  "hewn: references<> takes pairs: the columns of this table, then as many columns "
                  "of the table they refer to; only a hewn::ref stands alone");
    auto& added = [&]() -> detail::clause& {
      if constexpr (alone)
        return clauses_.template add_reference_to_key<Members...>();
      else
        return clauses_.template add_reference<Members...>(
            std::make_index_sequence<sizeof...(Members) / 2>{});
    }();
    added.on_delete = static_cast<schema::action>(deleted);
    added.on_update = static_cast<schema::action>(updated);
    return *this;
  }

  template <auto... Members>
  constexpr table_spec& references(on_update updated) {
    return references<Members...>(on_delete::no_action, updated);
  }

  template <auto... Members, class Target>
  requires std::is_member_pointer_v<Target>
  constexpr table_spec& references(Target) { return detail::refuse_parameter<Target>(), *this; }

  /// A condition that every row satisfies, under a name that errors will show.
  template <class Condition>
  constexpr table_spec& check(std::string_view check_name, const Condition& condition) {
    auto& added = clauses_.new_clause(detail::clause_kind::check);
    added.text = check_name;
    added.expression = write(condition);
    return *this;
  }

  template <class Condition>
  constexpr table_spec& check(const Condition&) {
    static_assert(sizeof(Condition) == 0,
                  "hewn: a check has a name, which errors show; write check(\"name\", condition)");
    return *this;
  }

  /// The DEFAULT of a column: for rows that other programs insert without it, and for existing rows
  /// when the column is added. Rows that hewn inserts carry the value of the struct. A value of the
  /// field's type, text for a time, UUID, label or JSON, or an expression as `hewn::raw`.
  template <auto Member, class Value>
  constexpr table_spec& default_value(const Value& value) {
    auto& added = clauses_.add<Member>(detail::clause_kind::default_value);
    if constexpr (std::is_same_v<Value, current_timestamp>) {
      static_assert(column_type_of<member_type<Member>>() == column_type::instant,
                    "hewn: hewn::now is the default of a timestamp column");
      added.expression = clauses_.write(raw("CURRENT_TIMESTAMP"));
    } else if constexpr (std::is_same_v<Value, empty_list>) {
      static_assert(is_array(column_type_of<member_type<Member>>()),
                    "hewn: hewn::empty is the default of a column that holds a std::vector");
      added.expression = clauses_.write(value);
    } else {
      static_assert(!is_array(column_type_of<member_type<Member>>()) || std::is_same_v<Value, raw>,
                    "hewn: the default of a list is hewn::empty, or an expression as hewn::raw");
      constexpr bool fits = is_array(column_type_of<member_type<Member>>()) ||
                            detail::can_be_default<member_type<Member>, Value>();
      static_assert(fits,
                    "hewn: a default of this type is no value of the field; give one of the "
                    "field's own type, or an expression as hewn::raw");
      if constexpr (fits) added.expression = clauses_.write_value<member_type<Member>>(value);
    }
    return *this;
  }

  /// The database computes the column from others; hewn reads it and never writes it.
  template <auto Member, class Expression>
  constexpr table_spec& generated(const Expression& expression, compute when = compute::stored) {
    auto& added = clauses_.add<Member>(detail::clause_kind::generated);
    added.stored = when == compute::stored;
    added.expression = write(expression);
    return *this;
  }

  /// hewn writes the time of the insert here, when the field is still at its epoch.
  template <auto Member>
  constexpr table_spec& created() {
    static_assert(column_type_of<member_type<Member>>() == column_type::instant,
                  "hewn: created<> is for a timestamp field; use hewn::timestamp");
    return clauses_.add<Member>(detail::clause_kind::created), *this;
  }

  /// The same, and rows that others insert without the column get the time as well, from the clock
  /// of the database: it is the DEFAULT of the column, in the unit of the field.
  template <auto Member>
  constexpr table_spec& created(database_clock) {
    created<Member>();
    if constexpr (column_type_of<member_type<Member>>() == column_type::instant) {
      constexpr char unit = detail::clock_unit<member_type<Member>>();
      static_assert(unit != '\0',
                    "hewn: the databases have no clock in the unit of this created<> field, which "
                    "must be microseconds, milliseconds, seconds or minutes; use hewn::timestamp");
      auto& added = clauses_.add<Member>(detail::clause_kind::default_value);
      added.expression = clauses_.write(detail::clock_default{unit});
    }
    return *this;
  }

  /// hewn writes the time of every insert and update here.
  template <auto Member>
  constexpr table_spec& updated() {
    static_assert(column_type_of<member_type<Member>>() == column_type::instant,
                  "hewn: updated<> is for a timestamp field; use hewn::timestamp");
    return clauses_.add<Member>(detail::clause_kind::updated), *this;
  }

  /// The same, and rows that others insert or update without the column get the time as well, from
  /// the clock of the database: by the DEFAULT of the column and a trigger. An update that gives
  /// the row the time that it has counts as one that gives none.
  template <auto Member>
  constexpr table_spec& updated(database_clock) {
    static_assert(column_type_of<member_type<Member>>() == column_type::instant,
                  "hewn: updated<> is for a timestamp field; use hewn::timestamp");
    auto& added = clauses_.add<Member>(detail::clause_kind::updated);
    if constexpr (column_type_of<member_type<Member>>() == column_type::instant) {
      constexpr char unit = detail::clock_unit<member_type<Member>>();
      static_assert(unit != '\0',
                    "hewn: the databases have no clock in the unit of this updated<> field, which "
                    "must be microseconds, milliseconds, seconds or minutes; use hewn::timestamp");
      added.expression = clauses_.write(detail::clock_default{unit});
    }
    return *this;
  }

  /// Rows that are removed stay in the table, with the time of their removal here, and every verb
  /// and typed query leaves them out: see docs/guide/soft-delete.md. unique() and unique_index()
  /// cover the rows that are not removed. Only restore() and assignments set the field to nothing.
  template <auto Member>
  constexpr table_spec& soft_delete() {
    constexpr bool fits = detail::is_optional<member_type<Member>> &&
                          column_type_of<member_type<Member>>() == column_type::instant;
    static_assert(fits,
                  "hewn: soft_delete<> is for a field that holds a time or nothing; use "
                  "std::optional<hewn::timestamp>");
    return clauses_.add<Member>(detail::clause_kind::soft_delete), *this;
  }

  /// Whose row it is, in a table that several customers share. Every verb and typed query sees the
  /// rows of the session's tenant alone, and a row that is inserted gets it where the field says
  /// nothing: see hewn::act_for and docs/guide/tenants.md.
  template <auto Member>
  constexpr table_spec& tenant() {
    constexpr bool fits = detail::can_be_tenant<member_type<Member>>();
    static_assert(fits,
                  "hewn: tenant<> is for a field that holds an integer, a text, a UUID or an "
                  "enumeration and is never NULL; change the field");
    return clauses_.add<Member>(detail::clause_kind::tenant), *this;
  }

  /// The version of the row: an update of a row that was read writes it only where it still has
  /// the version of the struct, adds 1 to both, and throws errc::stale otherwise; remove(row) asks
  /// the same. Updates by key or query add 1 and ask nothing. Its DEFAULT is 0, unless
  /// default_value<> says otherwise.
  template <auto Member>
  constexpr table_spec& version() {
    constexpr bool counts = detail::integer_like<member_type<Member>>;
    static_assert(counts,
                  "hewn: version<> counts in a plain integer field; make it an std::int64_t");
    if constexpr (counts)
      clauses_.add<Member>(detail::clause_kind::version).high =
          detail::greatest_version<member_type<Member>>();
    return *this;
  }

  /// The column has another name than the field. Of a field that is a struct: its columns have this
  /// before their names, in place of the field's name and an underscore; it may be empty.
  template <auto Member>
  constexpr table_spec& column(std::string_view column_name) {
    if constexpr (detail::is_embedded<member_type<Member>>)
      clauses_.add_prefix<Member>(column_name);
    else
      clauses_.add<Member>(detail::clause_kind::column_name).text = column_name;
    return *this;
  }

  /// The declared type of the column, for a table that somebody else made.
  template <auto Member>
  constexpr table_spec& type(std::string_view declared) {
    clauses_.add<Member>(detail::clause_kind::declared_type).text = declared;
    return *this;
  }

  /// PostgreSQL: the column of an enumeration is of a type of its own, CREATE TYPE ... AS ENUM,
  /// called as the enumeration. Columns with one name for it share it. Elsewhere: text, as without.
  template <auto Member>
  constexpr table_spec& native_enum() {
    return native_enum<Member>(
        detail::type_name<detail::stored_key<detail::unwrapped<member_type<Member>>>>());
  }

  template <auto Member>
  constexpr table_spec& native_enum(std::string_view type_name) {
    using stored = detail::stored_key<detail::unwrapped<member_type<Member>>>;
    static_assert(std::is_enum_v<stored> && detail::stores_label<stored>,
                  "hewn: native_enum<> is for a field that is an enumeration; remove it, or change "
                  "the field");
    clauses_.add<Member>(detail::clause_kind::native_enum).text = type_name;
    return *this;
  }

  /// The collation of the column, e.g. "NOCASE".
  template <auto Member>
  constexpr table_spec& collate(std::string_view collation) {
    clauses_.add<Member>(detail::clause_kind::collation).text = collation;
    return *this;
  }

  /// SQLite: the table refuses values of another type than the column's.
  constexpr table_spec& strict() {
    strict_ = true;
    return *this;
  }

  /// SQLite: the primary key is the table; for small rows under a text or composite key.
  constexpr table_spec& without_rowid() {
    without_rowid_ = true;
    return *this;
  }

  // ---- what is meant by a change. It approves no loss, and may stay when the change is done.

  /// Earlier names of the table, those of skipped releases included. Sync renames instead of
  /// creating a new table.
  template <class... Names>
  constexpr table_spec& renamed_from(const Names&... former) {
    static_assert(sizeof...(Names) > 0, "hewn: renamed_from() needs an earlier name");
    return ((clauses_.new_clause(detail::clause_kind::renamed).text = former), ..., *this);
  }

  /// Earlier names of the column.
  template <auto Member, class... Names>
  constexpr table_spec& renamed_from(const Names&... former) {
    static_assert(sizeof...(Names) > 0, "hewn: renamed_from<> needs an earlier name");
    return ((clauses_.add<Member>(detail::clause_kind::renamed).text = former), ..., *this);
  }

  /// A column that no field has any more is to be dropped, and is not some new column's former
  /// name.
  constexpr table_spec& dropped(std::string_view column) {
    clauses_.new_clause(detail::clause_kind::dropped).text = column;
    return *this;
  }

  /// A column that no field has any more stays for the time being, e.g. because the previous
  /// release still reads it. If it must have a value, it will take NULL.
  constexpr table_spec& retired(std::string_view column) {
    clauses_.new_clause(detail::clause_kind::retired).text = column;
    return *this;
  }

  /// What rows get that have no value: when the column is new, and when it takes NULL no more. An
  /// SQL expression over the other columns as hewn::raw, or a value.
  template <auto Member, class Value>
  constexpr table_spec& backfill(const Value& value) {
    auto& added = clauses_.add<Member>(detail::clause_kind::backfill);
    constexpr bool fits = detail::can_be_default<member_type<Member>, Value>();
    static_assert(fits,
                  "hewn: a backfill of this type is no value of the field; give one of the field's "
                  "own type, or an expression as hewn::raw");
    if constexpr (fits) added.expression = clauses_.write_value<member_type<Member>>(value);
    return *this;
  }

  /// What stored values become when the type of the column changes: an SQL expression over the
  /// columns, e.g. `hewn::raw("CAST(price * 100 AS INTEGER)")`.
  template <auto Member>
  constexpr table_spec& convert(const raw& expression) {
    // The right side of an assignment comes first, and needs the clause.
    detail::clause& added = clauses_.add<Member>(detail::clause_kind::convert);
    added.expression = clauses_.write(expression);
    return *this;
  }
};

/// Starts the declaration of a table, to be returned from `static consteval auto table()`.
/// Without a name the table is called after the struct.
constexpr table_spec table(std::string_view table_name = {}) { return table_spec(table_name); }

}  // namespace hewn
