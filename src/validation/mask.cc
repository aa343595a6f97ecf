#include "validation/mask.h"

#include <algorithm>

namespace andon::validation {
namespace {

// `seen` holds the columns asked on the way: a circle of models ends there.
bool IsPii(const definition::Project& project, const definition::Dataset& dataset,
           const definition::Column& column, std::set<std::string>& seen) {
  if (column.pii) return *column.pii;
  auto made_of = dataset.lineage.find(column.name);
  if (made_of == dataset.lineage.end()) return false;
  for (const std::string& source : made_of->second) {  // "dataset.payment.amount"
    if (!seen.insert(source).second) continue;
    const size_t dot = source.rfind('.');
    if (dot == std::string::npos) continue;
    const definition::Dataset* from = project.FindDataset(source.substr(0, dot));
    const definition::Column* of = from ? from->FindColumn(source.substr(dot + 1)) : nullptr;
    if (of && IsPii(project, *from, *of, seen)) return true;
  }
  return false;
}

Json MaskedValue(const Json& value) { return value.is_null() ? Json() : Json(kMasked); }

class Masker {
 public:
  Masker(const PiiColumns& pii, const quality::CheckSpec& check, quality::CheckResult& result)
      : pii_(pii), result_(result), is_statement_(!quality::SqlOf(check).empty()) {
    looks_at_pii_ = std::any_of(result.columns.begin(), result.columns.end(),
                                [&](const std::string& c) { return pii.masked.count(c) > 0; });
  }

  void Run() {
    MaskSample();
    const bool quotes_masked = looks_at_pii_ || is_statement_;
    if (result_.state == quality::CheckState::kError) {
      MaskQuoted();
    } else if (quotes_masked) {
      MaskMessage();
    }
    for (auto* list : {&result_.partial_unexpected_list, &result_.unexpected_list}) {
      for (Json& value : *list) value = Value(value);
    }
    for (Json& entry : result_.partial_unexpected_counts) entry.Set("value", Value(entry["value"]));
    for (auto* list : {&result_.partial_unexpected_index_list, &result_.unexpected_index_list,
                       &result_.unexpected_rows}) {
      for (Json& place : *list) place = Members(place);
    }
    if (looks_at_pii_) MaskObserved();
  }

 private:
  bool IsMasked(const std::string& column) const {
    return pii_.masked.count(column) > 0 || (is_statement_ && pii_.shown.count(column) == 0);
  }

  void MaskSample() {
    for (size_t i = 0; i < result_.sample.columns.size(); ++i) {
      if (!IsMasked(result_.sample.columns[i].name)) continue;
      for (std::vector<Json>& row : result_.sample.rows) {
        if (i < row.size()) row[i] = MaskedValue(row[i]);
      }
    }
  }

  // A row or a place as an object; anything else comes back as it is.
  Json Members(const Json& value) const {
    if (!value.is_object()) return value;
    Json out = Json::Object();
    for (const auto& [name, member] : value.members()) {
      out.Set(name, IsMasked(name) ? MaskedValue(member) : member);
    }
    return out;
  }

  Json Value(const Json& value) const {
    if (value.is_object()) return Members(value);
    return looks_at_pii_ || is_statement_ ? MaskedValue(value) : value;
  }

  // "37 of 1,157 values of email are unexpected (3.2 %): "a@b", …": the values stand behind the
  // last colon that a value can follow.
  void MaskMessage() {
    const size_t quoted = result_.message.find(": ");
    if (quoted != std::string::npos) result_.message.resize(quoted);
  }

  // An engine's message quotes values so: Could not convert string 'a@b' to INT32.
  void MaskQuoted() {
    std::string out;
    bool is_inside = false;
    for (char c : result_.message) {
      if (c == '\'') {
        if (!is_inside) out += std::string("'") + kMasked + "'";
        is_inside = !is_inside;
      } else if (!is_inside) {
        out += c;
      }
    }
    result_.message = std::move(out);
  }

  void MaskObserved() {
    result_.details = Json();
    if (result_.element_count) return;  // It is the count of the bad ones.
    for (const char* harmless : {"_count_", "proportion"}) {
      if (result_.type.find(harmless) != std::string::npos) return;
    }
    result_.observed_value = MaskedValue(result_.observed_value);
  }

  const PiiColumns& pii_;
  quality::CheckResult& result_;
  const bool is_statement_;
  bool looks_at_pii_ = false;
};

}  // namespace

PiiColumns PiiColumnsOf(const definition::Project& project, const definition::Dataset& dataset,
                        const std::vector<std::string>& compared_with) {
  PiiColumns out;
  auto add = [&](const definition::Dataset& d) {
    for (const definition::Column& column : d.columns) {
      std::set<std::string> seen;
      (IsPii(project, d, column, seen) ? out.masked : out.shown).insert(column.name);
    }
  };
  add(dataset);
  for (const std::string& address : compared_with) {
    if (const definition::Dataset* other = project.FindDataset(address)) add(*other);
  }
  return out;
}

void Mask(const PiiColumns& pii, const quality::CheckSpec& check, quality::CheckResult* result) {
  if (!pii.empty()) Masker(pii, check, *result).Run();
}

}  // namespace andon::validation
