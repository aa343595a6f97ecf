#include "contract/contract.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/text.h"

namespace andon::contract {
namespace {

struct Decimal {
  int precision = 0;
  int scale = 0;
};

std::optional<Decimal> ReadDecimal(std::string_view type) {
  if (!type.starts_with("decimal(") || !type.ends_with(")")) return std::nullopt;
  std::string_view inside = type.substr(8, type.size() - 9);
  std::vector<std::string> parts = Split(inside, ',');
  if (parts.size() != 2) return std::nullopt;
  Decimal d;
  for (int i = 0; i < 2; ++i) {
    std::string_view word = Trim(parts[i]);
    int* into = i == 0 ? &d.precision : &d.scale;
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), *into);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  }
  return d;
}

// Digits before the point that each integer type can need.
int IntegerDigits(std::string_view type) { return type == "int" ? 10 : type == "long" ? 19 : 0; }

std::string Normalized(std::string_view type) {
  std::string out;
  for (char c : AsciiLower(type)) {
    if (c != ' ') out += c;
  }
  return out;
}

// The words of a column's name: payment_amount is payment and amount.
std::vector<std::string> Words(std::string_view name) {
  std::vector<std::string> words;
  for (std::string& word : Split(AsciiLower(name), '_')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

bool HasAllWords(std::string_view whole, std::string_view part) {
  std::vector<std::string> have = Words(whole), want = Words(part);
  return !want.empty() && std::all_of(want.begin(), want.end(), [&](const std::string& word) {
    return std::find(have.begin(), have.end(), word) != have.end();
  });
}

std::string Quoted(std::string_view name) { return fmt::format("\"{}\"", name); }

class Comparison {
 public:
  Comparison(const definition::Dataset& dataset, const std::vector<definition::Contract>& contracts,
             const std::vector<ActualColumn>& actual)
      : dataset_(dataset), contracts_(contracts), actual_(actual) {
    for (const ActualColumn& column : actual) {
      came_[column.name] = &column;
      if (!dataset.FindColumn(column.name)) new_names_.push_back(&column);
    }
  }

  std::vector<Break> Run() {
    PairRenames();
    for (const auto& column : dataset_.columns) {
      auto found = came_.find(column.name);
      if (found == came_.end())
        AddMissing(column);
      else
        CompareType(column, *found->second);
    }
    for (const ActualColumn* extra : new_names_) AddExtra(*extra);
    std::stable_partition(breaks_.begin(), breaks_.end(),
                          [](const Break& b) { return b.is_breaking; });
    return std::move(breaks_);
  }

 private:
  Break Begin(BreakKind kind, const std::string& column) const {
    Break b;
    b.kind = kind;
    b.dataset = dataset_.address;
    b.column = column;
    b.position = definition::PositionOf(dataset_.positions, "columns." + column);
    for (const auto& contract : contracts_) {
      if (contract.dataset != dataset_.address || contract.status == "retired") continue;
      if (std::find(contract.promised.begin(), contract.promised.end(), column) ==
          contract.promised.end()) {
        continue;
      }
      b.contracts.push_back(contract.address);
      for (const auto& consumer : contract.consumers) {
        if (std::find(b.consumers.begin(), b.consumers.end(), consumer) == b.consumers.end()) {
          b.consumers.push_back(consumer);
        }
      }
    }
    return b;
  }

  static std::string PromiseOf(const Break& b) {
    if (b.contracts.empty()) return "";
    std::string text = fmt::format(" {} promise{} it", Join(b.contracts, " and "),
                                   b.contracts.size() == 1 ? "s" : "");
    if (!b.consumers.empty()) text += " to " + Join(b.consumers, ", ");
    return text + ".";
  }

  bool TypeFits(const definition::Column& declared, const ActualColumn& actual) const {
    return actual.type.empty() || Normalized(actual.type) == Normalized(declared.type) ||
           Widens(actual.type, declared.type);
  }

  // A missing and a new column belong together where neither has another partner.
  void PairRenames() {
    std::map<std::string, std::vector<std::string>> of_missing, of_new;
    for (const auto& column : dataset_.columns) {
      if (came_.contains(column.name)) continue;
      for (const ActualColumn* candidate : new_names_) {
        if (!TypeFits(column, *candidate) || !IsNearName(column.name, candidate->name)) continue;
        of_missing[column.name].push_back(candidate->name);
        of_new[candidate->name].push_back(column.name);
      }
    }
    for (const auto& [missing, candidates] : of_missing) {
      if (candidates.size() == 1 && of_new[candidates[0]].size() == 1)
        renamed_[missing] = candidates[0];
    }
    for (const auto& [from, to] : renamed_) {
      std::erase_if(new_names_, [&to = to](const ActualColumn* c) { return c->name == to; });
    }
  }

  void AddMissing(const definition::Column& column) {
    auto renamed = renamed_.find(column.name);
    Break b =
        Begin(renamed == renamed_.end() ? BreakKind::kMissing : BreakKind::kRenamed, column.name);
    b.expected = column.type;
    b.sentence = fmt::format("Column {} is missing", Quoted(column.name));
    if (renamed != renamed_.end()) {
      b.found = renamed->second;
      b.sentence += fmt::format("; {} came instead: renamed?", Quoted(b.found));
    } else {
      b.sentence += ".";
    }
    b.sentence += PromiseOf(b);
    breaks_.push_back(std::move(b));
  }

  void CompareType(const definition::Column& column, const ActualColumn& actual) {
    if (actual.type.empty() || column.type.empty()) return;
    if (Normalized(actual.type) == Normalized(column.type)) return;
    Break b = Begin(BreakKind::kTypeChanged, column.name);
    b.found = actual.type;
    b.expected = column.type;
    b.is_breaking = !Widens(actual.type, column.type);
    b.sentence = fmt::format("Column {} is {}, declared as {}{}.", Quoted(column.name), actual.type,
                             column.type, b.is_breaking ? "" : ", which holds every value of it");
    if (b.is_breaking) b.sentence += PromiseOf(b);
    breaks_.push_back(std::move(b));
  }

  void AddExtra(const ActualColumn& actual) {
    Break b = Begin(BreakKind::kExtra, actual.name);
    b.found = actual.type;
    b.is_breaking = false;
    b.position = definition::PositionOf(dataset_.positions, "columns");
    b.sentence = fmt::format("Column {} came though {} does not declare it.", Quoted(actual.name),
                             dataset_.address);
    breaks_.push_back(std::move(b));
  }

  const definition::Dataset& dataset_;
  const std::vector<definition::Contract>& contracts_;
  const std::vector<ActualColumn>& actual_;
  std::map<std::string, const ActualColumn*, std::less<>> came_;
  std::vector<const ActualColumn*> new_names_;
  std::map<std::string, std::string> renamed_;
  std::vector<Break> breaks_;
};

}  // namespace

std::string_view ToString(BreakKind kind) {
  switch (kind) {
    case BreakKind::kMissing:
      return "missing";
    case BreakKind::kRenamed:
      return "renamed";
    case BreakKind::kTypeChanged:
      return "type_changed";
    case BreakKind::kExtra:
      return "extra";
  }
  return "";
}

bool IsNearName(std::string_view a, std::string_view b) {
  return AsciiLower(a) == AsciiLower(b) || HasAllWords(a, b) || HasAllWords(b, a) ||
         !DidYouMean(std::string(a), {std::string(b)}).empty();
}

bool Widens(std::string_view from_text, std::string_view to_text) {
  std::string from = Normalized(from_text), to = Normalized(to_text);
  if (from == to) return true;
  if (from == "int" && (to == "long" || to == "double")) return true;  // 2^31 fits 53 bits.
  if (from == "float" && to == "double") return true;
  if (from == "date" && to == "timestamp") return true;
  auto target = ReadDecimal(to);
  if (!target) return false;
  int digits = target->precision - target->scale;
  if (int needed = IntegerDigits(from)) return digits >= needed;
  auto source = ReadDecimal(from);
  return source && source->scale <= target->scale && source->precision - source->scale <= digits;
}

std::vector<Break> CompareColumns(const definition::Dataset& dataset,
                                  const std::vector<definition::Contract>& contracts,
                                  const std::vector<ActualColumn>& actual) {
  return Comparison(dataset, contracts, actual).Run();
}

bool HasBreaking(const std::vector<Break>& breaks) {
  return std::any_of(breaks.begin(), breaks.end(), [](const Break& b) { return b.is_breaking; });
}

std::string Summarize(const std::vector<Break>& breaks) {
  std::vector<std::string> parts;
  for (const Break& b : breaks) {
    switch (b.kind) {
      case BreakKind::kMissing:
        parts.push_back(b.column + " is missing");
        break;
      case BreakKind::kRenamed:
        parts.push_back(fmt::format("{} is missing (renamed to {}?)", b.column, b.found));
        break;
      case BreakKind::kTypeChanged:
        parts.push_back(fmt::format("{} is {}, not {}", b.column, b.found, b.expected));
        break;
      case BreakKind::kExtra:
        parts.push_back(b.column + " came in addition");
        break;
    }
  }
  return Join(parts, ", ");
}

Json ToJson(const Break& b) {
  Json contracts = Json::List(), consumers = Json::List();
  for (const auto& c : b.contracts) contracts.Push(c);
  for (const auto& c : b.consumers) consumers.Push(c);
  return Json::Object({{"kind", ToString(b.kind)},
                       {"dataset", b.dataset},
                       {"column", b.column},
                       {"found", b.found},
                       {"expected", b.expected},
                       {"contracts", std::move(contracts)},
                       {"consumers", std::move(consumers)},
                       {"position", b.position},
                       {"breaking", b.is_breaking},
                       {"sentence", b.sentence}});
}

Break BreakFromJson(const Json& json) {
  Break b;
  for (BreakKind kind :
       {BreakKind::kMissing, BreakKind::kRenamed, BreakKind::kTypeChanged, BreakKind::kExtra}) {
    if (json["kind"].AsString() == ToString(kind)) b.kind = kind;
  }
  b.dataset = json["dataset"].AsString();
  b.column = json["column"].AsString();
  b.found = json["found"].AsString();
  b.expected = json["expected"].AsString();
  for (const Json& c : json["contracts"].items()) b.contracts.push_back(c.AsString());
  for (const Json& c : json["consumers"].items()) b.consumers.push_back(c.AsString());
  b.position = json["position"].AsString();
  b.is_breaking = json["breaking"].AsBool(true);
  b.sentence = json["sentence"].AsString();
  return b;
}

std::optional<FreshnessProblem> CheckFreshness(const FreshnessPromise& promise) {
  auto promised = ParseDuration(promise.promised);
  if (!promised.ok()) return std::nullopt;
  if (promise.own.empty()) {
    return FreshnessProblem{
        .is_error = false,
        .sentence = fmt::format("The contract promises a freshness, but {} says none, so nobody is "
                                "told when the promise breaks.",
                                promise.dataset),
        .help = fmt::format("Add freshness = \"{}\" to {}.", promise.promised, promise.dataset)};
  }
  auto own = ParseDuration(promise.own);
  if (!own.ok() || *promised >= *own) return std::nullopt;
  return FreshnessProblem{
      .is_error = true,
      .sentence = fmt::format("The contract promises a freshness of {}, but {} only has {}: the "
                              "promise would be broken before anyone is told.",
                              promise.promised, promise.dataset, promise.own)};
}

std::vector<const definition::Contract*> ContractsOf(const definition::Project& project,
                                                     std::string_view dataset) {
  std::vector<const definition::Contract*> found;
  for (const auto& contract : project.contracts) {
    if (contract.dataset == dataset && contract.status != "retired") found.push_back(&contract);
  }
  return found;
}

}  // namespace andon::contract
