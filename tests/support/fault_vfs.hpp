// tests/support/fault_vfs.hpp - a file system for SQLite that fails on request.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sqlite3.h>

#include <functional>
#include <string>

namespace support {

/// What the file system is asked to do, for deciding whether it fails.
struct file_operation {
  enum class kind { open, read, write, truncate, sync, remove, size, lock, map };

  kind what;
  bool wal = false;            ///< the file is a write-ahead log
  const char* path = nullptr;  ///< nothing: a temporary file
  const void* data = nullptr;  ///< write: what
  sqlite3_int64 size = 0;      ///< write: how much; truncate: what is left
  sqlite3_int64 at = 0;        ///< write: where
  bool durable = false;        ///< remove: the folder is flushed as well
};

/// The failure that SQLite expects of an operation.
inline int failure_of_kind(file_operation::kind what) {
  switch (what) {
    case file_operation::kind::open:
      return SQLITE_CANTOPEN;
    case file_operation::kind::read:
      return SQLITE_IOERR_READ;
    case file_operation::kind::write:
      return SQLITE_IOERR_WRITE;
    case file_operation::kind::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case file_operation::kind::sync:
      return SQLITE_IOERR_FSYNC;
    case file_operation::kind::remove:
      return SQLITE_IOERR_DELETE;
    case file_operation::kind::size:
      return SQLITE_IOERR_FSTAT;
    case file_operation::kind::lock:
      return SQLITE_IOERR_LOCK;
    default:
      return SQLITE_IOERR_SHMMAP;
  }
}

/// The default file system while it lives, on top of the one that was.
class fault_vfs {
 public:
  /// Returns SQLITE_OK, or the result code that the operation fails with.
  using decider = std::function<int(const file_operation&)>;

  /// Without shared memory no database can have a write-ahead log.
  explicit fault_vfs(bool shared_memory = true) : real_(sqlite3_vfs_find(nullptr)) {
    current() = this;
    methods_ = {.iVersion = shared_memory ? 2 : 1,
                .xClose = &close,
                .xRead = &read,
                .xWrite = &write,
                .xTruncate = &truncate,
                .xSync = &sync,
                .xFileSize = &size,
                .xLock = &lock,
                .xUnlock = &unlock,
                .xCheckReservedLock = &check_reserved,
                .xFileControl = &control,
                .xSectorSize = &sector_size,
                .xDeviceCharacteristics = &characteristics,
                .xShmMap = &shm_map,
                .xShmLock = &shm_lock,
                .xShmBarrier = &shm_barrier,
                .xShmUnmap = &shm_unmap,
                .xFetch = nullptr,
                .xUnfetch = nullptr};
    vfs_ = *real_;
    vfs_.zName = "fault";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(file)) + real_->szOsFile;
    vfs_.xOpen = &open;
    vfs_.xDelete = &remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  fault_vfs(const fault_vfs&) = delete;
  fault_vfs& operator=(const fault_vfs&) = delete;
  ~fault_vfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    current() = nullptr;
  }

  decider decide;
  /// Told of every file that was opened; the path is nothing for a temporary one.
  std::function<void(const char* path, sqlite3_file*)> opened;
  bool flushes = true;  ///< false: a flush reaches no disk, which is faster

 private:
  struct file : sqlite3_file {
    bool wal;
    const char* path;  // SQLite keeps it for as long as the file is open
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static fault_vfs*& current() {
    static fault_vfs* instance = nullptr;
    return instance;
  }
  static file* self(sqlite3_file* f) { return static_cast<file*>(f); }
  static sqlite3_file* real(sqlite3_file* f) { return self(f)->real(); }

  static int fault(const file_operation& operation) {
    fault_vfs* const vfs = current();
    return vfs->decide ? vfs->decide(operation) : SQLITE_OK;
  }

  static file_operation asked(file_operation::kind what, sqlite3_file* f) {
    return {.what = what, .wal = self(f)->wal, .path = self(f)->path};
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
    fault_vfs* const vfs = current();
    file* const opened = self(f);
    opened->pMethods = nullptr;
    opened->wal = (flags & SQLITE_OPEN_WAL) != 0;
    opened->path = name;
    if (const int failed =
            fault({.what = file_operation::kind::open, .wal = opened->wal, .path = name}))
      return failed;
    const int code = vfs->real_->xOpen(vfs->real_, name, opened->real(), flags, out);
    if (code != SQLITE_OK) return code;
    opened->pMethods = &vfs->methods_;
    if (vfs->opened) vfs->opened(name, opened->real());
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs*, const char* name, int durable) {
    if (const int code =
            fault({.what = file_operation::kind::remove, .path = name, .durable = durable != 0}))
      return code;
    sqlite3_vfs* const vfs = current()->real_;
    return vfs->xDelete(vfs, name, durable);
  }
  static int close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
  static int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
    if (const int code = fault(asked(file_operation::kind::read, f))) return code;
    return real(f)->pMethods->xRead(real(f), to, n, at);
  }
  static int write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
    file_operation o = asked(file_operation::kind::write, f);
    o.data = from;
    o.size = n;
    o.at = at;
    if (const int code = fault(o)) return code;
    return real(f)->pMethods->xWrite(real(f), from, n, at);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 n) {
    file_operation o = asked(file_operation::kind::truncate, f);
    o.size = n;
    if (const int code = fault(o)) return code;
    return real(f)->pMethods->xTruncate(real(f), n);
  }
  static int sync(sqlite3_file* f, int flags) {
    if (const int code = fault(asked(file_operation::kind::sync, f))) return code;
    return current()->flushes ? real(f)->pMethods->xSync(real(f), flags) : SQLITE_OK;
  }
  static int size(sqlite3_file* f, sqlite3_int64* n) {
    if (const int code = fault(asked(file_operation::kind::size, f))) return code;
    return real(f)->pMethods->xFileSize(real(f), n);
  }
  static int lock(sqlite3_file* f, int level) {
    if (const int code = fault(asked(file_operation::kind::lock, f))) return code;
    return real(f)->pMethods->xLock(real(f), level);
  }
  static int unlock(sqlite3_file* f, int level) {
    return real(f)->pMethods->xUnlock(real(f), level);
  }
  static int check_reserved(sqlite3_file* f, int* out) {
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
  }
  static int control(sqlite3_file* f, int op, void* argument) {
    return real(f)->pMethods->xFileControl(real(f), op, argument);
  }
  static int sector_size(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
  static int characteristics(sqlite3_file* f) {
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
  }
  static int shm_map(sqlite3_file* f, int page, int n, int extend, void volatile** out) {
    if (const int code = fault(asked(file_operation::kind::map, f))) return code;
    return real(f)->pMethods->xShmMap(real(f), page, n, extend, out);
  }
  static int shm_lock(sqlite3_file* f, int at, int n, int flags) {
    return real(f)->pMethods->xShmLock(real(f), at, n, flags);
  }
  static void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
  static int shm_unmap(sqlite3_file* f, int remove) {
    return real(f)->pMethods->xShmUnmap(real(f), remove);
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
  sqlite3_io_methods methods_{};
};

}  // namespace support
