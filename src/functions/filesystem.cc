// Files and paths.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/text.h"
#include "functions/digest.h"
#include "functions/files.h"
#include "functions/row.h"

namespace andon::functions {

namespace fs = std::filesystem;

namespace {

// A value is held in memory whole, several times over.
constexpr uintmax_t kFileSizeMax = uintmax_t{1} << 30;

// The shortest path to the same place, without touching the file system.
std::string Clean(const std::string& path) {
  std::string clean = fs::path(path).lexically_normal().string();
  while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  return clean.empty() ? "." : clean;
}

}  // namespace

std::string ResolvePath(const std::string& path, const Environment& environment) {
  std::string expanded = path;
  bool home = path == "~" || path.starts_with("~/");
  if (home && !environment.home_dir.empty()) expanded = environment.home_dir + path.substr(1);
  if (fs::path(expanded).is_absolute()) return Clean(expanded);
  return Clean((fs::path(environment.base_dir) / expanded).string());
}

Result<std::string> ReadBytes(const std::string& path, const Environment& environment) {
  std::string resolved = ResolvePath(path, environment);
  if (environment.files_read) environment.files_read->Add(resolved);
  std::error_code error;
  auto status = fs::status(resolved, error);
  if (status.type() == fs::file_type::not_found) {
    return Error::NotFound(
        "no file exists at \"{}\"; this function works only with files that are "
        "there before anything is planned",
        path);
  }
  if (status.type() == fs::file_type::directory)
    return Error::Invalid("\"{}\" is a directory, not a file", path);
  if (status.type() != fs::file_type::regular)
    return Error::Invalid("\"{}\" is not a regular file", path);
  auto size = fs::file_size(resolved, error);
  if (!error && size > kFileSizeMax) return Error::Invalid("\"{}\" is larger than 1 GiB", path);
  std::ifstream in(resolved, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in || in.bad()) {
    // An empty file leaves the stream failed though nothing is wrong.
    if (in.is_open() && !in.bad() && size == 0) return std::string();
    return Error::Io("failed to read \"{}\"", path);
  }
  return bytes.str();
}

Result<std::string> ReadText(const std::string& path, const Environment& environment) {
  std::string bytes = TRY(ReadBytes(path, environment));
  if (!IsUtf8(bytes)) {
    return Error::Invalid(
        "contents of \"{}\" are not valid UTF-8; use the filebase64 function to "
        "obtain the Base64 encoded contents or the other file functions (e.g. "
        "filemd5, filesha256) to obtain file hashing results instead",
        path);
  }
  return bytes;
}

namespace {

// The body of a function that reads the file and turns its bytes into a string.
template <std::string (*kTurn)(const std::string&)>
Outcome OfFile(Args args) {
  auto bytes = ReadBytes(args.text(0), args.environment());
  if (!bytes.ok()) return BadArgument(0, bytes.error().message);
  return Value::String(kTurn(*bytes));
}

std::string InBase64(const std::string& bytes) { return Base64Encode(bytes); }
std::string Md5(const std::string& bytes) { return HexEncode(Digest("MD5", bytes)); }
std::string Sha1(const std::string& bytes) { return HexEncode(Digest("SHA1", bytes)); }
std::string Sha256Hex(const std::string& bytes) { return HexEncode(Digest("SHA256", bytes)); }
std::string Sha512(const std::string& bytes) { return HexEncode(Digest("SHA512", bytes)); }
std::string Base64Sha256(const std::string& bytes) { return Base64Encode(Digest("SHA256", bytes)); }
std::string Base64Sha512(const std::string& bytes) { return Base64Encode(Digest("SHA512", bytes)); }

Outcome File(Args args) {
  auto text = ReadText(args.text(0), args.environment());
  if (!text.ok()) return BadArgument(0, text.error().message);
  return Value::String(*text);
}

Outcome FileExists(Args args) {
  std::string resolved = ResolvePath(args.text(0), args.environment());
  if (args.environment().files_read) args.environment().files_read->Add(resolved);
  std::error_code error;
  auto type = fs::status(resolved, error).type();
  if (type == fs::file_type::not_found) return Value::False();
  if (type == fs::file_type::regular) return Value::True();
  if (type == fs::file_type::directory) {
    return BadArgument(0, fmt::format("\"{}\" is a directory, not a file", args.text(0)));
  }
  return BadArgument(0, fmt::format("\"{}\" is not a regular file", args.text(0)));
}

bool MatchClass(std::string_view pattern, size_t& p, char c) {
  size_t i = p + 1;
  bool negated = i < pattern.size() && (pattern[i] == '^' || pattern[i] == '!');
  if (negated) ++i;
  bool matched = false;
  for (; i < pattern.size() && pattern[i] != ']'; ++i) {
    char low = pattern[i];
    char high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = pattern[i + 2];
      i += 2;
    }
    matched |= low <= c && c <= high;
  }
  p = i + 1;
  return matched != negated;
}

// One segment of a path against one of a pattern: "*", "?", "[a-z]", "\".
bool MatchSegment(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  // Where to go on from the last star: it takes one character more each time.
  size_t star = std::string_view::npos;
  size_t star_name = 0;
  while (n < name.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
      continue;
    }
    bool matched = false;
    size_t next = p + 1;
    if (p < pattern.size() && n < name.size()) {
      if (pattern[p] == '?') {
        matched = true;
      } else if (pattern[p] == '[') {
        next = p;
        matched = MatchClass(pattern, next, name[n]);
      } else if (pattern[p] == '\\' && p + 1 < pattern.size()) {
        matched = pattern[p + 1] == name[n];
        next = p + 2;
      } else {
        matched = pattern[p] == name[n];
      }
    }
    if (matched) {
      p = next;
      ++n;
    } else if (star != std::string_view::npos && star_name < name.size()) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  return true;
}

bool MatchPath(std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) return path.empty();
  if (pattern[0] == "**") {
    for (size_t skip = 0; skip <= path.size(); ++skip) {
      if (MatchPath(pattern.subspan(1), path.subspan(skip))) return true;
    }
    return false;
  }
  return !path.empty() && MatchSegment(pattern[0], path[0]) &&
         MatchPath(pattern.subspan(1), path.subspan(1));
}

