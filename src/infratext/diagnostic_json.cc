#include "infratext/diagnostic_json.h"

#include <algorithm>

namespace andon::infratext {
namespace {

Json PositionJson(const SourcePos& position) {
  return Json::Object(
      {{"line", position.line}, {"column", position.column}, {"byte", position.byte}});
}

// The whole lines that the range touches, and where in them it lies.
Json SnippetJson(const SourceRange& range, const std::string& text) {
  size_t start = std::min(static_cast<size_t>(std::max(range.start.byte, 0)), text.size());
  size_t end = std::clamp(static_cast<size_t>(std::max(range.end.byte, 0)), start, text.size());
  size_t line_start = start == 0 ? 0 : text.rfind('\n', start - 1) + 1;
  size_t last = end > start ? end - 1 : end;
  size_t line_end = std::min(text.find('\n', last), text.size());
  line_end = std::max(line_end, line_start);
  std::string code = text.substr(line_start, line_end - line_start);
  auto offset = [&](size_t at) {
    return static_cast<int64_t>(std::min(at - line_start, code.size()));
  };
  Json out = Json::Object();
  out.Set("context", nullptr);
  out.Set("code", code);
  out.Set("start_line", range.start.line);
  out.Set("highlight_start_offset", offset(start));
  out.Set("highlight_end_offset", offset(end));
  out.Set("values", Json::List());
  return out;
}

}  // namespace

Json DiagnosticJson(const Diagnostic& diagnostic, const Sources& sources) {
  Json out = Json::Object();
  out.Set("severity", diagnostic.severity == Severity::kError ? "error" : "warning");
  out.Set("summary", diagnostic.summary);
  std::string detail = diagnostic.detail;
  if (!diagnostic.help.empty()) detail += (detail.empty() ? "" : "\n\n") + diagnostic.help;
  out.Set("detail", detail);
  if (!diagnostic.address.empty()) out.Set("address", diagnostic.address);
  if (!diagnostic.subject.exists()) return out;

  SourceRange range = diagnostic.subject;
  if (range.end.byte <= range.start.byte) {  // A range marks one character at least.
    range.end = range.start;
    ++range.end.byte;
    ++range.end.column;
  }
  out.Set("range", Json::Object({{"filename", range.filename},
                                 {"start", PositionJson(range.start)},
                                 {"end", PositionJson(range.end)}}));
  if (const std::string* text = sources.Find(range.filename)) {
    out.Set("snippet", SnippetJson(range, *text));
  }
  return out;
}

}  // namespace andon::infratext
