// tests/live/text_functions_test.cpp - functions of text, the same on every database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::concat;
using hewn::contains_text;
using hewn::ends_with;
using hewn::errc;
using hewn::from;
using hewn::ilike;
using hewn::starts_with;
using hewn::substr;
using hewn::value;
using support::failure_of;

namespace {

enum class color { red, dark_blue };

struct word {
  std::int64_t id = 0;
  std::string text;
  std::optional<std::string> other;
  color shade = color::red;
};

support::database open_with(const std::vector<std::string>& texts) {
  auto db = support::open_new();
  hewn::sync<word>(db);
  std::vector<word> rows;
  for (const std::string& text : texts)
    rows.push_back({.id = static_cast<std::int64_t>(rows.size()) + 1, .text = text});
  db.insert_many(rows);
  return db;
}

template <class R, class E>
std::vector<R> values_of(const support::database& db, const E& e) {
  return db.all(from<word>.order_by(col<&word::id>).template select<R>(e));
}

/// The expression of one text.
template <class R = std::string, class E>
R value_of(const support::database& db, const E& e) {
  return values_of<R>(db, e).at(0);
}

using texts = std::vector<std::string>;
using integers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("upper and lower case are those of ASCII") {
  auto db = open_with({"Straße", "ÉCLAIR", "Ωmega İ", ""});
  CHECK(values_of<std::string>(db, hewn::lower(col<&word::text>)) ==
        texts{"straße", "Éclair", "Ωmega İ", ""});
  CHECK(values_of<std::string>(db, hewn::upper(col<&word::text>)) ==
        texts{"STRAßE", "ÉCLAIR", "ΩMEGA İ", ""});
  CHECK(db.all(from<word>.where(hewn::lower(col<&word::text>) == "straße")).size() == 1);
  // Byte by byte, whatever the locale.
  CHECK(
      db.all(
          from<word>.order_by(hewn::lower(col<&word::text>)).select<std::int64_t>(col<&word::id>)) ==
      integers{4, 1, 2, 3});
}

TEST_CASE("characters are counted, not bytes") {
  auto db = open_with({"añ€😀", "", "  "});
  CHECK(values_of<std::int64_t>(db, hewn::length(col<&word::text>)) == integers{4, 0, 2});
  CHECK(values_of<std::int64_t>(db, hewn::length(col<&word::text>) * 10'000'000'000) ==
        integers{40'000'000'000, 0, 20'000'000'000});
  CHECK(value_of(db, substr(col<&word::text>, 2, 2)) == "ñ€");
  CHECK(value_of(db, substr(col<&word::text>, 3)) == "€😀");
}

TEST_CASE("a part of a text begins at number 1") {
  auto db = open_with({"hello"});
  const auto part = [&](std::int64_t start, std::int64_t count) {
    return value_of(db, substr(col<&word::text>, start, count));
  };
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  CHECK(part(1, 5) == "hello");
  CHECK(part(2, 3) == "ell");
  CHECK(part(4, 9) == "lo");
  CHECK(part(6, 1) == "");
  CHECK(part(0, 2) == "h");
  CHECK(part(-1, 3) == "h");
  CHECK(part(-1, 2) == "");
  CHECK(part(2, 0) == "");
  CHECK(part(2, -1) == "");
  CHECK(part(2, most) == "ello");
  CHECK(part(most, most) == "");
  CHECK(part(least, 3) == "");
  CHECK(part(1, least) == "");
  CHECK(value_of(db, substr(col<&word::text>, -3)) == "hello");
  CHECK(value_of(db, substr(col<&word::text>, most)) == "");
}

TEST_CASE("blanks and given characters are cut off") {
  auto db = open_with({"  a b ", "xyaxbyx", "\t a\n"});
  CHECK(values_of<std::string>(db, hewn::trim(col<&word::text>)) ==
        texts{"a b", "xyaxbyx", "\t a\n"});
  CHECK(values_of<std::string>(db, hewn::ltrim(col<&word::text>)) ==
        texts{"a b ", "xyaxbyx", "\t a\n"});
  CHECK(values_of<std::string>(db, hewn::rtrim(col<&word::text>)) ==
        texts{"  a b", "xyaxbyx", "\t a\n"});
  CHECK(values_of<std::string>(db, hewn::trim(col<&word::text>, "xy")).at(1) == "axb");
  CHECK(values_of<std::string>(db, hewn::ltrim(col<&word::text>, "xy")).at(1) == "axbyx");
  CHECK(values_of<std::string>(db, hewn::rtrim(col<&word::text>, std::string("xy"))).at(1) ==
        "xyaxb");
  CHECK(values_of<std::string>(db, hewn::trim(col<&word::text>, " \t\n")).at(2) == "a");
  CHECK(values_of<std::string>(db, hewn::trim(col<&word::text>, "")).at(0) == "  a b ");
  CHECK(value_of(db, hewn::trim(value("€€a€"), "€")) == "a");
}

TEST_CASE("texts are replaced and put together") {
  auto db = open_with({"aXbxX"});
  CHECK(value_of(db, hewn::replace(col<&word::text>, "X", "--")) == "a--bx--");
  CHECK(value_of(db, hewn::replace(col<&word::text>, "", "-")) == "aXbxX");
  CHECK(value_of(db, hewn::replace(col<&word::text>, "x", "")) == "aXbX");
  CHECK(value_of<std::optional<std::string>>(
            db, hewn::replace(col<&word::text>, "", col<&word::other>)) == std::nullopt);
  CHECK(value_of(db, concat("<", col<&word::text>, std::string(">"), col<&word::text>)) ==
        "<aXbxX>aXbxX");
  CHECK(value_of(db, concat(hewn::cast<std::string>(col<&word::id>), ":",
                            hewn::cast<std::string>(col<&word::shade>))) == "1:red");
  CHECK(value_of<std::optional<std::string>>(db, concat(col<&word::text>, col<&word::other>)) ==
        std::nullopt);
  CHECK(value_of(db, concat(col<&word::text>, hewn::coalesce(col<&word::other>, "!"))) == "aXbxX!");
}

TEST_CASE("a text is found in another, in which nothing is a wildcard") {
  auto db = open_with({"50%_off\\", "ab", ""});
  using truths = std::vector<bool>;
  const auto with = [&](const auto& e) { return values_of<bool>(db, e); };
  CHECK(with(starts_with(col<&word::text>, "50%")) == truths{true, false, false});
  CHECK(with(starts_with(col<&word::text>, "5_%")) == truths{false, false, false});
  CHECK(with(starts_with(col<&word::text>, "A")) == truths{false, false, false});
  CHECK(with(starts_with(col<&word::text>, "")) == truths{true, true, true});
  CHECK(with(starts_with(col<&word::text>, "abc")) == truths{false, false, false});
  CHECK(with(ends_with(col<&word::text>, "f\\")) == truths{true, false, false});
  CHECK(with(ends_with(col<&word::text>, "b")) == truths{false, true, false});
  CHECK(with(ends_with(col<&word::text>, "B")) == truths{false, false, false});
  CHECK(with(ends_with(col<&word::text>, "")) == truths{true, true, true});
  CHECK(with(ends_with(col<&word::text>, "aab")) == truths{false, false, false});
  CHECK(with(contains_text(col<&word::text>, "%_")) == truths{true, false, false});
  CHECK(with(contains_text(col<&word::text>, "")) == truths{true, true, true});
  CHECK(with(contains_text(col<&word::text>, "O")) == truths{false, false, false});
  CHECK(
      values_of<std::optional<bool>>(db, starts_with(col<&word::text>, col<&word::other>)).at(0) ==
      std::nullopt);
  CHECK(values_of<std::optional<bool>>(db, ends_with(col<&word::other>, "a")).at(0) ==
        std::nullopt);
  CHECK(db.all(from<word>.where(!contains_text(col<&word::text>, "b"))).size() == 2);
}

TEST_CASE("a pattern ignores the case of ASCII and can be escaped") {
  auto db = open_with({"Straße 50%", "strasse 500", "ÉCLAIR", "a\\b", ""});
  const auto like = [&](const auto& pattern) {
    return db.all(
        from<word>.where(ilike(col<&word::text>, pattern)).order_by(col<&word::id>).template select<std::int64_t>(col<&word::id>));
  };
  CHECK(like("STRA%") == integers{1, 2});
  CHECK(like("stra_e%") == integers{1});
  CHECK(like("%50\\%") == integers{1});
  CHECK(like("éclair") == integers{});
  CHECK(like("Éclair") == integers{3});
  CHECK(like("A\\\\B") == integers{4});
  CHECK(like("\\S%") == integers{1, 2});
  CHECK(like("") == integers{5});
  CHECK(like("%") == integers{1, 2, 3, 4, 5});
  CHECK(like(hewn::escape_like("STRAßE 50%")) == integers{1});
  CHECK(like(hewn::escape_like("A\\") + "%") == integers{4});
  for (const std::string pattern : {"a\\", "\\", "%\\\\\\"})
    CHECK(failure_of([&] { static_cast<void>(like(pattern)); }).code() == errc::invalid_data);
  CHECK(values_of<std::optional<bool>>(db, ilike(col<&word::other>, "a")).at(0) == std::nullopt);
}

TEST_CASE("functions of text choose rows that are written") {
  auto db = open_with({"One", "two"});
  CHECK(db.update(from<word>.where(hewn::length(col<&word::text>) == 3 &&
                                   starts_with(col<&word::text>, "O") &&
                                   substr(col<&word::text>, 2, 1) == "n"),
                  col<& word::text> = concat(hewn::upper(col<&word::text>), "!")) == 1);
  CHECK(db.get<word>(1).text == "ONE!");
  CHECK(db.remove(from<word>.where(ilike(col<&word::text>, "TW%"))) == 1);
}
