#include "contract/formats/markdown.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/rule_bounds.h"

namespace andon::contract {
namespace {

std::string Cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|' || c == '\\') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string Promises(const Property& p) {
  std::vector<std::string> parts;
  if (p.primary_key) parts.emplace_back("key");
  if (p.required) parts.emplace_back("required");
  if (p.unique) parts.emplace_back("unique");
  for (const auto& [name, value] : p.options.members())
    parts.push_back(
        fmt::format("{} {}", name, value.is_string() ? value.AsString() : value.Dump()));
  for (const Reference& reference : p.references)
    parts.push_back("references " + Join(reference.to, ", "));
  for (const Rule& rule : p.quality) parts.push_back(Describe(rule));
  return Join(parts, "; ");
}

void Paragraph(std::string& out, std::string_view title, const std::string& text) {
  if (!text.empty()) out += fmt::format("**{}.** {}\n\n", title, text);
}

}  // namespace

std::string MarkdownOf(const Document& d) {
  std::string out = fmt::format("# {}\n\nVersion {}, {}.\n\n", d.title(), d.version, d.status);
  Paragraph(out, "Purpose", d.purpose);
  Paragraph(out, "Usage", d.usage);
  Paragraph(out, "Limitations", d.limitations);
  for (const Table& table : d.tables) {
    out += fmt::format("## {}\n\n", table.name);
    if (!table.description.empty()) out += table.description + "\n\n";
    out += "| column | type | promises | what it is |\n|---|---|---|---|\n";
    for (const Property& p : table.properties) {
      std::string type = p.physical_type.empty() ? p.logical_type : p.physical_type;
      out += fmt::format("| `{}` | {} | {} | {} |\n", p.name, Cell(type), Cell(Promises(p)),
                         Cell(p.description));
    }
    out += "\n";
    for (const Rule& rule : table.quality)
      out += fmt::format("- {}{}\n", Describe(rule),
                         rule.description.empty() || rule.description == Describe(rule)
                             ? ""
                             : ": " + rule.description);
    if (!table.quality.empty()) out += "\n";
  }
  if (!d.sla.empty()) {
    out += "## Service levels\n\n| what | promised | of |\n|---|---|---|\n";
    for (const SlaProperty& sla : d.sla) {
      std::string value = sla.value.is_string() ? sla.value.AsString() : sla.value.Dump();
      out += fmt::format("| {} | {}{}{} | {} |\n", sla.property, Cell(value),
                         sla.unit.empty() ? "" : " ", Cell(sla.unit), Cell(sla.element));
    }
    out += "\n";
  }
  if (!d.needs.empty()) {
    out +=
        "## Whom it serves\n\n| who | decision | by when | latency | confirmed "
        "|\n|---|---|---|---|---|\n";
    for (const Need& need : d.needs) {
      std::string confirmed = need.confirmed_by.empty()
                                  ? "not yet"
                                  : fmt::format("{} {}", need.confirmed_by, need.confirmed_at);
      out += fmt::format("| {} | {} | {} | {} | {} |\n", Cell(need.who), Cell(need.decision),
                         Cell(need.by_when), Cell(need.latency), Cell(confirmed));
    }
    out += "\n";
  }
  if (!d.consumers.empty()) Paragraph(out, "Consumers", Join(d.consumers, ", "));
  if (!d.notice.empty()) Paragraph(out, "Notice before a breaking change", d.notice);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace andon::contract
