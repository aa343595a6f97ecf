#include "cli/validation_json.h"

#include <algorithm>

#include "base/text.h"
#include "hcl/parser.h"

namespace andon::cli {
namespace {

Json PosJson(const SourcePos& p) {
  return Json::Object({{"line", p.line}, {"column", p.column}, {"byte", p.byte}});
}

// The head of the block around a place: `resource "aws_s3_bucket" "lake"`.
Json BlockAround(const std::string& filename, const std::string& text, int32_t byte) {
  if (filename.ends_with(".json")) return nullptr;
  hcl::ParsedFile parsed = hcl::ParseFile(filename, text);
  for (const hcl::Block& block : parsed.file->body().blocks) {
    if (byte < int64_t(block.span.begin) || byte >= int64_t(block.span.end)) continue;
    std::string head(block.type);
    for (const hcl::BlockLabel& label : block.labels)
      head += " \"" + std::string(label.text) + "\"";
    return head;
  }
  return nullptr;
}

// The lines that the range touches, and what of them it marks.
Json Snippet(const SourceRange& range, const Sources& sources) {
  const std::string* text = sources.Find(range.filename);
  if (text == nullptr || size_t(range.start.byte) > text->size()) return nullptr;
  size_t begin = range.start.byte == 0 ? 0 : text->rfind('\n', range.start.byte - 1) + 1;
  size_t last = std::max<size_t>(range.end.byte, range.start.byte);
  if (last > size_t(range.start.byte) && last <= text->size() && (*text)[last - 1] == '\n') --last;
  size_t end = std::min(text->find('\n', std::min(last, text->size())), text->size());
  return Json::Object(
      {{"context", BlockAround(range.filename, *text, range.start.byte)},
       {"code", text->substr(begin, end - begin)},
       {"start_line", range.start.line},
       {"highlight_start_offset", int64_t(range.start.byte) - int64_t(begin)},
       {"highlight_end_offset", int64_t(std::min<size_t>(range.end.byte, end)) - int64_t(begin)},
       {"values", Json::List()}});
}

Json DiagnosticJson(const Diagnostic& d, const Sources& sources) {
  Json json = Json::Object({{"severity", d.severity == Severity::kError ? "error" : "warning"},
                            {"summary", d.summary},
                            {"detail", d.detail},
                            {"code", d.code}});
  if (!d.address.empty()) json.Set("address", d.address);
  if (d.subject.exists()) {
    json.Set("range", Json::Object({{"filename", d.subject.filename},
                                    {"start", PosJson(d.subject.start)},
                                    {"end", PosJson(d.subject.end)}}));
    Json snippet = Snippet(d.subject, sources);
    if (!snippet.is_null()) json.Set("snippet", std::move(snippet));
  }
  if (!d.at_caret.empty()) json.Set("hint", d.at_caret);
  if (!d.help.empty()) json.Set("help", d.help);
  return json;
}

}  // namespace

Json ValidationJson(const Diagnostics& diagnostics, const Sources& sources) {
  Json list = Json::List();
  for (const Diagnostic& d : diagnostics) list.Push(DiagnosticJson(d, sources));
  return Json::Object({{"format_version", "1.0"},
                       {"valid", !diagnostics.has_errors()},
                       {"error_count", diagnostics.errors()},
                       {"warning_count", int64_t(diagnostics.size()) - diagnostics.errors()},
                       {"diagnostics", std::move(list)}});
}

}  // namespace andon::cli
