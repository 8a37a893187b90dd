// tests/consumers/program/only_open.cpp - a program that opens databases and does not sync them.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/open.hpp>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

struct note {
  std::int64_t id = 0;
  std::string text;
  std::optional<std::int64_t> parent_id = {};
};

int main() {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE,"
      " parent_id INTEGER CONSTRAINT note_parent REFERENCES note)");
  db.insert(note{.text = "built"});
  bool told = false;
  try {
    db.insert(note{.text = "built"});
  } catch (const hewn::error& e) {
    told = e.is<&note::text>() && !e.is<&note::id>();
  }
  // Which SQLite does not tell.
  try {
    db.insert(note{.text = "orphan", .parent_id = 7});
  } catch (const hewn::error& e) {
    if (told && e.is<&note::parent_id>() && e.constraint() == "note_parent")
      std::puts("built by a consumer");
  }
}
