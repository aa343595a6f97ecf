#include "validation/check_json.h"

#include <algorithm>
#include <string_view>

namespace andon::validation {
namespace {

// The members of a result that hold rows and values.
constexpr std::string_view kSampleMembers[] = {"sample",
                                               "partial_unexpected_list",
                                               "partial_unexpected_counts",
                                               "partial_unexpected_index_list",
                                               "unexpected_list",
                                               "unexpected_index_list",
                                               "unexpected_rows"};
// Found again from the suite, or of no use later.
constexpr std::string_view kDropped[] = {"bad_rows_sql"};

bool IsEmpty(const Json& value) {
  if (value.is_null()) return true;
  if (value.is_array() || value.is_object()) return value.size() == 0;
  return value.is_string() && value.AsString().empty();
}

bool IsSample(std::string_view name) {
  return std::find(std::begin(kSampleMembers), std::end(kSampleMembers), name) !=
         std::end(kSampleMembers);
}

}  // namespace

Json ToJson(const quality::CheckSpec& check) {
  Json json = Json::Object({{"name", check.name}, {"type", check.type}, {"kwargs", check.kwargs}});
  if (check.severity != quality::CheckSeverity::kCritical)
    json.Set("severity", quality::ToString(check.severity));
  if (check.declared.exists()) {
    json.Set("file", check.declared.filename);
    json.Set("line", check.declared.start.line);
  }
  return json;
}

quality::CheckSpec CheckFromJson(const Json& json) {
  quality::CheckSpec check{.name = json["name"].AsString(),
                           .type = json["type"].AsString(),
                           .kwargs = json["kwargs"],
                           .severity = quality::SeverityFromString(json["severity"].AsString())};
  check.declared.filename = json["file"].AsString();
  check.declared.start.line = check.declared.end.line =
      static_cast<int32_t>(json["line"].AsInteger(1));
  return check;
}

Json ResultBody(const quality::CheckResult& result) {
  Json body = Json::Object();
  const Json all = quality::ToJson(result);
  for (const auto& [name, value] : all.members()) {
    const bool is_dropped =
        std::find(std::begin(kDropped), std::end(kDropped), name) != std::end(kDropped);
    if (!is_dropped && !IsSample(name) && !IsEmpty(value)) body.Set(name, value);
  }
  return body;
}

Json SampleBody(const quality::CheckResult& result) {
  Json body = Json::Object();
  const Json all = quality::ToJson(result);
  for (const auto& [name, value] : all.members()) {
    if (!IsSample(name) || IsEmpty(value)) continue;
    if (name == "sample" && value["rows"].size() == 0) continue;
    body.Set(name, value);
  }
  return body.size() > 0 ? body : Json();
}

Result<quality::CheckResult> ResultFrom(Json body, const Json& sample) {
  for (const auto& [name, value] : sample.members()) body.Set(name, value);
  return quality::CheckResultFromJson(body);
}

std::string WithoutValues(const std::string& message) {
  return message.substr(0, message.find(": "));
}

}  // namespace andon::validation
