// Of the preloaded libraries: the control file, mapped once.
#ifndef GREENROOM_TESTS_SERVERS_PRELOAD_MAPPED_CONTROL_H_
#define GREENROOM_TESTS_SERVERS_PRELOAD_MAPPED_CONTROL_H_

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/servers/preload/control.h"

namespace greenroom {

// Null without a control file. Allocates nothing and takes no lock: it runs within calls of the C library.
inline PreloadControl* MapControl() {
  const char* path = getenv(kPreloadControl);
  const int file = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* mapped = mmap(nullptr, sizeof(PreloadControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? nullptr : static_cast<PreloadControl*>(mapped);
}

// The function that `name` would be without this library.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_PRELOAD_MAPPED_CONTROL_H_
