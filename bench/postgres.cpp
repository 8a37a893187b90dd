// bench/postgres.cpp - the library's one-line calls on PostgreSQL and the same work with libpq.
// SPDX-License-Identifier: BSL-1.0
//
// What is compared. The hand-written side is libpq as one writes it who cares: COPY in binary,
// arrays for a few rows, a pipeline for many statements, statements prepared once, parameters and
// results in binary, rows read into their final place. Both sides have the same rows and tables,
// connections of their own, and take turns. A ratio is the median of the ratios of the turns.
//
// What a number is. Times are by the clock, because most of the work is the server's; the client's
// share is the processor time of the thread. Allocations are calls of operator new, ours minus
// theirs, for each item; libpq's own are the same on both sides and not counted.
//
// What is proved. Once, every field of every row goes into a checksum, and both sides must have the
// same. The server is one of this program, on a unix socket, with fsync on; --url=... names
// another.

#include "bench/agent.hpp"
#include "bench/allocations.hpp"
#include "bench/consumer.hpp"
#include "bench/data.hpp"
#include "bench/nesting.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"

#include <hewn/postgres.hpp>
#include <hewn/shapes.hpp>

#include <support/postgres_server.hpp>

#include <libpq-fe.h>
#include <time.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {
namespace {

double now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// ---------------------------------------------------------------- libpq by hand

struct result {
  PGresult* r;
  explicit result(PGresult* taken, ExecStatusType wanted) : r(taken) {
    if (PQresultStatus(r) == wanted) return;
    std::fprintf(stderr, "bench: libpq: %s", PQresultErrorMessage(r));
    std::exit(1);
  }
  result(const result&) = delete;
  result& operator=(const result&) = delete;
  ~result() { PQclear(r); }
};

template <class T>
T big_endian(T v) {
  if constexpr (sizeof v == 2)
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(v)));
  if constexpr (sizeof v == 4)
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(v)));
  if constexpr (sizeof v == 8)
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(v)));
}

template <class T>
T load(const char* from) {
  T v;
  std::memcpy(&v, from, sizeof v);
  return big_endian(v);
}

/// A growing buffer of big-endian values.
struct writer {
  std::string out;

  template <class T>
  void value(T v) {
    v = big_endian(v);
    out.append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  template <class T>
  void field(T v) {
    value(static_cast<std::int32_t>(sizeof v));
    value(v);
  }
  void field(double v) { field(std::bit_cast<std::int64_t>(v)); }
  void field(bool v) {
    value(std::int32_t{1});
    out += v ? '\1' : '\0';
  }
  void field(const std::string& v) {
    value(static_cast<std::int32_t>(v.size()));
    out += v;
  }
  void null() { value(std::int32_t{-1}); }
};

void append_agent_copy(writer& w, const agent& a) {
  w.value(std::int16_t{6});
  w.field(a.name);
  if (a.description)
    w.field(*a.description);
  else
    w.null();
  w.field(a.temperature);
  w.field(a.enabled);
  w.field(a.environment_id);
  w.field(a.created_at);
}

template <class Row>  // agent or tenant
void read_agent(const PGresult* r, int row, Row& a) {
  const auto text = [&](int c) {
    return std::string_view(PQgetvalue(r, row, c),
                            static_cast<std::size_t>(PQgetlength(r, row, c)));
  };
  a.id = load<std::int64_t>(PQgetvalue(r, row, 0));
  a.name = text(1);
  if (PQgetisnull(r, row, 2))
    a.description.reset();
  else if (a.description)
    a.description->assign(text(2));
  else
    a.description.emplace(text(2));
  a.temperature = std::bit_cast<double>(load<std::int64_t>(PQgetvalue(r, row, 3)));
  a.enabled = PQgetvalue(r, row, 4)[0] != 0;
  a.environment_id = load<std::int64_t>(PQgetvalue(r, row, 5));
  a.created_at = load<std::int64_t>(PQgetvalue(r, row, 6));
}

void read_placed(const PGresult* r, int row, placed_agent& a) {
  const auto text = [&](int c) {
    return std::string_view(PQgetvalue(r, row, c),
                            static_cast<std::size_t>(PQgetlength(r, row, c)));
  };
  a.id = load<std::int64_t>(PQgetvalue(r, row, 0));
  a.name = text(1);
  a.environment = text(2);
  if (!PQgetisnull(r, row, 3)) a.description.emplace(text(3));
  a.temperature = std::bit_cast<double>(load<std::int64_t>(PQgetvalue(r, row, 4)));
}

constexpr const char* columns =
    "\"id\", \"name\", \"description\", \"temperature\", \"enabled\", \"environment_id\", "
    "\"created_at\"";

class by_hand {
 public:
  explicit by_hand(const std::string& url) : c_(PQconnectdb(url.c_str())) {
    if (PQstatus(c_) != CONNECTION_OK) {
      std::fprintf(stderr, "bench: libpq: %s", PQerrorMessage(c_));
      std::exit(1);
    }
    run("SET search_path = hand");
  }
  by_hand(const by_hand&) = delete;
  by_hand& operator=(const by_hand&) = delete;
  ~by_hand() { PQfinish(c_); }

