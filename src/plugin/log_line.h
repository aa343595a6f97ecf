// What plugins print: lines, of which most are JSON with a level.
#pragma once

#include <string>
#include <string_view>

namespace andon::plugin {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError };

struct LogLine {
  LogLevel level = LogLevel::kDebug;
  std::string module;   // "provider.terraform-provider-random"; may be empty.
  std::string message;  // Without level, time and module.
};

// Any text is a line: what is no JSON, or begins with no "[WARN]", is told as it
// stands, as debugging. The start of a panic is an error.
LogLine ParseLogLine(std::string_view line);
// Only the level, without reading the rest: plugins print a lot that nobody reads.
LogLevel LevelOf(std::string_view line);

}  // namespace andon::plugin
