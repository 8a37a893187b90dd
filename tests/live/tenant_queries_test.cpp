// tests/live/tenant_queries_test.cpp - queries over several tables see one tenant in each of them.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/tenant_case.hpp>

#include <hewn/functions.hpp>
#include <hewn/shapes.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

using namespace support::tenants;
using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

struct team_hours {
  std::int64_t team_id = 0;
  std::optional<std::int64_t> hours;
};

struct step {
  std::int64_t id = 0;
  std::int64_t depth = 0;
};

struct named {
  std::string name;
};

struct team_page {
  team self;
  std::vector<task> tasks;
};

struct task_page {
  task self;
  team home;
  std::vector<helper> helpers;
};

struct team_numbers {
  team self;
  std::int64_t tasks = 0;
};

struct country_tree {
  country self;
  std::vector<team_page> teams;
};

using other = hewn::alias<task, "other">;

using support::tenants::tell;
void tell(std::ostream& out, const team_hours& r) { tell(out, std::tuple(r.team_id, r.hours)); }
void tell(std::ostream& out, const named& r) { tell(out, r.name); }
void tell(std::ostream& out, const team_page& p) { tell(out, std::tuple(p.self, p.tasks)); }
void tell(std::ostream& out, const task_page& p) {
  tell(out, std::tuple(p.self, p.home, p.helpers));
}
void tell(std::ostream& out, const team_numbers& p) { tell(out, std::tuple(p.self, p.tasks)); }
void tell(std::ostream& out, const country_tree& p) {
  tell(out, p.self);
  for (const team_page& t : p.teams) tell(out, t);
}

template <class T>
std::string text_of(const std::vector<T>& rows) {
  std::ostringstream out;
  for (const T& row : rows) {
    tell(out, row);
    out << '\n';
  }
  return std::move(out).str();
}

