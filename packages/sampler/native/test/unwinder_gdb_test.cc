// Stops real programs in many places and compares, frame by frame, with what gdb says of the same stopped process.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"
#include "support/stopped_thread.h"
#include "unwind/symbols.h"
#include "unwind/unwinder.h"

using namespace austin;
using austin::check::ChildProcess;
using austin::check::TemporaryFolder;

namespace {

/// Of each program, unless AUSTIN_TEST_UNWINDS says how many of all together.
constexpr int kFewStops = 3;

struct GdbFrame {
  Address pc = 0;
  bool is_signal = false;
  /// Without the offset; "?" where gdb has none.
  std::string symbol;
  uint64_t offset = 0;
};

struct GdbThread {
  std::string tid;
  UnwindRegisters registers;
  std::vector<GdbFrame> frames;
};

std::string SourceFolder() {
  const std::string file = __FILE__;
  return file.substr(0, file.rfind('/'));
}

bool Works(const std::vector<std::string>& command) {
  ChildProcess child(command);
  return child.pid() != 0 && !child.ReadLine().empty();
}

/// What a program's stops have shown.
struct Tally {
  int stacks = 0;
  int frames = 0;
  int named = 0;
  std::map<UnwindEnd, int> ends;
  size_t deepest = 0;
  /// Time to unwind all of them a second time.
  std::chrono::nanoseconds warm{0};
  /// Why gdb may not attach: a rule of this machine.
  std::string refused;
};

GdbFrame ParseFrame(std::istringstream& words) {
  GdbFrame frame;
  std::string kind;
  words >> std::hex >> frame.pc >> kind;
  std::getline(words >> std::ws, frame.symbol);
  frame.is_signal = kind == "signal";
  const size_t plus = frame.symbol.rfind(" + ");
  if (plus != std::string::npos) {
    frame.offset = std::stoull(frame.symbol.substr(plus + 3));
    frame.symbol.resize(plus);
  }
  return frame;
}

std::string Listing(const std::vector<NativeFrame>& frames, const GdbThread& thread) {
  std::ostringstream text;
  text << std::hex;
  for (size_t i = 0; i < std::max(frames.size(), thread.frames.size()); ++i) {
    text << "\n      ";
    if (i < frames.size()) text << frames[i].pc;
    text << "\t";
    if (i < thread.frames.size()) text << thread.frames[i].pc << " " << thread.frames[i].symbol;
  }
  return text.str();
}

class Comparison {
 public:
  Comparison(const std::string& program, pid_t pid)
      : program_(program), memory_(pid), modules_(pid, &memory_), unwinder_(&modules_) {}

  void Compare(const GdbThread& thread, Tally* tally) {
    modules_.Refresh();
    const check::CopiedStack stack(memory_, thread.registers);
    std::vector<NativeFrame> frames;
    const UnwindEnd end = unwinder_.Unwind(thread.registers, stack.memory(), &frames);
    // Once more, now that the rows are known.
    std::vector<NativeFrame> again;
    const auto before = std::chrono::steady_clock::now();
    unwinder_.Unwind(thread.registers, stack.memory(), &again);
    tally->warm += std::chrono::steady_clock::now() - before;
    ++tally->stacks;
    ++tally->ends[end];
    tally->frames += int(frames.size());
    tally->deepest = std::max(tally->deepest, frames.size());

    // A handler with a stack of its own: the interrupted stack is elsewhere, and not in the copy.
    const size_t count = frames.size();
    const bool left_stack = end == UnwindEnd::kStackNotCopied && count >= 2 && count <= thread.frames.size() &&
                            thread.frames[count - 2].is_signal;
    bool agrees = left_stack || (end == UnwindEnd::kOutermost && count == thread.frames.size());
    for (size_t i = 0; agrees && i < frames.size(); ++i) agrees = frames[i].pc == thread.frames[i].pc;
    if (!agrees) {
      FAIL_TEST(program_ + ", thread " + thread.tid + ": ours (left) ended with " + std::to_string(int(end)) +
                Listing(frames, thread));
      return;
    }
    for (size_t i = 0; i < frames.size(); ++i) CompareName(frames[i], thread.frames[i], tally);
  }

 private:
  void CompareName(const NativeFrame& frame, const GdbFrame& theirs, Tally* tally) {
    const Module* const module = modules_.Find(frame.LookupPc());
    REQUIRE(module != nullptr);
    const NativeName name = symbols_.Find(*module, module->FileAddress(frame.LookupPc()));
    if (name.symbol == kUnknownSymbol) return;
    ++tally->named;
    // Several names may stand for one place, and gdb's choice among them is not ours. The place has to be the same.
    if (theirs.symbol != "?" && theirs.offset == name.offset) return;
    FAIL_TEST(program_ + ": ours is " + name.symbol + " + " + std::to_string(name.offset) + ", gdb's is " +
              theirs.symbol + " + " + std::to_string(theirs.offset));
  }

