#include <algorithm>

#include "base/text.h"
#include "sql/engines/duckdb_internal.h"

namespace andon::sql {
namespace {

struct Kind {
  std::string_view type;
  ErrorKind kind;
};

// DuckDB's exception types that some caller treats differently from a wrong statement.
constexpr Kind kKinds[] = {
    {"INTERRUPT", ErrorKind::kInterrupted}, {"IO", ErrorKind::kIo},
    {"Permission", ErrorKind::kIo},         {"Out of Memory", ErrorKind::kIo},
    {"HTTP", ErrorKind::kUnavailable},      {"Connection", ErrorKind::kUnavailable},
};

ErrorKind KindOf(std::string_view type) {
  for (const Kind& kind : kKinds) {
    if (AsciiLower(kind.type) == AsciiLower(type)) return kind.kind;
  }
  return ErrorKind::kInvalid;
}

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

// What follows the first line are DuckDB's hints: candidates, settings. But of a CSV file it says
// the line first and the reason after it.
std::string Summary(std::string_view text) {
  std::string first(FirstLine(text));
  if (!first.starts_with("CSV Error on Line")) return first;
  std::string_view reason;
  size_t at = first.size() + 1;
  while (at < text.size()) {
    std::string_view line = FirstLine(text.substr(at));
    if (line.starts_with("Possible")) break;
    if (!line.empty() && !line.starts_with("Original Line")) reason = line;
    at += line.size() + 1;
  }
  while (reason.ends_with('.')) reason.remove_suffix(1);  // A sentence goes on around it.
  return reason.empty() ? first : first + ": " + std::string(reason);
}

// " (line 2, column 8)", or nothing where the place is unknown.
std::string Place(std::string_view sql, int64_t byte) {
  if (byte < 0 || byte > static_cast<int64_t>(sql.size())) return {};
  std::string_view before = sql.substr(0, static_cast<size_t>(byte));
  int64_t line = 1 + std::count(before.begin(), before.end(), '\n');
  size_t start = before.rfind('\n') + 1;  // npos + 1 is 0.
  return fmt::format(" (line {}, column {})", line, 1 + GraphemeCount(before.substr(start)));
}

}  // namespace

StatementError ReadError(std::string_view message) {
  // "Parser Error: {json}" is how DuckDB wraps some of them.
  size_t brace = message.find('{');
  if (brace != std::string_view::npos && brace < 40) {
    Result<Json> json = Json::Parse(message.substr(brace));
    if (json.ok() && json->Has("exception_type")) {
      StatementError error;
      error.type = (*json)["exception_type"].AsString();
      error.message = Summary((*json)["exception_message"].AsString());
      const std::string& position = (*json)["position"].AsString();
      if (!position.empty()) error.byte = std::strtoll(position.c_str(), nullptr, 10);
      error.subtype = (*json)["error_subtype"].AsString();
      error.entry = (*json)["type"].AsString();
      error.name = (*json)["name"].AsString();
      return error;
    }
  }
  std::string_view line = FirstLine(message);
  constexpr std::string_view kAfterType = " Error: ";
  size_t end = line.find(kAfterType);
  if (end == std::string_view::npos) return {.type = "Invalid Input", .message = std::string(line)};
  return {.type = std::string(line.substr(0, end)),
          .message = std::string(line.substr(end + kAfterType.size()))};
}

Error ToError(std::string_view message, std::string_view sql) {
  StatementError error = ReadError(message);
  return {KindOf(error.type),
          fmt::format("{} Error: {}{}", error.type, error.message, Place(sql, error.byte))};
}

}  // namespace andon::sql
