#include "sampler/native_merge.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "check.h"

using namespace austin;

namespace {

/// A stack written down, outermost first: `P` a Python frame that C code called, `p` one that Python called, `n` a native frame, `L` an
/// activation of the loop (`h` before it: with a handler's frame on top).
struct Halves {
  Halves(const std::string& python_half, const std::string& native_half) {
    for (const char c : python_half) python.push_back({.is_entry = c == 'P'});
    native_count = native_half.size();
    for (size_t i = 0; i < native_count; ++i) {
      const char c = native_half[native_count - 1 - i];
      if (c == 'L') loops.push_back({i, 1});
      if (c == 'h') loops.push_back({i++, 2});
    }
  }

  /// The activation holds that Python frame.
  Halves& Holding(size_t loop, size_t frame) {
    held.insert({loop, frame});
    return *this;
  }
  /// Each activation, innermost first, holds the innermost frame of its run, as real ones do.
  Halves& HoldingAll(size_t idle = 0) {
    size_t loop = idle;
    size_t end = python.size();
    for (size_t i = python.size(); i-- > 0;) {
      if (!python[i].is_entry) continue;
      Holding(loop++, end - 1);
      end = i;
    }
    return *this;
  }

  MergeResult Join(bool is_complete = true, bool is_entering = false) const {
    return Merge({.python = python,
                  .is_entering = is_entering,
                  .native_end = native_count,
                  .loops = loops,
                  .is_complete = is_complete,
                  .must_prove = must_prove,
                  .holds = [this](size_t loop, size_t frame) { return held.contains({loop, frame}); }});
  }

  std::vector<MergeFrame> python;
  size_t native_count = 0;
  std::vector<LoopActivation> loops;
  bool must_prove = false;
  std::set<std::pair<size_t, size_t>> held;
};

/// `p0` and so on for Python frames, outermost 0; `n0` for native ones, innermost 0.
std::string Text(const MergeResult& result) {
  std::string text = NativeOutcomeName(result.outcome);
  if (result.has_gap) text += " gap";
  for (const MergedFrame& frame : result.frames) {
    text += frame.is_native ? " n" : " p";
    text += std::to_string(frame.index);
  }
  return text;
}

}  // namespace

TEST(NativeMerge, PutsARunWhereItsLoopIs) {
  CHECK_EQ(Text(Halves("P", "nnL").HoldingAll().Join()), "whole n2 n1 p0");
  CHECK_EQ(Text(Halves("Ppp", "nLn").HoldingAll().Join()), "whole n2 p0 p1 p2 n0");
  // Python, C, Python, C.
  CHECK_EQ(Text(Halves("PpPp", "nnLnnLn").HoldingAll().Join()), "whole n6 n5 p0 p1 n3 n2 p2 p3 n0");
  // Before 3.11: one frame each.
  CHECK_EQ(Text(Halves("PPP", "nLnLnnLn").HoldingAll().Join()), "whole n7 p0 n5 p1 n3 n2 p2 n0");
}

TEST(NativeMerge, TakesAHandlerAndItsBodyForOneActivation) {
  CHECK_EQ(Text(Halves("PpP", "nLhnLhn").HoldingAll().Join()), "whole n6 p0 p1 n3 p2 n0");
}

TEST(NativeMerge, ShowsThreadsWithoutPython) {
  CHECK_EQ(Text(Halves("", "nnn").Join()), "whole n2 n1 n0");
  CHECK_EQ(Text(Halves("", "nnn").Join(/*is_complete=*/false)), "incomplete n2 n1 n0");
  CHECK_EQ(Text(Halves("", "").Join()), "whole");
  // On its way into its first frame.
  CHECK_EQ(Text(Halves("", "nL").Join()), "whole n1");
}

TEST(NativeMerge, KeepsPythonAloneWhereTheNumbersDiffer) {
  CHECK_EQ(Text(Halves("PpP", "nLn").HoldingAll().Join()), "disagreed p0 p1 p2");
  CHECK_EQ(Text(Halves("P", "nLnLnL").HoldingAll().Join()), "disagreed p0");
  CHECK_EQ(Text(Halves("P", "nn").Join()), "disagreed p0");
  CHECK_EQ(Text(Halves("", "nLnL").Join()), "disagreed");
  // The outermost frame was called by C in any case.
  CHECK_EQ(Text(Halves("pP", "nLnL").HoldingAll().Join()), "disagreed p0 p1");
}

TEST(NativeMerge, AsksActivationsThatWaitForTheirFrame) {
  CHECK_EQ(Text(Halves("PP", "nLnLn").Holding(0, 1).Join()), "disagreed p0 p1");
  CHECK_EQ(Text(Halves("PP", "nLnLn").Holding(0, 0).Holding(1, 1).Join()), "disagreed p0 p1");
  CHECK_EQ(Text(Halves("PP", "nLnLn").Holding(0, 1).Holding(1, 0).Join()), "whole n4 p0 n2 p1 n0");
  // The frame that was called last in a run, not the first.
  CHECK_EQ(Text(Halves("Pp", "nLn").Holding(0, 0).Join()), "disagreed p0 p1");
  // One that runs may be exchanging its frame.
  CHECK_EQ(Text(Halves("PP", "nLnL").Holding(1, 0).Join()), "whole n3 p0 n1 p1");
}

TEST(NativeMerge, LetsTheInnermostActivationHaveNoFrame) {
  // The Python half tells.
  CHECK_EQ(Text(Halves("P", "nLnL").HoldingAll(1).Join(true, /*is_entering=*/true)), "whole n3 p0 n1");
  CHECK_EQ(Text(Halves("P", "nL").HoldingAll().Join(true, /*is_entering=*/true)), "disagreed p0");
  // It cannot tell, and the others prove it.
  CHECK_EQ(Text(Halves("P", "nLnLn").HoldingAll(1).Join()), "whole n4 p0 n2 n0");
  CHECK_EQ(Text(Halves("P", "nLnLn").Join()), "disagreed p0");
}

TEST(NativeMerge, JoinsAnIncompleteStackFromTheInside) {
  CHECK_EQ(Text(Halves("PpPPp", "nLnLn").Holding(0, 4).Holding(1, 2).Join(false)), "incomplete gap p0 p1 n4 p2 n2 p3 p4 n0");
  CHECK_EQ(Text(Halves("PpP", "nn").Join(false)), "incomplete gap p0 p1 p2 n1 n0");
  CHECK_EQ(Text(Halves("PP", "nLnLn").HoldingAll().Join(false)), "incomplete n4 p0 n2 p1 n0");
  CHECK_EQ(Text(Halves("P", "nLnLn").HoldingAll().Join(false)), "disagreed p0");
}

TEST(NativeMerge, WhereAllMustBeProvenTheInnermostIsAskedToo) {
  Halves running("Pp", "nL");
  running.must_prove = true;
  CHECK_EQ(Text(running.Join()), "disagreed p0 p1");
  CHECK_EQ(Text(running.HoldingAll().Join()), "whole n1 p0 p1");
  // The innermost activation may be that of a call which has returned since.
  Halves returned("P", "nLnL");
  returned.must_prove = true;
  CHECK_EQ(Text(returned.HoldingAll(1).Join()), "disagreed p0");
  CHECK_EQ(Text(returned.HoldingAll(1).Join(true, true)), "disagreed p0");
}