  const std::string program_;
  ProcessMemoryReader memory_;
  Modules modules_;
  Unwinder unwinder_;
  Symbols symbols_;
};

/// A program to stop.
struct Program {
  std::string name;
  std::vector<std::string> command;
};

/// The output of gdb, line by line; it is slow to start on a busy machine.
std::string NextLine(ChildProcess& gdb) {
  for (int tries = 0; tries < 6; ++tries) {
    const std::string line = gdb.ReadLine();
    if (line.starts_with('@')) return line;
    if (!line.empty()) tries = 0;
  }
  return {};
}

void CompareStops(const Program& program, int stops, Tally* tally) {
  ChildProcess child(program.command);
  REQUIRE(child.pid() != 0);
  const std::string ready = child.ReadLine();
  if (ready != "ready") return FAIL_TEST(program.name + " says " + ready);

  const TemporaryFolder folder;
  const std::string fifo = folder.path() + "/go";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const UniqueFd go(open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  ChildProcess gdb({"gdb", "-batch", "-nx", "-x", SourceFolder() + "/support/gdb_stops.py"},
                   {"PID=" + std::to_string(child.pid()), "COUNT=" + std::to_string(stops), "GO=" + fifo});
  REQUIRE(gdb.pid() != 0);

  Comparison comparison(program.name, child.pid());
  std::minstd_rand random(unsigned(stops) * 31 + unsigned(program.name.size()));
  std::vector<GdbThread> threads;
  int seen = 0;
  for (std::string line = NextLine(gdb); !line.empty() && line != "@done"; line = NextLine(gdb)) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "@refused") {
      tally->refused = line;
      return;
    }
    if (kind == "@running") {
      // Anywhere: neither the program nor gdb is told when.
      std::this_thread::sleep_for(std::chrono::microseconds(2000 + random() % 9000));
      kill(child.pid(), SIGUSR2);
    } else if (kind == "@thread") {
      threads.emplace_back();
      words >> threads.back().tid >> std::hex;
      uint64_t value = 0;
      for (unsigned number = 0; number < Architecture::kRegisterCount && words >> value; ++number)
        threads.back().registers.Set(number, value);
    } else if (kind == "@frame" && !threads.empty()) {
      threads.back().frames.push_back(ParseFrame(words));
    } else if (kind == "@stopped") {
      for (const GdbThread& thread : threads) comparison.Compare(thread, tally);
      threads.clear();
      ++seen;
      CHECK_EQ(write(go.get(), "\n", 1), 1);
    }
  }
  if (seen != stops)
    FAIL_TEST(program.name + ": gdb stopped it " + std::to_string(seen) + " times of " + std::to_string(stops));
}

int StopsOfEach(size_t programs) {
  const char* const wanted = std::getenv("AUSTIN_TEST_UNWINDS");
  return wanted != nullptr ? std::max(1, std::atoi(wanted) / int(std::max<size_t>(programs, 1)) + 1) : kFewStops;
}

void CompareAll(const std::vector<Program>& programs) {
  const int stops = StopsOfEach(programs.size());
  for (const Program& program : programs) {
    Tally tally;
    CompareStops(program, stops, &tally);
    if (!tally.refused.empty()) SKIP("gdb may not attach: " + tally.refused);
    if (std::getenv("AUSTIN_TEST_UNWINDS") != nullptr) {
      std::printf("  %-40s %5d stacks %7d frames %5.1f %% named, deepest %zu, %.3f us a frame\n", program.name.c_str(),
                  tally.stacks, tally.frames, 100.0 * tally.named / std::max(tally.frames, 1), tally.deepest,
                  double(tally.warm.count()) / 1000 / std::max(tally.frames, 1));
    }
    CHECK(tally.stacks >= stops);
  }
}

bool HasGdb() { return Works({"gdb", "-batch", "-nx", "-ex", "python print(1)"}); }

/// Builds a program; false, with a word about it, where there is no such compiler.
bool Build(const std::vector<std::string>& command, const std::string& output) {
  ChildProcess compiler(command);
  if (compiler.pid() == 0) return false;
  for (int tries = 0; tries < 12 && compiler.ReadLine().empty() && access(output.c_str(), X_OK) != 0; ++tries) {
  }
  return access(output.c_str(), X_OK) == 0;
}

}  // namespace

#if defined(__x86_64__)

TEST(UnwinderAgainstGdb, AgreesOnPython) {
  if (!HasGdb()) SKIP("no gdb with Python");
  std::vector<Program> programs;
  for (const std::string& python : check::TestPythons()) {
    programs.push_back({python, {python, "-I", SourceFolder() + "/programs/stacks.py"}});
  }
  if (programs.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  CompareAll(programs);
}

TEST(UnwinderAgainstGdb, AgreesOnCompiledPrograms) {
  if (!HasGdb()) SKIP("no gdb with Python");
  const TemporaryFolder folder;
  const std::string source = SourceFolder() + "/programs/stacks";
  struct Variant {
    std::string name;
    std::vector<std::string> command;
  };
  const std::vector<Variant> variants = {
      {"c", {"cc", "-O2", "-fomit-frame-pointer", source + ".c", "-lm", "-pthread"}},
      {"c-stripped-lazy", {"cc", "-O3", "-fomit-frame-pointer", "-s", "-Wl,-z,lazy", source + ".c", "-lm", "-pthread"}},
      {"c-unoptimised-static", {"cc", "-O0", "-static", source + ".c", "-lm", "-pthread"}},
      {"c-debug-frame",
       {"cc", "-O2", "-g", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", source + ".c", "-lm", "-pthread"}},
      {"c-no-search-table", {"cc", "-O2", "-Wl,--no-eh-frame-hdr", source + ".c", "-lm", "-pthread"}},
      {"c++", {"c++", "-std=c++17", "-O2", source + ".cc", "-pthread"}},
      {"rust", {"rustc", "-O", source + ".rs"}},
  };
  std::vector<Program> programs;
  for (const Variant& variant : variants) {
    const std::string path = folder.path() + "/" + variant.name;
    std::vector<std::string> command = variant.command;
    command.insert(command.end(), {"-o", path});
    if (Build(command, path)) {
      programs.push_back({variant.name, {path}});
    } else {
      std::printf("  not built, and so not looked at: %s (%s)\n", variant.name.c_str(),
                  variant.command.front().c_str());
    }
  }
  if (programs.empty()) SKIP("no compiler");
  CompareAll(programs);
}

#endif
