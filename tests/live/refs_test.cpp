// tests/live/refs_test.cpp - keys of other tables as types of their own.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>

#include <support/failure.hpp>

#include <hewn/json.hpp>
#include <hewn/pages.hpp>
#include <hewn/repository.hpp>
#include <hewn/shapes.hpp>
#include <hewn/uuid.hpp>

#include <catch2/catch_test_macros.hpp>

#include <boost/uuid/uuid.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::says;

namespace {

using driver = support::database::driver_type;

struct user {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users"); }
};

struct ticket {
  std::int64_t id = 0;
  std::string title;
  std::optional<hewn::ref<ticket>> parent_id;
  static consteval auto table() {
    return hewn::table("tickets").check("ticket_is_no_own_parent",
                                        col<&ticket::parent_id> != col<&ticket::id>);
  }
};

struct comment {
  std::int64_t id = 0;
  hewn::ref<ticket> ticket_id;
  std::optional<hewn::ref<user>> author;
  std::string body;
  static consteval auto table() {
    return hewn::table("comments").references<&comment::ticket_id>(hewn::on_delete::cascade);
  }
};

struct shelf;

// Both refer to keys that are not known where they are declared.
struct folder {
  std::string code;
  std::optional<hewn::ref<folder, std::string>> parent = {};
  std::optional<hewn::ref<shelf>> shelf_id = {};
  static consteval auto table() {
    return hewn::table("folders")
        .primary_key<&folder::code>()
        .references<&folder::parent>(hewn::on_delete::set_null, hewn::on_update::cascade)
        .references<&folder::shelf_id>(hewn::on_delete::cascade);
  }
};

struct shelf {
  std::int64_t width = 0;
  std::int64_t id = 0;  // not the first column
  static consteval auto table() { return hewn::table("shelves"); }
};

struct folder_page {
  folder self;
  std::optional<shelf> on;
  std::vector<folder> inside;
};

/// Of two refs, which are its key.
struct watcher {
  hewn::ref<ticket> ticket_id;
  hewn::ref<user> user_id;
  bool muted = false;
  static consteval auto table() {
    return hewn::table("watchers").primary_key<&watcher::ticket_id, &watcher::user_id>();
  }
};

/// Its key is the key of another row.
struct profile {
  hewn::ref<user> user_id;
  std::string bio;
  static consteval auto table() { return hewn::table("profiles").primary_key<&profile::user_id>(); }
};

struct badge {
  std::int64_t id = 0;
  hewn::ref<profile, hewn::ref<user>> profile_id;
  static consteval auto table() { return hewn::table("badges").unique<&badge::profile_id>(); }
};

using ticket_ref = hewn::ref<ticket>;
using user_ref = hewn::ref<user>;

static_assert(!std::is_convertible_v<std::int64_t, ticket_ref>);
static_assert(!std::is_convertible_v<ticket_ref, std::int64_t>);
static_assert(!std::is_convertible_v<user_ref, ticket_ref>);
static_assert(!std::is_assignable_v<ticket_ref&, user_ref>);
static_assert(!std::is_constructible_v<ticket_ref, user>);
static_assert(std::is_convertible_v<ticket, ticket_ref>);
static_assert(std::is_trivially_copyable_v<ticket_ref> && sizeof(ticket_ref) == 8);
static_assert(!std::equality_comparable_with<ticket_ref, user_ref>);
static_assert(ticket_ref() == ticket_ref(0) && ticket_ref(1) < ticket_ref(2));
static_assert(hewn::table_of<comment>.clauses.size() == 2);
static_assert(!hewn::table_of<profile>.assigned_key);
static_assert(std::is_same_v<hewn::key_of<badge>, std::int64_t>);

struct fixture {
  support::place place;
  support::database db = place.open();
  user ann{.name = "Ann"}, ben{.name = "Ben"};
  ticket roof{.title = "roof"}, tiles{.title = "tiles"};

  fixture() {
    hewn::sync<user, ticket, comment, watcher, profile, badge>(db);
    db.insert(ben);  // so that keys of the two tables differ
    db.insert(ann);
    db.insert(roof);
    tiles.parent_id = roof;
    db.insert(tiles);
  }

