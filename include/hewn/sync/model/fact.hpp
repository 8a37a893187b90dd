// hewn/sync/model/fact.hpp - what the rows that are there say about a change.
// SPDX-License-Identifier: BSL-1.0
//
// A schema alone cannot tell whether a change loses something. It is counted, not guessed: once for
// the report, and once more under the lock before anything happens.
#pragma once

#include <hewn/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// What is counted.
enum class fact_kind : std::uint8_t {
  rows_lost,       ///< rows that are gone afterwards
  values_lost,     ///< values other than NULL that are gone afterwards
  values_changed,  ///< values that read differently afterwards
  no_value,        ///< rows that would have no value for a column that needs one
  unconvertible,   ///< values that the new type cannot hold
  duplicates,      ///< sets of values that more than one row has
  violations,      ///< rows that a condition forbids
  orphans,         ///< rows that refer to a row that is not there
  references,      ///< rows that refer to what is dropped
  filled           ///< rows that get a value where they have none
};

/// How `kind` ends a sentence that begins with a number: "3 rows would be lost".
constexpr std::string_view to_string(fact_kind kind) noexcept {
  constexpr std::string_view names[] = {"rows would be lost",
                                        "values would be lost",
                                        "values would change",
                                        "rows have no value for it",
                                        "values do not fit the new type",
                                        "sets of values are there more than once",
                                        "rows violate the condition",
                                        "rows refer to a row that is not there",
                                        "rows refer to it",
                                        "rows get a value"};
  return names[static_cast<std::size_t>(kind)];
}

/// Whether the count is a loss, which a person may approve up to a number.
constexpr bool is_loss(fact_kind kind) noexcept { return kind <= fact_kind::values_changed; }

/// Whether the change is impossible while the count is not zero, whoever approves it.
constexpr bool is_obstacle(fact_kind kind) noexcept {
  return kind >= fact_kind::no_value && kind <= fact_kind::references;
}

/// A question to the rows. `count` is a SELECT of one number, `sample` one of a text column that
/// names some of the rows counted by their keys; an empty `sample` names none.
struct gate {
  fact_kind kind{};
  std::string count = {};
  std::string sample = {};
  /// PostgreSQL, of values that change: what those counted fulfil. Empty: nobody keeps them.
  std::string condition = {};

  bool operator==(const gate&) const = default;
};

/// A gate and its answer.
struct fact {
  gate question = {};
  std::int64_t count = 0;
  std::vector<std::string> samples = {};  ///< at most `max_samples`, such as `id=7`

  static constexpr std::size_t max_samples = 5;

  bool operator==(const fact&) const = default;
};

namespace detail {

/// `words` are about many.
HEWN_API std::string counted_sentence(std::int64_t count, std::string_view words);

}  // namespace detail

/// "3 rows would be lost", "1 row would be lost".
HEWN_API std::string sentence(const fact& f);

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string counted_sentence(std::int64_t count, std::string_view words) {
  std::string text = std::to_string(count) + ' ';
  text += words;
  if (count != 1) return text;
  constexpr std::pair<std::string_view, std::string_view> singular[] = {
      {" rows have ", " row has "},
      {" rows violate ", " row violates "},
      {" rows refer ", " row refers "},
      {" rows get ", " row gets "},
      {" rows ", " row "},
      {" sets of values are ", " set of values is "},
      {" values do ", " value does "},
      {" values stay as they are and are ", " value stays as it is and is "},
      {" keys given ", " key given "},
      {" texts ", " text "},
      {" values ", " value "}};
  for (const auto& [many, one] : singular) {
    const std::size_t at = text.find(many);
    if (at == std::string::npos) continue;
    text.replace(at, many.size(), one);
    break;
  }
  return text;
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API std::string sentence(const fact& f) {
  return detail::counted_sentence(f.count, to_string(f.question.kind));
}

}  // namespace hewn

#endif
