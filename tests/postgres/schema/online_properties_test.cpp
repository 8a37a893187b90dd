// tests/postgres/schema/online_properties_test.cpp - what holds for every online change, on
// generated servers.
// SPDX-License-Identifier: BSL-1.0
//
// A case is a seed; a failure names it. HEWN_PROPERTY_CASES runs more of them, HEWN_PROPERTY_SEED
// begins elsewhere.
#include <hewn/online.hpp>

#include <support/failure.hpp>
#include <support/online_lab.hpp>
#include <support/property_cases.hpp>
#include <support/random_postgres_change.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::errc;
using list = std::vector<std::string>;

namespace {

struct ended {};

/// A database of one seed, and the part of the plan for what it is to become that belongs online.
struct trial : support::postgres_plans {
  explicit trial(std::uint64_t seed) : generated(seed) {
    for (const std::string& sql : generated.statements) try {
        db.script(sql);
      } catch (const hewn::error&) {
        CHECK(sql.starts_with("INSERT"));  // of a row that a constraint refuses
      }
  }
  ~trial() { db.script("DROP SCHEMA " + text("SELECT current_schema()::text") + " CASCADE"); }

  /// Nothing where there is no such plan, or it would lock a table.
  std::optional<hewn::plan> part() try {
    const hewn::plan whole = hewn::make_plan(executor, generated.wanted);
    list left;
    for (const hewn::change& c :
         hewn::detail::left_to_sync(whole, hewn::detail::find_retyped(executor, whole)))
      left.push_back(c.id());
    const hewn::plan p = left.empty() ? whole : hewn::plan_without(executor, whole, left);
    if (p.empty() || p.blocked() || !p.pending().empty()) return std::nullopt;
    if (!phases(p).obstacles.empty()) return std::nullopt;
    return p;
  } catch (const hewn::error& failure) {
    if (failure.code() == errc::syntax || failure.code() == errc::usage ||
        failure.code() == errc::schema_mismatch ||
        std::string_view(failure.what()).find(" cannot be created (") != std::string_view::npos)
      return std::nullopt;
    throw;
  }

  hewn::online_phases phases(const hewn::plan& p) {
    return hewn::phases_of(p, hewn::detail::find_retyped(executor, p));
  }

  /// Rows as they were, by the columns that there were.
  list rows() {
    list out;
    for (const hewn::schema::table& t : generated.live.tables) {
      std::string columns;
      for (const hewn::schema::column& c : t.columns)
        columns += (columns.empty() ? "" : ", ") + hewn::quote_identifier(c.name);
      for (const hewn::text_row& row :
           executor.query("SELECT ROW(" + columns + ")::text FROM " +
                          hewn::quote_identifier(t.name) + " ORDER BY 1"))
        out.push_back(t.name + " " + row[0].value());
    }
    return out;
  }

  void check_nothing_left() {
    CHECK(hewn::online_status(executor).empty());
    CHECK(number("SELECT count(*) FROM pg_proc WHERE proname LIKE 'hewn\\_online%'") == 0);
    CHECK(number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%hewn\\_online%'") == 0);
    CHECK(number("SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND conname LIKE "
                 "'hewn\\_online%'") == 0);
    CHECK(number("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0);
    CHECK(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0);
    CHECK(hewn::audit::verify(executor).empty());
  }

  support::random_postgres_change generated;
};

}  // namespace

TEST_CASE("an online change reaches what it promised from any interruption, or goes back",
          "[properties]") {
  support::for_all(
      "changing online", 12,
      [](std::uint64_t seed) {
        trial t(seed);
        const std::optional<hewn::plan> p = t.part();
        if (!p) return false;
        CAPTURE(hewn::report(*p));
        CAPTURE(hewn::report(t.phases(*p)));
        // What is filled stays so, and so does a value of an enumeration. Another type may have
        // other texts.
        bool fills = false, retypes = false, replaces = false, adds_value = false;
        for (const hewn::change& c : p->changes()) {
          fills = fills || c.kind == hewn::change_kind::fill_column;
          retypes = retypes || c.kind == hewn::change_kind::change_type;
          replaces = replaces || retypes || c.kind == hewn::change_kind::change_index;
          adds_value = adds_value || c.kind == hewn::change_kind::add_value;
        }
        const list before = t.rows();
        std::size_t left = 0;
        hewn::online_options options;
        options.progress = [&](const hewn::online_progress&) {
          if (left-- == 0) throw ended();
        };
        const auto runs = [&](std::size_t calls, const auto& body) {
          left = calls;
          try {
            body();
            return true;
          } catch (const ended&) {
            return false;
          }
        };
        left = static_cast<std::size_t>(seed % 17);
        bool done = runs(left, [&] { hewn::change_online(t.executor, *p, *p, options); });
        if (!done && replaces && hewn::online_status(t.executor).back().state == "done") {
          CHECK(support::failure_of([&] { hewn::abandon_online(t.executor); }).code() ==
                errc::usage);
          CHECK(hewn::continue_online(t.executor).finished);
        } else if (!done) {
          hewn::abandon_online(t.executor);
          t.check_nothing_left();
          const hewn::plan again = hewn::make_plan(t.executor, p->wanted());
          if (!adds_value) CHECK(again.from() == p->from());
          if (!fills) CHECK(t.rows() == before);
          const hewn::plan& next = fills || adds_value ? again : *p;
          if (next.empty()) return true;
          CAPTURE(hewn::report(next));
          done = runs(seed % 5, [&] { hewn::change_online(t.executor, next, next, options); });
          for (std::size_t calls = 1; !done; ++calls)
            done =
                runs(1 + (seed + calls) % 3, [&] { hewn::continue_online(t.executor, options); });
        }
        t.check_nothing_left();
        if (!fills && !retypes) CHECK(t.rows() == before);
        const hewn::plan empty = hewn::make_plan(t.executor, p->wanted());
        INFO("again:\n" << hewn::report(empty));
        CHECK(empty.empty());
        return true;
      },
      12);
}
