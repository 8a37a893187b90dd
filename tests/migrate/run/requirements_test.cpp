// tests/migrate/run/requirements_test.cpp - what migrations require of each other, without a
// database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate/run/next_migration.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::migration_info;
using hewn::migration_key;
using hewn::out_of_order;
using hewn::detail::checked_requirements;
using hewn::detail::migration_history;
using hewn::detail::next_down;
using hewn::detail::pending_up;
using hewn::detail::requirement_graph;
using support::failure_of;
using support::says;

namespace {

using list = std::vector<migration_info>;
using indexes = std::vector<std::size_t>;
constexpr std::int64_t newest = 1'000;

migration_info made(std::int64_t version, std::string name, std::vector<migration_key> needs = {},
                    std::vector<migration_key> parents = {}) {
  return {.version = version,
          .name = std::move(name),
          .needs = std::move(needs),
          .parents = std::move(parents),
          .has_down = true};
}

migration_history applied(const std::vector<std::int64_t>& versions) {
  migration_history h;
  for (const std::int64_t v : versions) {
    h.versions[v].applied = true;
    h.versions[v].order = ++h.last_event;
  }
  return h;
}

// Of a list that cannot be.
std::string problem(const list& known, const list& elsewhere = {}) {
  return failure_of([&] { checked_requirements(known, elsewhere); }).what();
}

}  // namespace

TEST_CASE("a migration is named by its version, its name or both") {
  CHECK(migration_key("3") == migration_key(3));
  CHECK(migration_key("add_users").version == 0);
  CHECK(migration_key("add_users").name == "add_users");
  CHECK(migration_key("0003_add_users").version == 3);
  CHECK(migration_key("0003_add_users").name == "add_users");
  CHECK(migration_key("3d_models").version == 0);
  CHECK(migration_key("3d_models").name == "3d_models");
  CHECK(migration_key("0_a").name == "0_a");
  CHECK(migration_key("1234567890123456789").name == "1234567890123456789");
  CHECK(migration_key("0003_add_users").word() == "3_add_users");
  const list known = {made(1, "users"), made(2, "mail", {1, "users", "0001_users"})};
  CHECK(checked_requirements(known, {}).needs == std::vector<indexes>{{}, {0}});
}

TEST_CASE("a requirement that cannot be met is refused with its names") {
  CHECK(problem({made(1, "a", {"users"})}) ==
        "hewn: migration 1 (a) requires users, which is not there; correct that, or restore the "
        "migration");
  CHECK(problem({made(1, "users"), made(2, "b", {"0001_teams"})}) ==
        "hewn: migration 2 (b) requires 1_teams, which is not there; correct that, or restore the "
        "migration");
  CHECK(problem({made(1, "index"), made(2, "index"), made(3, "c", {"index"})}) ==
        "hewn: migration 3 (c) requires index, as 1 (index) and 2 (index) are called; write its "
        "version, too");
  CHECK(problem({made(1, "a", {"a"})}) == "hewn: migration 1 (a) requires itself; take that out");
  CHECK(problem({made(1, "a", {"b"}), made(2, "b")}) ==
        "hewn: migration 1 (a) requires 2 (b), which comes after it; give it a newer version");
  CHECK(problem({made(1, "a", {3}), made(2, "b", {}, {"a"}), made(3, "c", {"b"})}) ==
        "hewn: migrations require each other in a circle (1 (a), 3 (c), 2 (b), 1 (a)); take one of "
        "these requirements out");
  CHECK(problem({made(1, "a", {}, {"nothing"})}).find("requires nothing, which") !=
        std::string::npos);
}

TEST_CASE("what stands for a migration is what others required of it") {
  migration_info all = made(3, "all");
  all.replaces = {1, 2};
  all.replaced = {1, "0002_mail"};
  CHECK(checked_requirements(list{all, made(4, "d", {1, "mail", "0002_mail", "0001_users"})}, {})
            .needs == std::vector<indexes>{{}, {0}});
  CHECK(problem({all, made(4, "d", {"0002_post"})}).find("requires 2_post") != std::string::npos);
}

TEST_CASE("what only the other database has is required of nobody here") {
  CHECK(
      checked_requirements(list{made(1, "a"), made(3, "c", {"search", 2})}, list{made(2, "search")})
          .needs == std::vector<indexes>{{}, {}});
}

