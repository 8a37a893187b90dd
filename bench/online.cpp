// bench/online.cpp - an online change of a large table, and those who use the table meanwhile.
// SPDX-License-Identifier: BSL-1.0
//
// On a server that it starts. Readers and writers use a table of a million rows, alone at first,
// and then while it gets a column with a value in each row, an index, a check and a reference.
// Another column is then filled by batches of as many rows by hand, with the same pauses. Without a
// pause a third process works on the rows all the time; with one, those who write notice it seldom:
//
//   online --batch=5 --pause=200
//
//   online [--rows=N] [--batch=MILLISECONDS] [--pause=MILLISECONDS]
#include <hewn/online.hpp>
#include <hewn/postgres.hpp>

#include <support/postgres_server.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
using milliseconds = std::chrono::duration<double, std::milli>;

struct customer {
  std::int64_t id = 0;
  std::string name;
};

namespace before {
struct order {
  std::int64_t id = 0;
  std::int64_t customer_id = 0;
  std::int64_t cents = 0;
  std::string note;
  static consteval auto table() { return hewn::table("orders"); }
};
}  // namespace before

struct order {
  std::int64_t id = 0;
  std::int64_t customer_id = 0;
  std::int64_t cents = 0;
  std::string note;
  std::int64_t gross = 0;

