// tests/support/power_loss.hpp - what a disk holds after the power was lost.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <support/fault_vfs.hpp>

#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace support {

/// Notes what was flushed and what was not. Every change that was not, the disk has kept, or
/// dropped, or kept in some of its sectors, by lot. Files that other code than SQLite renames are
/// left as they are: it is taken to have flushed them.
/// Source of what a disk may do: https://sqlite.org/atomiccommit.html#_hardware_assumptions.
class power_loss {
 public:
  power_loss(fault_vfs& vfs, std::uint64_t seed) : lot_(seed) {
    vfs.opened = [this](const char* path, sqlite3_file* f) {
      if (path == nullptr || files_.count(path) != 0) return;
      const std::string name = path;
      std::string found = content(f);
      const bool fresh = found.empty() && (name.ends_with("-journal") || name.ends_with("-wal"));
      files_.emplace(name, file{.durable = std::move(found), .fresh = fresh});
    };
  }
  power_loss(const power_loss&) = delete;
  power_loss& operator=(const power_loss&) = delete;

  /// The operation will be done.
  void note(const file_operation& o) {
    using kind = file_operation::kind;
    const auto found = o.path == nullptr ? files_.end() : files_.find(o.path);
    if (found == files_.end()) return;
    file& f = found->second;
    if (o.what == kind::write) {
      const char* const data = static_cast<const char*>(o.data);
      f.pending.push_back({o.at, std::string(data, static_cast<std::size_t>(o.size)), false});
    } else if (o.what == kind::truncate) {
      f.pending.push_back({o.size, {}, true});
    } else if (o.what == kind::sync) {
      for (const change& c : f.pending) c.apply(f.durable);
      f.pending.clear();
      // SQLite flushes the folder with a new journal, and so what was removed before.
      if (std::exchange(f.fresh, false))
        for (auto i = files_.begin(); i != files_.end();)
          i = i->second.removed ? files_.erase(i) : std::next(i);
    } else if (o.what == kind::remove) {
      // One that was not flushed may come back, unless another file has its name by then.
      if (o.durable)
        files_.erase(found);
      else
        f.removed = true;
    } else if (o.what == kind::open && f.removed) {
      files_.erase(found);
    }
  }

  /// Leaves the files as the disk has them. To be followed by the end of the process.
  void strike() {
    for (auto& [path, f] : files_) {
      if (was_renamed(path)) continue;
      if (f.removed && one_in(2)) continue;
      for (const change& c : f.pending) {
        const int fate = std::uniform_int_distribution<int>(0, 2)(lot_);
        if (fate == 0) c.apply(f.durable);
        if (fate == 1) tear(c, f.durable);
      }
      const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
      if (descriptor < 0) ::_exit(99);
      for (std::size_t done = 0; done != f.durable.size();) {
        const auto n = ::write(descriptor, f.durable.data() + done, f.durable.size() - done);
        if (n <= 0) ::_exit(99);
        done += static_cast<std::size_t>(n);
      }
      ::close(descriptor);
    }
  }

 private:
  static constexpr std::size_t sector = 512;

  struct change {
    sqlite3_int64 at;  // or the new size
    std::string data;
    bool truncates;

    void apply(std::string& to) const {
      const auto begin = static_cast<std::size_t>(at);
      if (truncates) {
        to.resize(std::min(to.size(), begin));
        return;
      }
      if (to.size() < begin + data.size()) to.resize(begin + data.size());
      std::memcpy(to.data() + begin, data.data(), data.size());
    }
  };

  struct file {
    std::string durable = {};
    std::vector<change> pending = {};
    bool removed = false;
    bool fresh = false;  // its name has not been flushed
  };

  // A database that is gone, though SQLite did not remove it, has another name. The folder was
  // flushed then, and with it the end of what stood beside it.
  bool was_renamed(const std::string& path) const {
    std::string main = path;
    for (const char* suffix : {"-journal", "-wal"})
      if (main.ends_with(suffix)) main.resize(main.size() - std::strlen(suffix));
    return ::access(main.c_str(), F_OK) != 0;
  }

  bool one_in(int n) { return std::uniform_int_distribution<int>(1, n)(lot_) == 1; }

  void tear(const change& c, std::string& to) {
    if (c.truncates) return;
    for (std::size_t from = 0; from < c.data.size();) {
      const std::size_t begin = static_cast<std::size_t>(c.at) + from;
      const std::size_t size = std::min(sector - begin % sector, c.data.size() - from);
      if (one_in(2))
        change{static_cast<sqlite3_int64>(begin), c.data.substr(from, size), false}.apply(to);
      from += size;
    }
  }

  // Through SQLite's own descriptor: closing another one would give up its locks.
  static std::string content(sqlite3_file* f) {
    sqlite3_int64 size = 0;
    f->pMethods->xFileSize(f, &size);
    std::string out(static_cast<std::size_t>(size), '\0');
    if (size != 0) f->pMethods->xRead(f, out.data(), static_cast<int>(size), 0);
    return out;
  }

  std::mt19937_64 lot_;
  std::map<std::string, file> files_;
};

}  // namespace support
