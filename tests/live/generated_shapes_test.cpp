// tests/live/generated_shapes_test.cpp - shapes of random rows against the same put together by
// hand. SPDX-License-Identifier: BSL-1.0
#include <hewn/reflect/fields.hpp>
#include <hewn/shapes.hpp>
#include <hewn/uuid.hpp>

#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using hewn::col;
using hewn::from;
using hewn::shape;

namespace {

enum class shade { red, green, blue };

struct shade_note {
  shade tone = shade::red;
  std::string text;
  static consteval auto table() { return hewn::table("shades").primary_key<&shade_note::tone>(); }
};

struct spot {
  std::string code;
  std::int32_t weight = 0;
  std::optional<std::string> parent;
  static consteval auto table() {
    return hewn::table("spots").primary_key<&spot::code>().references<&spot::parent, &spot::code>();
  }
};

struct owner {
  boost::uuids::uuid id{};
  std::int32_t weight = 0;
  std::optional<std::string> spot_code;
  std::optional<shade> tone;
  static consteval auto table() {
    return hewn::table("owners")
        .references<&owner::spot_code, &spot::code>()
        .references<&owner::tone, &shade_note::tone>();
  }
};

struct task {
  std::int64_t id = 0;
  std::int32_t weight = 0;
  boost::uuids::uuid owner_id{};
  std::optional<std::int64_t> after_id;
  static consteval auto table() {
    return hewn::table("tasks")
        .references<&task::owner_id, &owner::id>()
        .references<&task::after_id, &task::id>();
  }
};

struct mark {
  std::int64_t id = 0;
  std::int32_t weight = 0;
  std::optional<std::string> spot_code;
  std::int64_t task_id = 0;
  static consteval auto table() {
    return hewn::table("marks")
        .references<&mark::spot_code, &spot::code>()
        .references<&mark::task_id, &task::id>();
  }
};

struct task_page {
  task self;
  owner by;
  std::optional<task> after;
  std::vector<mark> marks;
};

struct owner_page {
  owner self;
  std::optional<spot> home;
  std::optional<shade_note> tone;
  std::vector<task_page> tasks;
  std::int64_t task_count = 0;
  std::optional<std::int64_t> task_weight;
};

struct marked_task {
  mark link;
  task what;
};

struct spot_page {
  spot self;
  std::optional<spot> parent;
  std::vector<spot> parts;
  std::vector<owner_page> owners;
  std::vector<marked_task> marked;
  std::vector<task> tasks;
  std::int64_t task_count = 0;
  std::optional<std::int32_t> heaviest;
};

// ---------------------------------------------------------------- random rows

constexpr std::int64_t numbers[] = {std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max(),
                                    -1,
                                    1,
                                    2,
                                    3,
                                    1'000'000'007,
                                    -5'000'000'000,
                                    5'000'000'000,
                                    77};
constexpr const char* texts[] = {
    "", "a", "A", "\xc3\xa9", "e\xcc\x81", "\xf0\x9f\x90\x9d", "it's \"so\"", "\\", "a ", "%_"};

using generator = std::mt19937_64;

std::size_t below(generator& random, std::size_t end) {
  return static_cast<std::size_t>(random() % end);
}

template <class T>
std::optional<T> maybe(generator& random, const std::vector<T>& keys) {
  if (keys.empty() || random() % 4 == 0) return std::nullopt;
  return keys[below(random, keys.size())];
}

std::int32_t random_weight(generator& random) { return static_cast<std::int32_t>(random() % 5); }

boost::uuids::uuid random_uuid(generator& random) {
  boost::uuids::uuid id{};
  for (auto& byte : id) byte = static_cast<std::uint8_t>(random());
  return id;
}

/// A few of them, each once, in any order.
template <class T, class All>
std::vector<T> some_of(generator& random, const All& all) {
  std::vector<T> keys(std::begin(all), std::end(all));
  std::shuffle(keys.begin(), keys.end(), random);
  keys.resize(below(random, keys.size() + 1));
  return keys;
}

void fill(const support::database& db, generator& random) {
  db.remove_all<mark>();
  db.update_all<task>(col<& task::after_id> = std::nullopt);
  db.remove_all<task>();
  db.remove_all<owner>();
  db.update_all<spot>(col<& spot::parent> = std::nullopt);
  db.remove_all<spot>();
  db.remove_all<shade_note>();

  const auto tones = some_of<shade>(random, std::vector{shade::red, shade::green, shade::blue});
  for (const shade tone : tones) db.insert(shade_note{tone, "about"});
  std::vector<std::string> codes;
  std::vector<spot> spots;
  for (const std::string& code : some_of<std::string>(random, texts)) {
    spots.push_back({code, random_weight(random), maybe(random, codes)});
    codes.push_back(code);
  }
  db.insert_many(spots);
  std::vector<boost::uuids::uuid> ids;
  std::vector<owner> owners;
  for (std::size_t i = below(random, 8); i != 0; --i) {
    ids.push_back(random_uuid(random));
    owners.push_back(
        {ids.back(), random_weight(random), maybe(random, codes), maybe(random, tones)});
  }
  db.insert_many(owners);
  std::vector<std::int64_t> task_ids;
  std::vector<task> tasks;
  if (!ids.empty())
    for (const std::int64_t id : some_of<std::int64_t>(random, numbers)) {
      tasks.push_back(
          {id, random_weight(random), ids[below(random, ids.size())], maybe(random, task_ids)});
      task_ids.push_back(id);
    }
  db.insert_many(tasks);
  std::vector<mark> marks;
  if (!task_ids.empty())
    for (const std::int64_t id : some_of<std::int64_t>(random, numbers))
      marks.push_back({id, random_weight(random), maybe(random, codes),
                       task_ids[below(random, task_ids.size())]});
  db.insert_many(marks);
}

// ---------------------------------------------------------------- what is asked for

template <class T>
constexpr hewn::sort_choices<T> sorts{{"weight", col<&T::weight>}};

/// Of the rows of one table: at least this weight, sorted so, and so many of each parent.
template <class T>
struct wanted_rows {
  std::optional<std::int32_t> weight;
  std::string order;
  std::optional<std::int64_t> limit;

