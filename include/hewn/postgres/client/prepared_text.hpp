// hewn/postgres/client/prepared_text.hpp - a text that the server has prepared.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/row_values.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/wire/narrow_column.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>
#include <hewn/schema/table_info.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <string>
#include <vector>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/client/statement_text.hpp>
#  include <hewn/postgres/failure/server_report.hpp>
#  include <hewn/postgres/failure/sqlstate.hpp>
#  include <hewn/postgres/wire/server_types.hpp>

#  include <cstdlib>
#  include <utility>
#endif

namespace hewn::postgres::detail {

/// The column of a table that a result column is; no table: it is none.
struct column_origin {
  Oid table = 0;
  int column = 0;
};

/// The text of a statement, by which name the server knows it, and which types go in and come out.
/// Where a table changes, the server forgets that, and the text is prepared again.
class prepared_text : public row_values {
 public:
  /// Prepares it again, before values are bound. 0, or the code of the failure.
  HEWN_RARE int renew();

  /// Whether columns of the type of parameter `i`, from 1 on, may store another value than they are
  /// given.
  HEWN_RARE bool may_be_narrow(int i) const noexcept;

  /// The parameter is stored in the column, which has this modifier (pg_attribute.atttypmod): see
  /// narrow_column.
  HEWN_RARE void keep_values(int i, const table_info& table, const column_info& column,
                             int modifier);

  /// Whether each result column is a column of a table that takes NULL; false: not, or not known.
  /// Asks the server, and knows nothing where that fails.
  HEWN_RARE std::vector<bool> columns_with_null();

  /// Whether it only reads, as far as the text tells; the server knows better and has the last
  /// word.
  bool read_only() const noexcept;

  /// How often the statement was prepared again because a table had changed.
  int reprepared() const noexcept { return reprepared_; }

 protected:
  // Both messages in one round trip, and behind a proxy to the same server.
  HEWN_RARE int prepare_again();

  HEWN_RARE int prepare_changed() noexcept;

  // After a failure: whether it has been prepared anew for a table that has changed, and has its
  // values still.
  HEWN_RARE bool is_ready_again(const PGresult* failure) noexcept;

  // An unnamed statement is prepared by every execution, so its result may be another than was
  // described, without the server minding.
  HEWN_RARE void look_at_columns(const PGresult* r) noexcept;

  // The column of a parameter of this type, with what it does to values.
  HEWN_RARE narrow_column narrowed(Oid type, narrow_column column) const noexcept;

  HEWN_RARE void swap_text(prepared_text& other) noexcept;

  shared_state* state_ = nullptr;
  std::string text_;
  std::string name_;                    // empty: unnamed, sent with every execution
  std::vector<column_origin> origins_;  // of the result columns when it was prepared
  int reprepared_ = 0;
  bool stale_ = false;        // a table has changed: to be prepared again
  bool retyped_ = false;      // by that, parameters have other types of the same kinds
  bool values_lost_ = false;  // by that, they have types that take other bytes

 private:
  // Whether columns in which its values are stored do something else to them than before, as far as
  // what it returns tells.
  HEWN_RARE bool has_narrowed(const PGresult* described) const noexcept;

