// TensorFlow logs through Abseil, which takes its level from no environment variable: only TensorFlow's Python package
// sets it, from TF_CPP_MIN_LOG_LEVEL. Linked into the binding, this does the same when the engine is loaded.
#include <cstdlib>

#include "absl/log/globals.h"

namespace {

const bool log_level_set = [] {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level == nullptr || level[0] < '0' || level[0] > '3' || level[1] != '\0') return false;
  absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(level[0] - '0'));
  return true;
}();

}  // namespace