  void run(const char* sql) { const result r(PQexec(c_, sql), PGRES_COMMAND_OK); }

  void prepare(const char* name, const std::string& sql) {
    const result r(PQprepare(c_, name, sql.c_str(), 0, nullptr), PGRES_COMMAND_OK);
  }

  void prepare_all() {
    const std::string select = std::string("SELECT ") + columns + " FROM \"agents\"";
    prepare("get", select + " WHERE \"id\" = $1");
    prepare("many", select + " WHERE \"id\" = ANY($1)");
    prepare("scan", select);
    const std::string join =
        "SELECT agents.id, agents.name, environments.name, agents.description, agents.temperature "
        "FROM agents JOIN environments ON environments.id = agents.environment_id";
    prepare("join", join);
    prepare("join_by_key", join + " WHERE agents.id = $1");
    prepare("environments", "SELECT id, name FROM environments");
    prepare("some_environments", "SELECT id, name FROM environments WHERE id <= $1 ORDER BY id");
    prepare("of_some", select + " WHERE environment_id = ANY($1)");
    prepare("first_of_some", "SELECT a.* FROM unnest($1::bigint[]) AS e(id) CROSS JOIN LATERAL (" +
                                 select +
                                 " WHERE environment_id = e.id ORDER BY created_at DESC LIMIT 3) a "
                                 "ORDER BY created_at DESC");
    prepare("arrays",
            std::string("INSERT INTO \"agents\" (\"name\", \"description\", \"temperature\", "
                        "\"enabled\", \"environment_id\", \"created_at\") SELECT * FROM "
                        "unnest($1::text[], $2::text[], $3::double precision[], $4::boolean[], "
                        "$5::bigint[], $6::bigint[]) RETURNING ") +
                columns);
    prepare("few",
            "INSERT INTO \"agents\" (\"name\", \"description\", \"temperature\", "
            "\"enabled\", \"environment_id\", \"created_at\") SELECT * FROM "
            "unnest($1::text[], $2::text[], $3::double precision[], $4::boolean[], "
            "$5::bigint[], $6::bigint[])");
    prepare("update",
            "UPDATE \"agents\" SET \"name\" = $1, \"description\" = $2, \"temperature\" = $3, "
            "\"enabled\" = $4, \"environment_id\" = $5, \"created_at\" = $6 WHERE \"id\" = $7");
  }

