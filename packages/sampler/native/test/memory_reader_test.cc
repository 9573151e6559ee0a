#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"

namespace austin {
namespace {

Address AddressOf(const void* pointer) { return reinterpret_cast<Address>(pointer); }

/// Two pages of which only the first is readable, as in a process's memory next to a hole.
class PageBeforeHole {
 public:
  PageBeforeHole() : size_(size_t(sysconf(_SC_PAGESIZE))) {
    void* pages = mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    start_ = static_cast<std::byte*>(pages);
    std::memset(start_, 7, size_);
    mprotect(start_ + size_, size_, PROT_NONE);
  }
  ~PageBeforeHole() { munmap(start_, 2 * size_); }
  PageBeforeHole(const PageBeforeHole&) = delete;
  PageBeforeHole& operator=(const PageBeforeHole&) = delete;
  Address end() const { return AddressOf(start_ + size_); }

 private:
  size_t size_;
  std::byte* start_;
};

TEST(ProcessMemoryReader, ReadsRangesInOrder) {
  const std::string first = "abc";
  const std::string second = "defgh";
  ProcessMemoryReader reader(getpid());
  const Address address = AddressOf(first.data());
  const RemoteRange ranges[] = {{AddressOf(second.data()), 5}, {address, 0}, {address, 3}};
  std::byte out[8];
  const ReadOutcome outcome = reader.ReadRanges(ranges, out);
  CHECK_EQ(outcome.bytes, 8u);
  CHECK_EQ(outcome.sys_errno, 0);
  CHECK_EQ(std::string(reinterpret_cast<char*>(out), 8), "defghabc");
  CHECK_EQ(reader.ReadRanges({}, out).bytes, 0u);
}

TEST(ProcessMemoryReader, SplitsMoreThan1024Ranges) {
  std::vector<uint32_t> values(5000);
  std::vector<RemoteRange> ranges;
  for (uint32_t i = 0; i < values.size(); ++i) {
    values[i] = i * 7;
    ranges.push_back({AddressOf(&values[i]), sizeof(uint32_t)});
  }
  std::vector<uint32_t> copy(values.size());
  ProcessMemoryReader reader(getpid());
  const ReadOutcome outcome = reader.ReadRanges(ranges, reinterpret_cast<std::byte*>(copy.data()));
  CHECK_EQ(outcome.bytes, values.size() * sizeof(uint32_t));
  CHECK(copy == values);
  ranges[3000].address = 8;
  const ReadOutcome partial = reader.ReadRanges(ranges, reinterpret_cast<std::byte*>(copy.data()));
  CHECK_EQ(partial.bytes, 3000 * sizeof(uint32_t));
  CHECK_EQ(partial.sys_errno, EFAULT);
  ranges[2048].address = 8;
  const ReadOutcome at_border = reader.ReadRanges(ranges, reinterpret_cast<std::byte*>(copy.data()));
  CHECK_EQ(at_border.bytes, 2048 * sizeof(uint32_t));
  CHECK_EQ(at_border.sys_errno, EFAULT);
}

TEST(ProcessMemoryReader, CountsPartialTransfersToTheByte) {
  const PageBeforeHole page;
  ProcessMemoryReader reader(getpid());
  std::byte out[300];
  const RemoteRange ranges[] = {{page.end() - 100, 50}, {page.end() - 96, 200}, {page.end() - 100, 10}};
  const ReadOutcome outcome = reader.ReadRanges(ranges, out);
  CHECK_EQ(outcome.bytes, 146u);
  CHECK_EQ(outcome.sys_errno, EFAULT);
  CHECK(!reader.Read(page.end() - 4, out, 8));
  CHECK(reader.Read(page.end() - 8, out, 8));
}

TEST(ProcessMemoryReader, TellsAGoneProcess) {
  check::ChildProcess child({"sleep", "60"});
  REQUIRE(child.pid() != 0);
  ProcessMemoryReader reader(child.pid());
  child.Kill();
  std::byte out[8];
  const RemoteRange range{0x1000, 8};
  const ReadOutcome outcome = reader.ReadRanges({&range, 1}, out);
  CHECK_EQ(outcome.bytes, 0u);
  CHECK_EQ(outcome.sys_errno, ESRCH);
}

TEST(RecordedMemoryReader, ReadsAcrossNeighboursAndStopsAtHoles) {
  RecordedMemoryReader reader;
  reader.AddValue<uint32_t>(0x1000, 1);
  reader.AddValue<uint32_t>(0x1004, 2);
  reader.AddValue<uint32_t>(0x100c, 4);
  uint32_t out[4] = {};
  CHECK(reader.Read(0x1000, out, 8));
  CHECK_EQ(out[1], 2u);
  const RemoteRange ranges[] = {{0x1004, 4}, {0x1002, 8}, {0x1000, 4}};
  const ReadOutcome outcome = reader.ReadRanges(ranges, reinterpret_cast<std::byte*>(out));
  CHECK_EQ(outcome.bytes, 10u);
  CHECK_EQ(outcome.sys_errno, EFAULT);
  CHECK(!reader.ReadValue<uint32_t>(0xfff));
  CHECK(!reader.ReadValue<uint32_t>(0x1010));
}

TEST(RecordedMemoryReader, LaterBytesReplaceEarlierOnes) {
  RecordedMemoryReader reader;
  const std::vector<std::byte> ones(16, std::byte(1));
  const std::vector<std::byte> twos(4, std::byte(2));
  reader.Add(0x2000, ones);
  reader.Add(0x2006, twos);
  CHECK_EQ(reader.segments().size(), 3u);
  CHECK_EQ(reader.ReadValue<uint32_t>(0x2004).value_or(0), 0x02020101u);
  CHECK_EQ(reader.ReadValue<uint32_t>(0x2008).value_or(0), 0x01010202u);
  reader.Remove(0x1ff0, 0x12);
  CHECK(!reader.ReadValue<uint8_t>(0x2001));
  CHECK(reader.ReadValue<uint8_t>(0x2002).has_value());
  reader.Add(0x1ff0, std::vector<std::byte>(64, std::byte(3)));
  CHECK_EQ(reader.segments().size(), 1u);
}

}  // namespace
}  // namespace austin
