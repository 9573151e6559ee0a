#include <arpa/inet.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "os/birth_events.h"

namespace austin {

namespace {

// A message is a netlink header, a connector header and one event.
constexpr size_t kEventAt = NLMSG_HDRLEN + sizeof(cn_msg);
constexpr size_t kForkAt = kEventAt + offsetof(proc_event, event_data);
constexpr size_t kChildAt = kForkAt + offsetof(decltype(proc_event::event_data.fork), child_pid);
constexpr size_t kChildGroupAt = kForkAt + offsetof(decltype(proc_event::event_data.fork), child_tgid);

/// A few thousand events, as the kernel counts their memory.
constexpr int kKeptBytes = 4 << 20;
/// The kernel answers a request while it is sent.
constexpr int kAnswerMs = 20;

/// Lets pass the births of processes, and the answer to a request; not those of threads, nor what else happens.
bool Filter(int socket) {
  // Words are compared as if they came from a network.
  std::array<sock_filter, 9> code = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kEventAt),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(proc_event::PROC_EVENT_NONE), 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(proc_event::PROC_EVENT_FORK), 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kChildAt),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kChildGroupAt),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

/// Asks the kernel to begin, or to end.
bool Request(int socket, proc_cn_mcast_op operation) {
  std::array<std::byte, NLMSG_SPACE(sizeof(cn_msg) + sizeof operation)> bytes{};
  nlmsghdr header{};
  header.nlmsg_len = NLMSG_LENGTH(sizeof(cn_msg) + sizeof operation);
  header.nlmsg_type = NLMSG_DONE;
  cn_msg message{};
  message.id = {CN_IDX_PROC, CN_VAL_PROC};
  message.len = sizeof operation;
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + NLMSG_HDRLEN, &message, sizeof message);
  std::memcpy(bytes.data() + kEventAt, &operation, sizeof operation);
  return send(socket, bytes.data(), header.nlmsg_len, 0) == static_cast<ssize_t>(header.nlmsg_len);
}

/// The next event that waits, of the kernel's own. False where there is none, with the reason in errno.
bool Receive(int socket, proc_event* event) {
  for (;;) {
    std::array<std::byte, 1024> bytes{};
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const ssize_t size = recvfrom(socket, bytes.data(), bytes.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&sender),
                                  &sender_size);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    if (sender.nl_pid != 0 || size < static_cast<ssize_t>(kEventAt + sizeof *event)) continue;
    std::memcpy(event, bytes.data() + kEventAt, sizeof *event);
    return true;
  }
}

/// A socket at which births arrive, or none: the kernel refuses it, or, outside of its first namespaces, says nothing.
UniqueFd Open() {
  UniqueFd fd(socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR));
  if (!fd.valid()) return {};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  if (!Filter(fd.get()) || bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  // More than the system's limit where we may.
  if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kKeptBytes, sizeof kKeptBytes) != 0) {
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kKeptBytes, sizeof kKeptBytes);
  }
  if (!Request(fd.get(), PROC_CN_MCAST_LISTEN)) return {};
  pollfd answer{fd.get(), POLLIN, 0};
  proc_event event{};
  while (poll(&answer, 1, kAnswerMs) == 1 && Receive(fd.get(), &event)) {
    if (event.what == proc_event::PROC_EVENT_NONE) return event.event_data.ack.err == 0 ? std::move(fd) : UniqueFd();
  }
  return {};
}

}  // namespace

BirthEvents::BirthEvents() : socket_(Open()), interrupt_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

BirthEvents::~BirthEvents() {
  // Older kernels do not notice that a listener has gone, and would go on making events.
  if (is_usable()) Request(socket_.get(), PROC_CN_MCAST_IGNORE);
}

std::optional<std::vector<Birth>> BirthEvents::Take() {
  std::vector<Birth> births;
  bool is_whole = is_usable();
  proc_event event{};
  for (;;) {
    if (!is_usable() || !Receive(socket_.get(), &event)) {
      // After it has told that something was lost, the kernel goes on with what was not.
      if (!is_usable() || errno != ENOBUFS) break;
      is_whole = false;
      continue;
    }
    if (event.what != proc_event::PROC_EVENT_FORK) continue;
    const auto& fork = event.event_data.fork;
    if (fork.child_pid == fork.child_tgid) births.push_back({.pid = fork.child_tgid, .parent = fork.parent_tgid});
  }
  if (!is_whole) return std::nullopt;
  return births;
}

void BirthEvents::Wait(std::chrono::nanoseconds most) {
  std::array<pollfd, 2> waited = {{{interrupt_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(most);
  const timespec timeout{seconds.count(), (most - seconds).count()};
  ppoll(waited.data(), waited.size(), &timeout, nullptr);
  uint64_t count = 0;
  if (waited[0].revents != 0 && read(interrupt_.get(), &count, sizeof count) < 0) return;  // another wait has taken it
}

void BirthEvents::Interrupt() {
  const uint64_t one = 1;
  if (write(interrupt_.get(), &one, sizeof one) < 0) return;  // so many wait already that one more changes nothing
}

}  // namespace austin
