// tests/postgres/wire/array_test.cpp - arrays in binary and as text, without a server.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/wire/array.hpp>
#include <hewn/postgres/wire/array_literal.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::value_problem;
using namespace hewn::postgres::detail;

namespace {

std::string int8_bytes(std::int64_t v) {
  std::string out(8, '\0');
  store(out.data(), static_cast<std::uint64_t>(v));
  return out;
}

/// What is read, and why it ended.
std::pair<std::vector<std::optional<std::int64_t>>, value_problem> read_all(
    std::string_view stored, wire element = wire::int8) {
  array_reader reader(element, stored);
  std::vector<std::optional<std::int64_t>> out;
  while (reader.next()) {
    std::int64_t v = 0;
    if (reader.read(0, v)) {
      out.emplace_back(v);
    } else if (reader.problem() == value_problem::is_null) {
      reader.clear_problem();
      out.emplace_back();
    } else {
      break;
    }
  }
  return {out, reader.problem()};
}

}  // namespace

TEST_CASE("an array that is written is read, and one that is cut off is never read past its end") {
  array_writer writer(20);
  for (const std::int64_t v : {std::int64_t{1}, std::int64_t{INT64_MIN}})
    writer.append(int8_bytes(v));
  writer.append_null();
  const std::string stored(writer.finish());
  const std::vector<std::optional<std::int64_t>> all = {1, INT64_MIN, std::nullopt};
  CHECK(read_all(stored).first == all);
  CHECK(read_all(stored).second == value_problem::none);
  for (std::size_t size = 0; size != stored.size(); ++size) {
    const std::string part = stored.substr(0, size);
    CHECK(read_all(part).second != value_problem::none);
  }
  writer.clear();
  CHECK(read_all(writer.finish()).first.empty());
  CHECK(read_all(writer.finish()).second == value_problem::none);
}

TEST_CASE("more than one dimension, and elements of no known type, are refused") {
  std::string matrix(28, '\0');
  store(matrix.data(), std::uint32_t{2});
  CHECK(read_all(matrix).second == value_problem::nested_list);
  array_writer writer(600);
  writer.append("x");
  CHECK(read_all(writer.finish(), wire::unknown).second == value_problem::other_element);
}

TEST_CASE("an array as text has its quotes and names for what numbers lack") {
  array_literal literal;
  const auto text = [&](auto... values) {
    literal.clear();
    (literal.bind(1, values), ...);
    return std::string(literal.finish());
  };
  CHECK(text() == "{}");
  CHECK(text(std::int64_t{-1}, std::int64_t{2}) == "{-1,2}");
  CHECK(text(true, false) == "{t,f}");
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(text(0.1, -infinity, infinity, std::numeric_limits<double>::quiet_NaN()) ==
        "{0.1,-Infinity,Infinity,NaN}");
  using std::chrono::year;
  CHECK(text(hewn::date(year(0) / 2 / 29), hewn::date(year(9999) / 12 / 31)) ==
        R"({"0001-02-29 BC","9999-12-31"})");
  CHECK(text(hewn::timestamp(hewn::date(year(0) / 1 / 1)), hewn::timestamp{}) ==
        R"({"0001-01-01 00:00:00+00 BC","1970-01-01 00:00:00+00"})");
  literal.clear();
  literal.bind_null(1);
  for (const char* each : {"", "null", "a\"b\\"}) literal.bind(1, std::string_view(each), false);
  CHECK(literal.finish() == R"({NULL,"","null","a\"b\\"})");
  literal.clear();
  literal.bind(1, std::string_view("a\0", 2), false);
  CHECK(literal.problem() == value_problem::has_nul);
  literal.clear();
  literal.bind(1, hewn::date(year(10000) / 1 / 1));
  CHECK(literal.problem() == value_problem::no_such_time);
}
