#include <sched.h>

#include "os/processors.h"

namespace austin {

bool HasOneProcessor() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 && CPU_COUNT(&allowed) == 1;
}

}  // namespace austin
