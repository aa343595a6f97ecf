#include "registry/url.h"

#include <vector>

#include "base/text.h"

namespace andon::registry {
namespace {

struct Parts {
  std::string_view scheme;     // "https"
  std::string_view authority;  // "user@host:1"
  std::string_view path;
  std::string_view query;  // With the "?".
  bool has_authority = false;
};

bool IsSchemeByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

Parts Cut(std::string_view url) {
  Parts parts;
  url = url.substr(0, url.find('#'));
  size_t scheme = 0;
  while (scheme < url.size() && IsSchemeByte(url[scheme])) ++scheme;
  if (scheme > 0 && scheme < url.size() && url[scheme] == ':') {
    parts.scheme = url.substr(0, scheme);
    url.remove_prefix(scheme + 1);
  }
  if (url.starts_with("//")) {
    parts.has_authority = true;
    url.remove_prefix(2);
    parts.authority = url.substr(0, url.find_first_of("/?"));
    url.remove_prefix(parts.authority.size());
  }
  parts.path = url.substr(0, url.find('?'));
  parts.query = url.substr(parts.path.size());
  return parts;
}

std::string WithoutDots(std::string_view path) {
  std::vector<std::string> out;
  std::vector<std::string> segments = Split(path, '/');
  for (size_t i = 0; i < segments.size(); ++i) {
    bool is_last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (out.size() > 1) out.pop_back();
      if (is_last) out.emplace_back();
    } else if (segments[i] == ".") {
      if (is_last) out.emplace_back();
    } else {
      out.push_back(segments[i]);
    }
  }
  return Join(out, "/");
}

std::string Put(const Parts& parts) {
  std::string out;
  if (!parts.scheme.empty()) out += std::string(parts.scheme) + ":";
  if (parts.has_authority) out += "//" + std::string(parts.authority);
  return out;
}

}  // namespace

bool IsHttpUrl(std::string_view url) {
  std::string start = AsciiLower(url.substr(0, 8));
  return start.starts_with("http://") || start.starts_with("https://");
}

std::string HostOf(std::string_view url) {
  std::string_view authority = Cut(url).authority;
  if (size_t at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  return AsciiLower(authority);
}

std::string PathOf(std::string_view url) { return std::string(Cut(url).path); }

std::string ResolveUrl(std::string_view base, std::string_view reference) {
  Parts from = Cut(base);
  Parts to = Cut(reference);
  if (!to.scheme.empty()) return std::string(reference.substr(0, reference.find('#')));
  Parts out = from;
  if (to.has_authority) {
    out.authority = to.authority;
    out.has_authority = true;
    return Put(out) + WithoutDots(to.path) + std::string(to.query);
  }
  if (to.path.empty())
    return Put(out) + std::string(from.path) +
           std::string(to.query.empty() ? from.query : to.query);
  if (to.path.starts_with('/')) return Put(out) + WithoutDots(to.path) + std::string(to.query);
  size_t slash = from.path.rfind('/');
  std::string folder = slash == from.path.npos ? "/" : std::string(from.path.substr(0, slash + 1));
  return Put(out) + WithoutDots(folder + std::string(to.path)) + std::string(to.query);
}

std::string ShownUrl(std::string_view url) {
  Parts parts = Cut(url);
  if (size_t at = parts.authority.rfind('@'); at != parts.authority.npos)
    parts.authority.remove_prefix(at + 1);
  return Put(parts) + std::string(parts.path);
}

}  // namespace andon::registry
