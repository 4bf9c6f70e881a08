#include "services/base/sql/faulty_vfs.h"

#include <sqlite3.h>

#include <cstdlib>
#include <new>

namespace greenroom::sql {
namespace {

struct FaultyFile {
  sqlite3_file base;
  FileFaults* faults;  // none for other files than the two
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultyFile* Mine(sqlite3_file* file) { return reinterpret_cast<FaultyFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Mine(file)->real(); }

Faults& TheFaults() {
  static Faults* const faults = new Faults;
  return *faults;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  FileFaults* faults = Mine(file)->faults;
  if (faults != nullptr) {
    if (const int code = faults->write.load(); code != SQLITE_OK) return code;
    faults->dirty = true;
  }
  return Real(file)->pMethods->xWrite(Real(file), data, size, offset);
}

int Sync(sqlite3_file* file, int flags) {
  FileFaults* faults = Mine(file)->faults;
  if (faults != nullptr) {
    if (const int code = faults->sync.load(); code != SQLITE_OK) return code;
  }
  const int result = Real(file)->pMethods->xSync(Real(file), flags);
  if (faults != nullptr && result == SQLITE_OK) {
    ++faults->synced;
    faults->dirty = false;
  }
  return result;
}

const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = [](sqlite3_file* file) { return Real(file)->pMethods->xClose(Real(file)); },
    .xRead = [](sqlite3_file* file, void* data, int size,
                sqlite3_int64 offset) { return Real(file)->pMethods->xRead(Real(file), data, size, offset); },
    .xWrite = Write,
    .xTruncate = [](sqlite3_file* file,
                    sqlite3_int64 size) { return Real(file)->pMethods->xTruncate(Real(file), size); },
    .xSync = Sync,
    .xFileSize = [](sqlite3_file* file,
                    sqlite3_int64* size) { return Real(file)->pMethods->xFileSize(Real(file), size); },
    .xLock = [](sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); },
    .xUnlock = [](sqlite3_file* file, int level) { return Real(file)->pMethods->xUnlock(Real(file), level); },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* held) {
          return Real(file)->pMethods->xCheckReservedLock(Real(file), held);
        },
    .xFileControl =
        [](sqlite3_file* file, int operation, void* argument) {
          return Real(file)->pMethods->xFileControl(Real(file), operation, argument);
        },
    .xSectorSize = [](sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) { return Real(file)->pMethods->xDeviceCharacteristics(Real(file)); },
    .xShmMap =
        [](sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
          return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, memory);
        },
    .xShmLock = [](sqlite3_file* file, int offset, int count,
                   int flags) { return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags); },
    .xShmBarrier = [](sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); },
    .xShmUnmap = [](sqlite3_file* file,
                    int remove) { return Real(file)->pMethods->xShmUnmap(Real(file), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* real_vfs = static_cast<sqlite3_vfs*>(vfs->pAppData);
  FaultyFile* mine = Mine(file);
  mine->base.pMethods = nullptr;
  mine->faults = (flags & SQLITE_OPEN_WAL) != 0       ? &TheFaults().log
                 : (flags & SQLITE_OPEN_MAIN_DB) != 0 ? &TheFaults().file
                                                      : nullptr;
  const int result = real_vfs->xOpen(real_vfs, name, mine->real(), flags, out_flags);
  if (mine->real()->pMethods != nullptr) mine->base.pMethods = &kMethods;
  return result;
}

}  // namespace

Faults& InstallFaultyVfs() {
  static sqlite3_vfs* const installed = [] {
    sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
    auto* vfs = new sqlite3_vfs(*real);
    vfs->zName = "faulty";
    vfs->pAppData = real;
    vfs->szOsFile = static_cast<int>(sizeof(FaultyFile)) + real->szOsFile;
    vfs->xOpen = Open;
    if (sqlite3_vfs_register(vfs, /*makeDflt=*/1) != SQLITE_OK) std::abort();
    return vfs;
  }();
  static_cast<void>(installed);
  return TheFaults();
}

}  // namespace greenroom::sql
