#include "base/result.h"

namespace austin {

const char* ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kProcessGone:
      return "ERR_PROCESS_GONE";
    case ErrorCode::kPermission:
      return "ERR_PERMISSION_PTRACE";
    case ErrorCode::kNotPython:
      return "ERR_NOT_PYTHON";
    case ErrorCode::kPythonUnsupported:
      return "ERR_PYTHON_UNSUPPORTED";
    case ErrorCode::kPythonLayout:
      return "ERR_PYTHON_LAYOUT";
    case ErrorCode::kOutputWrite:
      return "ERR_OUTPUT_WRITE";
    case ErrorCode::kKernelStacksPermission:
      return "ERR_KERNEL_STACKS_PERMISSION";
    case ErrorCode::kPerfPermission:
      return "ERR_PERF_PERMISSION";
  }
  return "ERR_UNKNOWN";
}

}  // namespace austin