  HEWN_RARE void take_description(const PGresult* described, result_ptr& failure);
};

#if HEWN_DEFINES_POSTGRES

HEWN_COLD HEWN_API void prepared_text::swap_text(prepared_text& other) noexcept {
  row_values::operator=(std::move(static_cast<row_values&>(other)));
  std::swap(state_, other.state_);
  std::swap(text_, other.text_);
  std::swap(name_, other.name_);
  std::swap(origins_, other.origins_);
  std::swap(reprepared_, other.reprepared_);
  std::swap(stale_, other.stale_);
  std::swap(retyped_, other.retyped_);
  std::swap(values_lost_, other.values_lost_);
}

HEWN_API bool prepared_text::read_only() const noexcept { return only_reads(text_); }

HEWN_COLD HEWN_API int prepared_text::prepare_again() {
  state_->begin_command();
  state_->drop_retired();
  PGconn* const c = state_->handle();
  std::string name = state_->next_name();
  if (state_->lost()) return client_failure::not_sent;
  if (PQenterPipelineMode(c) == 0) return state_->failed({});
  const bool sent = PQsendPrepare(c, name.c_str(), text_.c_str(), 0, nullptr) == 1 &&
                    PQsendDescribePrepared(c, name.c_str()) == 1 && PQpipelineSync(c) == 1;
  result_ptr failure, described;
  bool complete = false;
  for (int ended = 0; sent && !complete && ended <= 2;) {  // one end for each of the two
    result_ptr r(PQgetResult(c));
    const ExecStatusType status = PQresultStatus(r.get());
    ended += !r;
    complete = status == PGRES_PIPELINE_SYNC;
    if (status == PGRES_FATAL_ERROR && !failure)
      failure = std::move(r);
    else if (status == PGRES_COMMAND_OK)
      described = std::move(r);
  }
  // A failure where only the end should come, libpq takes for the end; the next command would
  // then be given the answers of this one.
  if (!complete) state_->hang_up();
  PQexitPipelineMode(c);
  if (failure || !described) return state_->failed(std::move(failure));
  state_->retire(std::exchange(name_, std::move(name)));
  take_description(described.get(), failure);
  if (failure) return state_->failed(std::move(failure));
  stale_ = false;
  return 0;
}

HEWN_COLD HEWN_API void prepared_text::take_description(const PGresult* described,
                                                        result_ptr& failure) {
  std::vector<Oid> types;
  std::vector<wire> kinds;
  std::vector<element_type> elements;
  for (int i = 0; i != PQnparams(described); ++i) {
    types.push_back(PQparamtype(described, i));
    kinds.push_back(state_->types().find_wire(types.back(), failure));
    elements.push_back(state_->types().known_element(types.back()));
  }
  // Prepared again, it has values already. They stay where they would be written alike.
  if (types != parameter_types()) {
    retyped_ = retype(types, kinds, elements);
    values_lost_ = !retyped_ && parameter_count() != 0;
    if (!retyped_) expect(std::move(types), std::move(kinds), std::move(elements));
  }
  values_lost_ = values_lost_ || has_narrowed(described);
  std::vector<result_column> columns;
  origins_.clear();
  for (int i = 0; i != PQnfields(described); ++i) {
    origins_.push_back({PQftable(described, i), PQftablecol(described, i)});
    const Oid type = PQftype(described, i);
    const wire kind = state_->types().find_wire(type, failure);
    columns.push_back(
        {PQfname(described, i), type, kind, state_->types().known_element(type).kind});
  }
  describe_columns(std::move(columns));
}

HEWN_COLD HEWN_API bool prepared_text::is_ready_again(const PGresult* failure) noexcept {
  const bool changed = is_changed_plan(failure);
  if (!changed && !is_about_types(failure)) return false;
  stale_ = true;
  retyped_ = false;
  if (state_->transaction_failed() || prepare_changed() != 0) return false;
  return changed || retyped_;
}

// A view's columns take NULL as far as the catalogue says, whatever they are of.
HEWN_COLD HEWN_API std::vector<bool> prepared_text::columns_with_null() {
  if (state_ == nullptr || state_->lost()) return {};
  std::vector<bool> null(origins_.size(), false);
  std::string columns;
  for (std::size_t i = 0; i != origins_.size(); ++i) {
    if (origins_[i].table == InvalidOid) continue;
    columns += columns.empty() ? "(" : ", (";
    columns += std::to_string(i) + ", " + std::to_string(origins_[i].table) + ", " +
               std::to_string(origins_[i].column) + ")";
  }
  if (columns.empty()) return null;
  const std::string query =
      "SELECT r.i FROM (VALUES " + columns +
      ") AS r (i, t, c) JOIN pg_catalog.pg_attribute a ON a.attrelid = r.t::pg_catalog.oid AND "
      "a.attnum = r.c JOIN pg_catalog.pg_class t ON t.oid = a.attrelid WHERE NOT a.attnotnull AND "
      "t.relkind IN ('r', 'p')";
  state_->begin_command();
  const result_ptr found(PQexec(state_->handle(), query.c_str()));
  for (int row = 0; row != PQntuples(found.get()); ++row)
    null[static_cast<std::size_t>(std::atoi(PQgetvalue(found.get(), row, 0)))] = true;
  return null;
}

HEWN_COLD HEWN_API int prepared_text::renew() {
  if (state_ == nullptr || state_->lost()) return client_failure::not_sent;
  ++reprepared_;
  const int code = prepare_again();
  values_lost_ = false;
  return code;
}

HEWN_COLD HEWN_API bool prepared_text::may_be_narrow(int i) const noexcept {
  if (i > parameter_count()) return false;
  const Oid type = parameter_types()[static_cast<std::size_t>(i) - 1];
  return detail::may_be_narrow(state_->types().known_base_of_values(type));
}

HEWN_COLD HEWN_API void prepared_text::keep_values(int i, const table_info& table,
                                                   const column_info& column, int modifier) {
  if (i > parameter_count()) return;
  const Oid type = parameter_types()[static_cast<std::size_t>(i) - 1];
  keep_values_of(i, narrowed(type, {&table, &column, 0, modifier}));
}

HEWN_COLD HEWN_API narrow_column prepared_text::narrowed(Oid type,
                                                         narrow_column column) const noexcept {
  const type_catalog& types = state_->types();
  if (column.modifier < 0) column.modifier = types.known_modifier(type);
  if (column.modifier < 0) column.modifier = types.known_modifier(types.known_element(type).type);
  column.type = types.known_base_of_values(type);
  if (!column.changes_values()) column.type = 0;
  return column;
}

HEWN_COLD HEWN_API bool prepared_text::has_narrowed(const PGresult* described) const noexcept {
  for (std::size_t i = 0; i != narrow_columns().size(); ++i) {
    const narrow_column& before = narrow_columns()[i];
    if (before.column == nullptr) continue;
    narrow_column now = before;
    for (int c = 0; c != PQnfields(described); ++c)
      if (before.column->name == PQfname(described, c)) now.modifier = PQfmod(described, c);
    now = narrowed(parameter_types()[i], now);
    if (now && !now.does_the_same(before)) return true;
  }
  return false;
}

HEWN_COLD HEWN_API int prepared_text::prepare_changed() noexcept {
  try {
    ++reprepared_;
    state_->definitions_changed();  // by somebody else
    const int code = prepare_again();
    return code == 0 && values_lost_ ? client_failure::types_changed : code;
  } catch (...) {
    return client_failure::out_of_memory;
  }
}

HEWN_COLD HEWN_API void prepared_text::look_at_columns(const PGresult* r) noexcept {
  if (has_columns_of(r)) return;
  try {
    std::vector<result_column> columns;
    for (int i = 0; i != PQnfields(r); ++i)
      columns.push_back({PQfname(r, i), PQftype(r, i), state_->types().known_wire(PQftype(r, i)),
                         state_->types().known_element(PQftype(r, i)).kind});
    describe_columns(std::move(columns));
    ++reprepared_;
  } catch (...) {
    describe_columns({});  // out of memory; the row check finds that nothing fits
    ++reprepared_;
  }
}

#endif

}  // namespace hewn::postgres::detail