  comment say(hewn::ref<ticket> on, std::optional<hewn::ref<user>> by, std::string body) {
    return db.insert(comment{.ticket_id = on, .author = by, .body = std::move(body)});
  }
};

}  // namespace

TEST_CASE("a ref is made of a row or of a key, and is a value", "[K1]") {
  ticket row{.id = 7};
  const ticket_ref r = row;
  CHECK(r.key() == 7);
  CHECK(r == ticket_ref(7));
  CHECK(r == row);
  CHECK(std::unordered_set<ticket_ref>{r, ticket_ref(7), ticket_ref(8)}.size() == 2);
}

TEST_CASE_METHOD(fixture, "a ref is stored as the key and is a foreign key", "[K1]") {
  const comment c = say(roof, ann, "leaks");
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT ticket_id FROM comments">) == roof.id);
  CHECK(db.get<comment>(c.id).ticket_id == roof);
  CHECK(db.get<comment>(c.id).author == user_ref(ann));
  CHECK(db.one<ticket_ref>(hewn::sql<"SELECT ticket_id FROM comments">) == roof);

  const auto nowhere = failure_of([&] { say(ticket_ref(99), {}, "lost"); });
  CHECK(nowhere.code() == errc::foreign_key);
  const auto nobody = failure_of([&] { say(roof, user_ref(99), "lost"); });
  CHECK(nobody.code() == errc::foreign_key);

  // What references<>() says of the field holds, and the other key has no action.
  CHECK(failure_of([&] { db.remove(ann); }).code() == errc::foreign_key);
  db.remove(tiles);
  db.remove(roof);
  CHECK(db.count(from<comment>) == 0);
  CHECK(hewn::plan_sync<user, ticket, comment, watcher, profile, badge>(db).empty());
}

TEST_CASE("references<> of a ref alone gives actions to its foreign key", "[K1]") {
  support::place place;
  support::database db = place.open();
  hewn::sync<shelf, folder>(db);
  CHECK(hewn::plan_sync<shelf, folder>(db).empty());

  const shelf wall = db.insert(shelf{.width = 80});
  const folder all = db.insert(folder{.code = "all", .shelf_id = wall});
  db.insert(folder{.code = "bills", .parent = all});
  const auto page =
      db.get(hewn::shape<folder_page>.with<&folder_page::inside>(from<folder>), "all");
  CHECK(page.on->width == 80);
  CHECK(page.inside.at(0).code == "bills");
  CHECK(db.count(from<folder>.join<shelf>().select(col<&shelf::width>)) == 1);

  db.execute(hewn::sql<"UPDATE folders SET code = 'every' WHERE code = 'all'">);
  CHECK(db.get<folder>("bills").parent->key() == "every");
  db.remove(wall);
  CHECK(!db.exists(from<folder>.where(col<&folder::code> == "every")));
  CHECK(!db.get<folder>("bills").parent);

  const auto missing =
      failure_of([&] { db.insert(folder{.code = "lost", .shelf_id = hewn::ref<shelf>(99)}); });
  CHECK(missing.code() == errc::foreign_key);
}

TEST_CASE_METHOD(fixture, "a ref by which a row would ask for a key refers to no row", "[K1]") {
  const auto failure = failure_of([&] { db.insert(comment{.body = "?"}); });
  CHECK(failure.code() == errc::check);
  CHECK(says(failure, "hewn: comments.ticket_id refers to no row; correct the value"));
  CHECK(failure.faults().size() == 1);
  CHECK(says(failure_of([&] { say(roof, user_ref(), "?"); }),
             "hewn: comments.author refers to no row; correct the value"));
  std::vector<comment> rows{{.ticket_id = roof}, {}};
  CHECK(failure_of([&] { db.insert_many(rows); }).code() == errc::check);
  comment c = say(roof, {}, "leaks");
  c.ticket_id = {};
  CHECK(failure_of([&] { db.update(c); }).code() == errc::check);
  CHECK(failure_of([&] { db.upsert(c); }).code() == errc::check);
  CHECK(db.count(from<comment>) == 1);
}

