// tests/differential/cell.hpp - one value of the reference, computed as SQL means it.
// SPDX-License-Identifier: BSL-1.0
//
// Nothing here knows of SQL texts or of a database: plain functions over plain values.
#pragma once

#include "json_tree.hpp"

#include <hewn/query/expressions/expression.hpp>
#include <hewn/schema/types.hpp>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace differential {

enum class kind : std::uint8_t { null, truth, integer, real, text, instant, day, json, failed };

struct cell {
  kind what = kind::null;
  std::int64_t number = 0;  // a truth, an integer, microseconds or days
  double real = 0;
  std::string text{};
  bool certain = false;             // of a failure: both databases report it
  const json_tree* tree = nullptr;  // of JSON that the reference has

  bool is_null() const { return what == kind::null; }
  bool is_failed() const { return what == kind::failed; }
  bool is_true() const { return what == kind::truth && number != 0; }
};

cell truth(bool v);
cell integer(std::int64_t v);
cell real(double v);
cell text(std::string_view v);
/// Lifetime: of the tree.
cell json(const json_tree& v);
/// Of JSON that a database returns.
cell json(std::string_view v);
cell instant(std::int64_t microseconds);
cell day(std::int64_t days);
/// What has no value. An error that is not certain depends on the order in which a database
/// computes, or on the database.
cell failed(bool certain);

/// Below, at or above zero, in SQL's order of values that are not NULL. Texts by their code points.
int order_of(const cell& left, const cell& right);

/// In the order of a result: NULLs before all values.
bool comes_before(const cell& left, const cell& right);

/// Whether a database that answers `right` agrees.
bool agree(const cell& left, const cell& right);

cell compared(hewn::detail::op o, const cell& left, const cell& right);
/// Rows of as many values, from the first to the last.
cell compared_rows(hewn::detail::op o, const std::vector<cell>& left,
                   const std::vector<cell>& right);
cell computed(hewn::detail::op o, const cell& left, const cell& right);
/// A number with the other sign.
cell opposite(const cell& number);
cell both(const cell& left, const cell& right);
cell either(const cell& left, const cell& right);
cell negated(const cell& value);
cell is_null(const cell& value, bool opposite);
/// Equality in which NULL equals NULL.
cell same(const cell& left, const cell& right, bool opposite);
cell among(const cell& value, const std::vector<cell>& list, bool opposite);
cell like(const cell& value, const cell& pattern, bool opposite);

/// A number in the type that a result has.
cell as_kind(kind wanted, const cell& value);

/// The elements of a JSON array, as values of the kind of `like`.
std::vector<cell> elements(std::string_view json, kind like);

std::string describe(const cell& c);

}  // namespace differential