/// Each query by its name, with what it finds.
std::map<std::string, std::string> ask(const support::database& db) {
  std::map<std::string, std::string> found;
  const auto add = [&](const std::string& name, const auto& query) {
    found[name] = text_of(db.all(query));
    found["count of " + name] = std::to_string(db.count(query));
    found["exists of " + name] = std::to_string(db.exists(query));
  };
  const auto sorted = from<task>.order_by(col<&task::id>);
  const auto of_helper = col<&task::helper_id> == col<&helper::id>;
  const auto red = from<team>.where(col<&team::name> == "red");

  add("join", sorted.join<team>().select(col<&task::id>, col<&team::name>));
  add("join where", sorted.where(col<&task::hours> > 1 || col<&task::title> == "a")
                        .join<team>()
                        .where(col<&team::name> == "red" || col<&team::id> > 3)
                        .select(col<&task::id>, col<&team::name>));
  add("left join", sorted.left_join<helper>(of_helper).select(col<&task::id>, col<&helper::name>));
  add("left join where",
      sorted.left_join<helper>(of_helper).where(col<&helper::id>.is_null()).select(col<&task::id>));
  add("right join",
      from<task>.right_join<helper>(of_helper).order_by(col<&helper::id>, col<&task::id>).select(col<&task::id>, col<&helper::name>));
  add("right join of no tenant", from<team>.right_join<country>(col<&team::country_id> == col<&country::id>).order_by(col<&country::id>, col<&team::id>).select(col<&team::name>, col<&country::name>));
  add("full join",
      from<task>.full_join<helper>(of_helper).order_by(col<&helper::id>, col<&task::id>).select(col<&task::id>, col<&helper::name>));
  add("cross join",
      from<team>.cross_join<helper>().order_by(col<&team::id>, col<&helper::id>).select(col<&team::name>, col<&helper::name>));
  add("left join of no tenant", from<country>.left_join<team>(col<&team::country_id> == col<&country::id>).order_by(col<&country::id>, col<&team::id>).select(col<&country::name>, col<&team::name>));
  add("left then right", sorted.left_join<helper>(of_helper)
                             .right_join<team>(col<&task::team_id> == col<&team::id>)
                             .order_by(col<&team::id>)
                             .select(col<&task::id>, col<&helper::name>, col<&team::name>));
  add("alias", sorted.join<other>(other::col<&task::hours> == col<&task::hours> + 1)
                   .select(col<&task::id>, other::col<&task::id>));
  add("left alias", sorted.left_join<other>(other::col<&task::id> == col<&task::helper_id>)
                        .select(col<&task::id>, other::col<&task::title>));
  add("whole rows", sorted.join<team>());
  add("joined if", sorted.left_join_if<team>(true, col<&task::team_id> == col<&team::id>)
                       .select(col<&task::id>, col<&team::name>));
  add("joined if not", sorted.left_join_if<team>(false, col<&task::team_id> == col<&team::id>)
                           .select(col<&task::id>, col<&team::name>));
  add("groups", from<task>.group_by(col<&task::team_id>).having(hewn::count() > 1).order_by(col<&task::team_id>).select(col<&task::team_id>, hewn::count(), hewn::sum(col<&task::hours>)));
  add("distinct", from<task>.distinct().order_by(col<&task::title>).select(col<&task::title>));
  add("in a query", sorted.where(col<&task::team_id>.in(red.select(col<&team::id>))));
  add("in a query of another table", from<country>.where(col<&country::id>.in(from<team>.where(col<&team::name> != "blue").select(col<&team::country_id>))).order_by(col<&country::id>));
  add("exists",
      from<team>.where(hewn::exists(from<task>.correlate<team>())).order_by(col<&team::id>));
  add("exists not",
      from<team>.where(!hewn::exists(from<task>.correlate<team>())).order_by(col<&team::id>));
  add("exists in no tenant", from<country>.where(!hewn::exists(from<team>.where(col<&team::name> == "blue").correlate<country>())).order_by(col<&country::id>));
  add("scalar", from<country>.order_by(col<&country::id>).select(col<&country::name>, hewn::scalar(from<team>.correlate<country>().select(hewn::count()))));
  const auto totals =
      from<task>.group_by(col<&task::team_id>).select<team_hours>(col<&task::team_id>, hewn::sum(col<&task::hours>));
  add("derived", from<team>.left_join(totals, col<&team_hours::team_id> == col<&team::id>).order_by(col<&team::id>).select(col<&team::name>, col<&team_hours::hours>));
  add("with", hewn::with(totals).from<team_hours>().order_by(col<&team_hours::team_id>));
  add("recursive",
      hewn::with_recursive(
          from<task>.where(col<&task::id> == 11).select<step>(col<&task::id>, col<&task::hours> - col<&task::hours>),
          from<step>.join<task>(col<&task::helper_id> == col<&step::id> - 8).select<step>(col<&task::id>, col<&step::depth> + 1),
          100)
          .from<step>()
          .order_by(col<&step::id>)
          .select(col<&step::id>));
  const auto names = from<team>.select<named>(col<&team::name>);
  const auto helpers = from<helper>.select<named>(col<&helper::name>);
  add("union", names.union_all(helpers).order_by(col<&named::name>));
  add("union distinct", names.union_distinct(helpers).order_by(col<&named::name>));
  add("intersect",
      names.intersect(from<team>.where(col<&team::id> < 4).select<named>(col<&team::name>))
          .order_by(col<&named::name>));
  add("except", names.except(from<team>.where(col<&team::id> < 4).select<named>(col<&team::name>))
                    .order_by(col<&named::name>));
  hewn::condition<task, team> chosen = col<&task::hours> > 1 || col<&team::name> == "blue";
  add("condition of run time",
      sorted.join<team>().where(chosen).select(col<&task::id>, col<&team::name>));
  add("window",
      sorted.select(col<&task::id>,
                    hewn::row_number().over(
                        hewn::partition_by(col<&task::team_id>).order_by(col<&task::id>))));

  const auto shapes = [&](const std::string& name, const auto& query) {
    found[name] = text_of(db.all(query));
  };
  const auto tasks = from<task>.order_by(col<&task::id>);
  shapes("shape", hewn::shape<team_page>.order_by(col<&team::id>).with<&team_page::tasks>(tasks));
  shapes("shape where", hewn::shape<team_page>.where(col<&team::name> == "red" || col<&team::name> == "idle").order_by(col<&team::id>).with<&team_page::tasks>(tasks.where(col<&task::hours> > 0 || col<&task::title> == "a")));
  shapes("shape limited",
         hewn::shape<team_page>.order_by(col<&team::id>).with<&team_page::tasks>(tasks.limit(2)));
  shapes(
      "shape of links",
      hewn::shape<task_page>.order_by(col<&task::id>).with<&task_page::helpers>(from<helper>.order_by(col<&helper::id>), hewn::through<helps>));
  shapes("shape of few links", hewn::shape<task_page>.order_by(col<&task::id>).with<&task_page::helpers>(from<helper>.order_by(col<&helper::id>).limit(1), hewn::through<helps>));
  shapes(
      "shape of a number",
      hewn::shape<team_numbers>.order_by(col<&team::id>).with<&team_numbers::tasks>(from<task>, hewn::count()));
  shapes("shape of a shape", hewn::shape<country_tree>.order_by(col<&country::id>).with<&country_tree::teams>(hewn::shape<team_page>.order_by(col<&team::id>).with<&team_page::tasks>(tasks)));
  shapes(
      "shape by exists",
      hewn::shape<team_page>.where(hewn::exists(from<task>.correlate<team>())).order_by(col<&team::id>));
  std::vector<team_page> pages;
  for (team& t : db.all(from<team>.order_by(col<&team::id>))) pages.push_back({t, {}});
  hewn::load<&team_page::tasks>(db, pages);
  found["load"] = text_of(pages);
  std::vector<country_tree> streamed;
  for (const team_page& p : db.each(hewn::shape<team_page>)) streamed.push_back({{}, {p}});
  found["each shape"] = text_of(streamed);
  return found;
}

