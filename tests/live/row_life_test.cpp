// tests/live/row_life_test.cpp - a table whose rows have a tenant, a version, a time of removal, a
// strong key and a struct at once.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/pages.hpp>
#include <hewn/repository.hpp>
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::path;
using support::failure_of;

namespace {

struct stamps {
  hewn::timestamp created;
  hewn::timestamp updated;
};

struct folder {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string name;
  static consteval auto table() { return hewn::table("folders").tenant<&folder::owner>(); }
};

struct note {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  hewn::ref<folder> folder_id;
  std::string title;
  std::optional<std::string> body;
  std::int32_t version = 0;
  stamps at;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("notes")
        .tenant<&note::owner>()
        .version<&note::version>()
        .soft_delete<&note::removed_at>()
        .created<path<&note::at, &stamps::created>>()
        .updated<path<&note::at, &stamps::updated>>()
        .unique<&note::owner, &note::title>();
  }
};

struct full_folder {
  folder self;
  std::vector<note> notes;
};

constexpr std::int64_t ann = 1, bob = 2;

struct notebook {
  support::database db = support::open_new();
  note first;

  notebook() {
    hewn::sync<folder, note>(db);
    for (const std::int64_t owner : {ann, bob}) {
      const auto acting = hewn::act_for(db, owner);
      const folder f = db.insert(folder{.name = "all"});
      const note n = db.insert(note{.folder_id = f, .title = "one"});
      if (owner == ann) first = n;
    }
  }

  note stored() const {
    const auto all = hewn::all_tenants(db);
    return db.one(from<note>.where(col<&note::id> == first.id).with_removed());
  }
};

}  // namespace

TEST_CASE_METHOD(notebook, "a row that was read is removed if it has its version still") {
  const auto acting = hewn::act_for(db, ann);
  note held = db.get<note>(first.id);
  CHECK(held.owner == ann);
  CHECK(held.version == 0);
  note other = held;
  other.title = "two";
  db.update(other);
  CHECK(other.version == 1);
  const auto stale = failure_of([&] { db.remove(held); });
  CHECK(stale.code() == errc::stale);
  CHECK(stale.held() == 0);
  CHECK(stale.stored() == 1);
  db.remove(other);
  const note kept = stored();
  CHECK(kept.removed_at);
  CHECK(kept.version == 2);
  CHECK(kept.at.updated >= kept.at.created);
  CHECK(kept.at.created == first.at.created);
  // Removed: not there, rather than of another version.
  CHECK(failure_of([&] { db.remove(other); }).code() == errc::not_found);
  CHECK(failure_of([&] { db.update(other); }).code() == errc::not_found);
  CHECK(failure_of([&] { db.update(kept); }).code() == errc::not_found);
}

TEST_CASE_METHOD(notebook, "a row of another tenant is not there for any verb that writes") {
  const auto acting = hewn::act_for(db, bob);
  note foreign = first;
  const auto refused = [&](auto write) {
    const errc code = failure_of(write).code();
    CHECK((code == errc::not_found || code == errc::usage));
  };
  refused([&] { db.update(foreign); });
  refused([&] { db.remove(first); });
  refused([&] { db.update_many(std::vector<note>{first}); });
  refused([&] { db.remove_many(std::vector<note>{first}); });
  refused([&] { db.update<note>(first.id, col<& note::title> = "mine"); });
  CHECK(!db.remove<note>(first.id));
  note named = first;
  named.owner = bob;
  refused([&] { db.update(named); });
  refused([&] { db.remove(named); });
  named.title = "changed";
  refused([&] { db.update(first, foreign = named); });
  refused([&] { db.restore<note>(first.id); });
  CHECK(db.purge<note>(std::chrono::system_clock::now() + std::chrono::hours(1)) == 0);
  const note kept = stored();
  CHECK(kept.version == 0);
  CHECK(kept.title == "one");
  CHECK(!kept.removed_at);
}

