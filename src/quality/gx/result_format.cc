#include <algorithm>

#include "base/text.h"
#include "quality/gx/suite.h"

namespace andon::quality::gx {
namespace {

using Level = ResultFormat::Level;

Result<Level> ReadLevel(std::string_view word) {
  static const std::vector<std::string> kWords = {"BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"};
  auto found = std::find(kWords.begin(), kWords.end(), word);
  if (found != kWords.end()) return static_cast<Level>(found - kWords.begin());
  std::string meant = DidYouMean(word, kWords);
  return Error::Invalid(
      "There is no result format \"{}\"; {}", word,
      meant.empty() ? "it is one of " + Join(kWords, ", ") + "." : "did you mean " + meant + "?");
}

Result<bool> ReadBool(const std::string& name, const Json& value) {
  if (!value.is_bool())
    return Error::Invalid("\"{}\" of a result format is true or false, not {}.", name,
                          value.Dump());
  return value.AsBool();
}

Result<std::vector<std::string>> ReadNames(const Json& value) {
  std::vector<std::string> names;
  if (value.is_string()) names.push_back(value.AsString());
  for (const Json& item : value.items()) {
    if (item.is_string()) names.push_back(item.AsString());
  }
  if (names.empty() || (value.is_array() && names.size() != value.items().size()))
    return Error::Invalid("\"unexpected_index_column_names\" is a list of columns' names, not {}.",
                          value.Dump());
  return names;
}

Result<void> ReadMember(const std::string& name, const Json& value, ResultFormat* format) {
  static const std::vector<std::string> kNames = {"result_format",
                                                  "partial_unexpected_count",
                                                  "unexpected_index_column_names",
                                                  "include_unexpected_rows",
                                                  "exclude_unexpected_values",
                                                  "return_unexpected_index_query",
                                                  "map_expectation_unexpected_rows_as_dict"};
  constexpr int64_t kPartialMax = 1'000'000;
  if (name == "result_format") {
    format->level = TRY(ReadLevel(value.AsString()));
  } else if (name == "partial_unexpected_count") {
    int64_t count = value.AsInteger(-1);
    if (!value.is_number() || count < 0 || count > kPartialMax)
      return Error::Invalid("\"partial_unexpected_count\" is a whole number from 0 to {}, not {}.",
                            kPartialMax, value.Dump());
    format->partial_unexpected_count = static_cast<int>(count);
  } else if (name == "unexpected_index_column_names") {
    format->unexpected_index_column_names = TRY(ReadNames(value));
  } else if (name == "include_unexpected_rows") {
    format->include_unexpected_rows = TRY(ReadBool(name, value));
  } else if (name == "exclude_unexpected_values") {
    format->exclude_unexpected_values = TRY(ReadBool(name, value));
  } else if (name == "return_unexpected_index_query") {
    format->return_unexpected_index_query = TRY(ReadBool(name, value));
  } else if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    std::string meant = DidYouMean(name, kNames);
    return Error::Invalid("A result format has no \"{}\"{}", name,
                          meant.empty() ? "." : "; did you mean \"" + meant + "\"?");
  }
  return {};
}

}  // namespace

Result<ResultFormat> ReadResultFormat(const Json& json) {
  ResultFormat format;
  if (json.is_string()) {
    format.level = TRY(ReadLevel(json.AsString()));
    return format;
  }
  if (!json.is_object() || !json.Has("result_format"))
    return Error::Invalid("A result format is a word, or an object with \"result_format\".");
  for (const auto& [name, value] : json.members()) TRY(ReadMember(name, value, &format));
  return format;
}

Result<ResultFormat> ParseResultFormat(std::string_view text) {
  std::string_view trimmed = Trim(text);
  if (!trimmed.starts_with('{')) return ReadResultFormat(Json(std::string(trimmed)));
  Json json = TRY(Json::ParsePython(trimmed));
  return ReadResultFormat(json);
}

}  // namespace andon::quality::gx
