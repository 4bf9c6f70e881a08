// For tests: an SQLite file system that fails on command. It passes everything on to the real one until then.
#ifndef GREENROOM_SERVICES_BASE_SQL_FAULTY_VFS_H_
#define GREENROOM_SERVICES_BASE_SQL_FAULTY_VFS_H_

#include <atomic>

namespace greenroom::sql {

// What to answer instead of doing it: an SQLite result code, or 0 to do it. Of the write-ahead log (`*-wal`) and of the
// database file itself.
struct FileFaults {
  std::atomic<int> write = 0;
  std::atomic<int> sync = 0;
  std::atomic<int> synced = 0;      // syncs that were done
  std::atomic<bool> dirty = false;  // written since the last of them
};

struct Faults {
  FileFaults log, file;
};

// Makes it the file system of all connections that this process opens from now on. Not thread-safe; call it first.
Faults& InstallFaultyVfs();

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_FAULTY_VFS_H_