void compare(const std::map<std::string, std::string>& shared,
             const std::map<std::string, std::string>& alone) {
  REQUIRE(shared.size() == alone.size());
  for (const auto& [name, text] : shared) {
    INFO(name);
    CHECK(text == alone.at(name));
  }
}

}  // namespace

TEST_CASE("queries over several tables see what a database of that tenant alone has") {
  auto both = open_both();
  auto alone = open_first();
  const auto expected = [&] {
    const auto acting = hewn::all_tenants(alone);
    return ask(alone);
  }();
  for (const std::int64_t of : {first, second, first}) {
    const auto acting = hewn::act_for(both, of);
    const auto shared = ask(both);
    if (of == first)
      compare(shared, expected);
    else
      CHECK(shared.at("whole rows") != expected.at("whole rows"));
  }
}

TEST_CASE("a table with a tenant anywhere in a query needs one") {
  auto db = open_both();
  const auto refused = [&](const auto& query) {
    const auto failure = failure_of([&] { db.all(query); });
    CHECK(failure.code() == errc::usage);
    CHECK(std::string(failure.what()).find("nobody has said") != std::string::npos);
    CHECK(failure_of([&] { db.count(query); }).code() == errc::usage);
    CHECK(failure_of([&] { db.each(query); }).code() == errc::usage);
  };
  refused(from<country>.join<team>(col<&team::country_id> == col<&country::id>));
  refused(from<country>.left_join<team>(col<&team::country_id> == col<&country::id>));
  refused(from<country>.where(hewn::exists(from<team>.correlate<country>())));
  refused(from<country>.where(col<&country::id>.in(from<team>.select(col<&team::country_id>))));
  refused(from<country>.select(hewn::scalar(from<team>.select(hewn::count()))));
  CHECK(failure_of([&] { db.all(hewn::shape<country_tree>); }).code() == errc::usage);
  CHECK(failure_of([&] {
          db.update(from<country>.where(!hewn::exists(from<team>.correlate<country>())),
                    col<& country::name> = "x");
        }).code() == errc::usage);
  CHECK(failure_of([&] {
          db.remove(from<country>.where(!hewn::exists(from<team>.correlate<country>())));
        }).code() == errc::usage);
  CHECK(db.all(from<country>.order_by(col<&country::id>)).size() == 2);

  const auto acting = hewn::act_for(db, first);
  CHECK(db.update(from<country>.where(hewn::exists(
                      from<team>.where(col<&team::name> == "green").correlate<country>())),
                  col<& country::name> = "x") == 0);
  CHECK(db.update(from<country>.where(hewn::exists(
                      from<team>.where(col<&team::name> == "blue").correlate<country>())),
                  col<& country::name> = "x") == 1);
}

TEST_CASE("shapes are written for the tenant") {
  auto db = open_empty();
  {
    const auto acting = hewn::act_for(db, second);
    const team theirs = db.insert(team{.country_id = 1, .name = "fresh"});
    db.insert(task{.team_id = theirs.id, .title = "one"});
  }
  const std::string other = rows_of(db, second);
  const auto acting = hewn::act_for(db, first);
  team_page page{{0, 0, 1, "fresh"}, {{0, 0, 0, "one", 1, {}}, {0, 0, 0, "two", 2, {}}}};
  page = hewn::insert(db, page);
  CHECK(page.self.organisation_id == first);
  CHECK(page.tasks.at(1).organisation_id == first);
  const team_page before = page;
  page.tasks[0].title = "changed";
  page.tasks.push_back({0, 0, 0, "three", 3, {}});
  hewn::save(db, before, page);
  const auto stored = db.get(hewn::shape<team_page>, page.self.id);
  CHECK(stored.tasks.size() == 3);
  for (const task& t : stored.tasks) CHECK(t.organisation_id == first);
  CHECK(rows_of(db, second) == other);
}

