#include "unwind/namer.h"

#include <functional>

namespace austin {

size_t Namer::KeyHash::operator()(const Key& key) const {
  return std::hash<const void*>()(key.file) * 31 + std::hash<uint64_t>()(key.address * 2 + (key.is_exact ? 1 : 0));
}

Namer::Namer() : thread_([this] { Run(); }) {}

Namer::~Namer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  asked_.notify_all();
  thread_.join();
}

Namer::Id Namer::Ask(const Module& module, Address pc, bool is_exact) {
  const Key key{module.file.get(), module.FileAddress(pc), is_exact};
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [known, is_new] = ids_.emplace(key, Id(questions_.size()));
  if (is_new) {
    questions_.push_back({module, key.address, is_exact, false, {}});
    asked_.notify_one();
  }
  return known->second;
}

const NativeName* Namer::Find(Id id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Only the naming thread writes a name, and never again once it is answered.
  return id < questions_.size() && questions_[id].is_answered ? &questions_[id].name : nullptr;
}

void Namer::WaitForAll() {
  std::unique_lock<std::mutex> lock(mutex_);
  answered_.wait(lock, [this] { return next_ == questions_.size(); });
}

void Namer::Run() {
  Symbols symbols;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    asked_.wait(lock, [this] { return stopping_ || next_ < questions_.size(); });
    if (stopping_) return;
    // A deque keeps its elements in place.
    Question& question = questions_[next_];
    lock.unlock();
    // The call is before the return address, and may be the last instruction of its function.
    const uint64_t back = question.is_exact ? 0 : 1;
    NativeName name = symbols.Find(question.module, question.address - back);
    if (name.symbol != kUnknownSymbol) name.offset += back;
    lock.lock();
    question.name = std::move(name);
    question.is_answered = true;
    ++next_;
    answered_.notify_all();
  }
}

}  // namespace austin