  void copy(const std::vector<agent>& rows) {
    run("BEGIN");
    {
      const result r(PQexec(c_,
                            "COPY \"agents\" (\"name\", \"description\", \"temperature\", "
                            "\"enabled\", \"environment_id\", \"created_at\") FROM STDIN "
                            "(FORMAT binary)"),
                     PGRES_COPY_IN);
      writer w;
      w.out.assign("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
      for (const agent& a : rows) {
        append_agent_copy(w, a);
        if (w.out.size() < 65'536) continue;
        PQputCopyData(c_, w.out.data(), static_cast<int>(w.out.size()));
        w.out.clear();
      }
      w.value(std::int16_t{-1});
      PQputCopyData(c_, w.out.data(), static_cast<int>(w.out.size()));
      PQputCopyEnd(c_, nullptr);
      const result done(PQgetResult(c_), PGRES_COMMAND_OK);
      while (PGresult* rest = PQgetResult(c_)) PQclear(rest);
    }
    run("COMMIT");
  }

  void insert_arrays(std::vector<agent>& rows) {
    run("BEGIN");
    for (std::size_t first = 0; first < rows.size(); first += 1000) {
      const std::size_t last = std::min(rows.size(), first + 1000);
      const result r(send_part("arrays", rows, first, last), PGRES_TUPLES_OK);
      for (std::size_t i = first; i != last; ++i)
        read_agent(r.r, static_cast<int>(i - first), rows[i]);
    }
    run("COMMIT");
  }

  void insert_few(const std::vector<agent>& rows) {
    run("SAVEPOINT few");
    { const result r(send_part("few", rows, 0, rows.size()), PGRES_COMMAND_OK); }
    run("RELEASE few");
  }

  // A sync for every 1000 statements, so that the buffers stay small and nobody waits for long.
  void update_in_pipeline(const std::vector<agent>& rows) {
    run("BEGIN");
    PQenterPipelineMode(c_);
    for (std::size_t first = 0; first < rows.size(); first += 1000) {
      const std::size_t last = std::min(rows.size(), first + 1000);
      for (std::size_t i = first; i != last; ++i) send_update(rows[i]);
      PQpipelineSync(c_);
      for (std::size_t i = first; i != last; ++i) {
        {
          const result r(PQgetResult(c_), PGRES_COMMAND_OK);
          if (std::strcmp(PQcmdTuples(r.r), "1") != 0) std::exit(1);
        }
        PQgetResult(c_);
      }
      const result end(PQgetResult(c_), PGRES_PIPELINE_SYNC);
    }
    PQexitPipelineMode(c_);
    run("COMMIT");
  }

  void get(std::int64_t key, agent& out) {
    const std::int64_t wire = big_endian(key);
    const char* const value = reinterpret_cast<const char*>(&wire);
    constexpr int length = 8;
    constexpr int format = 1;
    const result r(PQexecPrepared(c_, "get", 1, &value, &length, &format, 1), PGRES_TUPLES_OK);
    read_agent(r.r, 0, out);
  }

  std::vector<agent> get_many(const std::vector<std::int64_t>& keys) {
    writer w;
    start_array(w, 20, keys.size(), false);
    for (const std::int64_t k : keys) w.field(k);
    const char* const value = w.out.data();
    const int length = static_cast<int>(w.out.size());
    constexpr int format = 1;
    const result r(PQexecPrepared(c_, "many", 1, &value, &length, &format, 1), PGRES_TUPLES_OK);
    return rows_of(r.r);
  }

  std::vector<placed_agent> join() {
    const result r(PQexecPrepared(c_, "join", 0, nullptr, nullptr, nullptr, 1), PGRES_TUPLES_OK);
    const int count = PQntuples(r.r);
    std::vector<placed_agent> all(static_cast<std::size_t>(count));
    for (int i = 0; i != count; ++i) read_placed(r.r, i, all[static_cast<std::size_t>(i)]);
    return all;
  }

  placed_agent join_by_key(std::int64_t key) {
    const std::int64_t wire = big_endian(key);
    const char* const value = reinterpret_cast<const char*>(&wire);
    constexpr int length = 8;
    constexpr int format = 1;
    const result r(PQexecPrepared(c_, "join_by_key", 1, &value, &length, &format, 1),
                   PGRES_TUPLES_OK);
    if (PQntuples(r.r) != 1) std::exit(1);
    placed_agent a;
    read_placed(r.r, 0, a);
    return a;
  }

  /// All parents and children. The result is there as a whole, so that children can be counted
  /// before they are read.
  std::vector<household> nest() {
    const result parents(PQexecPrepared(c_, "environments", 0, nullptr, nullptr, nullptr, 1),
                         PGRES_TUPLES_OK);
    std::vector<household> all = parents_of(parents.r);
    const result children(PQexecPrepared(c_, "scan", 0, nullptr, nullptr, nullptr, 1),
                          PGRES_TUPLES_OK);
    hand_out(children.r, all);
    return all;
  }

  /// The parents up to a key with what a statement finds for them.
  std::vector<household> nest_some(std::int64_t last, const char* statement) {
    const std::int64_t wire = big_endian(last);
    const char* value = reinterpret_cast<const char*>(&wire);
    int length = 8;
    constexpr int format = 1;
    const result parents(PQexecPrepared(c_, "some_environments", 1, &value, &length, &format, 1),
                         PGRES_TUPLES_OK);
    std::vector<household> all = parents_of(parents.r);
    writer keys;
    start_array(keys, 20, all.size(), false);
    for (const household& h : all) keys.field(h.parent.id);
    value = keys.out.data();
    length = static_cast<int>(keys.out.size());
    const result children(PQexecPrepared(c_, statement, 1, &value, &length, &format, 1),
                          PGRES_TUPLES_OK);
    hand_out(children.r, all);
    return all;
  }

  std::vector<agent> scan() {
    const result r(PQexecPrepared(c_, "scan", 0, nullptr, nullptr, nullptr, 1), PGRES_TUPLES_OK);
    return rows_of(r.r);
  }

  template <class Consume>
  void stream(Consume consume) {
    PQsendQueryPrepared(c_, "scan", 0, nullptr, nullptr, nullptr, 1);
    PQsetSingleRowMode(c_);
    agent a;
    while (PGresult* r = PQgetResult(c_)) {
      if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
        read_agent(r, 0, a);
        consume(a);
      }
      PQclear(r);
    }
  }

 private:
  static std::vector<household> parents_of(const PGresult* r) {
    const int count = PQntuples(r);
    std::vector<household> all(static_cast<std::size_t>(count));
    for (int i = 0; i != count; ++i) {
      household& h = all[static_cast<std::size_t>(i)];
      h.parent.id = load<std::int64_t>(PQgetvalue(r, i, 0));
      h.parent.name.assign(PQgetvalue(r, i, 1), static_cast<std::size_t>(PQgetlength(r, i, 1)));
    }
    return all;
  }

  static void hand_out(const PGresult* r, std::vector<household>& all) {
    const int count = PQntuples(r);
    std::vector<std::size_t> counts(all.size());
    const auto place = [&](int i) {
      const household& h = household_of(all, load<std::int64_t>(PQgetvalue(r, i, 5)));
      return static_cast<std::size_t>(&h - all.data());
    };
    for (int i = 0; i != count; ++i) ++counts[place(i)];
    for (std::size_t i = 0; i != all.size(); ++i) all[i].children.reserve(counts[i]);
    for (int i = 0; i != count; ++i) read_agent(r, i, all[place(i)].children.emplace_back());
  }

  static std::vector<agent> rows_of(const PGresult* r) {
    const int count = PQntuples(r);
    std::vector<agent> all(static_cast<std::size_t>(count));
    for (int i = 0; i != count; ++i) read_agent(r, i, all[static_cast<std::size_t>(i)]);
    return all;
  }

  static void start_array(writer& w, std::int32_t type, std::size_t count, bool nulls) {
    w.value(std::int32_t{1});
    w.value(std::int32_t{nulls});
    w.value(type);
    w.value(static_cast<std::int32_t>(count));
    w.value(std::int32_t{1});
  }

  PGresult* send_part(const char* statement, const std::vector<agent>& rows, std::size_t first,
                      std::size_t last) {
    writer arrays[6];
    constexpr std::int32_t types[] = {25, 25, 701, 16, 20, 20};
    for (int i = 0; i != 6; ++i) start_array(arrays[i], types[i], last - first, i == 1);
    for (std::size_t i = first; i != last; ++i) {
      const agent& a = rows[i];
      arrays[0].field(a.name);
      if (a.description)
        arrays[1].field(*a.description);
      else
        arrays[1].null();
      arrays[2].field(a.temperature);
      arrays[3].field(a.enabled);
      arrays[4].field(a.environment_id);
      arrays[5].field(a.created_at);
    }
    const char* values[6];
    int lengths[6];
    constexpr int formats[] = {1, 1, 1, 1, 1, 1};
    for (int i = 0; i != 6; ++i) {
      values[i] = arrays[i].out.data();
      lengths[i] = static_cast<int>(arrays[i].out.size());
    }
    return PQexecPrepared(c_, statement, 6, values, lengths, formats, 1);
  }

  void send_update(const agent& a) {
    const auto bits = big_endian(std::bit_cast<std::int64_t>(a.temperature));
    const char enabled = a.enabled ? 1 : 0;
    const std::int64_t environment = big_endian(a.environment_id);
    const std::int64_t created = big_endian(a.created_at);
    const std::int64_t key = big_endian(a.id);
    const auto bytes = [](const std::int64_t& v) { return reinterpret_cast<const char*>(&v); };
    const char* const values[] = {
        a.name.data(),      a.description ? a.description->data() : nullptr,
        bytes(bits),        &enabled,
        bytes(environment), bytes(created),
        bytes(key)};
    const int lengths[] = {static_cast<int>(a.name.size()),
                           a.description ? static_cast<int>(a.description->size()) : 0,
                           8,
                           1,
                           8,
                           8,
                           8};
    constexpr int formats[] = {1, 1, 1, 1, 1, 1, 1};
    if (PQsendQueryPrepared(c_, "update", 7, values, lengths, formats, 1) != 1) std::exit(1);
  }

  PGconn* c_;
};

// ---------------------------------------------------------------- the comparisons

/// Both sides of one work; each returns the checksum of what came out, or of nothing.
struct duel {
  const char* name;
  const char* what;
  double target;
  double items;
  std::function<void()> set_up;
  std::function<outcome(bool proving)> ours, theirs;
};

template <class Range>
outcome summed(const Range& rows, bool proving) {
  digest all;
  if (proving)
    for (const auto& a : rows) all.row(a);
  return all.result();
}

auto placed_agents() {
  using hewn::col;
  return hewn::from<agent>.join<environment>(col<&environment::id> == col<&agent::environment_id>);
}

outcome summed_households(const std::vector<household>& all, bool proving) {
  digest sum;
  if (proving) sum.households(all);
  return sum.result();
}

template <class Query>
auto placed(const Query& query) {
  using hewn::col;
  return query.template select<placed_agent>(col<&agent::id>, col<&agent::name>,
                                             col<&environment::name>, col<&agent::description>,
                                             col<&agent::temperature>);
}

struct numbers {
  double ours = 0, theirs = 0, ratio = 0, client_ratio = 0, client = 0, allocations = 0;
};

struct turn {
  double wall, cpu;
  std::int64_t allocations;
};

turn take(const std::function<outcome(bool)>& run) {
  const std::int64_t before = allocations();
  const double cpu = now(CLOCK_THREAD_CPUTIME_ID);
  const double wall = now(CLOCK_MONOTONIC);
  run(false);
  return {now(CLOCK_MONOTONIC) - wall, now(CLOCK_THREAD_CPUTIME_ID) - cpu, allocations() - before};
}

numbers measure(const duel& d, long repetitions) {
  d.set_up();
  const outcome ours = d.ours(true);
  const outcome theirs = d.theirs(true);
  if (!(ours == theirs)) {
    std::fprintf(stderr, "bench: %s is not the same work on both sides\n", d.name);
    std::exit(1);
  }
  numbers n;
  std::vector<double> a_times, b_times, ratios, client_ratios, client;
  for (long i = 0; i != repetitions; ++i) {
    // By turns, because the first after a change of the table pays for more than its own.
    const auto fresh = [&](const auto& run) {
      d.set_up();
      return take(run);
    };
    turn a, b;
    if (i % 2 == 0) {
      a = fresh(d.ours);
      b = fresh(d.theirs);
    } else {
      b = fresh(d.theirs);
      a = fresh(d.ours);
    }
    a_times.push_back(a.wall / d.items);
    b_times.push_back(b.wall / d.items);
    ratios.push_back(a.wall / b.wall);
    client_ratios.push_back(a.cpu / b.cpu);
    client.push_back(a.cpu / d.items);
    n.allocations = static_cast<double>(a.allocations - b.allocations) / d.items;
  }
  n.ours = median(a_times);
  n.theirs = median(b_times);
  n.ratio = median(ratios);
  n.client_ratio = median(client_ratios);
  n.client = median(client);
  return n;
}

void report_one(const table& t, const duel& d, const numbers& n) {
  t.row({d.name, d.what, formatted(n.ours, "%.0f"), formatted(n.theirs, "%.0f"),
         with_target(n.ratio, d.target, "%.3f"), formatted(n.client_ratio, "%.3f"),
         formatted(n.client, "%.0f"), formatted(n.allocations, "%.4f")});
}

void add_to(json_list& json, const duel& d, const numbers& n, const sizes& s) {
  json.object(d.name);
  json.text("what", d.what);
  json.number("rows", static_cast<double>(s.rows));
  json.number("ratio_time", n.ratio);
  json.number("ratio_instructions", none);
  json.number("extra_allocations", n.allocations);
  json.number("ratio_client_cpu", n.client_ratio);
  json.number("hewn_client_per_item", n.client);
  json.number("hewn_per_item", n.ours);
  json.number("c_per_item", n.theirs);
  json.number("target_time", d.target);
}

int run(const options& given) {
  const sizes s{.rows = given.number("rows", 100'000)};
  const long repetitions = given.number("repetitions", 7);
  const std::string only = given.text("only");
  std::optional<support::postgres_server> server;
  std::string url = given.text("url");
  if (url.empty())
    url = server
              .emplace(
                  std::vector<std::string>{"fsync=on", "shared_buffers=256MB", "max_wal_size=4GB"})
              .url();

  {
    const auto admin = hewn::postgres::open(url);
    admin.script(
        "DROP SCHEMA IF EXISTS ours, hand CASCADE; CREATE SCHEMA ours; CREATE SCHEMA hand");
    hewn::sync<environment, agent>(hewn::postgres::open(url, {.search_path = {"hand"}}));
  }
  auto db = hewn::postgres::open(url, {.search_path = {"ours"}});
  hewn::sync<environment, agent>(db);
  db.insert_many(make_environments(s));
  db.script("INSERT INTO hand.environments SELECT * FROM ours.environments");
  by_hand hand(url);
  hand.prepare_all();

  const std::vector<agent> constant = make_agents(s.rows, s.environments());
  std::vector<agent> our_rows, their_rows;
  const auto empty = [&] {
    db.script("TRUNCATE agents RESTART IDENTITY");
    hand.run("TRUNCATE agents RESTART IDENTITY");
    our_rows = constant;
    their_rows = constant;
  };
  bool loaded = false;
  const auto full = [&] {
    if (std::exchange(loaded, true)) return;
    empty();
    db.insert_many(constant);
    hand.copy(constant);
    db.script("ANALYZE agents");
    hand.run("ANALYZE agents");
  };
  const auto stored = [&](auto&& read, bool proving) {
    return proving ? summed(read(), true) : outcome{};
  };
  const auto keys = make_keys(20'000, s.rows);
  std::vector<std::int64_t> distinct;
  for (std::int64_t k = 1; k <= 1000; ++k) distinct.push_back(k * (s.rows / 1000));

  const std::vector<agent> few(constant.begin(), constant.begin() + 10);
  // As many rows as fit a transaction that people would write, spread over the table.
  std::vector<agent> updated(constant.begin(), constant.begin() + s.rows / 10);
  for (std::size_t i = 0; i != updated.size(); ++i) {
    updated[i].id = static_cast<std::int64_t>(i) * 10 + 1;
    updated[i].temperature += 1;
  }

  const auto some_households =
      hewn::shape<household>.where(hewn::col<&environment::id> <= s.some_environments()).order_by(hewn::col<&environment::id>);

  const std::vector<duel> duels{
      {"PG-bulk", "insert_many, const", 1.03, static_cast<double>(s.rows),
       [&] { loaded = false, empty(); },
       [&](bool proving) {
         db.insert_many(constant);
         return stored([&] { return db.all<agent>(); }, proving);
       },
       [&](bool proving) {
         hand.copy(constant);
         return stored([&] { return hand.scan(); }, proving);
       }},
      {"PG-bulk-returning", "insert_many", 1.10, static_cast<double>(s.rows),
       [&] { loaded = false, empty(); },
       [&](bool proving) {
         db.insert_many(our_rows);
         return summed(our_rows, proving);
       },
       [&](bool proving) {
         hand.insert_arrays(their_rows);
         return summed(their_rows, proving);
       }},
      {"PG-few", "insert_many of 10", 1.10, 10.0 * 500, [&] { loaded = false, empty(); },
       [&](bool proving) {
         db.transaction([&](auto& tx) {
           for (int i = 0; i != 500; ++i) tx.insert_many(few);
         });
         return stored([&] { return db.all<agent>(); }, proving);
       },
       [&](bool proving) {
         hand.run("BEGIN");
         for (int i = 0; i != 500; ++i) hand.insert_few(few);
         hand.run("COMMIT");
         return stored([&] { return hand.scan(); }, proving);
       }},
      {"PG-batch", "batch of updates", 1.10, static_cast<double>(updated.size()),
       [&] { loaded = false, full(), loaded = false; },
       [&](bool proving) {
         db.batch([&](auto& batch) {
           for (const agent& a : updated) batch.update(a);
         });
         return stored([&] { return db.get_many<agent>(distinct); }, proving);
       },
       [&](bool proving) {
         hand.update_in_pipeline(updated);
         return stored([&] { return hand.get_many(distinct); }, proving);
       }},
      {"PG-get", "get", 1.03, static_cast<double>(keys.size()), full,
       [&](bool proving) {
         digest all;
         for (const std::int64_t k : keys) {
           const agent a = db.get<agent>(k);
           if (proving) all.row(a);
         }
         return all.result();
       },
       [&](bool proving) {
         digest all;
         for (const std::int64_t k : keys) {
           agent a;
           hand.get(k, a);
           if (proving) all.row(a);
         }
         return all.result();
       }},
      {"PG-get-many", "get_many of 1000", 1.10, static_cast<double>(distinct.size()) * 20, full,
       [&](bool proving) {
         outcome last;
         for (int i = 0; i != 20; ++i) last = summed(db.get_many<agent>(distinct), proving);
         return last;
       },
       [&](bool proving) {
         outcome last;
         for (int i = 0; i != 20; ++i) last = summed(hand.get_many(distinct), proving);
         return last;
       }},
      {"PG-scan", "all", 1.05, static_cast<double>(s.rows), full,
       [&](bool proving) { return summed(db.all<agent>(), proving); },
       [&](bool proving) { return summed(hand.scan(), proving); }},
      {"PG-join", "join of two tables, all", 1.05, static_cast<double>(s.rows), full,
       [&](bool proving) { return summed(db.all(placed(placed_agents())), proving); },
       [&](bool proving) { return summed(hand.join(), proving); }},
      {"PG-join-by-key", "the same of one key", 1.05, static_cast<double>(keys.size()), full,
       [&](bool proving) {
         digest all;
         for (const std::int64_t k : keys) {
           const placed_agent a = db.one(placed(placed_agents().where(hewn::col<&agent::id> == k)));
           if (proving) all.row(a);
         }
         return all.result();
       },
       [&](bool proving) {
         digest all;
         for (const std::int64_t k : keys) {
           const placed_agent a = hand.join_by_key(k);
           if (proving) all.row(a);
         }
         return all.result();
       }},
      {"PG-shape", "shape, all", 1.10, static_cast<double>(s.environments()), full,
       [&](bool proving) { return summed_households(db.all(hewn::shape<household>), proving); },
       [&](bool proving) { return summed_households(hand.nest(), proving); }},
      {"PG-shape-some", "few of many", 1.15, static_cast<double>(s.some_environments()), full,
       [&](bool proving) { return summed_households(db.all(some_households), proving); },
       [&](bool proving) {
         return summed_households(hand.nest_some(s.some_environments(), "of_some"), proving);
       }},
      {"PG-shape-first", "their 3 newest", 1.15, static_cast<double>(s.some_environments()), full,
       [&](bool proving) {
         return summed_households(
             db.all(some_households.with<&household::children>(
                 hewn::from<tenant>.order_by(hewn::desc<&tenant::created_at>).limit(3))),
             proving);
       },
       [&](bool proving) {
         return summed_households(hand.nest_some(s.some_environments(), "first_of_some"), proving);
       }},
      {"PG-stream", "each", 1.10, static_cast<double>(s.rows), full,
       [&](bool proving) {
         digest all;
         [[maybe_unused]] std::int64_t sum = 0;
         for (const agent& a : db.each<agent>()) proving ? all.row(a) : void(sum += a.id);
         return all.result();
       },
       [&](bool proving) {
         digest all;
         std::int64_t sum = 0;
         hand.stream([&](const agent& a) { proving ? all.row(a) : void(sum += a.id); });
         return all.result();
       }},
  };

  std::printf("%lld rows, median of %ld; targets in brackets\n", static_cast<long long>(s.rows),
              repetitions);
  const table lines({{"", -18},
                     {"an item", -20},
                     {"hewn, ns", 10},
                     {"C, ns", 10},
                     {"time ratio", -20},
                     {"client's", 8},
                     {"client, ns", 10},
                     {"extra allocations", 0}});
  json_list json;
  for (const duel& d : duels) {
    if (!only.empty() && only != d.name) continue;
    const numbers n = measure(d, repetitions);
    report_one(lines, d, n);
    add_to(json, d, n, s);
  }
  return json.write(given.path("json")) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) try {
#ifndef NDEBUG
  std::fputs("bench: this is a debug build; build with -c opt for numbers that mean anything\n",
             stderr);
#endif
  return bench::run(
      bench::options(count, arguments, {"json", "repetitions", "rows", "only", "url"}));
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
