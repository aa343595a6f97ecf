// Paths as text: no function here looks at a file system.
#pragma once

#include <string>
#include <string_view>

namespace andon::io {

// "a" and "b" give "a/b"; an absolute `name` wins; an empty side gives the other.
std::string Join(std::string_view dir, std::string_view name);
std::string Join(std::string_view a, std::string_view b, std::string_view c);

// "a/b" gives "a"; "b" gives "."; "/b" gives "/".
std::string Dirname(std::string_view path);
// "a/b/" gives "b"; "/" gives "/".
std::string Basename(std::string_view path);
// With the dot: "a.tar.gz" gives ".gz"; "" where there is none (".bashrc").
std::string Extension(std::string_view path);

// Without ".", "..", doubled and trailing slashes: "a/./b/../c/" gives "a/c". A
// ".." that leads out stays; the empty path gives ".".
std::string Normalize(std::string_view path);

bool IsAbsolute(std::string_view path);
// `path` seen from `base`: Relative("/a/b", "/a/c") is "../b". Both absolute or
// both relative; otherwise `path` comes back normalized.
std::string Relative(std::string_view path, std::string_view base);

// True where `path` is `dir` or lies below it, by their normalized text.
bool IsWithin(std::string_view path, std::string_view dir);

// "file:///a%20b" from "/a b", and back ("" where it is no file: URL). A path
// without scheme comes back as it is.
std::string ToFileUrl(std::string_view path);
std::string FromFileUrl(std::string_view url);

}  // namespace andon::io
