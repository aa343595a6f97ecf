#include "contract/formats/hcl.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_strings.h"
#include "base/text.h"
#include "contract/declared.h"

namespace andon::contract {
namespace {

std::string Text(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool template_begins = (c == '$' || c == '%') && i + 1 < text.size() && text[i + 1] == '{';
    if (template_begins) {
      out += c;
      out += c;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

bool IsIdentifier(std::string_view text) {
  if (text.empty() || text == "for") return false;
  bool starts =
      (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') || text[0] == '_';
  return starts && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

std::string Key(const std::string& name) { return IsIdentifier(name) ? name : Text(name); }

std::string OneLine(const Json& value) {
  if (value.is_string()) return Text(value.AsString());
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const Json& item : value.items()) items.push_back(OneLine(item));
    return fmt::format("[{}]", Join(items, ", "));
  }
  if (value.is_object()) {
    if (value.size() == 0) return "{}";
    std::vector<std::string> members;
    for (const auto& [name, member] : value.members())
      members.push_back(fmt::format("{} = {}", Key(name), OneLine(member)));
    return fmt::format("{{ {} }}", Join(members, ", "));
  }
  return value.Dump();
}

class Writer {
 public:
  std::string Take() { return std::move(out_); }
  void Line(std::string_view text = {}) { out_ += fmt::format("{}\n", text); }
  void Attribute(std::string_view name, const std::string& text) {
    if (!text.empty()) Line(fmt::format("  {} = {}", name, Text(text)));
  }

  void Source() {
    Line("# Say where the data comes from: this is only where files would be.");
    Line("source \"files\" \"deliveries\" {");
    Line("  path = \"deliveries/{table}-{period}.csv\"");
    Line("}");
  }

  void BeginDataset(const definition::Dataset& dataset) {
    Line();
    Line(fmt::format("dataset {} {{", Text(dataset.name)));
    Attribute("description", dataset.description);
    Line(IsIdentifier(dataset.source_table)
             ? fmt::format("  from = source.deliveries.table.{}", dataset.source_table)
             : fmt::format("  from = source.deliveries.table[{}]", Text(dataset.source_table)));
    Line(dataset.load.key.empty() ? "  load = { mode = \"replace\" }"
                                  : fmt::format("  load = {{ mode = \"merge\", key = {} }}",
                                                OneLine(Strings(dataset.load.key))));
  }

  void Dataset(const definition::Dataset& dataset, const std::vector<std::string>& unproven) {
    BeginDataset(dataset);
    Line("  columns = {");
    for (const definition::Column& column : dataset.columns) {
      std::vector<std::string> parts = {fmt::format("type = {}", Text(column.type))};
      if (column.required) parts.emplace_back("required = true");
      if (column.unique) parts.emplace_back("unique = true");
      if (column.references) {
        const auto& to = *column.references;
        parts.push_back(
            IsIdentifier(to.column)
                ? fmt::format("references = {}.column.{}", to.dataset, to.column)
                : fmt::format("references = {}.column[{}]", to.dataset, Text(to.column)));
      }
      if (column.quarantines())
        parts.push_back(fmt::format("severity = {}", Text(column.severity)));
      if (column.quarantine_max)
        parts.push_back(fmt::format("quarantine_max = {}", *column.quarantine_max));
      if (!column.unit.empty()) parts.push_back(fmt::format("unit = {}", Text(column.unit)));
      if (column.pii.value_or(false)) parts.emplace_back("pii = true");
      if (!column.doc.empty()) parts.push_back(fmt::format("doc = {}", Text(column.doc)));
      bool plain = parts.size() == 1;
      Line(fmt::format("    {} = {}", Key(column.name),
                       plain ? Text(column.type) : fmt::format("{{ {} }}", Join(parts, ", "))));
    }
    Line("  }");
    Checks(dataset.checks, unproven);
    Line("}");
  }

  void Checks(const std::vector<definition::Check>& checks,
              const std::vector<std::string>& unproven) {
    if (checks.empty() && unproven.empty()) return;
    if (!checks.empty()) Line("  checks = {");
    for (const definition::Check& check : checks) {
      Json kwargs = check.kwargs;
      std::string column = kwargs["column"].AsString();
      bool is_of_column = check.type.starts_with("expect_column_") && !column.empty();
      if (is_of_column) kwargs.Remove("column");
      if (check.severity != "critical") kwargs.Set("severity", check.severity);
      if (check.quarantine_max) kwargs.Set("quarantine_max", *check.quarantine_max);
      std::string arguments = is_of_column ? Text(column) : "";
      if (kwargs.size() > 0) arguments += (arguments.empty() ? "" : ", ") + OneLine(kwargs);
      Line(fmt::format("    {} = {}({})", Key(check.name), check.type, arguments));
    }
    if (!checks.empty()) Line("  }");
    for (const std::string& rule : unproven) Line(fmt::format("  # Not checked: {}.", rule));
  }

  void Contract(const definition::Contract& contract, const std::string& file,
                const std::string& table) {
    Line();
    Line(fmt::format("contract {} {{", Text(contract.name)));
    Line(fmt::format("  dataset = {}", contract.dataset));
    if (!file.empty()) {
      Attribute("file", file);
      Attribute("table", table);
      Line("}");
      return;
    }
    Attribute("version", contract.version);
    Attribute("status", contract.status);
    Attribute("purpose", contract.purpose);
    Attribute("description", contract.description);
    if (!contract.promised.empty()) Line("  promised = " + OneLine(Strings(contract.promised)));
    if (!contract.consumers.empty()) Line("  consumers = " + OneLine(Strings(contract.consumers)));
    if (contract.sla.size() > 0) Line("  sla = " + OneLine(contract.sla));
    Attribute("notice", contract.notice);
    if (contract.need.size() > 0) Line("  need = " + HclExpression(contract.need, 2));
    if (contract.odcs.is_object()) Line("  odcs = " + HclExpression(contract.odcs, 2));
    Line("}");
  }

 private:
  std::string out_;
};

}  // namespace

// Depth: that of the document, which came through a parser.
std::string HclExpression(const Json& value, int indent) {
  constexpr size_t kShort = 70;  // What fits on a line with its name stays on it.
  std::string line = OneLine(value);
  if (line.size() <= kShort || value.size() == 0 || (!value.is_array() && !value.is_object()))
    return line;
  std::string pad(static_cast<size_t>(indent) + 2, ' '), end(static_cast<size_t>(indent), ' ');
  std::string out = value.is_array() ? "[\n" : "{\n";
  for (const Json& item : value.items()) out += pad + HclExpression(item, indent + 2) + ",\n";
  for (const auto& [name, member] : value.members())
    out += fmt::format("{}{} = {}\n", pad, Key(name), HclExpression(member, indent + 2));
  return out + end + (value.is_array() ? "]" : "}");
}

std::string WriteHcl(const Document& document, const HclOptions& options) {
  Declared declared = Declare(document);
  Writer writer;
  writer.Source();
  bool from_file = !options.file.empty();
  for (size_t i = 0; i < declared.datasets.size(); ++i) {
    const definition::Contract& contract = declared.contracts[i];
    if (from_file) {
      writer.BeginDataset(declared.datasets[i]);
      writer.Line(fmt::format("  columns = {}.columns", contract.address));
      writer.Line(fmt::format("  checks = {}.checks", contract.address));
      writer.Line("}");
    } else {
      writer.Dataset(declared.datasets[i], declared.unproven[i]);
    }
    bool is_only = declared.datasets.size() == 1;
    writer.Contract(contract, options.file, is_only ? "" : document.tables[i].name);
  }
  return writer.Take();
}

}  // namespace andon::contract
