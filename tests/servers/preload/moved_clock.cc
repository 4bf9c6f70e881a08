// Preloaded into a process: CLOCK_REALTIME is moved by what the control file says, now and whenever that changes, as if
// somebody had set the machine's clock. Waits until a time of that clock see it too, within kLook: a jump forward ends
// them early, a jump back makes them longer. Other clocks are left alone, as the kernel leaves them.
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <ctime>

#include "tests/servers/preload/mapped_control.h"

namespace greenroom {
namespace {

constexpr int64_t kSecond = 1000000000;
constexpr int64_t kLook = kSecond / 20;

int64_t Offset() {
  static PreloadControl* const control = MapControl();
  return control == nullptr ? 0 : control->clock_offset_ns.load(std::memory_order_relaxed);
}

int64_t Nanos(const timespec& time) { return int64_t{time.tv_sec} * kSecond + time.tv_nsec; }

timespec Time(int64_t nanos) {
  if (nanos < 0) nanos = 0;
  return {static_cast<time_t>(nanos / kSecond), static_cast<long>(nanos % kSecond)};
}

// Asked of the kernel itself: an allocator (AddressSanitizer's does) may ask for the time while it holds its lock, and to
// look up the C library's function allocates.
int RealClock(clockid_t clock, timespec* time) {
#if defined(__x86_64__)
  long result = SYS_clock_gettime;
  asm volatile("syscall" : "+a"(result) : "D"(long{clock}), "S"(time) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_clock_gettime;
  register long result asm("x0") = clock;
  register timespec* out asm("x1") = time;
  asm volatile("svc 0" : "+r"(result) : "r"(number), "r"(out) : "memory");
#else
#error "say here how this machine calls its kernel"
#endif
  if (result == 0) return 0;
  errno = static_cast<int>(-result);
  return -1;
}

int64_t RealNow() {
  timespec time = {};
  RealClock(CLOCK_REALTIME, &time);
  return Nanos(time);
}

bool IsMoved(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

// The next step of a wait until `until` of the moved clock: a time of the real one, at most kLook away.
timespec Step(const timespec& until) { return Time(std::min(Nanos(until) - Offset(), RealNow() + kLook)); }

bool IsOver(const timespec& until) { return RealNow() + Offset() >= Nanos(until); }

using Syscall = long(long, ...);

long WaitOnFutex(Syscall* next, long a, long operation, long value, const timespec* until, long address2,
                 long mask) {
  for (;;) {
    const timespec step = Step(*until);
    const long result = next(SYS_futex, a, operation, value, &step, address2, mask);
    if (result == 0 || errno != ETIMEDOUT || IsOver(*until)) return result;
  }
}

}  // namespace
}  // namespace greenroom

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = greenroom::RealClock(clock, time);
  if (result == 0 && greenroom::IsMoved(clock)) {
    *time = greenroom::Time(greenroom::Nanos(*time) + greenroom::Offset());
  }
  return result;
}

extern "C" int gettimeofday(timeval* time, void*) noexcept {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

extern "C" time_t time(time_t* out) noexcept {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

// The C library's wrapper, by which Abseil waits.
extern "C" long syscall(long number, ...) noexcept {
  static auto* const next = greenroom::Next<greenroom::Syscall>("syscall");
  va_list list;
  va_start(list, number);
  long args[6];
  for (long& arg : args) arg = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex && args[3] != 0 && (args[1] & FUTEX_CLOCK_REALTIME) != 0 &&
      (args[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) {
    // What a system call takes. NOLINTNEXTLINE(performance-no-int-to-ptr)
    return greenroom::WaitOnFutex(next, args[0], args[1], args[2], reinterpret_cast<const timespec*>(args[3]),
                                  args[4], args[5]);
  }
  return next(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}

// Condition variables may wake for no reason, so each step can end in that. Which clock one goes by is not told here, but
// times of the monotonic clock, counted from the machine's start, lie decades before those of the other.
extern "C" int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                      const timespec* until) {
  static auto* const next =
      greenroom::Next<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)>("pthread_cond_timedwait");
  constexpr time_t kNoMachineRunsSoLong = 500000000;
  if (until->tv_sec < kNoMachineRunsSoLong) return next(condition, mutex, until);
  const timespec step = greenroom::Step(*until);
  const int result = next(condition, mutex, &step);
  return result == ETIMEDOUT && !greenroom::IsOver(*until) ? 0 : result;
}

extern "C" int sem_timedwait(sem_t* semaphore, const timespec* until) {
  static auto* const next = greenroom::Next<int(sem_t*, const timespec*)>("sem_timedwait");
  for (;;) {
    const timespec step = greenroom::Step(*until);
    const int result = next(semaphore, &step);
    if (result == 0 || errno != ETIMEDOUT || greenroom::IsOver(*until)) return result;
  }
}
