#include "config/terraform/version_constraint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace andon::config {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsTailByte(char c) { return IsDigit(c) || IsLetter(c) || c == '-' || c == '~'; }

// Identifiers with dots between them, none empty.
bool IsTail(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != text.npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return IsTailByte(c) || c == '.'; });
}

bool ReadSegments(std::string_view& text, std::vector<int64_t>* segments) {
  for (;;) {
    int64_t number = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || number < 0 || text.empty() || !IsDigit(text[0])) return false;
    segments->push_back(number);
    text.remove_prefix(end - text.data());
    if (text.size() < 2 || text[0] != '.' || !IsDigit(text[1])) return true;
    text.remove_prefix(1);
  }
}

bool IsNumeric(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

std::strong_ordering CompareText(std::string_view a, std::string_view b) {
  int order = a.compare(b);
  return order < 0   ? std::strong_ordering::less
         : order > 0 ? std::strong_ordering::greater
                     : std::strong_ordering::equal;
}

// One identifier of a prerelease: numbers before words, numbers by their size.
std::strong_ordering CompareIdentifier(std::string_view a, std::string_view b) {
  bool is_a = IsNumeric(a);
  bool is_b = IsNumeric(b);
  if (is_a != is_b) return is_a ? std::strong_ordering::less : std::strong_ordering::greater;
  if (!is_a) return CompareText(a, b);
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size() - 1));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size() - 1));
  if (a.size() != b.size()) return a.size() <=> b.size();
  return CompareText(a, b);
}

std::strong_ordering ComparePrerelease(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  std::vector<std::string> as = Split(a, '.');
  std::vector<std::string> bs = Split(b, '.');
  for (size_t i = 0; i < as.size() && i < bs.size(); ++i) {
    if (auto order = CompareIdentifier(as[i], bs[i]); order != 0) return order;
  }
  return as.size() <=> bs.size();
}

using Operator = VersionConstraint::Operator;

constexpr std::pair<std::string_view, Operator> kOperators[] = {
    // Longer ones first, as they begin with the shorter.
    {"!=", Operator::kNotEqual},    {">=", Operator::kGreaterEqual}, {"<=", Operator::kLessEqual},
    {"~>", Operator::kPessimistic}, {"=", Operator::kEqual},         {">", Operator::kGreater},
    {"<", Operator::kLess},
};

std::optional<VersionConstraint::Term> ParseTerm(std::string_view text) {
  VersionConstraint::Term term;
  text = Trim(text);
  term.text = text;
  for (const auto& [symbol, op] : kOperators) {
    if (!text.starts_with(symbol)) continue;
    term.op = op;
    text = Trim(text.substr(symbol.size()));
    break;
  }
  auto version = Version::Parse(text);
  if (!version) return std::nullopt;
  term.version = *version;
  if (text.starts_with('v')) text.remove_prefix(1);
  size_t digits = text.find_first_not_of("0123456789.");
  term.segments_given = 1 + static_cast<int>(std::ranges::count(text.substr(0, digits), '.'));
  return term;
}

bool HaveSameSegments(const Version& a, const Version& b) { return a.segments == b.segments; }

// A version that is no release fits only what names a prerelease of that version.
bool IsPrereleaseFitting(const Version& version, const Version& wanted) {
  if (version.prerelease.empty()) return true;
  return !wanted.prerelease.empty() && HaveSameSegments(version, wanted);
}

bool IsPessimisticFit(const Version& version, const VersionConstraint::Term& term) {
  if (!term.version.prerelease.empty() && version.prerelease.empty()) return false;
  if (version < term.version) return false;
  for (int i = 0; i + 1 < term.segments_given; ++i) {
    int64_t segment = static_cast<size_t>(i) < version.segments.size() ? version.segments[i] : 0;
    if (segment != term.version.segments[i]) return false;
  }
  return true;
}

bool Fits(const Version& version, const VersionConstraint::Term& term) {
  if (term.op == Operator::kEqual) return version == term.version;
  if (term.op == Operator::kNotEqual) return version != term.version;
  if (!IsPrereleaseFitting(version, term.version)) return false;
  switch (term.op) {
    case Operator::kGreater:
      return version > term.version;
    case Operator::kGreaterEqual:
      return version >= term.version;
    case Operator::kLess:
      return version < term.version;
    case Operator::kLessEqual:
      return version <= term.version;
    default:
      return IsPessimisticFit(version, term);
  }
}

}  // namespace

std::optional<Version> Version::Parse(std::string_view text) {
  Version version;
  if (text.starts_with('v')) text.remove_prefix(1);
  if (!ReadSegments(text, &version.segments)) return std::nullopt;
  while (version.segments.size() < 3) version.segments.push_back(0);
  if (size_t plus = text.find('+'); plus != text.npos) {
    version.metadata = text.substr(plus + 1);
    if (!IsTail(version.metadata)) return std::nullopt;
    text = text.substr(0, plus);
  }
  if (text.empty()) return version;
  if (text[0] == '-') {
    text.remove_prefix(1);
  } else if (!IsLetter(text[0]) && text[0] != '~') {
    return std::nullopt;
  }
  version.prerelease = text;
  if (!IsTail(version.prerelease)) return std::nullopt;
  return version;
}

std::strong_ordering Version::operator<=>(const Version& other) const {
  for (size_t i = 0; i < std::max(segments.size(), other.segments.size()); ++i) {
    int64_t a = i < segments.size() ? segments[i] : 0;
    int64_t b = i < other.segments.size() ? other.segments[i] : 0;
    if (a != b) return a <=> b;
  }
  return ComparePrerelease(prerelease, other.prerelease);
}

std::string ToString(const Version& version) {
  std::string text;
  for (int64_t segment : version.segments)
    text += fmt::format("{}{}", text.empty() ? "" : ".", segment);
  if (!version.prerelease.empty()) text += "-" + version.prerelease;
  if (!version.metadata.empty()) text += "+" + version.metadata;
  return text;
}

std::optional<VersionConstraint> VersionConstraint::Parse(std::string_view text) {
  VersionConstraint constraint;
  for (const std::string& part : Split(text, ',')) {
    auto term = ParseTerm(part);
    if (!term) return std::nullopt;
    constraint.terms.push_back(std::move(*term));
  }
  return constraint;
}

bool VersionConstraint::Allows(const Version& version) const {
  return std::all_of(terms.begin(), terms.end(),
                     [&](const Term& term) { return Fits(version, term); });
}

std::string ToString(const VersionConstraint& constraint) {
  std::vector<std::string> texts;
  for (const VersionConstraint::Term& term : constraint.terms) texts.push_back(term.text);
  return Join(texts, ", ");
}

}  // namespace andon::config
