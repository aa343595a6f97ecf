#include "quality/propose/text_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace andon::quality {
namespace {

// Longer forms are sentences, not codes.
constexpr size_t kRunsMax = 9;
constexpr size_t kLengthMax = 60;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !IsHex(text[i])) return false;
  }
  return true;
}

bool HasSpace(std::string_view text) { return text.find_first_of(" \t\r\n") != text.npos; }

bool IsEmail(std::string_view text) {
  size_t at = text.find('@');
  if (HasSpace(text) || at == text.npos || at == 0 || text.find('@', at + 1) != text.npos)
    return false;
  size_t dot = text.rfind('.');
  return dot != text.npos && dot > at + 1 && dot + 1 < text.size();
}

bool IsUrl(std::string_view text) {
  size_t begin = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return begin > 0 && text.size() > begin && !HasSpace(text);
}

bool IsDate(std::string_view text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7 ? text[i] != '-' : !IsDigit(text[i])) return false;
  }
  return true;
}

struct Known {
  bool (*is)(std::string_view);
  TextShape shape;
};

const std::vector<Known>& AllKnown() {
  static const std::vector<Known> kKnown = {
      {IsUuid,
       {"uuid", "a UUID",
        "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"}},
      {IsEmail, {"email", "an e-mail address", "^[^@ ]+@[^@ ]+[.][^@ .]+$"}},
      {IsUrl, {"url", "a web address", "^https?://[^ ]+$"}},
      {IsDate, {"date", "a date like 2026-01-31", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}},
  };
  return kKnown;
}

// A run of one class of signs, with how long it was.
struct Run {
  char kind;  // 'A', 'a', '9', or the sign itself.
  size_t least, most;
};

std::optional<std::vector<Run>> RunsOf(std::string_view text) {
  std::vector<Run> runs;
  if (text.empty() || text.size() > kLengthMax) return std::nullopt;
  for (char c : text) {
    bool is_sign = std::string_view("-_/.:#+").find(c) != std::string_view::npos;
    char kind = IsUpper(c) ? 'A' : IsLower(c) ? 'a' : IsDigit(c) ? '9' : c;
    if (kind == c && !is_sign && kind != 'A' && kind != 'a' && kind != '9') return std::nullopt;
    if (!runs.empty() && runs.back().kind == kind) {
      runs.back().most = ++runs.back().least;
    } else {
      runs.push_back({kind, 1, 1});
    }
    if (runs.size() > kRunsMax) return std::nullopt;
  }
  return runs;
}

bool IsClass(char kind) { return kind == 'A' || kind == 'a' || kind == '9'; }

std::string Regex(const std::vector<Run>& runs) {
  std::string out = "^";
  for (const Run& run : runs) {
    if (!IsClass(run.kind)) {
      // In brackets no sign but ^ and - at odd places means anything.
      out += run.kind == '-' ? std::string("-") : fmt::format("[{}]", run.kind);
    } else {
      out += run.kind == 'A' ? "[A-Z]" : run.kind == 'a' ? "[a-z]" : "[0-9]";
    }
    if (run.least == run.most) {
      if (run.least > 1) out += fmt::format("{{{}}}", run.least);
    } else {
      out += fmt::format("{{{},{}}}", run.least, run.most);
    }
  }
  return out + "$";
}

std::string Says(const std::vector<Run>& runs) {
  std::string form;
  for (const Run& run : runs) {
    form += std::string(std::min<size_t>(run.least, 8), run.kind);
    if (run.least != run.most) form += "…";
  }
  return "the form " + form;
}

// Words of letters alone are no form: a new word of another length is as good.
bool SaysSomething(const std::vector<Run>& runs) {
  bool has_digit =
      std::any_of(runs.begin(), runs.end(), [](const Run& r) { return r.kind == '9'; });
  bool has_sign =
      std::any_of(runs.begin(), runs.end(), [](const Run& r) { return !IsClass(r.kind); });
  bool is_fixed =
      std::all_of(runs.begin(), runs.end(), [](const Run& r) { return r.least == r.most; });
  return (has_digit && (has_sign || runs.size() > 1 || is_fixed)) ||
         (runs.size() == 1 && runs[0].kind == 'A' && is_fixed && runs[0].least <= 3);
}

}  // namespace

const std::vector<TextShape>& KnownShapes() {
  static const std::vector<TextShape> kShapes = [] {
    std::vector<TextShape> shapes;
    for (const Known& known : AllKnown()) shapes.push_back(known.shape);
    return shapes;
  }();
  return kShapes;
}

std::optional<TextShape> ShapeOf(const std::vector<std::string>& texts, size_t least) {
  if (texts.size() < std::max<size_t>(least, 1)) return std::nullopt;
  for (const Known& known : AllKnown()) {
    if (std::all_of(texts.begin(), texts.end(), known.is)) return known.shape;
  }
  std::vector<Run> common;
  for (const std::string& text : texts) {
    auto runs = RunsOf(text);
    if (!runs) return std::nullopt;
    if (common.empty()) common = *runs;
    if (runs->size() != common.size()) return std::nullopt;
    for (size_t i = 0; i < common.size(); ++i) {
      if ((*runs)[i].kind != common[i].kind) return std::nullopt;
      // Two signs in a row are two signs: their number is part of the form.
      if (!IsClass(common[i].kind) && (*runs)[i].least != common[i].least) return std::nullopt;
      common[i].least = std::min(common[i].least, (*runs)[i].least);
      common[i].most = std::max(common[i].most, (*runs)[i].most);
    }
  }
  if (!SaysSomething(common)) return std::nullopt;
  return TextShape{"form", Says(common), Regex(common)};
}

}  // namespace andon::quality
