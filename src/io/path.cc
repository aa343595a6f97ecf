#include "io/path.h"

#include <vector>

namespace andon::io {
namespace {

// The parts between slashes, with "." dropped and ".." taken back where it can be.
std::vector<std::string_view> Parts(std::string_view path, bool absolute) {
  std::vector<std::string_view> parts;
  size_t at = 0;
  while (at <= path.size()) {
    size_t end = path.find('/', at);
    if (end == std::string_view::npos) end = path.size();
    std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty() && parts.back() != "..") {
        parts.pop_back();
        continue;
      }
      if (absolute) continue;  // Above the root is the root.
    }
    parts.push_back(part);
  }
  return parts;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreservedInPath(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

}  // namespace

std::string Join(std::string_view dir, std::string_view name) {
  if (dir.empty() || IsAbsolute(name)) return std::string(name);
  if (name.empty()) return std::string(dir);
  std::string path(dir);
  if (path.back() != '/') path += '/';
  return path.append(name);
}

std::string Join(std::string_view a, std::string_view b, std::string_view c) {
  return Join(Join(a, b), c);
}

std::string Dirname(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  while (slash > 0 && path[slash - 1] == '/') --slash;
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string Basename(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (path == "/") return "/";
  size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string Extension(std::string_view path) {
  std::string name = Basename(path);
  size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name == "..") return "";
  return name.substr(dot);
}

std::string Normalize(std::string_view path) {
  bool absolute = IsAbsolute(path);
  std::string normal = absolute ? "/" : "";
  for (std::string_view part : Parts(path, absolute)) {
    if (!normal.empty() && normal.back() != '/') normal += '/';
    normal += part;
  }
  return normal.empty() ? "." : normal;
}

bool IsAbsolute(std::string_view path) { return path.starts_with('/'); }

std::string Relative(std::string_view path, std::string_view base) {
  if (IsAbsolute(path) != IsAbsolute(base)) return Normalize(path);
  auto to = Parts(path, IsAbsolute(path));
  auto from = Parts(base, IsAbsolute(base));
  size_t same = 0;
  while (same < to.size() && same < from.size() && to[same] == from[same]) ++same;
  std::string relative;
  for (size_t i = same; i < from.size(); ++i) {
    // What a ".." leads out of has no name that could lead back.
    if (from[i] == "..") return Normalize(path);
    relative += relative.empty() ? ".." : "/..";
  }
  for (size_t i = same; i < to.size(); ++i) {
    if (!relative.empty()) relative += '/';
    relative += to[i];
  }
  return relative.empty() ? "." : relative;
}

bool IsWithin(std::string_view path, std::string_view dir) {
  std::string inner = Normalize(path), outer = Normalize(dir);
  if (inner == outer) return true;
  if (outer == ".") return !IsAbsolute(inner) && inner != ".." && !inner.starts_with("../");
  if (outer != "/") outer += '/';
  return inner.starts_with(outer);
}

std::string ToFileUrl(std::string_view path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string url = "file://";
  for (char c : path) {
    if (IsUnreservedInPath(c)) {
      url += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      url += '%';
      url += kHex[byte >> 4];
      url += kHex[byte & 15];
    }
  }
  return url;
}

std::string FromFileUrl(std::string_view url) {
  if (!url.starts_with("file:")) {
    return url.find("://") == std::string_view::npos ? std::string(url) : "";
  }
  url.remove_prefix(5);
  if (url.starts_with("//")) {
    url.remove_prefix(2);
    if (url.starts_with("localhost/")) url.remove_prefix(9);
    if (!IsAbsolute(url)) return "";  // Another host's file.
  }
  std::string path;
  for (size_t i = 0; i < url.size(); ++i) {
    if (url[i] == '%' && i + 2 < url.size() && HexDigit(url[i + 1]) >= 0 &&
        HexDigit(url[i + 2]) >= 0) {
      path += static_cast<char>(HexDigit(url[i + 1]) * 16 + HexDigit(url[i + 2]));
      i += 2;
    } else {
      path += url[i];
    }
  }
  return path;
}

}  // namespace andon::io
