#include "sampler/schedule.h"

namespace austin {

namespace {

constexpr int64_t kNanosPerMicro = 1000;

}  // namespace

Schedule::Schedule(int64_t interval_us, uint64_t seed)
    : interval_(interval_us * kNanosPerMicro), random_(seed), has_jitter_(seed != 0) {}

void Schedule::SetInterval(int64_t interval_us) { interval_ = interval_us * kNanosPerMicro; }

void Schedule::Start(int64_t now) {
  grid_ = now + interval_;
  deadline_ = grid_ + Jitter();
}

void Schedule::Book(int64_t begin, int64_t end) {
  if (interval_ == 0) {
    grid_ = deadline_ = end;
    return;
  }
  if (begin - deadline_ > interval_) ++late_rounds_;
  if (end - begin > interval_) ++long_rounds_;
  grid_ += interval_;
  deadline_ = grid_ + Jitter();
  if (deadline_ >= end) return;
  // The deadlines before that of the present multiple have passed for certain; with jitter its own may have, too.
  const int64_t passed = end > grid_ ? (end - grid_) / interval_ : 0;
  grid_ += passed * interval_;
  missed_rounds_ += static_cast<uint64_t>(passed);
  if (passed > 0) deadline_ = grid_ + Jitter();
  if (deadline_ >= end) return;
  ++missed_rounds_;
  grid_ += interval_;
  deadline_ = grid_ + Jitter();
}

int64_t Schedule::Jitter() {
  if (!has_jitter_ || interval_ == 0) return 0;
  // xorshift64*: nobody has to be unable to guess it.
  random_ ^= random_ >> 12;
  random_ ^= random_ << 25;
  random_ ^= random_ >> 27;
  const uint64_t number = random_ * 0x2545F4914F6CDD1D;
  return static_cast<int64_t>(static_cast<double>(number >> 11) * 0x1p-53 * static_cast<double>(interval_));
}

}  // namespace austin
