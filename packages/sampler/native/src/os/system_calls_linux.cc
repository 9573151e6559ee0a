#include "os/system_calls.h"

#include <sys/syscall.h>

namespace austin {
namespace {

struct Numbered {
  long number;
  SystemCall call;
};

// Newer architectures lack the older calls of some pairs, such as `poll` beside `ppoll`.
constexpr Numbered kCalls[] = {
    {SYS_read, {"read", WaitKind::kRead, 0}},
    {SYS_readv, {"readv", WaitKind::kRead, 0}},
    {SYS_pread64, {"pread64", WaitKind::kRead, 0}},
    {SYS_preadv, {"preadv", WaitKind::kRead, 0}},
    {SYS_recvfrom, {"recvfrom", WaitKind::kRead, 0}},
    {SYS_recvmsg, {"recvmsg", WaitKind::kRead, 0}},
    {SYS_recvmmsg, {"recvmmsg", WaitKind::kRead, 0}},
    {SYS_write, {"write", WaitKind::kWrite, 0}},
    {SYS_writev, {"writev", WaitKind::kWrite, 0}},
    {SYS_pwrite64, {"pwrite64", WaitKind::kWrite, 0}},
    {SYS_sendto, {"sendto", WaitKind::kWrite, 0}},
    {SYS_sendmsg, {"sendmsg", WaitKind::kWrite, 0}},
    {SYS_sendfile, {"sendfile", WaitKind::kWrite, 0}},
    {SYS_accept, {"accept", WaitKind::kAccept, 0}},
    {SYS_accept4, {"accept4", WaitKind::kAccept, 0}},
    {SYS_connect, {"connect", WaitKind::kConnect, 0}},
    {SYS_ppoll, {"ppoll", WaitKind::kPoll}},
    {SYS_pselect6, {"pselect6", WaitKind::kSelect}},
    {SYS_epoll_pwait, {"epoll_pwait", WaitKind::kEpoll, 0}},
    {SYS_futex, {"futex", WaitKind::kFutex}},
    {SYS_nanosleep, {"nanosleep", WaitKind::kSleep}},
    {SYS_clock_nanosleep, {"clock_nanosleep", WaitKind::kSleep}},
    {SYS_wait4, {"wait4", WaitKind::kWaitPid}},
    {SYS_waitid, {"waitid", WaitKind::kWaitId}},
    {SYS_flock, {"flock", WaitKind::kFileLock, 0}},
    {SYS_fcntl, {"fcntl", WaitKind::kFileLock, 0}},
    {SYS_fsync, {"fsync", WaitKind::kSync, 0}},
    {SYS_fdatasync, {"fdatasync", WaitKind::kSync, 0}},
    {SYS_rt_sigtimedwait, {"rt_sigtimedwait", WaitKind::kSignal}},
    {SYS_rt_sigsuspend, {"rt_sigsuspend", WaitKind::kSignal}},
    {SYS_openat, {"openat"}},
    {SYS_semop, {"semop"}},
    {SYS_semtimedop, {"semtimedop"}},
    {SYS_msgrcv, {"msgrcv"}},
    {SYS_msgsnd, {"msgsnd"}},
    {SYS_mq_timedreceive, {"mq_timedreceive", WaitKind::kRead, 0}},
    {SYS_mq_timedsend, {"mq_timedsend", WaitKind::kWrite, 0}},
    {SYS_io_getevents, {"io_getevents"}},
    {SYS_splice, {"splice", WaitKind::kRead, 0}},
    {SYS_restart_syscall, {"restart_syscall", WaitKind::kSleep}},
    {SYS_ioctl, {"ioctl", WaitKind::kOther, 0}},
    {SYS_close, {"close", WaitKind::kOther, 0}},
    {SYS_ptrace, {"ptrace"}},
#ifdef SYS_poll
    {SYS_poll, {"poll", WaitKind::kPoll}},
#endif
#ifdef SYS_select
    {SYS_select, {"select", WaitKind::kSelect}},
#endif
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, {"epoll_wait", WaitKind::kEpoll, 0}},
#endif
#ifdef SYS_epoll_pwait2
    {SYS_epoll_pwait2, {"epoll_pwait2", WaitKind::kEpoll, 0}},
#endif
#ifdef SYS_futex_waitv
    {SYS_futex_waitv, {"futex_waitv", WaitKind::kFutex}},
#endif
#ifdef SYS_io_uring_enter
    {SYS_io_uring_enter, {"io_uring_enter"}},
#endif
#ifdef SYS_pause
    {SYS_pause, {"pause", WaitKind::kSignal}},
#endif
#ifdef SYS_open
    {SYS_open, {"open"}},
#endif
#ifdef SYS_vfork
    {SYS_vfork, {"vfork"}},
#endif
    {SYS_clone, {"clone"}},
};

}  // namespace

const SystemCall* FindSystemCall(int64_t number) {
  for (const Numbered& known : kCalls) {
    if (known.number == number) return &known.call;
  }
  return nullptr;
}

}  // namespace austin