TEST_CASE_METHOD(notebook, "many rows are removed, put back and given up, each with its version") {
  const auto acting = hewn::act_for(db, ann);
  std::vector<note> rows(120, note{.folder_id = first.folder_id});
  for (std::size_t i = 0; i != rows.size(); ++i) rows[i].title = "n" + std::to_string(i);
  db.insert_many(rows);
  for (note& n : rows) n.body = "text";
  db.update_many(rows);
  CHECK(rows.front().version == 1);
  CHECK(rows.back().version == 1);
  std::vector<note> late = rows;
  db.update<note>(rows[60].id, col<& note::body> = std::nullopt);
  const auto stale = failure_of([&] { db.remove_many(late); });
  CHECK(stale.code() == errc::stale);
  CHECK(stale.element() == 60);
  CHECK(db.count<note>() == 121);
  late[60] = db.get<note>(rows[60].id);
  db.remove_many(late);
  CHECK(db.count<note>() == 1);
  // The titles are free.
  const note again = db.insert(note{.folder_id = first.folder_id, .title = "n7"});
  CHECK(failure_of([&] { db.restore<note>(rows[7].id); }).code() == errc::conflict);
  db.restore<note>(rows[8].id);
  CHECK(db.get<note>(rows[8].id).version == 3);
  CHECK(db.get<note>(rows[8].id).body == "text");
  CHECK(db.purge<note>(std::chrono::system_clock::now() + std::chrono::hours(1)) == 119);
  CHECK(db.count(from<note>.with_removed()) == 3);
  CHECK(db.get<note>(again.id).at.created >= first.at.created);
}

TEST_CASE_METHOD(notebook, "a saved shape asks for versions and keeps what it removes") {
  const auto acting = hewn::act_for(db, ann);
  db.insert_many({note{.folder_id = first.folder_id, .title = "two"},
                  note{.folder_id = first.folder_id, .title = "three"}});
  const auto before = db.one(hewn::shape<full_folder>);
  REQUIRE(before.notes.size() == 3);
  full_folder after = before;
  after.notes.erase(after.notes.begin());
  after.notes[0].body = "new";
  after.notes.push_back({.title = "four"});
  const full_folder saved = hewn::save(db, before, after);
  CHECK(saved.notes.back().owner == ann);
  CHECK(db.one(hewn::shape<full_folder>).notes.size() == 3);
  CHECK(db.count(from<note>.with_removed()) == 4);
  // Somebody has changed one of them since.
  full_folder late = before;
  late.notes[1].body = "late";
  CHECK(failure_of([&] { hewn::save(db, before, late); }).code() == errc::stale);
  CHECK(db.count<note>() == 3);
}

TEST_CASE_METHOD(notebook, "queries and upserts count versions of the rows that are there") {
  const auto acting = hewn::act_for(db, ann);
  CHECK(db.update(from<note>.where(col<&note::title> == "one"), col<& note::body> = "b") == 1);
  CHECK(stored().version == 1);
  const note put = db.upsert<&note::owner, &note::title>(
      note{.folder_id = first.folder_id, .title = "one", .body = "c", .version = 40});
  CHECK(put.id == first.id);
  CHECK(put.version == 2);
  CHECK(db.remove(from<note>.where(col<&note::title> == "one")) == 1);
  CHECK(stored().version == 3);
  // The removed row does not stand in the way.
  const note next = db.upsert<&note::owner, &note::title>(
      note{.folder_id = first.folder_id, .title = "one", .version = 5});
  CHECK(next.id != first.id);
  CHECK(next.version == 5);
  CHECK(db.get<folder>(first.folder_id.key()).owner == ann);
  CHECK(db.all(from<note>.join<folder>().select<note>(hewn::row_of<note>)).size() == 1);
}

TEST_CASE_METHOD(notebook, "a repository and pages see the same rows") {
  {
    const auto acting = hewn::act_for(db, ann);
    hewn::repository<note, support::database::driver_type> notes(db);
    const note n = notes.create(note{.folder_id = first.folder_id, .title = "two"});
    notes.remove(n.id);
    CHECK(notes.count() == 1);
    notes.restore(n.id);
    CHECK(notes.count() == 2);
    CHECK(hewn::find_page(db, from<note>, {.size = 1}).rows.size() == 1);
  }
  CHECK(failure_of([&] { db.count<note>(); }).code() == errc::usage);
  const auto all = hewn::all_tenants(db);
  CHECK(db.count<note>() == 3);
}
