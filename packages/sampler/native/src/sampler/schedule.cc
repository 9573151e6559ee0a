#include "sampler/schedule.h"

namespace austin {

namespace {

constexpr int64_t kNanosPerMicro = 1000;

}  // namespace

Schedule::Schedule(int64_t interval_us) : interval_(interval_us * kNanosPerMicro) {}

void Schedule::Start(int64_t now) { deadline_ = now + interval_; }

void Schedule::Book(int64_t begin, int64_t end) {
  if (interval_ == 0) {
    deadline_ = end;
    return;
  }
  if (begin - deadline_ > interval_) ++late_rounds_;
  if (end - begin > interval_) ++long_rounds_;
  deadline_ += interval_;
  if (deadline_ < end) {
    const int64_t missed = (end - deadline_) / interval_ + 1;
    missed_rounds_ += static_cast<uint64_t>(missed);
    deadline_ += missed * interval_;
  }
}

}  // namespace austin
