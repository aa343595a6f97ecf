#include "contract/formats/odcs.h"

#include <fmt/format.h>

#include <charconv>

#include "ContractSchemas.h"
#include "jsonschema/schema.h"
#include "yaml/json.h"

namespace andon::contract {
namespace {

constexpr size_t kViolationsMax = 50;  // More nobody reads at once.

jsonschema::Schema SchemaNamed(std::string_view file) {
  std::string_view text;
  for (const EmbeddedFile& embedded : ContractSchemas()) {
    if (embedded.path == file) text = embedded.content;
  }
  auto json = Json::Parse(text);
  ASSERT(json.ok());
  auto schema = jsonschema::Compile(*json, {.asserts_formats = true});
  ASSERT(schema.ok());
  return *std::move(schema);
}

// By the schema of 3.1, which has nearly all of 3.0; what says 3.0 may be valid by that one
// instead.
std::vector<jsonschema::Violation> Violations(const Json& document) {
  static const jsonschema::Schema kV31 = SchemaNamed("odcs-json-schema-v3.1.0.json");
  auto by_v31 = jsonschema::Validate(kV31, document, kViolationsMax);
  if (by_v31.empty() || !document["apiVersion"].AsString().starts_with("v3.0")) return by_v31;
  static const jsonschema::Schema kV30 = SchemaNamed("odcs-json-schema-v3.0.2.json");
  auto by_v30 = jsonschema::Validate(kV30, document, kViolationsMax);
  return by_v30.size() < by_v31.size() ? by_v30 : by_v31;
}

size_t ByteOf(std::string_view text, int line, int column) {
  size_t at = 0;
  for (int i = 1; i < line && at < text.size(); ++i)
    at = std::min(text.find('\n', at), text.size()) + 1;
  return std::min(at + static_cast<size_t>(column) - 1, text.size());
}

// "on line 3, column 5: what" as a place and a sentence.
void TellUnreadable(const Error& error, std::string_view text, ReadFile* read) {
  int line = 0, column = 0;
  std::string message = error.message;
  SourceRange range{.filename = read->filename};
  if (std::sscanf(message.c_str(), "on line %d, column %d:", &line, &column) == 2) {
    range.start = {line, column, static_cast<int32_t>(ByteOf(text, line, column))};
    message = message.substr(message.find(": ") + 2);
  }
  range.end = range.start;
  read->diagnostics.Error("AN2111", "Contract cannot be read",
                          fmt::format("The file is no YAML: {}.", message), range);
}

void TellViolations(ReadFile* read) {
  for (const auto& violation : Violations(read->document->json)) {
    std::string detail = violation.instance_path.empty()
                             ? violation.message
                             : fmt::format("{}: {}", violation.instance_path, violation.message);
    if (!detail.ends_with('?')) detail += '.';
    read->diagnostics.Error("AN2110", "Contract does not follow the standard", std::move(detail),
                            read->PlaceOf(violation.instance_path));
  }
}

}  // namespace

SourceRange ReadFile::PlaceOf(std::string_view pointer) const {
  SourceRange range{.filename = filename};
  if (tree) {
    yaml::Position at = yaml::PositionOf(*tree, pointer);
    range.start = {at.line, at.column, at.byte};
  }
  range.end = range.start;
  return range;
}

ReadFile ReadOdcs(std::string_view text, std::string filename) {
  ReadFile read;
  read.filename = std::move(filename);
  auto tree = yaml::Parse(text, {.allows_duplicates = false});
  if (!tree.ok()) {
    TellUnreadable(tree.error(), text, &read);
    return read;
  }
  read.tree = *std::move(tree);
  auto json = yaml::ToJson(*read.tree);
  if (!json.ok()) {
    TellUnreadable(json.error(), text, &read);
    return read;
  }
  if (!json->is_object()) {
    read.diagnostics.Error("AN2111", "Contract cannot be read",
                           "A contract is a mapping: \"apiVersion\", \"kind\", \"id\", ….",
                           read.PlaceOf(""));
    return read;
  }
  read.document = DocumentOf(*std::move(json));
  TellViolations(&read);
  return read;
}

std::vector<std::string> OdcsViolations(const Json& document) {
  std::vector<std::string> out;
  for (const auto& violation : Violations(document))
    out.push_back(fmt::format("{}: {}", violation.instance_path, violation.message));
  return out;
}

std::string WriteOdcs(const Document& document) { return yaml::Emit(document.json); }

bool IsOdcs(const Json& document) {
  return document["kind"].AsString() == "DataContract" ||
         document["apiVersion"].AsString().starts_with("v3.");
}

}  // namespace andon::contract