  static consteval auto table() {
    return hewn::table("orders")
        .backfill<&order::gross>(hewn::raw("cents * 119 / 100"))
        .index<&order::gross>()
        .range<&order::cents>(0, 1'000'000'000)
        .references<&order::customer_id, &customer::id>();
  }
};

/// Threads that write and read at random until the object dies.
class load {
 public:
  load(const std::string& url, std::int64_t rows, int writers, int readers) {
    for (int i = 0; i != writers + readers; ++i)
      threads_.emplace_back([this, url, rows, i, writes = i < writers] {
        work(url, rows, static_cast<std::uint64_t>(i), writes);
      });
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() { stop(); }

  /// Prints the times of all statements so far. Returns the 99th percentile of writes.
  double report(const char* when) {
    const std::lock_guard lock(mutex_);
    const double writes = print(when, "writes", writes_);
    print(when, "reads", reads_);
    writes_.clear();
    reads_.clear();
    return writes;
  }

  /// From now on it writes as the release does that knows the new column.
  void next_release() { next_release_ = true; }

  std::int64_t inserted() const { return inserted_; }
  std::int64_t failures() const { return failures_; }

  void stop() {
    stopped_ = true;
    threads_.clear();
  }

 private:
  static double print(const char* when, const char* what, std::vector<double>& times) {
    if (times.empty()) return 0;
    std::sort(times.begin(), times.end());
    const auto at = [&](double share) {
      return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    std::printf("%-24s %-7s %8zu  p50 %7.2f ms  p99 %7.2f ms  worst %8.2f ms\n", when, what,
                times.size(), at(0.5), at(0.99), times.back());
    return at(0.99);
  }

  void work(const std::string& url, std::int64_t rows, std::uint64_t seed, bool writes) {
    const auto db = hewn::postgres::open(url);
    std::uint64_t state = seed * 7919 + 17;
    while (!stopped_) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const auto id =
          static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(rows)) + 1;
      const clock_type::time_point begun = clock_type::now();
      try {
        if (!writes) {
          db.all<std::int64_t>(hewn::sql<"SELECT cents FROM orders WHERE id BETWEEN ? AND ?">, id,
                               id + 20);
        } else if (state % 4 == 0 && next_release_) {
          db.execute(hewn::sql<"INSERT INTO orders (customer_id, cents, note, gross) VALUES (1, ?, "
                               "'n', ? * 119 / 100)">,
                     id, id);
          ++inserted_;
        } else if (state % 4 == 0) {
          db.execute(hewn::sql<"INSERT INTO orders (customer_id, cents, note) VALUES (1, ?, 'n')">,
                     id);
          ++inserted_;
        } else {
          db.execute(hewn::sql<"UPDATE orders SET note = 'w' WHERE id = ?">, id);
        }
      } catch (const hewn::error& failure) {
        if (++failures_ == 1) std::fprintf(stderr, "bench: %s\n", failure.what());
      }
      const double took = milliseconds(clock_type::now() - begun).count();
      {
        const std::lock_guard lock(mutex_);
        (writes ? writes_ : reads_).push_back(took);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  std::mutex mutex_;
  std::vector<double> writes_, reads_;
  std::atomic<std::int64_t> inserted_ = 0, failures_ = 0;
  std::atomic<bool> stopped_ = false, next_release_ = false;
  std::vector<std::jthread> threads_;
};

double seconds_since(clock_type::time_point begun) {
  return std::chrono::duration<double>(clock_type::now() - begun).count();
}

// Ranges of the key of as many rows as a batch of hewn has.
double fill_by_hand(const hewn::postgres::database& db, std::int64_t batch,
                    std::chrono::milliseconds pause) {
  const clock_type::time_point begun = clock_type::now();
  const auto last = db.one<std::int64_t>(hewn::sql<"SELECT max(id) FROM orders">);
  for (std::int64_t from = 1; from <= last; from += batch) {
    if (from != 1 && pause.count() > 0) std::this_thread::sleep_for(pause);
    db.execute(hewn::sql<"UPDATE orders SET again = (cents * 119 / 100) WHERE again IS NULL AND "
                         "id BETWEEN ? AND ?">,
               from, from + batch - 1);
  }
  return seconds_since(begun);
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t rows = 1'000'000, batch = 20, pause = 0;
  for (int i = 1; i != argc; ++i) {
    const std::string_view a = argv[i];
    if (a.starts_with("--rows=")) rows = std::atoll(a.substr(7).data());
    if (a.starts_with("--batch=")) batch = std::atoll(a.substr(8).data());
    if (a.starts_with("--pause=")) pause = std::atoll(a.substr(8).data());
  }
  const std::string url = support::postgres_server::get().url();
  auto db = hewn::postgres::open(url);
  hewn::sync<customer, before::order>(db);
  db.script("INSERT INTO customer (name) VALUES ('c')");
  db.execute(hewn::sql<"INSERT INTO orders (customer_id, cents, note) SELECT 1, n, repeat('x', 40) "
                       "FROM generate_series(1, ?) AS g(n)">,
             rows);
  db.script("ANALYZE orders; CHECKPOINT");

  load others(url, rows, 4, 4);
  std::this_thread::sleep_for(std::chrono::seconds(10));
  const double alone = others.report("alone");

  double filled = 0, during = 0;
  std::int64_t batches = 0;
  clock_type::time_point begun;
  hewn::online_options options;
  options.until_breaking = true;
  options.batch = std::chrono::milliseconds(batch);
  options.pause = std::chrono::milliseconds(pause);
  options.progress = [&](const hewn::online_progress& p) {
    if (p.phase.kind != hewn::phase_kind::batches) return;
    if (p.state == "waiting") begun = clock_type::now();
    if (p.state == "running") ++batches;
    if (p.state == "done") {
      filled = seconds_since(begun);
      during = others.report("  until it is filled");
    }
  };
  const clock_type::time_point start = clock_type::now();
  hewn::sync_online<customer, order>(db, options);
  others.next_release();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  hewn::continue_online(db);
  const double whole = seconds_since(start);
  others.report("  behind that");
  const std::int64_t failed = others.failures();
  db.script("ALTER TABLE orders ADD COLUMN again bigint");
  const double by_hand = fill_by_hand(db, rows / std::max<std::int64_t>(batches, 1), options.pause);
  others.report("filled by hand");
  others.stop();

  const auto count = db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM orders">);
  const auto wrong = db.one<std::int64_t>(
      hewn::sql<"SELECT count(*) FROM orders WHERE gross IS DISTINCT FROM cents * 119 / 100">);
  std::printf(
      "online change %.1f s, of which filled in %.1f s (%lld batches); by hand %.1f s, "
      "ratio %.2f\n",
      whole, filled, static_cast<long long>(batches), by_hand, filled / by_hand);
  std::printf("p99 of writes: alone %.2f ms, while it is filled %.2f ms, ratio %.2f\n", alone,
              during, during / alone);
  std::printf(
      "%lld failures, %lld rows missing, %lld wrong values\n", static_cast<long long>(failed),
      static_cast<long long>(rows + others.inserted() - count), static_cast<long long>(wrong));
  return failed == 0 && count == rows + others.inserted() ? 0 : 1;
}
