#include "html/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace andon::html {
namespace {

constexpr std::array<std::string_view, 7> kVoid = {"br",   "hr",   "img", "input",
                                                   "link", "meta", "wbr"};

void Escape(std::string_view text, std::string* out) {
  for (char c : text) {
    switch (c) {
      case '&':
        *out += "&amp;";
        break;
      case '<':
        *out += "&lt;";
        break;
      case '>':
        *out += "&gt;";
        break;
      case '"':
        *out += "&quot;";
        break;
      case '\'':
        *out += "&#39;";
        break;
      default:
        *out += c;
    }
  }
}

}  // namespace

Html Text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  Escape(text, &out);
  return Html(std::move(out));
}

Html El(std::string_view name, const Attributes& attributes, const std::vector<Html>& children) {
  std::string out = "<";
  out += name;
  for (const auto& [key, value] : attributes) {
    out += ' ';
    out += key;
    if (value.empty() && key != "value" && key != "alt") continue;
    out += "=\"";
    Escape(value, &out);
    out += '"';
  }
  out += '>';
  if (std::find(kVoid.begin(), kVoid.end(), name) != kVoid.end()) return Html(std::move(out));
  for (const Html& child : children) out += child.text();
  out += "</";
  out += name;
  out += '>';
  return Html(std::move(out));
}

Html Separated(const std::vector<Html>& parts, const Html& separator) {
  Html out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i) out += separator;
    out += parts[i];
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace andon::html
