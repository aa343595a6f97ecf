#include "validation/sarif.h"

#include <map>

#include "base/text.h"

namespace andon::validation {
namespace {

constexpr char kSchema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

const char* LevelName(Finding::Level level) {
  switch (level) {
    case Finding::kError:
      return "error";
    case Finding::kWarning:
      return "warning";
    case Finding::kNote:
      return "note";
  }
  return "none";
}

// A relative reference: what a URI reserves is escaped, the slashes stay.
std::string FileUri(const std::string& path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  for (char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    if (is_plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Json Location(const Finding& finding) {
  Json location = Json::Object();
  if (finding.place.exists()) {
    const SourcePos& start = finding.place.start;
    const SourcePos& end = finding.place.end;
    Json region = Json::Object({{"startLine", std::max(1, start.line)}});
    const bool has_end =
        end.line > start.line || (end.line == start.line && end.column > start.column);
    if (has_end) {
      region.Set("startColumn", std::max(1, start.column));
      region.Set("endLine", end.line);
      region.Set("endColumn", std::max(1, end.column));
    }
    location.Set("physicalLocation",
                 Json::Object({{"artifactLocation",
                                Json::Object({{"uri", FileUri(finding.place.filename)}})},
                               {"region", std::move(region)}}));
  }
  if (!finding.address.empty()) {
    location.Set(
        "logicalLocations",
        Json::List({Json::Object({{"fullyQualifiedName", finding.address}, {"kind", "object"}})}));
  }
  return location;
}

std::string Fingerprint(const Finding& finding) {
  const std::string what =
      finding.address.empty() ? finding.place.filename + '\0' + finding.message : finding.address;
  return Sha256(finding.rule + '\0' + what).substr(0, 32);
}

}  // namespace

Json SarifLog(const std::vector<Finding>& findings, const std::string& tool_version) {
  Json rules = Json::List(), results = Json::List();
  std::map<std::string, int64_t> rule_index;
  std::map<std::string, int> seen;
  for (const Finding& finding : findings) {
    auto [at, is_new] = rule_index.emplace(finding.rule, static_cast<int64_t>(rules.size()));
    if (is_new) {
      const std::string& says = finding.rule_says.empty() ? finding.rule : finding.rule_says;
      rules.Push(Json::Object(
          {{"id", finding.rule}, {"shortDescription", Json::Object({{"text", says}})}}));
    }
    Json result = Json::Object({{"ruleId", finding.rule},
                                {"ruleIndex", at->second},
                                {"level", LevelName(finding.level)},
                                {"message", Json::Object({{"text", finding.message}})}});
    Json location = Location(finding);
    if (location.size() > 0) result.Set("locations", Json::List({std::move(location)}));
    // Two findings of one log are never the same one.
    const std::string print = Fingerprint(finding);
    result.Set("partialFingerprints",
               Json::Object({{"andon/v1", fmt::format("{}:{}", print, ++seen[print])}}));
    if (finding.properties.is_object() && finding.properties.size() > 0)
      result.Set("properties", finding.properties);
    results.Push(std::move(result));
  }
  Json driver = Json::Object({{"name", "Andon"}});
  if (!tool_version.empty()) driver.Set("version", tool_version);
  driver.Set("rules", std::move(rules));
  Json run = Json::Object({{"tool", Json::Object({{"driver", std::move(driver)}})},
                           {"columnKind", "unicodeCodePoints"},
                           {"results", std::move(results)}});
  return Json::Object(
      {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", Json::List({std::move(run)})}});
}

}  // namespace andon::validation
