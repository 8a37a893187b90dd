// tests/live/tenant_kinds_test.cpp - tenants of every type, and what else meets them.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/pool_place.hpp>

#include <hewn/functions.hpp>
#include <hewn/repository.hpp>
#include <hewn/uuid.hpp>
#include <hewn/verify.hpp>

#include <boost/uuid/uuid.hpp>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

/// A type of one's own.
struct owner_id {
  std::int64_t value = 0;
};

}  // namespace

template <>
struct hewn::codec<owner_id> {
  static std::int64_t encode(const owner_id& id) { return id.value; }
  static owner_id decode(std::int64_t value) { return {value}; }
};

namespace {

enum class region { north, south, west };

struct by_text {
  std::int64_t id = 0;
  std::string owner;
  std::string name;
  static consteval auto table() { return hewn::table("by_texts").tenant<&by_text::owner>(); }
};
struct by_uuid {
  std::int64_t id = 0;
  boost::uuids::uuid owner{};
  std::string name;
  static consteval auto table() { return hewn::table("by_uuids").tenant<&by_uuid::owner>(); }
};
struct by_region {
  std::int64_t id = 0;
  region owner{};
  std::string name;
  static consteval auto table() { return hewn::table("by_regions").tenant<&by_region::owner>(); }
};
struct by_type {
  std::int64_t id = 0;
  region owner{};
  std::string name;
  static consteval auto table() {
    return hewn::table("by_types").tenant<&by_type::owner>().native_enum<&by_type::owner>("region");
  }
};
struct counted {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string name;
  std::int64_t version = 0;
  static consteval auto table() {
    return hewn::table("counteds").tenant<&counted::owner>().version<&counted::version>();
  }
};
/// For a part of the program that works for all of them.
struct counted_for_all {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string name;
  std::int64_t version = 0;
  static consteval auto table() {
    return hewn::table("counteds").version<&counted_for_all::version>();
  }
};
struct by_short {
  std::int64_t id = 0;
  std::int16_t owner = 0;
  std::string name;
  static consteval auto table() { return hewn::table("by_shorts").tenant<&by_short::owner>(); }
};
struct by_own {
  std::int64_t id = 0;
  owner_id owner;
  std::string name;
  static consteval auto table() { return hewn::table("by_owns").tenant<&by_own::owner>(); }
};

/// The tenants themselves: each sees its own row.
struct organisation {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("organisations").tenant<&organisation::id>(); }
};

struct origin {
  std::int64_t owner = 0;
  std::int32_t version = 0;
  std::optional<hewn::timestamp> removed_at = {};
};

/// What is said of its rows stands in a struct.
struct document {
  std::int64_t id = 0;
  std::string title;
  origin from = {};
  static consteval auto table() {
    return hewn::table("documents")
        .tenant<hewn::path<&document::from, &origin::owner>>()
        .version<hewn::path<&document::from, &origin::version>>()
        .soft_delete<hewn::path<&document::from, &origin::removed_at>>();
  }
};

struct company {
  std::int64_t id = 0;
  std::string name;
};

struct employee {
  std::int64_t id = 0;
  hewn::ref<company> company_id = {};
  std::string name;
  static consteval auto table() { return hewn::table("employees").tenant<&employee::company_id>(); }
};

/// Rows that are kept when they are removed.
struct note {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string text;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("notes")
        .tenant<&note::owner>()
        .soft_delete<&note::removed_at>()
        .unique<&note::owner, &note::text>();
  }
};