TEST_CASE_METHOD(fixture, "verbs by key take a ref", "[K2]") {
  const comment c = say(tiles, ann, "loose");
  CHECK(db.get(c.ticket_id).title == "tiles");
  CHECK(db.get<ticket>(c.ticket_id).title == "tiles");
  CHECK(db.get(*c.author).name == "Ann");
  CHECK(db.find(c.ticket_id)->title == "tiles");
  CHECK(db.find<ticket>(c.ticket_id)->title == "tiles");
  CHECK_FALSE(db.find(ticket_ref(99)));
  CHECK(failure_of([&] { db.get(ticket_ref(99)); }).code() == errc::not_found);
  CHECK(db.try_get(c.ticket_id)->title == "tiles");
  CHECK(db.try_find(c.ticket_id)->has_value());

  const std::vector<ticket_ref> refs{roof, tiles, ticket_ref(99), roof};
  CHECK(db.get_many(refs).size() == 2);
  CHECK(db.get_many<ticket>(refs).size() == 2);
  CHECK(db.get_many({ticket_ref(roof), ticket_ref(tiles)}).size() == 2);
  CHECK(db.get_many<ticket>({ticket_ref(roof), ticket_ref(tiles)}).size() == 2);
  CHECK(db.try_get_many(refs)->size() == 2);

  db.update<ticket>(c.ticket_id, col<& ticket::title> = "ridge");
  CHECK(db.get(c.ticket_id).title == "ridge");
  CHECK(failure_of([&] { db.update<ticket>(ticket_ref(99), col<& ticket::title> = "x"); }).code() ==
        errc::not_found);
  CHECK(db.try_update<ticket>(c.ticket_id, col<& ticket::title> = "tiles"));

  db.remove(c);
  CHECK(db.remove(c.ticket_id));
  CHECK_FALSE(db.remove(c.ticket_id));
  CHECK_FALSE(db.remove<ticket>(c.ticket_id));
  CHECK_FALSE(db.try_remove(c.ticket_id).value());
  CHECK(db.remove(ticket_ref(roof), hewn::returning(col<&ticket::title>)) == "roof");
}

TEST_CASE_METHOD(fixture, "keys of several refs take rows, refs and no plain values", "[K2]") {
  db.insert(watcher{.ticket_id = roof, .user_id = ann});
  CHECK(db.get<watcher>({roof, ann}).user_id == ann);
  CHECK(db.find<watcher>({ticket_ref(roof.id), user_ref(ann.id)}));
  CHECK_FALSE(db.find<watcher>({roof, ben}));
  CHECK(db.get_many<watcher>({{roof, ann}, {roof, ben}}).size() == 1);
  CHECK(failure_of([&] { db.insert(watcher{.ticket_id = roof, .user_id = ann}); }).code() ==
        errc::conflict);
  db.upsert(watcher{.ticket_id = roof, .user_id = ann});
  CHECK(db.remove<watcher>({roof, ann}));
  static_assert(!std::is_convertible_v<std::tuple<int, int>, hewn::key_of<watcher>>);
}

TEST_CASE_METHOD(fixture, "a key that is a ref belongs to the program", "[K2]") {
  db.insert(profile{.user_id = ann, .bio = "roofer"});
  CHECK(db.get<profile>(ann).bio == "roofer");
  CHECK(db.get<profile>(user_ref(ann)).bio == "roofer");
  const badge given = db.insert(badge{.profile_id = hewn::ref<profile, user_ref>(ann)});
  CHECK(db.get(given.profile_id).bio == "roofer");
  CHECK(db.get(db.get(given.profile_id).user_id).name == "Ann");
  CHECK(db.all(from<badge>.where(col<&badge::profile_id> == profile{.user_id = ann})).size() == 1);
  CHECK(db.count(from<badge>.join<profile>().join<user>().where(col<&user::name> == "Ann")) == 1);
}

