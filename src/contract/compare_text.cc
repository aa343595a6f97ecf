#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/compare.h"

namespace andon::contract {
namespace {

std::string_view WordOf(const Change& change) {
  if (change.is_breaking) return "BREAKING";
  return change.direction == Direction::kNeutral ? "neutral" : ToString(change.direction);
}

std::string VersionLine(const Comparison& c) {
  if (c.changes.empty()) return "Nothing changed.";
  auto breaking = std::count_if(c.changes.begin(), c.changes.end(),
                                [](const Change& change) { return change.is_breaking; });
  std::string counts = fmt::format(
      "{}, {} breaking.", Count(static_cast<int64_t>(c.changes.size()), "change"), breaking);
  if (c.version_wanted.empty()) return counts;
  if (c.version_fits)
    return fmt::format("{} Version {} -> {} fits: {} is demanded.", counts, c.version_before,
                       c.version_after, ToString(c.demanded));
  return fmt::format("{} Version {} -> {} does not fit: {} is demanded, {} or later.", counts,
                     c.version_before, c.version_after, ToString(c.demanded), c.version_wanted);
}

std::string Cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

Json ToJson(const Change& change) {
  return Json::Object({{"kind", change.kind},
                       {"path", change.path},
                       {"table", change.table},
                       {"column", change.column},
                       {"direction", ToString(change.direction)},
                       {"breaking", change.is_breaking},
                       {"demands", ToString(change.demands)},
                       {"before", change.before},
                       {"after", change.after},
                       {"message", change.message},
                       {"compatible", change.compatible}});
}

Json ToJson(const Comparison& c) {
  Json changes = Json::List();
  for (const Change& change : c.changes) changes.Push(ToJson(change));
  return Json::Object({{"breaking", c.is_breaking()},
                       {"version", Json::Object({{"before", c.version_before},
                                                 {"after", c.version_after},
                                                 {"demanded", ToString(c.demanded)},
                                                 {"made", ToString(c.made)},
                                                 {"fits", c.version_fits},
                                                 {"wanted", c.version_wanted}})},
                       {"changes", std::move(changes)}});
}

std::string ToText(const Comparison& c) {
  std::string out;
  size_t width = 0;
  for (const Change& change : c.changes) width = std::max(width, change.path.size());
  width = std::min<size_t>(width, 40);
  for (const Change& change : c.changes) {
    out += fmt::format("{:<9} {:<{}}  {}\n", WordOf(change), change.path, width, change.message);
    if (change.is_breaking && !change.compatible.empty())
      out += fmt::format("{:<9} {:<{}}  compatible: {}\n", "", "", width, change.compatible);
  }
  if (!out.empty()) out += "\n";
  return out + VersionLine(c) + "\n";
}

std::string ToMarkdown(const Comparison& c, std::string_view title) {
  std::string out = fmt::format("### Contract {}\n\n", title);
  if (!c.changes.empty()) {
    out += "| | where | what |\n|---|---|---|\n";
    for (const Change& change : c.changes) {
      std::string word(WordOf(change));
      out += fmt::format(
          "| {} | `{}` | {}{} |\n", change.is_breaking ? "**BREAKING**" : word, Cell(change.path),
          Cell(change.message),
          change.compatible.empty() ? "" : " Compatible: " + Cell(change.compatible) + ".");
    }
    out += "\n";
  }
  return out + VersionLine(c) + "\n";
}

}  // namespace andon::contract
