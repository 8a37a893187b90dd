// examples/chinook/chinook.cpp - a database that somebody else made, read and left as it is.
// SPDX-License-Identifier: BSL-1.0
//
// Wants sqlite.sql and EXPECTED_from_upstream_tests.json in the folder that HEWN_CHINOOK names, or
// in ../shared/data/chinook beside the checkout. Fails when a figure is not the expected one.
#include "model.hpp"

#include <hewn/base/digest.hpp>
#include <hewn/sqlite.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

using namespace chinook;
namespace fs = std::filesystem;

namespace {

// The file stays in the journal mode that it has: changing the mode would change the file.
constexpr hewn::sqlite::options as_it_is{.write_ahead_log = false};

bool all_is_well = true;

const char* verdict(bool good) {
  all_is_well = all_is_well && good;
  return good ? "ok" : "MISMATCH";
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + " cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<fs::path> find_data() {
  std::vector<fs::path> candidates;
  if (const char* named = std::getenv("HEWN_CHINOOK"))
    candidates.emplace_back(named);
  else
    candidates.push_back(fs::path(__FILE__).parent_path() / "../../../shared/data/chinook");
  for (const fs::path& folder : candidates)
    if (fs::exists(folder / "sqlite.sql") &&
        fs::exists(folder / "EXPECTED_from_upstream_tests.json"))
      return folder;
  return std::nullopt;
}

/// A file that is gone when the program ends.
struct temporary_file {
  fs::path path = fs::temp_directory_path() /
                  ("hewn_chinook_" + std::to_string(std::random_device()()) + ".db");

  temporary_file() = default;
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(const std::string& value) { return value; }
std::string text_of(hewn::timestamp value) { return std::string(hewn::to_text(value).view()); }
std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}
template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : std::string();
}

/// Compares the fields that the expected row names.
template <class T>
struct row_comparison {
  const nlohmann::json& expected;
  std::size_t equal = 0;

  template <class F, std::size_t I>
  void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    const auto wanted = expected.find(hewn::table_of<T>.columns[I].name);
    if (wanted != expected.end() && *wanted == text_of(field)) ++equal;
  }
};

const nlohmann::json& expected_of(const nlohmann::json& tests, const std::string& name) {
  for (const auto& test : tests)
    if (test.at("name") == name) return test;
  throw std::runtime_error("the expected figures lack " + name);
}

/// The number of rows, and the last row by `Keys`.
template <class T, auto... Keys>
void check_table(const hewn::sqlite::database& db, const nlohmann::json& tests) {
  const std::string name(hewn::table_of<T>.name);
  const std::int64_t rows = db.count<T>();
  const auto wanted_rows =
      expected_of(tests, name + "TableShouldBePopulated").at("rowcount").get<std::int64_t>();

  const auto last = db.first(hewn::from<T>.order_by(hewn::desc<Keys>...).limit(1));
  const auto& wanted = expected_of(tests, name + "LastRecordHasProperInfo").at("last_row");
  row_comparison<T> comparison{wanted};
  if (last) hewn::visit_fields(*last, comparison);

  std::printf("  %-14s %6lld rows %-9s last row %s\n", name.c_str(), static_cast<long long>(rows),
              verdict(rows == wanted_rows), verdict(comparison.equal == wanted.size()));
}

struct invoice_total {
  std::int64_t InvoiceId;
  double lines;
  double total;
};

void check_invoices(const hewn::sqlite::database& db) {
  const auto empty =
      db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM Invoice "
                                     "WHERE InvoiceId NOT IN (SELECT InvoiceId FROM InvoiceLine)">);
  std::printf("  invoices without lines: %lld %s\n", static_cast<long long>(empty),
              verdict(empty == 0));

  std::int64_t invoices = 0;
  std::int64_t wrong = 0;
  for (const invoice_total& i : db.each<invoice_total>(
           hewn::sql<"SELECT i.InvoiceId, SUM(l.UnitPrice * l.Quantity) AS lines, i.Total AS total "
                     "FROM InvoiceLine l JOIN Invoice i ON i.InvoiceId = l.InvoiceId "
                     "GROUP BY i.InvoiceId, i.Total">)) {
    ++invoices;
    if (std::abs(i.lines - i.total) >= 0.005) ++wrong;
  }
  std::printf("  invoices whose lines add up: %lld of %lld %s\n",
              static_cast<long long>(invoices - wrong), static_cast<long long>(invoices),
              verdict(wrong == 0 && invoices == db.count<invoice>()));
}

void check_figures(const hewn::sqlite::database& db, const nlohmann::json& tests) {
  check_table<genre, &genre::GenreId>(db, tests);
  check_table<media_type, &media_type::MediaTypeId>(db, tests);
  check_table<artist, &artist::ArtistId>(db, tests);
  check_table<album, &album::AlbumId>(db, tests);
  check_table<track, &track::TrackId>(db, tests);
  check_table<employee, &employee::EmployeeId>(db, tests);
  check_table<customer, &customer::CustomerId>(db, tests);
  check_table<invoice, &invoice::InvoiceId>(db, tests);
  check_table<invoice_line, &invoice_line::InvoiceLineId>(db, tests);
  check_table<playlist, &playlist::PlaylistId>(db, tests);
  check_table<playlist_track, &playlist_track::PlaylistId, &playlist_track::TrackId>(db, tests);
  check_invoices(db);

  // Every row of every table fits its struct: reading checks each value.
  std::int64_t rows = 0;
  const auto read = [&](auto range) {
    for ([[maybe_unused]] const auto& row : range) ++rows;
  };
  read(db.each<genre>());
  read(db.each<media_type>());
  read(db.each<artist>());
  read(db.each<album>());
  read(db.each<track>());
  read(db.each<employee>());
  read(db.each<customer>());
  read(db.each<invoice>());
  read(db.each<invoice_line>());
  read(db.each<playlist>());
  read(db.each<playlist_track>());
  std::printf("  rows read into structs: %lld\n", static_cast<long long>(rows));
}

void check_sync(const hewn::sqlite::database& db) {
  const auto plan = hewn::sync<artist, album, employee, customer, genre, media_type, track, invoice,
                               invoice_line, playlist, playlist_track>(db);
  std::printf("  sync finds differences: %d %s\n", static_cast<int>(plan.changes().size()),
              verdict(plan.empty()));
  if (!plan.empty()) std::printf("%s\n", hewn::report(plan).c_str());
}

}  // namespace

int main() try {
  const auto folder = find_data();
  if (!folder) {
    std::puts("The Chinook data are not here; set HEWN_CHINOOK to their folder.");
    return 0;
  }
  const auto tests =
      nlohmann::json::parse(content_of(*folder / "EXPECTED_from_upstream_tests.json"));
  const temporary_file file;
  hewn::sqlite::open(file.path.string(), as_it_is).script(content_of(*folder / "sqlite.sql"));

  const std::string before = content_of(file.path);
  std::printf("Chinook, %lld bytes, SHA-256 %s\n", static_cast<long long>(before.size()),
              hewn::sha256_hex(before).c_str());
  {
    const auto db = hewn::sqlite::open(file.path.string(), as_it_is);
    check_sync(db);
    check_figures(db, tests);
  }
  const std::string after = content_of(file.path);
  std::printf("afterwards, %lld bytes, SHA-256 %s %s\n", static_cast<long long>(after.size()),
              hewn::sha256_hex(after).c_str(), verdict(before == after));
  return all_is_well ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
