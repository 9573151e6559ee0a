#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"

namespace austin::check {
namespace {

struct Test {
  std::string name;
  void (*body)();
};

std::vector<Test>& Tests() {
  static std::vector<Test> tests;
  return tests;
}

std::mutex output_mutex;
std::atomic<int> failures_in_test = 0;
std::string skip_reason;
std::string running;

bool Wanted(const std::string& name, int argc, char** argv) {
  if (argc < 2) return true;
  for (int i = 1; i < argc; ++i) {
    if (name.find(argv[i]) != std::string::npos) return true;
  }
  return false;
}

int RunAll(int argc, char** argv) {
  int passed = 0;
  int failed = 0;
  for (const Test& test : Tests()) {
    if (!Wanted(test.name, argc, argv)) continue;
    running = test.name;
    failures_in_test = 0;
    skip_reason.clear();
    test.body();
    if (failures_in_test > 0) {
      ++failed;
    } else if (!skip_reason.empty()) {
      std::printf("SKIP %s: %s\n", test.name.c_str(), skip_reason.c_str());
    } else {
      ++passed;
    }
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

bool Register(const char* suite, const char* name, void (*body)()) {
  Tests().push_back({std::string(suite) + "." + name, body});
  return true;
}

void Fail(const char* file, int line, const std::string& message) {
  ++failures_in_test;
  const std::lock_guard lock(output_mutex);
  std::printf("FAIL %s\n  %s:%d: %s\n", running.c_str(), file, line, message.c_str());
}

void Skip(const std::string& reason) { skip_reason = reason; }

}  // namespace austin::check

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--list") {
    for (const auto& test : austin::check::Tests()) std::printf("%s\n", test.name.c_str());
    return 0;
  }
  return austin::check::RunAll(argc, argv);
}
