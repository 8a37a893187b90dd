// hewn/sqlite/pool.hpp - one writer and many readers of a SQLite file.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/query/pool.hpp>
#include <hewn/sqlite/client/change_feed.hpp>
#include <hewn/sqlite/open.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::sqlite {

/// Connections to one file: a writer, for which callers queue here rather than in SQLite, and
/// readers, which a write-ahead log keeps apart from it.
using pool = hewn::basic_pool<driver>;

/// A connection of such a pool.
using pooled = hewn::pooled<driver>;

namespace detail {

// The current folder may be another one when a further connection is opened.
HEWN_COLD inline std::string full_path(const std::string& path) {
  sqlite3_vfs* const vfs = sqlite3_initialize() == SQLITE_OK ? sqlite3_vfs_find(nullptr) : nullptr;
  if (vfs == nullptr || path.find('\0') != path.npos) return path;  // open() says what is wrong
  constexpr std::string_view scheme = "file:";
  if (path.starts_with(scheme)) {
    if (path.substr(scheme.size()).starts_with('/')) return path;
    // Of a relative URI the folder comes before it, in which these mean something else.
    std::string uri(scheme);
    const std::string here = full_path(".");
    for (const char c : here.substr(0, here.ends_with("/.") ? here.size() - 2 : here.size()))
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
    const std::string name = path.substr(scheme.size());
    return name.starts_with(":memory:") ? path : uri + '/' + name;
  }
  std::string full(static_cast<std::size_t>(vfs->mxPathname) + 1, '\0');
  const int code =
      vfs->xFullPathname(vfs, path.c_str(), static_cast<int>(full.size()), full.data());
  if ((code & 0xff) != SQLITE_OK) return path;
  full.resize(full.find('\0'));
  return full;
}

[[noreturn]] HEWN_COLD inline void refuse_memory() {
  throw error(
      errc::usage,
      "hewn: a pool of a database in memory would hold as many databases as connections, or "
      "readers that its writer blocks; give it a file, or use one connection by open()");
}

HEWN_COLD inline void check_pool(const std::string& path, const options& wanted) {
  if (path.empty() || path == ":memory:") refuse_memory();
  if (sqlite3_threadsafe() == 0)
    throw error(errc::usage,
                "hewn: this build of SQLite is for one thread (SQLITE_THREADSAFE=0), and a pool "
                "serves several; use one connection by open(), or another build");
  if (!wanted.write_ahead_log && !wanted.read_only)
    throw error(errc::usage,
                "hewn: a pool without a write-ahead log would let its writer block its readers; "
                "open it with .write_ahead_log = true");
}

// The writer announces, and goes on doing so when it is opened again.
template <class Driver>
HEWN_COLD void announce_to(hewn::detail::connection<Driver>& c, connection& native,
                           const std::shared_ptr<hewn::detail::notification_publisher>& to) {
  hewn::detail::owner<change_feed> feed(new change_feed(to));
  if (to->hub().listened()) feed->attach(native.native(), native.guard());
  const bool attached = feed->attached();
  native.set_watch(hewn::detail::owner<hewn::detail::change_watch>(feed.release()));
  if (attached) c.start_watching();
}

/// `open(path, options)` opens one connection, whose own is `native_of(connection)`.
template <class Driver, class Open, class NativeOf>
basic_pool<Driver> open_pool_of(const std::string& path, const pool_options& limits,
                                const options& wanted, Open open, NativeOf native_of,
                                const std::function<void(hewn::database<Driver>&)>& setup) {
  check_pool(path, wanted);
  const auto publisher = std::make_shared<hewn::detail::notification_publisher>();
  const auto opener = [&](const options& o) {
    return [path = full_path(path), o, open, native_of, setup, publisher] {
      hewn::database<Driver> db = open(path, o);
      hewn::detail::connection<Driver>& c = db.connection();
      // Of a URI only SQLite can tell.
      const char* const file = sqlite3_db_filename(native_of(c.native()).native(), "main");
      if (file == nullptr || *file == '\0') refuse_memory();
      if (!o.read_only) announce_to(c, native_of(c.native()), publisher);
      if (setup) {
        setup(db);
        native_of(c.native()).forget_traces();
        c.cache().drop(&leaves_traces);
      }
      return db;
    };
  };
  options reading = wanted;
  reading.read_only = true;
  basic_pool<Driver> opened = wanted.read_only
                                  ? basic_pool<Driver>(opener(reading), limits)
                                  : basic_pool<Driver>(opener(wanted), opener(reading), limits);
  opened.acquire(hewn::detail::running_call());
  return opened;
}

}  // namespace detail

/// Opens a pool of the file at `path`: of `limits.size` connections one writes and the others only
/// read. The writer is opened at once, the others as they are needed. `setup` is called with each
/// connection before its first use, from the thread that needs it. With `wanted.read_only` all of
/// them read. Throws: as open; usage for a database in memory.
inline pool open_pool(const std::string& path, const pool_options& limits = {},
                      const options& wanted = {}, const std::function<void(database&)>& setup = {},
                      call_site site = call_site::current()) {
  const hewn::detail::call_scope at(site);
  return detail::open_pool_of<driver>(
      path, limits, wanted,
      [](const std::string& file, const options& o) {
        return open(file, o, hewn::detail::running_call());
      },
      [](connection& c) -> connection& { return c; }, setup);
}

/// As open_pool, without throwing hewn::error.
inline result<pool> try_open_pool(const std::string& path, const pool_options& limits = {},
                                  const options& wanted = {},
                                  const std::function<void(database&)>& setup = {},
                                  call_site site = call_site::current()) {
  return as_result([&] { return open_pool(path, limits, wanted, setup, site); });
}

}  // namespace hewn::sqlite
