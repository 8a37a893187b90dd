// tests/query/pages/position_test.cpp - the SQL of pages, and cursors as text.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/pages/cursor.hpp>
#include <hewn/query/pages/position.hpp>
#include <hewn/query/select/as_joined.hpp>
#include <hewn/schema/table_declaration.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::col;
using hewn::desc;
using hewn::dialect;
using hewn::from;

namespace {

struct person {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> age;
  static consteval auto table() { return hewn::table("people"); }
};

using hewn::detail::condition_value;
using kind = condition_value::kind;

condition_value number(std::int64_t n) {
  condition_value v;
  v.what = kind::integer;
  v.integer = n;
  return v;
}
condition_value text(std::string t) {
  condition_value v;
  v.what = kind::text;
  v.text = std::move(t);
  return v;
}

/// The page behind a position, from WHERE on.
template <class Query>
std::string page(const Query& query, const hewn::detail::row_position* from, bool backwards = false,
                 dialect d = dialect::sqlite) {
  const auto selected = query.template select<std::int64_t>(col<&person::id>);
  const auto plan = selected.plan();
  const hewn::detail::whole_order order(plan.steps, plan.order);
  hewn::detail::changed_plan changed(plan, {.order = false});
  hewn::detail::write_page(changed, order, from, backwards, 3, false);
  const std::string sql = changed.plan().sql(d);
  return sql.substr(sql.find(" FROM \"people\"") + 14);
}

}  // namespace

TEST_CASE("a page begins by one comparison of rows where directions agree and nothing is NULL") {
  const hewn::detail::row_position at{text("b"), number(7)};
  CHECK(page(from<person>.order_by(col<&person::name>), nullptr) ==
        R"( ORDER BY "people"."name", "people"."id" LIMIT ?1)");
  CHECK(page(from<person>.order_by(col<&person::name>), &at) ==
        R"( WHERE ("people"."name", "people"."id") > (?1, ?2) ORDER BY "people"."name", )"
        R"("people"."id" LIMIT ?3)");
  CHECK(page(from<person>.order_by(col<&person::name>), &at, true, dialect::postgres) ==
        R"( WHERE ("people"."name", "people"."id") < ($1, $2) ORDER BY "people"."name" DESC, )"
        R"("people"."id" DESC LIMIT $3)");
  CHECK(page(from<person>.order_by(desc<&person::name>), &at) ==
        R"( WHERE ("people"."name", "people"."id") < (?1, ?2) ORDER BY "people"."name" DESC, )"
        R"("people"."id" DESC LIMIT ?3)");
  const hewn::detail::row_position key{number(7)};
  CHECK(
      page(from<person>.where(col<&person::age> > 3).order_by(desc<&person::id>), &key) ==
      R"( WHERE "people"."age" > ?1 AND "people"."id" < ?2 ORDER BY "people"."id" DESC LIMIT ?3)");
}

TEST_CASE("mixed directions are expanded, behind a bound that an index can use") {
  const hewn::detail::row_position at{text("b"), number(7)};
  CHECK(page(from<person>.order_by(desc<&person::name>, col<&person::id>), &at) ==
        R"( WHERE "people"."name" <= ?1 AND ("people"."name" < ?2 OR ("people"."name" = ?3 AND )"
        R"("people"."id" > ?4)) ORDER BY "people"."name" DESC, "people"."id" LIMIT ?5)");
}

TEST_CASE("NULLs lie where the order has them") {
  const hewn::detail::row_position value{number(3), number(7)};
  const hewn::detail::row_position null{condition_value(), number(7)};
  const auto ages = from<person>.order_by(col<&person::age>);
  // Before all values, so that a comparison leaves them out as it should.
  CHECK(page(ages, &value, false, dialect::postgres) ==
        R"( WHERE ("people"."age", "people"."id") > ($1, $2) ORDER BY "people"."age" NULLS FIRST, )"
        R"("people"."id" LIMIT $3)");
  CHECK(page(ages, &null) ==
        R"( WHERE ("people"."age" IS NOT NULL OR ("people"."age" IS NULL AND "people"."id" > ?1)) )"
        R"(ORDER BY "people"."age", "people"."id" LIMIT ?2)");
  // Behind all values.
  CHECK(page(ages, &value, true) ==
        R"( WHERE (("people"."age" < ?1 OR "people"."age" IS NULL) OR ("people"."age" = ?2 AND )"
        R"("people"."id" < ?3)) ORDER BY "people"."age" DESC, "people"."id" DESC LIMIT ?4)");
  CHECK(page(ages, &null, true) ==
        R"( WHERE (("people"."age" IS NULL AND "people"."id" < ?1)) ORDER BY "people"."age" DESC, )"
        R"("people"."id" DESC LIMIT ?2)");
  CHECK(page(from<person>.order_by(col<&person::age>.asc().nulls_last()), &value, true) ==
        R"( WHERE ("people"."age", "people"."id") < (?1, ?2) ORDER BY "people"."age" DESC NULLS )"
        R"(FIRST, "people"."id" DESC LIMIT ?3)");
}

TEST_CASE("a cursor holds every kind of value, and is one text of letters") {
  hewn::detail::row_position at{number(-1), text(std::string("a\0\xC3\xA4", 4))};
  std::vector<hewn::detail::sort_term> terms(2);
  terms[1].type = hewn::column_type::text;
  const auto add = [&](kind what, hewn::column_type type) -> condition_value& {
    terms.push_back({});
    terms.back().type = type;
    at.push_back({});
    at.back().what = what;
    return at.back();
  };
  add(kind::real, hewn::column_type::real).real = -0.1;
  add(kind::boolean, hewn::column_type::boolean).integer = 1;
  add(kind::blob, hewn::column_type::blob).blob = {std::byte{0}, std::byte{255}};
  add(kind::instant, hewn::column_type::instant).integer = -62'000'000'000'000'000;
  add(kind::day, hewn::column_type::day).integer = 20'000;
  add(kind::uuid, hewn::column_type::uuid).uuid.data[15] = 9;
  add(kind::null, hewn::column_type::int64);
  terms.back().null = true;
  const std::string written = hewn::detail::write_cursor(at, "shape", "key");
  const auto read = hewn::detail::read_cursor(written, terms, "shape", "key");
  REQUIRE(read.size() == at.size());
  for (std::size_t i = 0; i != at.size(); ++i) {
    CAPTURE(i);
    CHECK(read[i].what == at[i].what);
    CHECK(read[i].integer == at[i].integer);
    CHECK(read[i].real == at[i].real);
    CHECK(read[i].text == at[i].text);
    CHECK(read[i].blob == at[i].blob);
    CHECK(read[i].uuid == at[i].uuid);
  }
  // What the digest is right for and the order is not, as somebody without a key could make it.
  const auto refused = [&] {
    return support::failure_of([&] {
             hewn::detail::read_cursor(written, terms, "shape", "key");
           }).code() == hewn::errc::invalid_data;
  };
  terms.back().null = false;
  CHECK(refused());
  terms.back().null = true;
  terms[0].type = hewn::column_type::text;
  CHECK(refused());
  terms[0].type = hewn::column_type::int32;
  terms.pop_back();
  CHECK(refused());
}