TEST_CASE("generated queries see what a database of that tenant alone has") {
  std::mt19937 random(20261130);
  const auto upto = [&](std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(n));
  };
  for (int round = 0; round != 4; ++round) {
    auto both = open_empty();
    auto alone = open_empty();
    {
      // Rows of either tenant by chance; what they refer to beside a declared reference, too.
      const auto in_both = hewn::all_tenants(both);
      const auto in_alone = hewn::all_tenants(alone);
      const auto store = [&](const auto& row) {
        both.insert(row);
        if (row.organisation_id == first) alone.insert(row);
      };
      std::vector<team> teams;
      for (std::int64_t id = 1; id != 13; ++id) {
        teams.push_back(
            {id, id < 3 ? 6 + id : first + upto(2), 1 + upto(2), "t" + std::to_string(id)});
        store(teams.back());
        store(helper{id, first + upto(2), std::string(1, static_cast<char>('a' + upto(3)))});
      }
      for (std::int64_t id = 1; id != 60; ++id) {
        const team& of = teams[static_cast<std::size_t>(upto(12))];
        store(task{id, of.organisation_id, of.id, std::string(1, static_cast<char>('a' + upto(4))),
                   upto(20), upto(3) == 0 ? std::nullopt : std::optional(1 + upto(12))});
      }
    }
    const auto of_both = hewn::act_for(both, first);
    const auto of_alone = hewn::all_tenants(alone);
    for (int i = 0; i != 60; ++i) {
      hewn::condition<task> mine;
      hewn::condition<task, helper> joined;
      for (auto n = upto(4); n != 0; --n) {
        const auto part = upto(5);
        const auto number = upto(20);
        const std::string letter(1, static_cast<char>('a' + upto(4)));
        const hewn::condition<task> piece =
            part == 0   ? hewn::condition<task>(col<&task::hours> > number)
            : part == 1 ? hewn::condition<task>(col<&task::title> == letter)
            : part == 2 ? hewn::condition<task>(col<&task::helper_id>.is_null())
            : part == 3
                ? hewn::condition<task>(!hewn::exists(
                      from<helper>.where(col<&helper::name> == letter).correlate<task>(col<&helper::id> == col<&task::helper_id>)))
                : hewn::condition<task>(col<&task::team_id>.in(
                      from<team>.where(col<&team::country_id> == 1).select(col<&team::id>)));
        mine = upto(2) == 0 ? mine || piece : mine && piece;
        joined = upto(2) == 0
                     ? joined || col<&helper::name> == letter || col<&task::hours> < number
                     : joined && (col<&helper::id>.is_null() || col<&task::hours> != number);
      }
      const std::int64_t limit = 1 + upto(30);
      const bool helped = upto(2) == 0;
      const auto agree = [&](const auto& query) {
        CHECK(text_of(both.all(query)) == text_of(alone.all(query)));
        CHECK(both.count(query) == alone.count(query));
      };
      CAPTURE(round, i);
      const auto on = col<&task::helper_id> == col<&helper::id>;
      const auto ask_joined = [&](const auto& tables) {
        const auto rows = tables.where(joined)
                              .order_by(col<&task::id>, col<&helper::id>)
                              .select(col<&task::id>, col<&helper::id>, col<&helper::name>);
        agree(rows);
        agree(tables.where(joined)
                  .order_by(col<&task::id>, col<&helper::id>)
                  .limit(limit)
                  .select(col<&task::title>, col<&helper::name>));
      };
      agree(from<task>.where(mine).order_by(col<&task::id>));
      CHECK(text_of(both.all(from<task>.where(mine).order_by(col<&task::id>).limit(limit))) ==
            text_of(alone.all(from<task>.where(mine).order_by(col<&task::id>).limit(limit))));
      switch (upto(5)) {
        case 0:
          ask_joined(from<task>.join<helper>(on));
          break;
        case 1:
          ask_joined(from<task>.left_join<helper>(on));
          break;
        case 2:
          ask_joined(from<task>.right_join<helper>(on));
          break;
        case 3:
          ask_joined(from<task>.full_join<helper>(on));
          break;
        default:
          agree(from<task>.where(mine).left_join_if<helper>(helped, on).order_by(col<&task::id>, col<&helper::id>).select(col<&task::id>, col<&helper::name>));
      }
    }
  }
}
