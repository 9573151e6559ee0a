#pragma once

#include <cstdint>
#include <string>

namespace austin {

/// What a thread does in a system call in which threads wait.
enum class WaitKind : uint8_t {
  /// Nothing more is known than the name.
  kOther,
  kRead,
  kWrite,
  kAccept,
  kConnect,
  kPoll,
  kSelect,
  kEpoll,
  kFutex,
  kSleep,
  kWaitPid,
  kWaitId,
  kFileLock,
  kSync,
  kSignal,
};

struct SystemCall {
  const char* name = nullptr;
  WaitKind kind = WaitKind::kOther;
  /// Which of its arguments is a file descriptor, or -1.
  int descriptor_argument = -1;
};

/// The system call with a number, for the architecture this is built for. Null for one in which no thread is expected to wait.
const SystemCall* FindSystemCall(int64_t number);

}  // namespace austin