TEST_CASE_METHOD(fixture, "columns that are refs are compared with refs, rows and keys", "[K2]") {
  say(roof, ann, "a");
  say(tiles, ben, "b");
  say(tiles, {}, "c");
  const auto bodies = [&](const auto& condition) {
    std::string all;
    for (const comment& c :
         db.all(from<comment>.where(condition).order_by(hewn::asc<&comment::body>)))
      all += c.body;
    return all;
  };
  CHECK(bodies(col<&comment::ticket_id> == roof) == "a");
  CHECK(bodies(col<&comment::ticket_id> != ticket_ref(roof)) == "bc");
  CHECK(bodies(col<&comment::author> == ann) == "a");
  CHECK(bodies(col<&comment::author> == std::optional<user_ref>(ben)) == "b");
  CHECK(bodies(col<&comment::author> == std::optional<user_ref>()) == "c");
  CHECK(bodies(col<&comment::author> == std::nullopt) == "c");
  CHECK(bodies(col<&comment::ticket_id> >= tiles) == "bc");
  CHECK(bodies(col<&comment::ticket_id>.between(roof, tiles)) == "abc");
  CHECK(bodies(col<&comment::ticket_id>.in(std::vector<ticket_ref>{tiles})) == "bc");
  CHECK(bodies(col<&comment::ticket_id>.in(std::vector<ticket>{tiles})) == "bc");
  CHECK(bodies(col<&comment::ticket_id>.in({ticket_ref(tiles)})) == "bc");
  CHECK(bodies(col<&comment::ticket_id>.not_in({ticket_ref(tiles)})) == "a");
  CHECK(bodies(col<&comment::ticket_id>.in(
            from<ticket>.where(col<&ticket::title> == "roof").select(col<&ticket::id>))) == "a");
  CHECK(bodies(col<&comment::ticket_id> == hewn::if_given(std::optional<ticket_ref>(roof))) == "a");
  CHECK(bodies(hewn::condition<comment>(col<&comment::ticket_id> == roof) ||
               col<&comment::author> == ben) == "ab");
  CHECK(bodies(hewn::row(col<&comment::ticket_id>, col<&comment::author>) ==
               hewn::row(tiles, ben)) == "b");

  // The key that they refer to takes them too.
  CHECK(db.one(from<ticket>.where(col<&ticket::id> == ticket_ref(roof))).title == "roof");
  CHECK(db.all(from<ticket>.where(col<&ticket::id>.in(std::vector<ticket_ref>{roof}))).size() == 1);
  CHECK(db.all(from<ticket>.where(col<&ticket::id>.in({ticket_ref(roof)}))).size() == 1);
  CHECK(db.all(from<ticket>.where(col<&ticket::id> == tiles.parent_id)).size() == 1);
  CHECK(db.all(from<ticket>.where(col<&ticket::id> == hewn::if_given(tiles.parent_id))).size() ==
        1);
}

TEST_CASE_METHOD(fixture, "joins follow refs", "[K3]") {
  say(roof, ann, "a");
  say(tiles, {}, "b");
  CHECK(db.count(from<comment>.join<ticket>().where(col<&ticket::title> == "roof")) == 1);
  CHECK(db.count(from<ticket>.join<comment>().where(col<&comment::body> == "b")) == 1);
  CHECK(db.count(from<comment>.join<user>(col<&comment::author> == col<&user::id>)) == 1);
  CHECK(db.count(from<user>.join<comment>(col<&user::id> == col<&comment::author>)) == 1);
  CHECK(db.count(from<comment>.left_join<user>()) == 2);
  using parent = hewn::alias<ticket, "parent">;
  CHECK(
      db.all(
          from<ticket>.join<parent>(parent::col<&ticket::id> == col<&ticket::parent_id>).select(col<&ticket::title>)) ==
      std::vector<std::string>{"tiles"});
}

namespace {

struct commented {
  ticket_ref ticket_id;
  std::int64_t comments = 0;
};

struct plain_comment {
  std::int64_t ticket_id = 0;
  std::string body;
};

}  // namespace

TEST_CASE_METHOD(fixture, "results hold refs", "[K2]") {
  say(roof, ann, "a");
  say(roof, {}, "b");
  const auto counts = db.all(
      from<comment>.group_by(col<&comment::ticket_id>).select<commented>(col<&comment::ticket_id>, hewn::count()));
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].ticket_id == roof);
  CHECK(
      db.all(
            from<ticket>.join<comment>().group_by(col<&ticket::id>).select<commented>(col<&ticket::id>, hewn::count()))
          .size() == 1);
  CHECK(db.one(from<comment>.select(hewn::max(col<&comment::ticket_id>))) == ticket_ref(roof));
  CHECK(db.all(from<comment>.select<plain_comment>(col<&comment::ticket_id>, col<&comment::body>))
            .front()
            .ticket_id == roof.id);
  CHECK(db.all<commented>(hewn::sql<"SELECT ticket_id, COUNT(*) AS comments FROM comments "
                                    "WHERE ticket_id = ? GROUP BY ticket_id">,
                          ticket_ref(roof))
            .front()
            .ticket_id == roof);
}

