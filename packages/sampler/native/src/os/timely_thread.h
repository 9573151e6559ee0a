#pragma once

#include <thread>

namespace austin {

/// Lets the calling thread wake on time: the smallest timer slack, and a real-time priority where the machine grants one.
/// Both belong to the thread, not to the process.
class TimelyThread {
 public:
  /// @param realtime whether to ask for a real-time priority; only a thread that sleeps most of the time should.
  explicit TimelyThread(bool realtime);
  TimelyThread(const TimelyThread&) = delete;
  TimelyThread& operator=(const TimelyThread&) = delete;

  bool is_realtime() const { return is_realtime_; }
  /// Gives the real-time priority back.
  void Yield();

 private:
  bool is_realtime_ = false;
};

/// Gives a thread that was just made the priority that it will ask for itself (TimelyThread): until then it would wait for a
/// processor like any other. Nothing happens where the machine does not grant it.
void StartInTime(std::thread* thread);

/// Gives the calling thread a real-time priority for a moment in which somebody waits for nothing else. What it starts
/// meanwhile has the ordinary priority. Only a thread with the ordinary priority gets it, for what it starts could not inherit
/// another. True when it has it, and gives it back with EndHurry.
bool BeginHurry();
void EndHurry();

}  // namespace austin
