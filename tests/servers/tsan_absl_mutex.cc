// Makes the distribution's absl::Mutex known to ThreadSanitizer. Abseil comes as shared libraries built
// without it, so TSan sees none of its locking and reports every guarded access. These definitions take the
// place of the library's in a test program, tell TSan what they mean, and call the library. Compiled into
// TSan builds only.
#include <dlfcn.h>

#include <atomic>
#include <string>
#include <typeinfo>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

// The sanitizer's own names. NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);

// What the libraries themselves do is theirs: a Status's reference count, a Cord.
__attribute__((no_sanitize("thread"))) const char* __tsan_default_suppressions() {
  return "called_from_lib:libabsl_status.so\n"
         "called_from_lib:libabsl_cord.so\n";
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

// The library's function: `Class` gives the mangled namespace and class, `rest` the mangled name and
// parameters.
template <typename Class>
void* LibraryFunction(const char* rest) {
  std::string name = typeid(Class).name();  // N4absl7debian35MutexE
  name.pop_back();
  return dlsym(RTLD_NEXT, ("_Z" + name + rest).c_str());
}

template <typename Result, typename... Args>
Result CallLibrary(std::atomic<void*>& cached, const char* rest, absl::Mutex* mutex, Args... args) {
  void* function = cached.load(std::memory_order_relaxed);
  if (function == nullptr) {
    function = LibraryFunction<absl::Mutex>(rest);
    cached.store(function, std::memory_order_relaxed);
  }
  return reinterpret_cast<Result (*)(absl::Mutex*, Args...)>(function)(mutex, args...);
}

// While the library holds the mutex it evaluates conditions, also those of other threads.
class IgnoreAccesses {
 public:
  IgnoreAccesses() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~IgnoreAccesses() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
};

template <typename Result, typename... Args>
Result Acquire(std::atomic<void*>& cached, const char* rest, absl::Mutex* mutex, Args... args) {
  struct After {
    absl::Mutex* mutex;
    ~After() { __tsan_acquire(mutex); }
  } after{mutex};
  IgnoreAccesses ignore;
  return CallLibrary<Result, Args...>(cached, rest, mutex, args...);
}

template <typename Result, typename... Args>
Result Release(std::atomic<void*>& cached, const char* rest, absl::Mutex* mutex, Args... args) {
  __tsan_release(mutex);
  IgnoreAccesses ignore;
  return CallLibrary<Result, Args...>(cached, rest, mutex, args...);
}

template <typename Result, typename... Args>
Result ReleaseAndAcquire(std::atomic<void*>& cached, const char* rest, absl::Mutex* mutex, Args... args) {
  __tsan_release(mutex);
  return Acquire<Result, Args...>(cached, rest, mutex, args...);
}

std::atomic<void*> functions[16];

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() { Acquire<void>(functions[0], "4LockEv", this); }
void Mutex::Unlock() { Release<void>(functions[1], "6UnlockEv", this); }
bool Mutex::TryLock() { return Acquire<bool>(functions[2], "7TryLockEv", this); }
void Mutex::ReaderLock() { Acquire<void>(functions[3], "10ReaderLockEv", this); }
void Mutex::ReaderUnlock() { Release<void>(functions[4], "12ReaderUnlockEv", this); }
bool Mutex::ReaderTryLock() { return Acquire<bool>(functions[5], "13ReaderTryLockEv", this); }
void Mutex::LockWhen(const Condition& condition) {
  Acquire<void, const Condition&>(functions[6], "8LockWhenERKNS0_9ConditionE", this, condition);
}
void Mutex::Await(const Condition& condition) {
  ReleaseAndAcquire<void, const Condition&>(functions[7], "5AwaitERKNS0_9ConditionE", this, condition);
}
bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  return ReleaseAndAcquire<bool, const Condition&, Duration>(
      functions[8], "16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", this, condition, timeout);
}
bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  return ReleaseAndAcquire<bool, const Condition&, Time>(
      functions[9], "17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE", this, condition, deadline);
}

void CondVar::Wait(Mutex* mutex) {
  static std::atomic<void*> function{LibraryFunction<CondVar>("4WaitEPNS0_5MutexE")};
  __tsan_release(mutex);
  {
    IgnoreAccesses ignore;
    reinterpret_cast<void (*)(CondVar*, Mutex*)>(function.load())(this, mutex);
  }
  __tsan_acquire(mutex);
}

ABSL_NAMESPACE_END
}  // namespace absl