template <class T, class Tenant>
void check_kind(const Tenant& mine, const Tenant& other) {
  auto db = support::open_new();
  hewn::sync<T>(db);
  {
    const auto acting = hewn::act_for(db, other);
    db.insert(T{.name = "theirs"});
  }
  const auto acting = hewn::act_for(db, mine);
  const T row = db.insert(T{.name = "mine"});
  db.insert_many({T{.name = "many"}, T{.name = "more"}});
  db.upsert(T{.name = "met"});
  CHECK(db.template count<T>() == 4);
  CHECK(db.template get<T>(row.id).name == "mine");
  CHECK_FALSE(db.template find<T>(1));
  CHECK(db.all(from<T>.where(col<&T::name> == "theirs")).empty());
  CHECK(db.all(from<T>.select(col<&T::name>)).size() == 4);
  T changed = row;
  changed.name = "changed";
  db.update(changed);
  CHECK(db.template get<T>(row.id).name == "changed");
  CHECK(db.remove(from<T>.where(col<&T::name> != "changed")) == 3);
  const auto all = hewn::all_tenants(db);
  CHECK(db.template count<T>() == 2);
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a tenant is a text, a UUID, an enumeration or a number") {
  check_kind<by_text>(std::string("ann's"), std::string("bob's"));
  check_kind<by_text, std::string_view>("ann's", "bob's");
  check_kind<by_uuid>(boost::uuids::uuid{{1}}, boost::uuids::uuid{{2}});
  check_kind<by_region>(region::west, region::south);
  check_kind<by_type>(region::west, region::south);
  check_kind<by_short>(7, 8);
  check_kind<by_short>(std::uint64_t{7}, std::uint64_t{8});
  check_kind<by_own>(owner_id{7}, owner_id{8});
  check_kind<by_own>(7, 8);
}

