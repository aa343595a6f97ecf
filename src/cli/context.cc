#include "cli/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/other_name.h"

namespace andon::cli {

ExitCode ExitCodeOf(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kHeld:
      return ExitCode::kHeld;
    case ErrorKind::kUnavailable:
      return ExitCode::kUnreachable;
    case ErrorKind::kInterrupted:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kError;
  }
}

void Context::Print(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Context::Line(std::string_view text) const { Print(std::string(text) + "\n"); }

void Context::Event(const Json& event) const {
  if (json) Line(event.Dump());
}

void Context::Note(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (!text.ends_with('\n')) std::fputc('\n', stderr);
}

void Context::Progress(std::string_view text) const {
  if (!progress || quiet) return;
  std::string cut(text.substr(0, std::min<size_t>(text.size(), std::max(20, width - 1))));
  std::fprintf(stderr, "\r\x1b[K%s", cut.c_str());
  std::fflush(stderr);
}

std::string Context::Paint(std::string_view style, std::string_view text) const {
  static constexpr std::pair<std::string_view, std::string_view> kCodes[] = {
      {"bold", "1"},    {"dim", "2"},   {"red", "31"}, {"green", "32"},
      {"yellow", "33"}, {"blue", "34"}, {"cyan", "36"}};
  if (!color) return std::string(text);
  for (const auto& [name, code] : kCodes) {
    if (name == style) return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
  return std::string(text);
}

namespace {

// The excerpt of a message wants the text even where nobody kept it.
void EnsureSource(Sources& sources, const std::string& project_dir, const SourceRange& range) {
  if (!range.exists() || sources.Find(range.filename) != nullptr) return;
  std::string path =
      range.filename.starts_with('/') ? range.filename : project_dir + "/" + range.filename;
  std::ifstream file(path, std::ios::binary);
  if (!file) return;
  std::stringstream text;
  text << file.rdbuf();
  sources.Add(range.filename, std::move(text).str());
}

Json RangeJson(const SourceRange& range) {
  auto pos = [](const SourcePos& p) {
    return Json::Object({{"line", p.line}, {"column", p.column}, {"byte", p.byte}});
  };
  return Json::Object(
      {{"filename", range.filename}, {"start", pos(range.start)}, {"end", pos(range.end)}});
}

Json DiagnosticJson(const Diagnostic& d) {
  Json json = Json::Object({{"severity", d.severity == Severity::kError ? "error" : "warning"},
                            {"code", d.code},
                            {"summary", d.summary},
                            {"detail", d.detail}});
  if (!d.address.empty()) json.Set("address", d.address);
  if (d.subject.exists()) json.Set("range", RangeJson(d.subject));
  if (!d.at_caret.empty()) json.Set("hint", d.at_caret);
  if (!d.help.empty()) json.Set("help", d.help);
  return json;
}

}  // namespace

std::string_view Context::command() const {
  if (!speaks_as_other()) return "andon";
  return speaks_as;  // No conditional expression: it would make a text that dies at once.
}
std::string_view Context::product() const { return ProductOf(speaks_as); }

void Context::Report(const Diagnostics& diagnostics) {
  Diagnostics sorted = diagnostics;
  sorted.Sort();
  for (const Diagnostic& d : sorted) {
    if (json) {
      Event(Json::Object({{"type", "diagnostic"}, {"diagnostic", DiagnosticJson(d)}}));
      continue;
    }
    EnsureSource(sources, project_dir, d.subject);
    for (const Label& label : d.labels) EnsureSource(sources, project_dir, label.range);
    Note(speaks_as_other() ? OtherRender(d, sources) : Render(d, sources, color) + "\n");
  }
}

ExitCode Context::Fail(const Error& error) const {
  Progress("");
  if (json) {
    Event(Json::Object(
        {{"type", "diagnostic"},
         {"diagnostic", Json::Object({{"severity", "error"}, {"summary", error.message}})}}));
  } else if (speaks_as_other()) {
    Note("\nError: " + error.message + "\n");
  } else {
    Note(Paint("red", "error") + ": " + error.message);
  }
  return ExitCodeOf(error);
}

std::string Format(const TextTable& table, const Context& context, std::string_view indent) {
  constexpr int64_t kCellWidthMax = 60;
  size_t columns = table.header.size();
  for (const auto& row : table.rows) columns = std::max(columns, row.size());
  std::vector<int64_t> widths(columns, 0);
  auto measure = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(DisplayWidth(row[i]), kCellWidthMax));
    }
  };
  measure(table.header);
  for (const auto& row : table.rows) measure(row);
  auto print = [&](const std::vector<std::string>& row) {
    std::string line(indent);
    for (size_t i = 0; i < row.size(); ++i) {
      std::string cell = row[i];
      std::replace(cell.begin(), cell.end(), '\n', ' ');
      bool last = i + 1 == row.size();
      if (!last && DisplayWidth(cell) > kCellWidthMax) {
        while (DisplayWidth(cell) > kCellWidthMax - 1) {
          do {
            cell.pop_back();
          } while (!cell.empty() && (cell.back() & 0xC0) == 0x80);
        }
        cell += "…";
      }
      std::string pad(std::max<int64_t>(0, widths[i] - DisplayWidth(cell)), ' ');
      bool right = i < table.right.size() && table.right[i];
      if (right) {
        line += pad + cell;
      } else {
        line += last ? cell : cell + pad;
      }
      if (!last) line += "  ";
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
  };
  std::string out;
  if (!table.header.empty()) out += context.Paint("dim", print(table.header)) + "\n";
  for (const auto& row : table.rows) out += print(row) + "\n";
  return out;
}

}  // namespace andon::cli