TEST_CASE_METHOD(fixture, "refs are set", "[K2]") {
  const comment c = say(roof, {}, "a");
  db.update<comment>(c.id, col<& comment::ticket_id> = tiles, col<& comment::author> = ann);
  CHECK(db.get<comment>(c.id).ticket_id == tiles);
  CHECK(db.get<comment>(c.id).author == ann);
  db.update<comment>(c.id, col<& comment::author> = std::optional<user_ref>(ben));
  CHECK(db.get<comment>(c.id).author == ben);
  db.update<comment>(c.id, col<& comment::author> = std::nullopt);
  CHECK_FALSE(db.get<comment>(c.id).author);
  db.update(from<comment>.where(col<&comment::ticket_id> == tiles),
            col<& comment::ticket_id> = ticket_ref(roof));
  CHECK(db.get<comment>(c.id).ticket_id == roof);
  comment changed = c;
  changed.ticket_id = tiles;
  CHECK(db.update(c, changed));
  CHECK(db.get<comment>(c.id).ticket_id == tiles);
}

TEST_CASE_METHOD(fixture, "many rows with refs are written at once", "[K2]") {
  std::vector<comment> rows;
  for (int i = 0; i != 100; ++i)
    rows.push_back({.ticket_id = i % 2 == 0 ? roof : tiles,
                    .author = i % 3 == 0 ? std::optional<user_ref>(ann) : std::nullopt,
                    .body = std::to_string(i)});
  db.insert_many(rows);
  CHECK(db.count(from<comment>.where(col<&comment::ticket_id> == roof)) == 50);
  CHECK(db.count(from<comment>.where(col<&comment::author> == ann)) == 34);
  for (comment& c : rows) c.ticket_id = roof;
  db.update_many(rows);
  CHECK(db.count(from<comment>.where(col<&comment::ticket_id> == roof)) == 100);
  db.batch([&](auto& b) {
    b.insert(comment{.ticket_id = tiles, .body = "batched"});
    b.template update<ticket>(ticket_ref(tiles), col<& ticket::title> = "slates");
  });
  CHECK(db.get(ticket_ref(tiles)).title == "slates");
  CHECK(db.count(from<comment>.where(col<&comment::ticket_id> == tiles)) == 1);
  db.remove_many(rows);
  CHECK(db.count(from<comment>) == 1);
}

TEST_CASE_METHOD(fixture, "repositories take refs", "[K2]") {
  const hewn::repository<ticket, driver> reads(db);
  CHECK(reads.get(ticket_ref(roof)).title == "roof");
  CHECK(reads.find(ticket_ref(roof)));
  CHECK(reads.exists(ticket_ref(roof)));
  CHECK_FALSE(reads.exists(ticket_ref(99)));
  CHECK(reads.get_many(std::vector<ticket_ref>{roof, tiles}).size() == 2);
  hewn::repository<ticket, driver> tickets(db);
  tickets.patch(ticket_ref(tiles), col<& ticket::title> = "slates");
  CHECK(tickets.get(ticket_ref(tiles)).title == "slates");
  db.insert(profile{.user_id = ann, .bio = "roofer"});
  const auto mine = db.insert(badge{.profile_id = hewn::ref<profile, user_ref>(ann)});
  const hewn::repository<badge, driver> badges(db);
  CHECK(badges.get_by<&badge::profile_id>(mine.profile_id).id == mine.id);
  CHECK(tickets.remove(ticket_ref(tiles)));
}

namespace {

struct full_ticket {
  ticket row;
  std::vector<comment> comments;
  std::vector<user> watchers;
};

struct full_comment {
  comment row;
  ticket on;
  std::optional<user> author;
};

}  // namespace

