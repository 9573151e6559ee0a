#include "binary/runtime_locator.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "binary/mapped_file.h"
#include "binary/process_info.h"
#include "binary/process_tree.h"
#include "binary/thread_ids.h"
#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"

namespace austin {
namespace {

using check::ChildProcess;
using check::TestPythons;
using Clock = std::chrono::steady_clock;

constexpr const char* kSayVersionAndSleep =
    "import sys, time\n"
    "print(sys.version.split()[0].rstrip('+'), flush=True)\n"
    "time.sleep(60)\n";

constexpr const char* kThreads =
    "import threading, time\n"
    "started = threading.Barrier(4)\n"
    "def work():\n"
    "    started.wait()\n"
    "    time.sleep(60)\n"
    "threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]\n"
    "for thread in threads: thread.start()\n"
    "started.wait()\n"
    "print(*[thread.native_id for thread in reversed(threads)], threading.get_native_id(), flush=True)\n"
    "time.sleep(60)\n";

int64_t MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

std::string Explain(const Result<Target>& result) {
  return result ? "found " + result->version_text : result.error().message;
}

ErrorCode CodeOf(const Result<Target>& result) { return result ? ErrorCode::kOutputWrite : result.error().code; }

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

TEST(RuntimeLocator, FindsEveryPython) {
  const auto pythons = TestPythons();
  if (pythons.empty()) SKIP("no interpreter");
  for (const std::string& python : pythons) {
    ChildProcess child({python, "-c", kSayVersionAndSleep});
    const std::string version = child.ReadLine();
    ProcessMemoryReader memory(child.pid());
    RuntimeLocator locator(child.pid());
    for (int round = 0; round < 2; ++round) {
      const auto target = locator.Locate(memory);
      if (!target) {
        FAIL_TEST(python + ": " + target.error().message);
        continue;
      }
      CHECK_EQ(target->version_text, version);
      CHECK_EQ(target->pid, child.pid());
      CHECK_EQ(target->executable, ProgramOf(child.pid()));
      CHECK_EQ(FormatVersion({target->layout.version, true}), version);
    }
    child.Kill();
    CHECK_EQ(CodeOf(locator.Locate(memory)), ErrorCode::kProcessGone);
  }
}

TEST(RuntimeLocator, TellsOtherPrograms) {
  ChildProcess child({"sleep", "60"});
  ProcessMemoryReader memory(child.pid());
  RuntimeLocator locator(child.pid());
  const Probe probe = locator.Look(memory);
  CHECK_EQ(probe.status, ProbeStatus::kNotPython);
  CHECK_EQ(CodeOf(probe.result), ErrorCode::kNotPython);
  CHECK(Explain(probe.result).find(std::to_string(child.pid())) != std::string::npos);
}

/// Reads nothing, as where ptrace rights are missing.
class DeniedReader final : public MemoryReader {
 public:
  ReadOutcome ReadRanges(std::span<const RemoteRange>, std::byte*) override { return {0, EPERM}; }
};

TEST(RuntimeLocator, ReportsMissingRights) {
  for (const std::string& python : TestPythons()) {
    ChildProcess child({python, "-c", kSayVersionAndSleep});
    child.ReadLine();
    DeniedReader memory;
    const Probe probe = RuntimeLocator(child.pid()).Look(memory);
    CHECK_EQ(probe.status, ProbeStatus::kPermission);
    CHECK_EQ(CodeOf(probe.result), ErrorCode::kPermission);
  }
}

/// Copies the image that holds the runtime with the symbols' names changed, preloads it, and looks again. The changed
/// names have the same hash, so that the dynamic loader still finds them through the unchanged tables.
TEST(RuntimeLocator, FindsPythonsWithoutSymbols) {
  const check::TemporaryFolder folder;
  int tried = 0;
  for (const std::string& python : TestPythons()) {
    std::string library;
    {
      ChildProcess child({python, "-c", kSayVersionAndSleep});
      child.ReadLine();
      std::vector<MapRow> rows;
      ReadProcessMaps(child.pid(), rows);
      for (const MapRow& row : rows) {
        const auto name = ParsePythonName(row.path);
        if (name && name->is_library && name->HasMinor()) library = row.path;
      }
    }
    if (library.empty()) continue;
    ++tried;
    std::ostringstream contents;
    contents << std::ifstream(library, std::ios::binary).rdbuf();
    std::string bytes = contents.str();
    ReplaceAll(bytes, {"_PyRuntime\0", 11}, {"_PyRuntinD\0", 11});
    ReplaceAll(bytes, {"Py_Version\0", 11}, {"Py_VersipM\0", 11});
    const std::string copy = folder.path() + "/" + std::filesystem::path(library).filename().string();
    std::ofstream(copy, std::ios::binary) << bytes;

    ChildProcess child({python, "-c", kSayVersionAndSleep}, {"LD_PRELOAD=" + copy});
    const std::string version = child.ReadLine();
    ProcessMemoryReader memory(child.pid());
    const auto target = RuntimeLocator(child.pid()).Locate(memory);
    CHECK_EQ(target ? target->version_text : target.error().message, version);

    std::filesystem::remove(copy);
    const auto deleted = RuntimeLocator(child.pid()).Locate(memory);
    CHECK_EQ(deleted ? deleted->version_text : deleted.error().message, version);
  }
  if (tried == 0) SKIP("no interpreter with a shared library");
}

TEST(RuntimeLocator, FindsADeletedCopy) {
  const auto pythons = TestPythons();
  if (pythons.empty()) SKIP("no interpreter");
  const check::TemporaryFolder folder;
  for (const std::string& python : pythons) {
    std::string program;
    {
      ChildProcess child({python, "-c", kSayVersionAndSleep});
      child.ReadLine();
      program = ProgramOf(child.pid());
    }
    const std::string copy = folder.path() + "/renamed";
    std::filesystem::copy_file(program, copy, std::filesystem::copy_options::overwrite_existing);
    const std::string home = std::filesystem::path(program).parent_path().parent_path().string();
    ChildProcess child({copy, "-S", "-c", kSayVersionAndSleep},
                       {"PYTHONHOME=" + home, "LD_LIBRARY_PATH=" + home + "/lib"});
    const std::string version = child.ReadLine();
    std::filesystem::remove(copy);
    if (version.empty()) continue;
    ProcessMemoryReader memory(child.pid());
    const auto target = RuntimeLocator(child.pid()).Locate(memory);
    CHECK_EQ(target ? target->version_text : target.error().message, version);
    if (target) CHECK_EQ(target->executable, copy);
  }
}

TEST(ProcessTree, FindsAChildOfAShell) {
  for (const std::string& python : TestPythons()) {
    ChildProcess shell({"sh", "-c", "\"$0\" -c \"$1\" 2>/dev/null; true", python, kSayVersionAndSleep});
    const std::string version = shell.ReadLine();
    const auto target = FindPython(shell.pid());
    CHECK_EQ(target ? target->version_text : target.error().message, version);
    if (!target) continue;
    CHECK(target->pid != shell.pid());
    kill(target->pid, SIGKILL);
  }
}

TEST(ProcessTree, WaitsForExecAndForChildren) {
  std::atomic<bool> cancel = false;
  for (const std::string& python : TestPythons()) {
    for (const char* script : {"sleep 0.05; exec \"$0\" -c \"$1\"", "sleep 0.05; \"$0\" -c \"$1\"; true"}) {
      ChildProcess shell({"sh", "-c", script, python, kSayVersionAndSleep});
      const auto target = WaitForPython(shell.pid(), 10'000, cancel);
      const std::string version = shell.ReadLine();
      CHECK_EQ(target ? target->version_text : target.error().message, version);
      if (target && target->pid != shell.pid()) kill(target->pid, SIGKILL);
    }
  }
}

TEST(ProcessTree, WaitsUntilTheTimeoutForOtherPrograms) {
  std::atomic<bool> cancel = false;
  ChildProcess child({"sleep", "60"});
  const auto start = Clock::now();
  CHECK_EQ(CodeOf(WaitForPython(child.pid(), 60, cancel)), ErrorCode::kNotPython);
  CHECK(MillisecondsSince(start) >= 60);
  CHECK(MillisecondsSince(start) < 2000);
}

TEST(ProcessTree, StopsWhenTheRootEnds) {
  std::atomic<bool> cancel = false;
  ChildProcess child({"sleep", "0.1"});
  const auto start = Clock::now();
  CHECK_EQ(CodeOf(WaitForPython(child.pid(), 20'000, cancel)), ErrorCode::kProcessGone);
  CHECK(MillisecondsSince(start) < 5000);
}

TEST(ProcessTree, CanBeCancelled) {
  std::atomic<bool> cancel = false;
  ChildProcess child({"sleep", "60"});
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    cancel = true;
  });
  const auto start = Clock::now();
  CHECK_EQ(CodeOf(WaitForPython(child.pid(), -1, cancel)), ErrorCode::kNotPython);
  CHECK(MillisecondsSince(start) < 5000);
  canceller.join();
}

TEST(ThreadIds, FindsEveryThread) {
  for (const std::string& python : TestPythons()) {
    ChildProcess child({python, "-c", kThreads});
    const std::string expected = child.ReadLine();
    ProcessMemoryReader memory(child.pid());
    const auto target = RuntimeLocator(child.pid()).Locate(memory);
    if (!target) {
      FAIL_TEST(target.error().message);
      continue;
    }
    const Layout& layout = target->layout;
    ThreadIds ids(child.pid());
    const auto interpreter = memory.ReadValue<Address>(target->runtime + Address(layout.runtime.interpreters_head));
    auto thread = memory.ReadValue<Address>(interpreter.value_or(0) + Address(layout.interpreter.threads_head));
    std::string got;
    while (thread.value_or(0) != 0) {
      const bool has_native = layout.thread.native_thread_id != kAbsent;
      const Offset offset = has_native ? layout.thread.native_thread_id : layout.thread.thread_id;
      const auto word = memory.ReadValue<uint64_t>(*thread + Address(offset)).value_or(0);
      const pid_t id = has_native ? ids.FromNative(word) : ids.FromDescriptor(memory, word);
      got += (got.empty() ? "" : " ") + std::to_string(id);
      thread = memory.ReadValue<Address>(*thread + Address(layout.thread.next));
    }
    CHECK_EQ(got, expected);
    CHECK_EQ(ids.FromDescriptor(memory, 8), 0);
    CHECK_EQ(ids.FromNative(0), 0);
    CHECK_EQ(ids.FromNative(uint64_t(1) << 40), 0);
  }
}

// Another C library than the known ones: the place of the thread id is found by elimination.
TEST(ThreadIds, SearchesUnknownDescriptors) {
  std::atomic<pid_t> other = 0;
  std::atomic<bool> stop = false;
  std::thread thread([&] {
    other = gettid();
    while (!stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  while (other == 0) std::this_thread::yield();

  // The thread id is at 96 and the process id at 100; the second descriptor ends early.
  RecordedMemoryReader memory;
  std::vector<pid_t> descriptor(512, 0x7ffffff0);
  descriptor[24] = getpid();
  descriptor[25] = getpid();
  memory.Add(0x10000, std::as_bytes(std::span(descriptor)));
  descriptor[24] = other;
  memory.Add(0x20000, std::as_bytes(std::span(descriptor).first(128)));
  descriptor[24] = 0x7ffffff1;
  descriptor[25] = 0x7ffffff1;
  memory.Add(0x30000, std::as_bytes(std::span(descriptor)));

  ThreadIds ids(getpid());
  CHECK_EQ(ids.FromDescriptor(memory, 0x10000), getpid());
  CHECK_EQ(ids.FromDescriptor(memory, 0x20000), other.load());
  CHECK_EQ(ids.FromDescriptor(memory, 0x30000), 0);
  CHECK_EQ(ids.FromDescriptor(memory, 0x40000), 0);
  stop = true;
  thread.join();
}

}  // namespace
}  // namespace austin