  wanted_rows(generator& random, bool limited)
      : weight(random() % 2 == 0 ? std::nullopt : std::optional(random_weight(random))),
        order(random() % 2 == 0 ? "weight" : "-weight") {
    if (limited) limit = static_cast<std::int64_t>(random() % 3);
  }

  auto query() const {
    return from<T>.where_if(weight, [](std::int32_t w) { return col<&T::weight> >= w; })
        .order_by(sorts<T>.parse(order));
  }
  template <bool Limited>
  auto related() const {
    if constexpr (Limited)
      return query().limit(*limit);
    else
      return query();
  }
};

struct wanted {
  wanted_rows<spot> roots, parts;
  wanted_rows<owner> owners;
  wanted_rows<task> tasks, linked;
  wanted_rows<mark> marks, links;

  wanted(generator& random, bool limited)
      : roots(random, false),
        parts(random, limited),
        owners(random, limited),
        tasks(random, limited),
        linked(random, limited),
        marks(random, limited),
        links(random, limited) {}
};

template <bool Limited>
auto shapes_wanted(const wanted& w) {
  const auto root = [](auto query, const auto& rows) {
    using T = typename std::remove_cvref_t<decltype(rows.query())>::record_type;
    auto made =
        query.where_if(rows.weight, [](std::int32_t weight) { return col<&T::weight> >= weight; })
            .order_by(sorts<T>.parse(rows.order));
    if constexpr (Limited && !std::is_same_v<T, spot>)
      return made.limit(*rows.limit);
    else
      return made;
  };
  return root(shape<spot_page>, w.roots)
      .template with<&spot_page::parts>(w.parts.template related<Limited>())
      .template with<&spot_page::owners>(
          root(shape<owner_page>, w.owners)
              .template with<&owner_page::tasks>(
                  root(shape<task_page>, w.tasks)
                      .template with<&task_page::marks>(w.marks.template related<Limited>()))
              .template with<&owner_page::task_count>(w.tasks.query(), hewn::count())
              .template with<&owner_page::task_weight>(from<task>, hewn::sum(col<&task::weight>)))
      .template with<&spot_page::marked>(root(shape<marked_task>, w.links))
      .template with<&spot_page::tasks>(w.linked.template related<Limited>(), hewn::through<mark>)
      .template with<&spot_page::task_count>(w.linked.query(), hewn::through<mark>, hewn::count())
      .template with<&spot_page::heaviest>(from<task>, hewn::max(col<&task::weight>),
                                           hewn::through<mark>);
}

// Nothing is left out and nothing sorted, so that whole tables may be read.
auto all_shapes() {
  return shape<spot_page>
      .with<&spot_page::owners>(
          shape<owner_page>.with<&owner_page::task_count>(from<task>, hewn::count())
              .with<&owner_page::task_weight>(from<task>, hewn::sum(col<&task::weight>)))
      .with<&spot_page::tasks>(hewn::through<mark>)
      .with<&spot_page::task_count>(from<task>, hewn::through<mark>, hewn::count())
      .with<&spot_page::heaviest>(from<task>, hewn::max(col<&task::weight>), hewn::through<mark>);
}

// ---------------------------------------------------------------- the same by hand

/// Rows of tables, as a query of each has sorted and filtered them.
struct tables {
  std::vector<spot> roots, parts, spots;
  std::vector<owner> owners, all_owners;
  std::vector<task> tasks, linked, all_tasks;
  std::vector<mark> marks, links, all_links;
  std::vector<shade_note> tones;
  std::optional<wanted> limits;
};

template <class T, class Fits>
std::vector<T> first_rows(const std::vector<T>& rows, const std::optional<std::int64_t>& limit,
                          Fits fits) {
  std::vector<T> found;
  for (const T& row : rows)
    if (fits(row) && (!limit || static_cast<std::int64_t>(found.size()) < *limit))
      found.push_back(row);
  return found;
}

template <class T, class Fits>
std::optional<T> only_row(const std::vector<T>& rows, Fits fits) {
  for (const T& row : rows)
    if (fits(row)) return row;
  return std::nullopt;
}

task_page task_by_hand(const tables& t, const task& self) {
  const auto limit = t.limits ? t.limits->marks.limit : std::nullopt;
  return {self,
          only_row(t.all_owners, [&](const owner& o) { return o.id == self.owner_id; }).value(),
          only_row(t.all_tasks, [&](const task& x) { return self.after_id == x.id; }),
          first_rows(t.marks, limit, [&](const mark& m) { return m.task_id == self.id; })};
}

owner_page owner_by_hand(const tables& t, const owner& self) {
  owner_page page{
      .self = self,
      .home = only_row(t.spots, [&](const spot& s) { return self.spot_code == s.code; }),
      .tone = only_row(t.tones, [&](const shade_note& n) { return self.tone == n.tone; }),
      .tasks = {},
      .task_count = 0,
      .task_weight = std::nullopt};
  const auto own = [&](const task& x) { return x.owner_id == self.id; };
  for (const task& x : first_rows(t.tasks, t.limits ? t.limits->tasks.limit : std::nullopt, own))
    page.tasks.push_back(task_by_hand(t, x));
  page.task_count = static_cast<std::int64_t>(std::count_if(t.tasks.begin(), t.tasks.end(), own));
  for (const task& x : t.all_tasks)
    if (own(x)) page.task_weight = page.task_weight.value_or(0) + x.weight;
  return page;
}

spot_page spot_by_hand(const tables& t, const spot& self) {
  const auto limit = [&](auto wanted::*rows) {
    return t.limits ? ((*t.limits).*rows).limit : std::optional<std::int64_t>();
  };
  spot_page page{.self = self,
                 .parent = only_row(t.spots, [&](const spot& s) { return self.parent == s.code; }),
                 .parts = first_rows(t.parts, limit(&wanted::parts),
                                     [&](const spot& s) { return s.parent == self.code; }),
                 .owners = {},
                 .marked = {},
                 .tasks = {},
                 .task_count = 0,
                 .heaviest = std::nullopt};
  for (const owner& o : first_rows(t.owners, limit(&wanted::owners),
                                   [&](const owner& x) { return x.spot_code == self.code; }))
    page.owners.push_back(owner_by_hand(t, o));
  const auto own = [&](const mark& m) { return m.spot_code == self.code; };
  for (const mark& m : first_rows(t.links, limit(&wanted::links), own))
    page.marked.push_back(
        {m, only_row(t.all_tasks, [&](const task& x) { return x.id == m.task_id; }).value()});
  // A row that is linked twice is there twice.
  std::vector<task> linked;
  for (const task& x : t.linked)
    for (const mark& m : t.all_links)
      if (own(m) && m.task_id == x.id) linked.push_back(x);
  page.task_count = static_cast<std::int64_t>(linked.size());
  page.tasks = first_rows(linked, limit(&wanted::linked), [](const task&) { return true; });
  for (const task& x : t.all_tasks)
    for (const mark& m : t.all_links)
      if (own(m) && m.task_id == x.id)
        page.heaviest = std::max(page.heaviest.value_or(x.weight), x.weight);
  return page;
}

// ---------------------------------------------------------------- as text

std::string written(std::int64_t v) { return std::to_string(v); }
std::string written(const std::string& v) { return "'" + v + "'"; }
std::string written(shade v) { return "shade" + std::to_string(static_cast<int>(v)); }
std::string written(const boost::uuids::uuid& v) { return std::string(v.begin(), v.end()); }
template <class T>
std::string written(const T& row) requires std::is_aggregate_v<T>;
template <class T>
std::string written(const std::optional<T>& v) {
  return v ? written(*v) : "-";
}
bool sorted_lists = false;
template <class T>
std::string written(const std::vector<T>& rows) {
  std::vector<std::string> all;
  for (const T& row : rows) all.push_back(written(row));
  if (sorted_lists) std::sort(all.begin(), all.end());
  std::string out = "[";
  for (const std::string& row : all) out += row + ", ";
  return out + "]";
}
template <class T>
std::string written(const T& row) requires std::is_aggregate_v<T> {
  std::string out = "{";
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((out += written(hewn::get_field<I>(row)) + " "), ...);
  }
  (std::make_index_sequence<hewn::field_count<T>>{});
  return out + "}";
}

