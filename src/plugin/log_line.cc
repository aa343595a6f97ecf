#include "plugin/log_line.h"

#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace andon::plugin {
namespace {

constexpr auto kLevels =
    std::to_array<std::pair<std::string_view, LogLevel>>({{"trace", LogLevel::kTrace},
                                                          {"debug", LogLevel::kDebug},
                                                          {"info", LogLevel::kInfo},
                                                          {"warn", LogLevel::kWarn},
                                                          {"error", LogLevel::kError}});

LogLevel LevelNamed(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  return LogLevel::kDebug;
}

}  // namespace

LogLine ParseLogLine(std::string_view line) {
  line = Trim(line);
  if (line.starts_with('{')) {
    Result<Json> json = Json::Parse(line);
    if (json.ok() && (*json)["@message"].is_string()) {
      return {.level = LevelNamed((*json)["@level"].AsString()),
              .module = (*json)["@module"].AsString(),
              .message = (*json)["@message"].AsString()};
    }
  }
  LogLine result{.message = std::string(line)};
  if (line.starts_with("panic: ")) result.level = LogLevel::kError;
  size_t close = line.find(']');
  if (!line.starts_with('[') || close == std::string_view::npos) return result;
  std::string name = AsciiLower(line.substr(1, close - 1));
  for (const auto& [known, level] : kLevels) {
    if (known != name) continue;
    result.level = level;
    result.message = Trim(line.substr(close + 1));
  }
  return result;
}

LogLevel LevelOf(std::string_view line) {
  constexpr std::string_view kKey = "\"@level\":\"";
  line = Trim(line);
  if (!line.starts_with('{')) return ParseLogLine(line).level;
  size_t at = line.find(kKey);
  if (at == std::string_view::npos) return LogLevel::kDebug;
  std::string_view rest = line.substr(at + kKey.size());
  return LevelNamed(rest.substr(0, rest.find('"')));
}

}  // namespace andon::plugin