TEST_CASE_METHOD(fixture, "shapes follow refs in both directions and fill them in", "[K3]") {
  say(roof, ann, "a");
  say(tiles, {}, "b");
  const auto linked = hewn::shape<full_ticket>.with<&full_ticket::watchers>(hewn::through<watcher>);
  CHECK(hewn::link<&watcher::ticket_id, &watcher::user_id>(db, roof, std::vector<user>{ann, ben}) ==
        2);
  const full_ticket whole = db.get(linked, ticket_ref(roof));
  CHECK(whole.comments.size() == 1);
  CHECK(whole.watchers.size() == 2);
  CHECK(db.find(linked, ticket_ref(99)) == std::nullopt);
  CHECK(db.get_many(linked, std::vector<ticket_ref>{roof, tiles}).size() == 2);

  const auto comments = db.all(hewn::shape<full_comment>.order_by(hewn::asc<&comment::body>));
  REQUIRE(comments.size() == 2);
  CHECK(comments[0].on.title == "roof");
  CHECK(comments[0].author->name == "Ann");
  CHECK_FALSE(comments[1].author);

  const full_ticket made =
      hewn::insert(db,
                   full_ticket{.row = {.title = "door"},
                               .comments = {{.body = "squeaks"}, {.body = "sticks"}},
                               .watchers = {ben}},
                   linked);
  CHECK(made.comments[0].ticket_id == made.row);
  CHECK(db.count(from<comment>.where(col<&comment::ticket_id> == made.row)) == 2);
  CHECK(db.find<watcher>({made.row, ben}));
  const full_comment with_new = hewn::insert(
      db,
      full_comment{.row = {.body = "new"}, .on = {.title = "wall"}, .author = user{.name = "Cy"}});
  CHECK(with_new.row.ticket_id == with_new.on);
  CHECK(db.get(*with_new.row.author).name == "Cy");

  full_ticket after = made;
  after.comments.pop_back();
  after.comments.push_back({.body = "painted"});
  after.watchers = {ann};
  hewn::save(db, made, after, linked);
  CHECK(db.count(from<comment>.where(col<&comment::ticket_id> == made.row)) == 2);
  CHECK(db.find<watcher>({made.row, ann}));
  CHECK_FALSE(db.find<watcher>({made.row, ben}));
}

namespace {

struct full_watcher {
  watcher row;
  ticket on;
  user who;
};

}  // namespace

TEST_CASE_METHOD(fixture, "a shape whose root has several key columns is found by them", "[K3]") {
  db.insert(watcher{.ticket_id = roof, .user_id = ann});
  db.insert(watcher{.ticket_id = tiles, .user_id = ann});
  const auto watchers = hewn::shape<full_watcher>;
  CHECK(db.get(watchers, {roof, ann}).who.name == "Ann");
  CHECK(db.get(watchers, hewn::key_of<watcher>{roof, ann}).on.title == "roof");
  CHECK(db.find(watchers, {ticket_ref(tiles), user_ref(ann)})->on.title == "tiles");
  CHECK_FALSE(db.find(watchers, {roof, ben}));
  CHECK(failure_of([&] { db.get(watchers, {roof, ben}); }).code() == errc::not_found);
  CHECK(db.get_many(watchers, {{roof, ann}, {tiles, ann}, {roof, ben}}).size() == 2);
  CHECK(db.try_get(watchers, {roof, ann})->who.name == "Ann");
  CHECK_FALSE(db.try_find(watchers, {roof, ben})->has_value());
  CHECK(db.try_get_many(watchers, {{roof, ann}})->size() == 1);
  const hewn::repository<watcher, driver> rows(db);
  CHECK(rows.get(watchers, {roof, ann}).who.name == "Ann");
  CHECK_FALSE(rows.find(watchers, {roof, ben}));
  CHECK(db.get(hewn::shape<full_ticket>.with<&full_ticket::watchers>(hewn::through<watcher>),
               {roof.id})
            .watchers.size() == 1);
  CHECK(db.get_many(hewn::shape<full_comment>, {1, 2}).empty());
}

TEST_CASE_METHOD(fixture, "pages are sorted by refs", "[K3]") {
  for (int i = 0; i != 7; ++i) say(i % 2 == 0 ? roof : tiles, {}, std::to_string(i));
  const auto sorted =
      from<comment>.order_by(hewn::desc<&comment::ticket_id>, hewn::asc<&comment::id>);
  hewn::page_request<comment> wanted{.size = 2};
  std::string all;
  for (;;) {
    const hewn::page<comment> page = hewn::find_page(db, sorted, wanted);
    for (const comment& c : page.rows) all += c.body;
    if (!page.next) break;
    wanted.after = page.next;
  }
  CHECK(all == "1350246");
}

