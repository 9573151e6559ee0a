#include "sampler/kernel_frames.h"

namespace austin {

void KernelFrames::BeginRound(const std::vector<std::unique_ptr<SampledThread>>& threads) {
  before_.clear();
  for (const auto& thread : threads) {
    if (const auto counts = runs_.Read(thread->tid)) before_.emplace(thread->tid, *counts);
  }
}

KernelStack KernelFrames::Read(const SampledThread& thread) {
  KernelStack stack;
  const auto before = before_.find(thread.tid);
  if (before == before_.end()) return stack;
  stack = ReadKernelStack(pid_, static_cast<pid_t>(thread.tid));
  if (stack.functions.empty()) return stack;
  const auto after = runs_.Read(thread.tid);
  if (!after || *after != before->second) stack.functions.clear();
  return stack;
}

}  // namespace austin