std::vector<spot_page> by_hand(const tables& t) {
  std::vector<spot_page> pages;
  for (const spot& s : t.roots) pages.push_back(spot_by_hand(t, s));
  return pages;
}

tables unfiltered(const support::database& db) {
  tables t;
  t.roots = t.parts = t.spots = db.all<spot>();
  t.owners = t.all_owners = db.all<owner>();
  t.tasks = t.linked = t.all_tasks = db.all<task>();
  t.marks = t.links = t.all_links = db.all<mark>();
  t.tones = db.all<shade_note>();
  return t;
}

tables filtered(const support::database& db, const wanted& w, bool limited) {
  tables t = unfiltered(db);
  t.roots = db.all(w.roots.query());
  t.parts = db.all(w.parts.query());
  t.owners = db.all(w.owners.query());
  t.tasks = db.all(w.tasks.query());
  t.linked = db.all(w.linked.query());
  t.marks = db.all(w.marks.query());
  t.links = db.all(w.links.query());
  if (limited) t.limits = w;
  return t;
}

void check_seed(const support::database& db, std::uint64_t seed) {
  INFO("HEWN_PROPERTY_SEED=" << seed << " HEWN_PROPERTY_CASES=1");
  generator random(seed);
  fill(db, random);
  sorted_lists = true;
  CHECK(written(db.all(all_shapes())) == written(by_hand(unfiltered(db))));
  sorted_lists = false;
  const wanted free(random, false);
  CHECK(written(db.all(shapes_wanted<false>(free))) == written(by_hand(filtered(db, free, false))));
  const wanted limited(random, true);
  CHECK(written(db.all(shapes_wanted<true>(limited))) ==
        written(by_hand(filtered(db, limited, true))));
}

}  // namespace

TEST_CASE("a shape is what its tables hold, put together by hand", "[R1]") {
  const char* const given = std::getenv("HEWN_PROPERTY_SEED");
  const char* const many = std::getenv("HEWN_PROPERTY_CASES");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261130;
  const std::uint64_t cases = many != nullptr ? std::strtoull(many, nullptr, 10) : 200;
  support::place place;
  auto db = place.open();
  hewn::sync<shade_note, spot, owner, task, mark>(db);
  for (std::uint64_t seed = first; seed != first + cases; ++seed) check_seed(db, seed);
}