TEST_CASE("branches are found, wherever they part, until a migration joins them") {
  list known = {made(1, "users"), made(2, "base", {}, {"users"}), made(3, "mail", {}, {"base"}),
                made(4, "phone", {}, {"base"})};
  CHECK(problem(known) ==
        "hewn: migrations 3 (mail) and 4 (phone) end two branches that part after 2 (base), as "
        "when branches of the source were merged; see whether they go together, and join them by a "
        "newer migration with the line -- after: 3_mail, 4_phone");
  known.push_back(made(5, "mails", {}, {"mail"}));
  CHECK(problem(known).find("migrations 4 (phone) and 5 (mails) end two branches that part after 2 "
                            "(base)") != std::string::npos);
  known.push_back(made(6, "join", {}, {"mails", "phone"}));
  CHECK(checked_requirements(known, {}).parents[5] == indexes{4, 3});
  known.push_back(made(7, "fax", {}, {"phone"}));
  CHECK(problem(known).find("6 (join) and 7 (fax) end two branches that part after 4 (phone)") !=
        std::string::npos);
}

TEST_CASE("a line, a migration without a parent and two beginnings are no branches") {
  checked_requirements(list{made(1, "a"), made(2, "b", {}, {"a"}), made(3, "c"),
                            made(4, "d", {}, {"b"}), made(5, "e", {"a"})},
                       {});
  checked_requirements(
      list{made(1, "a"), made(2, "b"), made(3, "c", {}, {"a"}), made(4, "d", {}, {"b"})}, {});
}

TEST_CASE("all that is pending is looked at before the first") {
  const list known = {made(1, "a"), made(2, "b"), made(3, "c"), made(4, "d", {"a"})};
  const requirement_graph g = checked_requirements(known, {});
  const auto pending = [&](out_of_order late, std::int64_t last = newest) {
    return pending_up(known, g, applied({2}), last, late);
  };
  CHECK(pending(out_of_order::apply) == indexes{0, 2, 3});
  CHECK(says(failure_of([&] { pending(out_of_order::refuse); }), "migration 1 (a) is older"));
  CHECK(std::string(failure_of([&] { pending(out_of_order::skip); }).what()) ==
        "hewn: migration 4 (d) requires 1 (a), which comes late and is skipped; choose "
        "out_of_order::apply, or give both a newer version");
  CHECK(pending(out_of_order::skip, 3) == indexes{2});
}

TEST_CASE("a late migration runs in every mode once its branch is joined") {
  list known = {made(1, "users"), made(2, "mail", {}, {"users"}), made(3, "phone", {}, {"users"}),
                made(4, "join", {}, {"mail", "phone"})};
  const requirement_graph g = checked_requirements(known, {});
  for (const auto late : {out_of_order::refuse, out_of_order::skip, out_of_order::apply}) {
    CHECK(pending_up(known, g, applied({1, 3}), newest, late) == indexes{1, 3});
    CHECK(pending_up(known, g, applied({1, 2}), newest, late) == indexes{2, 3});
  }
  // What is behind both, or has no parent, says nothing of their order.
  CHECK(failure_of([&] {
          pending_up(known, g, applied({1, 3, 4}), newest, out_of_order::refuse);
        }).code() == hewn::errc::usage);
  known.insert(known.begin() + 3, made(10, "other"));
  known[4].version = 11;
  const requirement_graph more = checked_requirements(known, {});
  CHECK(failure_of([&] {
          pending_up(known, more, applied({1, 3, 10}), newest, out_of_order::refuse);
        }).code() == hewn::errc::usage);
  // Nor does what is not there any more.
  CHECK(failure_of([&] {
          pending_up(known, more, applied({1, 3, 7}), newest, out_of_order::refuse);
        }).code() == hewn::errc::usage);
}

TEST_CASE("what others require goes after them, or not at all") {
  const list known = {made(1, "a"), made(2, "b", {"a"}), made(3, "c")};
  const requirement_graph g = checked_requirements(known, {});
  // It was applied last, as after a repair.
  const migration_history h = applied({2, 3, 1});
  CHECK(std::string(failure_of([&] { next_down(known, g, h, 0, false); }).what()) ==
        "hewn: migration 1 (a) is required by 2 (b), which is applied; undo that one first");
  CHECK(next_down(known, g, h, 0, true) == std::optional<std::size_t>(1));
  CHECK(next_down(known, g, applied({2, 3}), 0, true) == std::optional<std::size_t>(2));
}
