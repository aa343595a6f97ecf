#include "base/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace andon {

void Diagnostics::Add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError) ++errors_;
  list_.push_back(std::move(diagnostic));
}

void Diagnostics::Error(std::string code, std::string summary, std::string detail,
                        SourceRange subject) {
  Add({.severity = Severity::kError,
       .code = std::move(code),
       .summary = std::move(summary),
       .detail = std::move(detail),
       .subject = std::move(subject)});
}

void Diagnostics::Warning(std::string code, std::string summary, std::string detail,
                          SourceRange subject) {
  Add({.severity = Severity::kWarning,
       .code = std::move(code),
       .summary = std::move(summary),
       .detail = std::move(detail),
       .subject = std::move(subject)});
}

void Diagnostics::Append(Diagnostics other) {
  for (auto& diagnostic : other.list_) Add(std::move(diagnostic));
}

void Diagnostics::Sort() {
  auto key = [](const Diagnostic& d) {
    return std::tuple(d.subject.filename, d.subject.start.line, d.subject.start.byte,
                      d.severity == Severity::kWarning);
  };
  std::stable_sort(list_.begin(), list_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

namespace {

constexpr int64_t kExcerptWidthMax = 160;  // Longer lines are cut around the caret.

struct Paint {
  bool on;
  std::string operator()(std::string_view code, std::string_view text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
};

// The line of `text` that holds byte `at`, and the offset of its first byte.
std::string_view LineAt(std::string_view text, size_t at, size_t* line_start) {
  at = std::min(at, text.size());
  size_t begin = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  size_t end = text.find('\n', at);
  if (end == std::string_view::npos) end = text.size();
  if (end > begin && text[end - 1] == '\r') --end;
  *line_start = begin;
  return text.substr(begin, end - begin);
}

// Where the range begins; of one that only knows its line ("file:line"), the first letter of it.
size_t StartOf(const SourceRange& range, std::string_view text) {
  if (range.start.byte > 0 || range.start.line <= 1) return size_t(range.start.byte);
  size_t at = 0;
  for (int32_t line = 1; line < range.start.line && at != std::string_view::npos; ++line) {
    at = text.find('\n', at);
    if (at != std::string_view::npos) ++at;
  }
  if (at == std::string_view::npos) return 0;
  size_t letter = text.find_first_not_of(" \t", at);
  return letter == std::string_view::npos || text[letter] == '\n' ? at : letter;
}

// One source line with marks below it. A range over several lines is marked on
// its first line only.
std::string Excerpt(const SourceRange& range, char mark, std::string_view note,
                    std::string_view paint_code, int gutter, const Sources& sources,
                    const Paint& paint) {
  const std::string* text = sources.Find(range.filename);
  if (text == nullptr) return "";
  size_t line_start = 0;
  size_t start = StartOf(range, *text);
  std::string_view line = LineAt(*text, start, &line_start);
  size_t from = std::min<size_t>(start - std::min(start, line_start), line.size());
  size_t to = std::clamp<size_t>(std::max<int64_t>(range.end.byte - int64_t(line_start), 0), from,
                                 line.size());
  std::string shown(line);
  size_t cut = 0;
  if (int64_t(shown.size()) > kExcerptWidthMax) {
    cut = from > 60 ? from - 60 : 0;
    while (cut < shown.size() && (shown[cut] & 0xC0) == 0x80) ++cut;  // A whole character.
    size_t keep = kExcerptWidthMax;
    while (cut + keep < shown.size() && (shown[cut + keep] & 0xC0) == 0x80) ++keep;
    shown = shown.substr(cut, keep);
    to = std::min(to, cut + shown.size());
  }
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  std::string_view visible(shown);
  int64_t indent = DisplayWidth(visible.substr(0, from - cut));
  int64_t width = std::max<int64_t>(1, DisplayWidth(visible.substr(from - cut, to - from)));
  std::string out = fmt::format("{:>{}} | {}\n", range.start.line, gutter, shown);
  std::string marks(width, mark);
  if (!note.empty()) marks += fmt::format(" {}", note);
  out += fmt::format("{:>{}} | {}{}\n", "", gutter, std::string(indent, ' '),
                     paint(paint_code, marks));
  return out;
}

// Sentences broken at 100 columns; what the writer broke stays broken.
std::string Wrap(std::string_view text) {
  std::string out;
  for (const std::string& line : Split(text, '\n')) {
    if (!line.empty() && line[0] == ' ') {  // Preformatted.
      out += line + "\n";
      continue;
    }
    int64_t column = 0;
    for (const std::string& word : Split(line, ' ')) {
      int64_t width = DisplayWidth(word);
      if (column > 0 && column + 1 + width > 100) {
        out += '\n';
        column = 0;
      }
      if (column > 0) {
        out += ' ';
        ++column;
      }
      out += word;
      column += width;
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string Render(const Diagnostic& d, const Sources& sources, bool color) {
  Paint paint{color};
  bool is_error = d.severity == Severity::kError;
  std::string_view code = is_error ? "1;31" : "1;33";
  std::string head = is_error ? "error" : "warning";
  if (!d.code.empty()) head += fmt::format("[{}]", d.code);
  std::string out = paint(code, head) + paint("1", ": " + d.summary) + "\n";
  if (d.subject.exists()) {
    int widest = d.subject.start.line;
    for (const Label& label : d.labels) widest = std::max(widest, label.range.start.line);
    int gutter = std::max<int>(4, fmt::formatted_size("{}", widest) + 1);
    out += fmt::format("{:>{}}--> {}\n", "", gutter - 1, ToString(d.subject));
    out += Excerpt(d.subject, '^', d.at_caret, code, gutter, sources, paint);
    for (const Label& label : d.labels) {
      if (label.range.filename != d.subject.filename) {
        out += fmt::format("{:>{}}::: {}\n", "", gutter - 1, ToString(label.range));
      }
      out += Excerpt(label.range, '-', label.text, "1;34", gutter, sources, paint);
    }
  } else if (!d.address.empty()) {
    out += fmt::format("   --> {}\n", d.address);
  }
  if (!d.detail.empty()) out += Wrap(d.detail);
  if (!d.help.empty()) out += paint("1", "help:") + " " + d.help + "\n";
  return out;
}

}  // namespace andon