// "a{b,c}d" as "abd" and "acd".
void ExpandBraces(const std::string& pattern, std::vector<std::string>& out) {
  // Braces multiply.
  constexpr size_t kPatternsMax = 1000;
  size_t open = pattern.find('{');
  size_t close = open == std::string::npos ? open : pattern.find('}', open);
  if (close == std::string::npos || out.size() > kPatternsMax) {
    out.push_back(pattern);
    return;
  }
  for (const auto& choice : Split(pattern.substr(open + 1, close - open - 1), ',')) {
    ExpandBraces(pattern.substr(0, open) + choice + pattern.substr(close + 1), out);
  }
}

Outcome FileSet(Args args) {
  std::string root = ResolvePath(args.text(0), args.environment());
  std::vector<std::string> expanded;
  ExpandBraces(args.text(1), expanded);
  std::vector<std::vector<std::string>> patterns;
  for (const auto& pattern : expanded) patterns.push_back(Split(Clean(pattern), '/'));
  std::vector<Value> found;
  std::error_code error;
  auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator it(root, options, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    std::string path = it->path().lexically_relative(root).string();
    auto segments = Split(path, '/');
    bool wanted = std::any_of(patterns.begin(), patterns.end(),
                              [&](const auto& pattern) { return MatchPath(pattern, segments); });
    if (wanted) found.push_back(Value::String(path));
  }
  if (args.environment().files_read) args.environment().files_read->Add(root);
  return Value::Set(Type::String(), std::move(found));
}

Outcome BaseName(Args args) {
  std::string path = args.text(0);
  if (path.empty()) return Value::String(".");
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path == "/") return Value::String("/");
  return Value::String(path.substr(path.rfind('/') + 1));
}

Outcome DirName(Args args) {
  const std::string& path = args.text(0);
  size_t slash = path.rfind('/');
  return Value::String(slash == std::string::npos ? "." : Clean(path.substr(0, slash + 1)));
}

Outcome AbsPath(Args args) {
  std::error_code error;
  fs::path absolute = fs::absolute(args.text(0).empty() ? "." : args.text(0), error);
  if (error) return Fail("cannot tell the working directory: " + error.message());
  return Value::String(Clean(absolute.string()));
}

Outcome PathExpand(Args args) {
  const std::string& path = args.text(0);
  const std::string& home = args.environment().home_dir;
  bool expands = !home.empty() && (path == "~" || path.starts_with("~/"));
  return Value::String(expands ? home + path.substr(1) : path);
}

}  // namespace

std::vector<Row> FilesystemFunctions() {
  // clang-format off
  return {
    {"file",             {Text("path")}, {}, GivesText(), "The text of the file.", File},
    {"fileexists",       {Text("path")}, {}, GivesBool(), "Whether there is a file at the path.", FileExists},
    {"fileset",          {Text("path"), Text("pattern")}, {}, hcl::Fixed(Type::Set(Type::String())), "The files below the path that fit the pattern (*, **, ?, {a,b}, [a-z]), relative to it.", FileSet},
    {"filebase64",       {Text("path")}, {}, GivesText(), "The bytes of the file in base64.", OfFile<InBase64>},
    {"filemd5",          {Text("path")}, {}, GivesText(), "The MD5 hash of the file in hexadecimal.", OfFile<Md5>},
    {"filesha1",         {Text("path")}, {}, GivesText(), "The SHA-1 hash of the file in hexadecimal.", OfFile<Sha1>},
    {"filesha256",       {Text("path")}, {}, GivesText(), "The SHA-256 hash of the file in hexadecimal.", OfFile<Sha256Hex>},
    {"filesha512",       {Text("path")}, {}, GivesText(), "The SHA-512 hash of the file in hexadecimal.", OfFile<Sha512>},
    {"filebase64sha256", {Text("path")}, {}, GivesText(), "The SHA-256 hash of the file in base64.", OfFile<Base64Sha256>},
    {"filebase64sha512", {Text("path")}, {}, GivesText(), "The SHA-512 hash of the file in base64.", OfFile<Base64Sha512>},
    {"basename",         {Text("path")}, {}, GivesText(), "The last part of the path.", BaseName},
    {"dirname",          {Text("path")}, {}, GivesText(), "The path without its last part.", DirName},
    {"abspath",          {Text("path")}, {}, GivesText(), "The path from the root of the file system.", AbsPath},
    {"pathexpand",       {Text("path")}, {}, GivesText(), "The path with a leading ~ replaced by the home directory.", PathExpand},
  };
  // clang-format on
}

}  // namespace andon::functions
