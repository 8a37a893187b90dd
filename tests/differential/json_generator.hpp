// tests/differential/json_generator.hpp - typed expressions that look into JSON.
// SPDX-License-Identifier: BSL-1.0
//
// What is found stands where a column of its type stands elsewhere, so that every function and
// operator takes it.
#pragma once

#include "documents.hpp"
#include "generator.hpp"
#include "json_functions.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace differential {

/// The name of a member. Of one type, whatever it is.
inline std::string name_value(std::uint64_t seed) {
  static constexpr std::string_view values[] = {
      "a",      "b",    "",           "a.b",  "q\"uote", "\u00e9", "0",      "[0]",
      "$",      "a\\b", "\U0001f600", "null", "model",   "limit",  "burst",  "tokens",
      "budget", "hard", "labels",     "tags", "ports",   "effort", "missing"};
  return std::string(values[mix(seed) % std::size(values)]);
}

/// A name under which there are often several values, of which a database might take the first.
inline std::string plural_name_value(std::uint64_t seed) {
  static constexpr std::string_view values[] = {"ports", "tags", "labels", "a", "\u00e9"};
  return std::string(values[mix(seed) % std::size(values)]);
}

/// JSON to look into. Seeds below 12 are all there is.
template <std::uint64_t Seed>
auto make_json() {
  constexpr std::uint64_t pick = Seed % 12;
  constexpr auto c = col<&document::configuration>;
  constexpr auto n = col<&document::notes>;
  if constexpr (pick < 2)
    return c;
  else if constexpr (pick < 5)
    return n;
  else if constexpr (pick == 5)
    return hewn::json_at<&settings::limit>(c);
  else if constexpr (pick == 6)
    return hewn::json_at<&settings::burst>(n);
  else if constexpr (pick == 7)
    return hewn::json_at<&settings::limit, &limits::labels>(c);
  else if constexpr (pick == 8)
    return hewn::json_at<&settings::tags>(c);
  else if constexpr (pick == 9)
    return hewn::json_at<&settings::ports>(c);
  else if constexpr (pick == 10)
    return hewn::json_query<std::vector<std::string>>(n, name_value(Seed));
  else
    return hewn::json_query<std::map<std::string, std::string>>(n, name_value(Seed + 1));
}

struct json_integers {
  template <std::uint64_t Seed>
  static auto pick() {
    constexpr std::uint64_t pick = Seed % 8;
    constexpr auto c = col<&document::configuration>;
    if constexpr (pick == 0)
      return hewn::json_at<&settings::limit, &limits::tokens>(c);
    else if constexpr (pick == 1)
      return hewn::json_at<&settings::burst, &limits::tokens>(col<&document::notes>);
    else if constexpr (pick == 2)
      return hewn::json_integer(make_json<mix(Seed, 1)>(), name_value(Seed));
    else if constexpr (pick == 3)
      return hewn::json_integer(make_json<mix(Seed, 1) % 5>(), plural_name_value(Seed));
    else if constexpr (pick == 4)
      return hewn::json_integer(c, name_value(Seed), std::string("tokens"));
    else if constexpr (pick < 7)
      return hewn::json_length(make_json<mix(Seed, 2)>());
    else
      return col<&thing::big>;
  }
};

struct json_reals {
  template <std::uint64_t Seed>
  static auto pick() {
    constexpr std::uint64_t pick = Seed % 4;
    if constexpr (pick == 0)
      return hewn::json_at<&settings::limit, &limits::budget>(col<&document::configuration>);
    else if constexpr (pick == 1)
      return hewn::json_at<&settings::burst, &limits::budget>(col<&document::configuration>);
    else if constexpr (pick == 2)
      return hewn::json_real(make_json<mix(Seed, 1)>(), name_value(Seed));
    else
      return hewn::json_real(col<&document::notes>, name_value(Seed), name_value(Seed + 1));
  }
};

struct json_texts {
  template <std::uint64_t Seed>
  static auto pick() {
    constexpr std::uint64_t pick = Seed % 6;
    constexpr auto c = col<&document::configuration>;
    if constexpr (pick == 0)
      return hewn::json_at<&settings::model>(c);
    else if constexpr (pick == 1)
      return hewn::json_text(c, std::string("labels"), name_value(Seed));
    else if constexpr (pick == 2)
      return hewn::json_text(make_json<mix(Seed, 1)>(), name_value(Seed));
    else if constexpr (pick == 3)
      return hewn::json_text(make_json<mix(Seed, 1) % 5>(), plural_name_value(Seed));
    else if constexpr (pick == 4)
      return hewn::json_text(make_json<mix(Seed, 2)>(), name_value(Seed), name_value(Seed + 1));
    else
      return col<&thing::maybe_text>;
  }
};

struct json_truths {
  template <std::uint64_t Seed>
  static auto pick() {
    constexpr std::uint64_t pick = Seed % 3;
    if constexpr (pick == 0)
      return hewn::json_at<&settings::limit, &limits::hard>(col<&document::configuration>);
    else if constexpr (pick == 1)
      return hewn::json_bool(make_json<mix(Seed, 1)>(), name_value(Seed));
    else
      return hewn::json_bool(col<&document::notes>, name_value(Seed), std::string("hard"));
  }
};

template <>
struct columns<tables::things_and_documents> : columns<tables::things> {
  using integers = json_integers;
  using reals = json_reals;
  using texts = json_texts;
  using truths = json_truths;
};

/// A condition that only JSON knows.
template <std::uint64_t Seed>
auto make_json_condition() {
  constexpr std::uint64_t pick = mix(Seed, 1) % 7, l = mix(Seed, 2);
  if constexpr (pick == 0)
    return hewn::json_has(make_json<l>(), name_value(Seed));
  else if constexpr (pick == 1)
    return hewn::json_has(make_json<l>(), name_value(Seed), name_value(Seed + 1));
  else if constexpr (pick == 2)
    return hewn::json_contains(make_json<l>(), std::string(text_value(Seed)));
  else if constexpr (pick == 3)
    return hewn::json_contains(make_json<l>(), integer_value(Seed));
  else if constexpr (pick == 4)
    return hewn::json_contains(make_json<l>(), Seed % 2 == 0);
  else if constexpr (pick == 5)
    return hewn::json_at<&settings::effort>(col<&document::configuration>) ==
           (Seed % 2 == 0 ? level::low : level::high);
  else
    return make_json<l>().is_null();
}

}  // namespace differential