TEST_CASE("a tenant of another type is refused") {
  auto db = support::open_new();
  hewn::sync<by_text, by_short, by_uuid>(db);
  {
    const auto acting = hewn::act_for(db, 7);
    CHECK(failure_of([&] { db.count<by_text>(); }).code() == errc::usage);
    CHECK(failure_of([&] { db.insert(by_text{.name = "x"}); }).code() == errc::usage);
    CHECK(failure_of([&] { db.find<by_uuid>(1); }).code() == errc::usage);
    CHECK(db.count<by_short>() == 0);
    CHECK(failure_of([&] {
            db.all(from<by_short>.where(hewn::exists(
                from<by_text>.correlate<by_short>(col<&by_text::id> == col<&by_short::id>))));
          }).code() == errc::usage);
  }
  {
    const auto acting = hewn::act_for(db, "seven");
    CHECK(failure_of([&] { db.count<by_short>(); }).code() == errc::usage);
    CHECK(db.count<by_text>() == 0);
  }
  {
    const auto acting = hewn::act_for(db, 70'000);
    CHECK(failure_of([&] { db.insert(by_short{.name = "x"}); }).code() == errc::usage);
    CHECK(failure_of([&] { db.count<by_short>(); }).code() == errc::usage);
  }
  CHECK(failure_of([&] { const auto none = hewn::act_for(db, ~std::uint64_t{0}); }).code() ==
        errc::usage);
  const auto acting = hewn::act_for<&by_short::owner>(db, 7);
  CHECK(db.count<by_short>() == 0);
}

TEST_CASE("the first value of an enumeration is a tenant, and gives way to the session's") {
  auto db = support::open_new();
  hewn::sync<by_region>(db);
  {
    const auto all = hewn::all_tenants(db);
    CHECK(db.insert(by_region{.owner = region::north, .name = "n"}).owner == region::north);
  }
  const auto acting = hewn::act_for(db, region::south);
  CHECK(db.insert(by_region{.owner = region::north, .name = "s"}).owner == region::south);
  CHECK(failure_of([&] { db.insert(by_region{.owner = region::west, .name = "w"}); }).code() ==
        errc::usage);
  CHECK(db.count<by_region>() == 1);
}

TEST_CASE("a tenant sees its own row among the tenants") {
  auto db = support::open_new();
  hewn::sync<organisation>(db);
  {
    const auto acting = hewn::act_for(db, 8);
    CHECK(db.insert(organisation{0, "eight"}).id == 8);
  }
  const auto acting = hewn::act_for(db, 7);
  CHECK(db.insert(organisation{.name = "seven"}).id == 7);
  CHECK(failure_of([&] { db.insert(organisation{8, "mine"}); }).code() == errc::usage);
  CHECK(db.all<organisation>().size() == 1);
  CHECK(db.get<organisation>(7).name == "seven");
  CHECK_FALSE(db.find<organisation>(8));
  db.update(organisation{0, "renamed"});
  CHECK(db.get<organisation>(7).name == "renamed");
}

TEST_CASE("rows that are kept when they are removed have tenants too") {
  auto db = support::open_new();
  hewn::sync<note>(db);
  for (const std::int64_t of : {7, 8}) {
    const auto acting = hewn::act_for(db, of);
    for (const char* const text : {"a", "b", "c"}) db.insert(note{.text = text});
  }
  const auto acting = hewn::act_for(db, 7);
  CHECK_FALSE(db.remove<note>(4));
  CHECK(db.remove<note>(1));
  CHECK(db.remove(from<note>.where(col<&note::text> == "b")) == 1);
  CHECK(db.count<note>() == 1);
  CHECK(db.count(from<note>.with_removed()) == 3);
  CHECK(db.all(from<note>.with_removed().select(col<&note::text>)).size() == 3);
  CHECK(db.insert(note{.text = "a"}).id == 7);
  CHECK(failure_of([&] { db.restore<note>(5); }).code() == errc::not_found);
  db.restore<note>(2);
  CHECK(db.count<note>() == 3);
  {
    const auto other = hewn::act_for(db, 8);
    CHECK(db.count<note>() == 3);
    CHECK(db.purge<note>(hewn::timestamp{}) == 0);
    CHECK(db.remove_all<note>() == 3);
  }
  CHECK(db.count(from<note>.with_removed()) == 4);
  CHECK(db.purge(from<note>.where(col<&note::text> == "a")) == 1);
  CHECK(db.remove<note>(7));
  const auto later = std::chrono::system_clock::now() + std::chrono::hours(1);
  CHECK(db.purge<note>(later) == 1);
  const auto all = hewn::all_tenants(db);
  CHECK(db.count<note>() == 2);
  CHECK(db.count(from<note>.with_removed()) == 5);
  CHECK(db.purge<note>(later) == 3);
}

TEST_CASE("tables whose tenants are of several types are read together for all of them") {
  auto db = support::open_new();
  hewn::sync<by_text, by_short>(db);
  const auto both =
      from<by_text>.join<by_short>(col<&by_text::name> == col<&by_short::name>).select(col<&by_text::owner>, col<&by_short::owner>);
  {
    const auto acting = hewn::all_tenants(db);
    db.insert(by_text{.owner = "x", .name = "n"});
    db.insert(by_short{.owner = 7, .name = "n"});
    for (int i = 0; i != 2; ++i) CHECK(db.all(both).size() == 1);
    CHECK(db.count(both) == 1);
  }
  const auto acting = hewn::act_for(db, 7);
  CHECK(failure_of([&] { db.all(both); }).code() == errc::usage);
}

TEST_CASE("a query and raw SQL of the same text are told apart") {
  auto db = support::open_new();
  hewn::sync<by_short>(db);
  const auto dialect = support::on_postgres ? hewn::dialect::postgres : hewn::dialect::sqlite;
  const hewn::condition<by_short> named = col<&by_short::name> == "n";
  const auto query = from<by_short>.where(named);
  const std::string text = hewn::to_sql(query, dialect);
  const auto ask = [&](std::int16_t of) {
    return db.all<by_short>(hewn::dynamic_sql(text), "n", of).size();
  };
  CHECK(ask(7) == 0);
  const auto acting = hewn::act_for(db, 7);
  db.insert(by_short{.name = "n"});
  CHECK(db.all(query).size() == 1);
  CHECK(ask(8) == 0);
  CHECK(db.all(query).size() == 1);
  CHECK(ask(7) == 1);
}

TEST_CASE("two structs of one table, of which one has tenants, are told apart") {
  auto db = support::open_new();
  hewn::sync<counted>(db);
  const hewn::condition<counted_for_all> of_seven = col<&counted_for_all::owner> == 7;
  const auto shared = from<counted_for_all>.where(of_seven);
  const auto join = [](auto query) { return query.select(hewn::count()); };
  for (int i = 0; i != 2; ++i) {
    {
      const auto acting = hewn::act_for(db, 7);
      std::vector<counted> rows(5);
      db.insert_many(rows);
      CHECK(db.one(join(from<counted>)) == 5 * (i + 1));
      CHECK(db.count(from<counted>.where(hewn::condition<counted>())) == 5 * (i + 1));
    }
    std::vector<counted_for_all> rows(5, counted_for_all{.owner = 8});
    db.insert_many(rows);
    CHECK(db.one(join(from<counted_for_all>)) == 10 * (i + 1));
    CHECK(db.count(shared) == 5 * (i + 1));
    CHECK(db.all(shared).size() == static_cast<std::size_t>(5 * (i + 1)));
    CHECK(failure_of([&] { db.one(join(from<counted>)); }).code() == errc::usage);
  }
}

TEST_CASE("an element of a batch is of the tenant for whom it was added") {
  auto db = support::open_new();
  hewn::sync<counted>(db);
  counted first, second;
  {
    const auto acting = hewn::act_for(db, 7);
    first = db.insert(counted{.name = "a"});
    second = db.insert(counted{.name = "b"});
    db.update(counted(first));
  }
  const auto stale = [&](const auto& elements) {
    const auto failure = failure_of([&] { db.batch(elements); });
    CHECK(failure.code() == errc::stale);
    CHECK(failure.element() == 1);
    CHECK(failure.stored() == 1);
  };
  stale([&](auto& batch) {
    const auto acting = hewn::act_for(db, 7);
    batch.update(std::as_const(second));
    batch.update(std::as_const(first));
  });
  stale([&](auto& batch) {
    {
      const auto acting = hewn::act_for(db, 7);
      batch.update(std::as_const(second));
      batch.remove(first);
    }
    const auto acting = hewn::act_for(db, 8);
    batch.insert(counted{.name = "c"});
  });
  stale([&](auto& batch) {
    const auto acting = hewn::act_for(db, 7);
    batch.update(std::as_const(second));
    batch.update(std::as_const(first));
    batch.execute(hewn::sql<"INSERT INTO counteds VALUES (1, 7, 'd', 0)">);
  });
  const auto acting = hewn::all_tenants(db);
  CHECK(db.count<counted>() == 2);
  CHECK(db.get<counted>(second.id).version == 0);
}

TEST_CASE("rows of a batch whose guard has ended are looked for behind triggers") {
  auto db = support::open_new();
  hewn::sync<counted>(db);
  db.script(support::on_postgres
                ? "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN "
                  "NULL; END $$; CREATE TRIGGER noted AFTER INSERT ON counteds FOR EACH ROW "
                  "EXECUTE FUNCTION noted()"
                : "CREATE TRIGGER noted AFTER INSERT ON counteds BEGIN SELECT 1; END");
  counted row{.name = "a"};
  db.batch([&](auto& batch) {
    const auto acting = hewn::act_for(db, 7);
    batch.insert(&row);
  });
  CHECK(row.owner == 7);
  CHECK(row.id != 0);
  const auto acting = hewn::act_for(db, 7);
  CHECK(db.get<counted>(row.id).name == "a");
}

TEST_CASE("the tenant of a field that is a ref is a ref or a row") {
  auto db = support::open_new();
  hewn::sync<company, employee>(db);
  const company red = db.insert(company{.name = "red"});
  const company blue = db.insert(company{.name = "blue"});
  {
    const auto acting = hewn::act_for<&employee::company_id>(db, red);
    CHECK(db.insert(employee{.name = "Ann"}).company_id == hewn::ref<company>(red));
    const auto inner = hewn::act_for<&employee::company_id>(db, hewn::ref<company>(blue));
    CHECK(db.insert(employee{.name = "Bo"}).company_id == hewn::ref<company>(blue));
    CHECK(db.count<employee>() == 1);
  }
  const auto acting = hewn::act_for(db, hewn::ref<company>(red));
  CHECK(db.one(from<employee>).name == "Ann");
}

TEST_CASE("the tenant, the version and the time of the removal may be in a struct") {
  auto db = support::open_new();
  hewn::sync<document>(db);
  const auto acting = hewn::act_for<hewn::path<&document::from, &origin::owner>>(db, 7);
  document mine = db.insert(document{.title = "a"});
  CHECK(mine.from.owner == 7);
  document old = mine;
  mine.title = "b";
  db.update(mine);
  CHECK(mine.from.version == 1);
  CHECK(failure_of([&] { db.update(old); }).code() == errc::stale);
  const auto other = hewn::act_for(db, 8);
  CHECK_FALSE(db.remove<document>(mine.id));
  const auto again = hewn::act_for(db, 7);
  db.remove(mine);
  CHECK(db.count<document>() == 0);
  db.restore<document>(mine.id);
  CHECK(db.get<document>(mine.id).from.version == 3);
}

TEST_CASE("a purge by time deletes the removed rows of the tenant alone") {
  auto db = support::open_new();
  hewn::sync<note>(db);
  for (const std::int64_t of : {7, 8}) {
    const auto acting = hewn::act_for(db, of);
    for (const char* const text : {"a", "b", "c"}) db.insert(note{.text = text});
    CHECK(db.remove(from<note>.where(col<&note::text> != "c")) == 2);
  }
  const auto later = std::chrono::system_clock::now() + std::chrono::hours(1);
  CHECK(failure_of([&] { db.purge<note>(later); }).code() == errc::usage);
  {
    const auto acting = hewn::act_for(db, 7);
    CHECK(db.purge<note>(later) == 2);
    CHECK(db.try_purge<note>(later).value() == 0);
    CHECK(db.count(from<note>.with_removed()) == 1);
  }
  {
    const auto acting = hewn::act_for(db, 8);
    CHECK(db.count(from<note>.with_removed()) == 3);
    db.restore<note>(4);
    CHECK(db.transaction([&](auto& tx) { return tx.template purge<note>(later); }) == 1);
  }
  const auto all = hewn::all_tenants(db);
  CHECK(db.count(from<note>.with_removed()) == 3);
  CHECK(db.remove_all<note>() == 3);
  CHECK(db.purge<note>(later) == 3);
}

TEST_CASE("what looks at statements shows the place of the tenant") {
  auto db = support::open_new();
  hewn::sync<by_short>(db);
  const auto query = from<by_short>.where(col<&by_short::name> == "x");
  const std::string place = support::on_postgres ? "$2" : "?2";
  const auto dialect = support::on_postgres ? hewn::dialect::postgres : hewn::dialect::sqlite;
  CHECK(hewn::to_sql(query, dialect).ends_with("\"owner\" = " + place));
  CHECK(hewn::to_sql(query.select(col<&by_short::id>), dialect).find('\x03') == std::string::npos);
  CHECK(hewn::to_sql(hewn::exists(query), dialect).find('\x03') == std::string::npos);
  CHECK(failure_of([&] { hewn::explain(db, query); }).code() == errc::usage);

  // Queries are verified for nobody: nothing runs.
  CHECK(hewn::verify(db, query, query.select(col<&by_short::id>),
                     hewn::update_of(query, col<& by_short::name> = "y"))
            .empty());

  const auto acting = hewn::act_for(db, 7);
  const auto plan = hewn::explain(db, query);
  CHECK(plan.sql.ends_with("\"owner\" = " + place));
  CHECK_FALSE(plan.lines.empty());
  {
    const auto all = hewn::all_tenants(db);
    CHECK(hewn::explain(db, query).sql.ends_with("\"owner\" IS NOT NULL"));
  }
  std::vector<std::string> seen;
  db.observe([&](const hewn::statement_event& e) { seen.emplace_back(e.sql); });
  db.all(query);
  db.get_many<by_short>({1, 2, 3});
  db.stop_observing();
  for (const std::string& sql : seen) CHECK(sql.find('\x03') == std::string::npos);
  REQUIRE(!seen.empty());
  CHECK(seen[0].ends_with("\"owner\" = " + place));
}

TEST_CASE("a repository takes a pool for a tenant") {
  support::pool_place place;
  auto pool = place.open({.size = 2});
  pool.write([](auto& db) { hewn::sync<by_short>(db); });
  const auto mine = pool.for_tenant(7);
  const auto theirs = pool.for_tenant(8);
  hewn::repository<by_short, support::pool::driver_type> rows(mine), others(theirs);
  CHECK(rows.create({.name = "x"}).owner == 7);
  CHECK(rows.all().size() == 1);
  CHECK(others.all().empty());
  CHECK_FALSE(others.find(1));
}
