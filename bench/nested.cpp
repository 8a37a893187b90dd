// bench/nested.cpp - a shape of three levels and the same put together by hand in C.
// SPDX-License-Identifier: BSL-1.0
//
// 100 teams, 1,000 agents, 3,000 links between them and 5,900 runs of agents: 10,000 rows. The
// shape is teams with their agents, through the links, with their runs; an agent of three teams is
// there three times, and its runs with it. By hand: three statements, prepared once, and the rows
// put where they belong. Both sides take turns; the ratio is the median of those of the turns.

#include "bench/c_database.hpp"
#include "bench/options.hpp"

#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace bench {
namespace {

struct team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams"); }
};

struct worker {
  std::int64_t id = 0;
  std::string name;
  double load = 0;
  static consteval auto table() { return hewn::table("workers"); }
};

struct member {
  std::int64_t team_id = 0;
  std::int64_t worker_id = 0;
  static consteval auto table() {
    return hewn::table("members")
        .primary_key<&member::team_id, &member::worker_id>()
        .references<&member::team_id, &team::id>()
        .references<&member::worker_id, &worker::id>();
  }
};

struct job {
  std::int64_t id = 0;
  std::int64_t worker_id = 0;
  std::string title;
  std::int64_t steps = 0;
  static consteval auto table() {
    return hewn::table("jobs").references<&job::worker_id, &worker::id>().index<&job::worker_id>();
  }
};

struct busy_worker {
  worker self;
  std::vector<job> jobs;
};

struct team_page {
  team self;
  std::vector<busy_worker> workers;
};

void fill(const hewn::sqlite::database& db) {
  hewn::sync<team, worker, member, job>(db);
  std::vector<team> teams(100);
  for (std::size_t i = 0; i != teams.size(); ++i) teams[i].name = "team-" + std::to_string(i);
  db.insert_many(teams);
  std::vector<worker> workers(1'000);
  for (std::size_t i = 0; i != workers.size(); ++i) {
    workers[i].name = "worker-of-teams-" + std::to_string(i);
    workers[i].load = static_cast<double>(i) / 7;
  }
  db.insert_many(workers);
  std::vector<member> members;
  for (const worker& w : workers)
    for (std::int64_t k : {0, 31, 67})
      members.push_back({.team_id = (w.id * 7 + k) % 100 + 1, .worker_id = w.id});
  db.insert_many(members);
  std::vector<job> jobs(5'900);
  for (std::size_t i = 0; i != jobs.size(); ++i)
    jobs[i] = {.worker_id = static_cast<std::int64_t>(i * 37 % 1'000) + 1,
               .title = "job-" + std::to_string(i),
               .steps = static_cast<std::int64_t>(i % 13)};
  db.insert_many(jobs);
}

std::vector<team_page> by_shape(const hewn::sqlite::database& db) {
  return db.all(hewn::shape<team_page>.with<&team_page::workers>(hewn::shape<busy_worker>,
                                                                 hewn::through<member>));
}

void read_text(sqlite3_stmt* s, int i, std::string& to) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
  to.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
}

class by_hand {
 public:
  explicit by_hand(sqlite3* db)
      : begin_(prepare(db, "BEGIN")),
        commit_(prepare(db, "COMMIT")),
        teams_(prepare(db, "SELECT id, name FROM teams")),
        workers_(prepare(db,
                         "SELECT w.id, w.name, w.load, m.team_id FROM members m JOIN workers w ON "
                         "w.id = m.worker_id")),
        jobs_(prepare(db, "SELECT id, worker_id, title, steps FROM jobs")) {}

  std::vector<team_page> read() {
    run(begin_);
    std::vector<team_page> pages;
    rows(teams_, [&](sqlite3_stmt* s) {
      team& t = pages.emplace_back().self;
      t.id = sqlite3_column_int64(s, 0);
      read_text(s, 1, t.name);
    });
    // Keys are 1, 2, 3, ... here, and a program by hand would make use of that.
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> places(1'001);
    rows(workers_, [&](sqlite3_stmt* s) {
      const auto page = static_cast<std::size_t>(sqlite3_column_int64(s, 3)) - 1;
      worker& w = pages[page].workers.emplace_back().self;
      w.id = sqlite3_column_int64(s, 0);
      read_text(s, 1, w.name);
      w.load = sqlite3_column_double(s, 2);
      places[static_cast<std::size_t>(w.id)].emplace_back(page, pages[page].workers.size() - 1);
    });
    job j;
    rows(jobs_, [&](sqlite3_stmt* s) {
      j.id = sqlite3_column_int64(s, 0);
      j.worker_id = sqlite3_column_int64(s, 1);
      read_text(s, 2, j.title);
      j.steps = sqlite3_column_int64(s, 3);
      for (const auto& [page, at] : places[static_cast<std::size_t>(j.worker_id)])
        pages[page].workers[at].jobs.push_back(j);
    });
    run(commit_);
    return pages;
  }

 private:
  static void run(const c_statement& s) {
    sqlite3_step(s.get());
    sqlite3_reset(s.get());
  }

  template <class Row>
  static void rows(const c_statement& s, Row row) {
    while (sqlite3_step(s.get()) == SQLITE_ROW) row(s.get());
    sqlite3_reset(s.get());
  }

  c_statement begin_, commit_, teams_, workers_, jobs_;
};

std::size_t checked(std::vector<team_page> pages) {
  std::string all;
  std::sort(pages.begin(), pages.end(),
            [](const team_page& a, const team_page& b) { return a.self.id < b.self.id; });
  for (team_page& page : pages) {
    all += page.self.name + ':';
    std::sort(page.workers.begin(), page.workers.end(),
              [](const busy_worker& a, const busy_worker& b) { return a.self.id < b.self.id; });
    for (busy_worker& w : page.workers) {
      all += w.self.name + std::to_string(w.self.load) + ',';
      std::sort(w.jobs.begin(), w.jobs.end(),
                [](const job& a, const job& b) { return a.id < b.id; });
      for (const job& j : w.jobs) all += j.title + std::to_string(j.steps) + ';';
    }
  }
  return std::hash<std::string>{}(all);
}

template <class Work>
double time_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int run(const options& given) {
  const long repetitions = given.number("repetitions", 51);
  const auto db = hewn::sqlite::open(":memory:");
  fill(db);
  by_hand hand(db.native_handle());
  if (checked(by_shape(db)) != checked(hand.read())) {
    std::fputs("bench: nested is not the same work on both sides\n", stderr);
    return 1;
  }
  std::vector<double> ours, theirs, ratios;
  std::size_t seen = 0;
  for (long i = 0; i != repetitions; ++i) {
    const double a = time_of([&] { seen += by_shape(db).size(); });
    const double b = time_of([&] { seen += hand.read().size(); });
    ours.push_back(a);
    theirs.push_back(b);
    ratios.push_back(a / b);
  }
  std::printf("three levels, %ld turns, %zu teams: hewn %.0f us, C %.0f us, ratio %.3f (1.10)\n",
              repetitions, seen, median(ours), median(theirs), median(ratios));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) try {
  return bench::run(bench::options(count, arguments, {"repetitions"}));
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
