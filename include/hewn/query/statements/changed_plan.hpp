// hewn/query/statements/changed_plan.hpp - a query as plain data without some of its parts, with
// others. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/plan/query_plan.hpp>

#include <cstdint>
#include <vector>

namespace hewn::detail {

/// What of a query is kept.
struct kept_parts {
  bool order = true;
  bool limits = true;
};

/// Lifetime: of the query that the plan is of, and of the values that are added.
class changed_plan {
 public:
  /// Of an order that was chosen at run time nothing is kept.
  HEWN_RARE HEWN_API changed_plan(const query_plan& base, kept_parts kept);
  changed_plan(const changed_plan&) = delete;

  /// A part more, of pieces that the plan keeps.
  HEWN_RARE HEWN_API void add(query_word word, std::vector<sql_piece> pieces);
  HEWN_RARE HEWN_API void add_value(const condition_value& value);
  HEWN_RARE HEWN_API void add_count(query_word word, std::int64_t rows);

  HEWN_RARE HEWN_API query_plan plan(plan_use use = plan_use::rows);

 private:
  query_plan base_;
  std::vector<const query_step*> steps_;
  std::vector<held_value> values_;
  std::vector<std::vector<sql_piece>> pieces_;
  std::vector<query_part> parts_;
  query_step added_;
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <bit>
#  include <cstddef>
#  include <cstring>
#  include <utility>

namespace hewn::detail {

HEWN_API changed_plan::changed_plan(const query_plan& base, kept_parts kept) : base_(base) {
  std::size_t before = 0;
  for (std::size_t i = 0; i != base.steps.size();) {
    const query_step* const step = base.steps[i];
    const std::size_t end = i + 1 + count_inner_steps(*step);
    const std::size_t values = size_of_step(*step).values;
    const query_word word = step->empty() ? query_word::from : step->front().word;
    const bool limit = word == query_word::limit || word == query_word::offset;
    if ((kept.order || word != query_word::order_by) && (kept.limits || !limit)) {
      for (; i != end; ++i) steps_.push_back(base.steps[i]);
      for (std::size_t v = 0; v != values; ++v) values_.push_back(base.values[before + v]);
    }
    i = end;
    before += values;
  }
}

HEWN_API void changed_plan::add(query_word word, std::vector<sql_piece> pieces) {
  pieces_.push_back(std::move(pieces));
  parts_.push_back({word, pieces_.back(), nullptr});
}

HEWN_API void changed_plan::add_value(const condition_value& value) {
  using kind = condition_value::kind;
  held_value held;
  held.what = static_cast<held_value::kind>(value.what);
  held.problem = value_problem::none;
  held.kept = 0;
  if (value.what == kind::text)
    held.text = {value.text.data(), value.text.size()};
  else if (value.what == kind::blob)
    held.text = {reinterpret_cast<const char*>(value.blob.data()), value.blob.size()};
  else if (value.what == kind::real)
    held.number = std::bit_cast<std::int64_t>(value.real);
  else if (value.what == kind::uuid)
    std::memcpy(held.uuid, value.uuid.data.data(), sizeof(held.uuid));
  else
    held.number = value.integer;
  values_.push_back(held);
}

HEWN_API void changed_plan::add_count(query_word word, std::int64_t rows) {
  add(word, {{.what = sql_piece::kind::value}});
  held_value held;
  held.what = held_value::kind::count;
  held.problem = value_problem::none;
  held.kept = 0;
  held.number = rows;
  values_.push_back(held);
}

HEWN_API query_plan changed_plan::plan(plan_use use) {
  added_ = parts_;
  steps_.push_back(&added_);
  return {steps_, values_, base_.texts, base_.condition, nullptr, use, base_.absent};
}

}  // namespace hewn::detail

#endif
