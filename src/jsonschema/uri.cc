#include "jsonschema/uri.h"

#include <cstdint>
#include <vector>

#include "base/text.h"

namespace andon::jsonschema {
namespace {

struct Parts {
  std::string scheme, authority, path, query;
  bool has_authority = false, has_query = false;
};

bool IsSchemeChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

Parts Take(std::string_view text) {
  Parts parts;
  size_t colon = 0;
  while (colon < text.size() && IsSchemeChar(text[colon])) ++colon;
  if (colon > 0 && colon < text.size() && text[colon] == ':') {
    parts.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    size_t end = std::min(text.find_first_of("/?", 2), text.size());
    parts.has_authority = true;
    parts.authority = text.substr(2, end - 2);
    text.remove_prefix(end);
  }
  size_t question = text.find('?');
  parts.path = text.substr(0, question);
  if (question != std::string_view::npos) {
    parts.has_query = true;
    parts.query = text.substr(question + 1);
  }
  return parts;
}

std::string Put(const Parts& parts) {
  std::string text;
  if (!parts.scheme.empty()) text += parts.scheme + ":";
  if (parts.has_authority) text += "//" + parts.authority;
  text += parts.path;
  if (parts.has_query) text += "?" + parts.query;
  return text;
}

// "a/./b/../c" is "a/c".
std::string WithoutDots(const std::string& path) {
  std::vector<std::string> kept;
  std::vector<std::string> segments = Split(path, '/');
  for (size_t i = 0; i < segments.size(); ++i) {
    bool last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (kept.size() > 1) kept.pop_back();
      if (last) kept.emplace_back();
    } else if (segments[i] == ".") {
      if (last) kept.emplace_back();
    } else {
      kept.push_back(segments[i]);
    }
  }
  return Join(kept, "/");
}

std::string PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string_view hex = text.substr(i + 1 < text.size() ? i + 1 : i, 2);
    bool escape = text[i] == '%' && hex.size() == 2 &&
                  hex.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (escape) {
      out += static_cast<char>(std::stoi(std::string(hex), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

Uri ResolveUri(std::string_view base_text, std::string_view reference) {
  Uri out;
  size_t hash = reference.find('#');
  if (hash != std::string_view::npos) {
    out.fragment = PercentDecoded(reference.substr(hash + 1));
    reference = reference.substr(0, hash);
  }
  if (reference.empty()) {
    out.text = base_text;
    return out;
  }
  Parts base = Take(base_text), there = Take(reference);
  if (!there.scheme.empty()) {
    there.path = there.has_authority ? WithoutDots(there.path) : there.path;
    out.text = Put(there);
    return out;
  }
  there.scheme = base.scheme;
  if (there.has_authority) {
    out.text = Put(there);
    return out;
  }
  there.has_authority = base.has_authority;
  there.authority = base.authority;
  if (there.path.empty()) {
    there.path = base.path;
  } else if (!there.path.starts_with('/')) {
    size_t slash = base.path.rfind('/');
    std::string folder = slash == std::string::npos ? "" : base.path.substr(0, slash + 1);
    if (folder.empty() && base.has_authority) folder = "/";
    there.path = WithoutDots(folder + there.path);
  } else {
    there.path = WithoutDots(there.path);
  }
  out.text = Put(there);
  return out;
}

}  // namespace andon::jsonschema