namespace {

struct trail {
  hewn::ref<ticket> from;
  std::vector<hewn::ref<ticket>> over;
};

struct note {
  std::int64_t id = 0;
  hewn::json<trail> path;
};

}  // namespace

TEST_CASE_METHOD(fixture, "refs within JSON are plain keys", "[K1]") {
  hewn::sync<note>(db);
  const note n = db.insert(note{.path = trail{.from = roof, .over = {tiles, roof}}});
  const note read = db.get<note>(n.id);
  CHECK(read.path->from == roof);
  CHECK(read.path->over == std::vector<ticket_ref>{tiles, roof});
}

TEST_CASE_METHOD(fixture, "a declaration compares a ref with the key of its own table", "[K1]") {
  CHECK(failure_of([&] { db.update<ticket>(roof.id, col<& ticket::parent_id> = roof); }).code() ==
        errc::check);
}

// Keys that the program gives, of every type that a key may have.
namespace {

enum class country { at, de, ch };

struct nation {
  country code{};
  std::string name;
  static consteval auto table() { return hewn::table("nations").primary_key<&nation::code>(); }
};

struct account {
  std::string login;
  static consteval auto table() { return hewn::table("accounts").primary_key<&account::login>(); }
};

struct grade {
  std::int8_t level = 0;
  static consteval auto table() {
    return hewn::table("grades").primary_key<&grade::level>().given_key();
  }
};

struct device {
  boost::uuids::uuid id{};
  std::string name;
  static consteval auto table() { return hewn::table("devices"); }
};

struct holder {
  std::int64_t id = 0;
  hewn::ref<nation, country> nation_code;
  hewn::ref<account, std::string> login;
  hewn::ref<grade, std::int8_t> level;
  std::optional<hewn::ref<device, boost::uuids::uuid>> device_id;
  static consteval auto table() { return hewn::table("holders"); }
};

struct device_page {
  device row;
  std::vector<holder> holders;
};
struct account_page {
  account row;
  std::vector<holder> holders;
};
struct nation_page {
  nation row;
  std::vector<holder> holders;
};

}  // namespace

TEST_CASE("refs hold keys of every type", "[K1]") {
  support::place place;
  auto db = place.open();
  hewn::sync<nation, account, grade, device, holder>(db);
  CHECK(hewn::plan_sync<nation, account, grade, device, holder>(db).empty());
  const nation at{.code = country::at, .name = "Austria"};
  const account ann{.login = "ann"};
  const grade none{.level = 0};
  db.insert(at);
  db.insert(ann);
  db.insert(none);
  const device phone = db.insert(device{.name = "phone"});
  // 0 and the first enumerator are keys like others here.
  std::vector<holder> rows{{.nation_code = at, .login = ann, .level = none, .device_id = phone},
                           {.nation_code = at, .login = ann, .level = none}};
  db.insert_many(rows);
  const holder h = db.get<holder>(rows[0].id);
  CHECK(db.get(h.nation_code).name == "Austria");
  CHECK(db.get(h.login).login == "ann");
  CHECK(db.get(h.level).level == 0);
  CHECK(db.get(*h.device_id).name == "phone");
  CHECK(db.get_many(std::vector{h.login, h.login}).size() == 1);
  CHECK(db.get_many(std::vector{*h.device_id}).size() == 1);
  CHECK(db.get_many(std::vector{h.nation_code}).size() == 1);
  CHECK(db.get_many(std::vector{h.level}).size() == 1);
  CHECK(db.count(from<holder>.where(col<&holder::nation_code> == at)) == 2);
  CHECK(db.count(from<holder>.where(col<&holder::login> == account{"ann"})) == 2);
  CHECK(db.count(from<holder>.where(col<&holder::login>.in(std::vector{h.login}))) == 2);
  CHECK(db.count(from<holder>.where(col<&holder::level> == none)) == 2);
  CHECK(db.count(from<holder>.where(col<&holder::device_id> == phone)) == 1);
  CHECK(db.count(from<holder>.where(col<&holder::device_id>.in({*h.device_id}))) == 1);
  CHECK(db.count(from<holder>.where(
            hewn::condition<holder>(col<&holder::login> == account{"ann"}))) == 2);

  const auto lost = failure_of([&] {
    db.insert(holder{.nation_code = at,
                     .login = ann,
                     .level = none,
                     .device_id = hewn::ref<device, boost::uuids::uuid>()});
  });
  CHECK(says(lost, "hewn: holders.device_id refers to no row; correct the value"));
  const auto unknown = failure_of([&] {
    db.insert(holder{.nation_code = hewn::ref<nation, country>(static_cast<country>(9)),
                     .login = ann,
                     .level = none});
  });
  CHECK(unknown.code() == errc::invalid_data);
  CHECK(failure_of([&] {
          db.insert(holder{.nation_code = at, .login = ann, .level = grade{.level = 3}});
        }).code() == errc::foreign_key);

  CHECK(db.get(hewn::shape<device_page>, *h.device_id).holders.size() == 1);
  CHECK(db.one(hewn::shape<account_page>).holders.size() == 2);
  CHECK(db.get(hewn::shape<nation_page>, h.nation_code).holders.size() == 2);
  const auto made =
      hewn::insert(db, device_page{.row = {.name = "pad"},
                                   .holders = {{.nation_code = at, .login = ann, .level = none}}});
  CHECK(made.holders[0].device_id == made.row);
  db.update<device>(*h.device_id, col<& device::name> = "tablet");
  CHECK(db.get<device>(phone.id).name == "tablet");
}

