#include <algorithm>
#include <chrono>
#include <memory>
#include <unordered_set>
#include <utility>

#include "binary/process_info.h"
#include "binary/process_tree.h"
#include "binary/runtime_locator.h"
#include "memory/process_memory_reader.h"
#include "sampler/snapshot.h"

namespace austin {

namespace {

constexpr size_t kMaxProcesses = 4096;

/// After so long each process of a tree is read once only.
constexpr std::chrono::milliseconds kTreePatience{15'000};

struct Descendant {
  pid_t pid = 0;
  /// The nearest Python above, or 0.
  pid_t parent = 0;
};

Result<SnapshotTree> TakeTree(pid_t root, const SnapshotOptions& options, const std::atomic<bool>& cancel) {
  SnapshotTree tree;
  SnapshotOptions each = options;
  const auto end = std::chrono::steady_clock::now() + kTreePatience;
  const auto cache = std::make_shared<PythonImageCache>();
  // A process that is adopted by another meanwhile would be met twice.
  std::unordered_set<pid_t> seen = {root};
  std::vector<Descendant> stack = {{root, 0}};
  while (!stack.empty() && !cancel.load(std::memory_order_relaxed)) {
    if (std::chrono::steady_clock::now() > end) each.patience = std::chrono::milliseconds(0);
    const Descendant next = stack.back();
    stack.pop_back();
    ProcessMemoryReader memory(next.pid);
    const Probe probe = RuntimeLocator(next.pid, cache).Look(memory);
    pid_t parent = next.parent;
    // The children are asked for before the look, which takes time: a process that ends takes its list with it.
    std::vector<pid_t> children = ChildrenOf(next.pid);
    if (probe.status == ProbeStatus::kFound) {
      Result<Snapshot> snapshot = TakeSnapshotOf(*probe.result, each, cancel);
      if (snapshot) {
        snapshot->parent = next.parent;
        parent = next.pid;
        tree.processes.push_back(std::move(*snapshot));
      }
    } else if (probe.status == ProbeStatus::kPermission || probe.status == ProbeStatus::kUnsupported) {
      tree.unread.push_back({next.pid, probe.result.error()});
    }
    // The first child is to be taken from the stack first.
    std::reverse(children.begin(), children.end());
    for (const pid_t child : children) {
      if (seen.size() < kMaxProcesses && seen.insert(child).second) stack.push_back({child, parent});
    }
  }
  if (tree.processes.empty()) {
    if (!tree.unread.empty()) return tree.unread.front().error;
    return Error{ErrorCode::kProcessGone, "process " + std::to_string(root) + " ended while it was read"};
  }
  return tree;
}

}  // namespace

Result<SnapshotTree> TakeSnapshot(pid_t root, const SnapshotOptions& options, const std::atomic<bool>& cancel) {
  const Result<Target> target = WaitForPython(root, options.timeout_ms, cancel);
  if (!target) return target.error();
  if (options.children) return TakeTree(root, options, cancel);
  Result<Snapshot> snapshot = TakeSnapshotOf(*target, options, cancel);
  if (!snapshot) return snapshot.error();
  SnapshotTree tree;
  tree.processes.push_back(std::move(*snapshot));
  return tree;
}

}  // namespace austin