// The tables above as they were before their fields became refs.
namespace plain {
namespace {

struct comment {
  std::int64_t id = 0;
  std::int64_t ticket_id = 0;
  std::optional<std::int64_t> author;
  std::string body;
  static consteval auto table() {
    return hewn::table("comments")
        .references<&comment::ticket_id, &ticket::id>(hewn::on_delete::cascade);
  }
};

struct holder {
  std::int64_t id = 0;
  country nation_code{};
  std::string login;
  std::int8_t level = 0;
  std::optional<boost::uuids::uuid> device_id;
  static consteval auto table() { return hewn::table("holders"); }
};

}  // namespace
}  // namespace plain

TEST_CASE("a field that becomes a ref changes no row and adds its foreign key", "[K4]") {
  support::place place;
  auto db = place.open();
  hewn::sync<user, ticket, plain::comment>(db);
  const user ann = db.insert(user{.name = "Ann"});
  const ticket roof = db.insert(ticket{.title = "roof"});
  db.insert(plain::comment{.ticket_id = roof.id, .author = ann.id, .body = "leaks"});
  const hewn::plan planned = hewn::plan_sync<user, ticket, comment>(db);
  CAPTURE(hewn::report(planned));
  REQUIRE(planned.changes().size() == 1);
  CHECK(planned.changes()[0].kind == hewn::change_kind::add_foreign_key);
  if (support::on_postgres)  // where sync changes no table that exists
    db.script(
        "ALTER TABLE comments ADD CONSTRAINT comments_author_fkey FOREIGN KEY (author) "
        "REFERENCES users (id)");
  else
    CHECK(planned.pending().empty());
  hewn::sync<user, ticket, comment>(db);
  CHECK(db.one(from<comment>).author == ann);
  CHECK(hewn::plan_sync<user, ticket, comment>(db).empty());

  hewn::sync<nation, account, grade, device, plain::holder>(db);
  const hewn::plan of_holders = hewn::plan_sync<nation, account, grade, device, holder>(db);
  CAPTURE(hewn::report(of_holders));
  CHECK(of_holders.changes().size() == 4);
  for (const auto& change : of_holders.changes())
    CHECK(change.kind == hewn::change_kind::add_foreign_key);
}

TEST_CASE("a row in the way of a new foreign key is counted", "[K4]") {
  support::place place;
  auto db = place.open();
  hewn::sync<user, ticket, plain::comment>(db);
  const ticket roof = db.insert(ticket{.title = "roof"});
  db.insert(plain::comment{.ticket_id = roof.id, .author = 99, .body = "leaks"});
  const auto failure = failure_of([&] { hewn::sync<user, ticket, comment>(db); });
  CHECK(failure.code() == errc::approval_required);
}
