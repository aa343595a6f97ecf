#include "ingest/sources/files.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "io/file_system.h"
#include "io/path.h"

namespace andon::ingest {
namespace {

constexpr std::string_view kTable = "{table}";
constexpr std::string_view kPeriod = "{period}";
// More is a template gone wrong ("/"), not a delivery folder.
constexpr size_t kFilesMax = 1'000'000;

std::string Replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  while (true) {
    size_t at = text.find(what);
    out += text.substr(0, at);
    if (at == text.npos) return out;
    out += with;
    text.remove_prefix(at + what.size());
  }
}

// One path segment against "{period}" and '*' (which never cross '/'). Each period found must
// be the same. Backtracks; segments are short.
bool MatchSegment(std::string_view pattern, std::string_view text,
                  std::optional<std::string>* period) {
  if (pattern.empty()) return text.empty();
  if (pattern.substr(0, kPeriod.size()) == kPeriod) {
    std::string_view rest = pattern.substr(kPeriod.size());
    if (*period) {
      const std::string& known = **period;
      return text.substr(0, known.size()) == known &&
             MatchSegment(rest, text.substr(known.size()), period);
    }
    // The longest first: "a-b" of "{period}.csv" is one period.
    for (size_t n = text.size(); n > 0; --n) {
      std::optional<std::string> tried = std::string(text.substr(0, n));
      if (MatchSegment(rest, text.substr(n), &tried)) {
        *period = tried;
        return true;
      }
    }
    return false;
  }
  if (pattern[0] == '*') {
    for (size_t n = 0; n <= text.size(); ++n) {
      std::optional<std::string> tried = *period;
      if (MatchSegment(pattern.substr(1), text.substr(n), &tried)) {
        *period = tried;
        return true;
      }
    }
    return false;
  }
  return !text.empty() && text[0] == pattern[0] &&
         MatchSegment(pattern.substr(1), text.substr(1), period);
}

bool IsFixed(std::string_view segment) {
  return segment.find('*') == segment.npos && segment.find(kPeriod) == segment.npos;
}

struct Search {
  const io::FileSystem& files;
  const std::string& project_dir;
  std::vector<std::string> segments;
  std::vector<FoundFile> found;

  // `path` as the template writes it, up to segment i.
  Result<void> Visit(const std::string& path, size_t i, const std::optional<std::string>& period) {
    const bool is_last = i + 1 == segments.size();
    const std::string& segment = segments[i];
    if (IsFixed(segment) && !is_last) {
      return Visit(io::Join(path, segment), i + 1, period);
    }
    std::string dir = io::Join(project_dir, path.empty() ? "." : path);
    auto entries = files.List(dir);
    if (!entries.ok()) {
      // A file where a folder should be, or no folder (yet): nothing was delivered.
      if (entries.error().kind == ErrorKind::kNotFound) return {};
      return std::move(entries).error().In("deliveries cannot be listed");
    }
    for (const io::FileInfo& entry : *entries) {
      std::optional<std::string> of_entry = period;
      std::string_view name = entry.name;
      bool matches = MatchSegment(segment, name, &of_entry);
      if (!matches && is_last && name.size() > 3 && name.substr(name.size() - 3) == ".gz") {
        of_entry = period;
        matches = MatchSegment(segment, name.substr(0, name.size() - 3), &of_entry);
      }
      if (!matches || entry.is_dir == is_last) continue;
      std::string at = path.empty() ? entry.name : io::Join(path, entry.name);
      if (is_last) {
        if (found.size() >= kFilesMax) {
          return Error::Invalid("the source's path matches more than {} files in {}", kFilesMax,
                                dir);
        }
        found.push_back({at, of_entry.value_or(""), entry.size, entry.mtime});
      } else {
        TRY(Visit(at, i + 1, of_entry));
      }
    }
    return {};
  }
};

Result<std::vector<FoundFile>> Find(const io::FileSystem& files, const std::string& project_dir,
                                    const std::string& path_template, std::string_view table) {
  std::string pattern = io::Normalize(Replaced(path_template, kTable, table));
  const bool is_absolute = io::IsAbsolute(pattern);
  Search search{files, project_dir, Split(is_absolute ? pattern.substr(1) : pattern, '/'), {}};
  TRY(search.Visit(is_absolute ? "/" : "", 0, std::nullopt));
  std::sort(search.found.begin(), search.found.end(), [](const FoundFile& a, const FoundFile& b) {
    return std::tie(a.period, a.path) < std::tie(b.period, b.path);
  });
  return std::move(search.found);
}

}  // namespace

Result<void> CheckTemplate(std::string_view path) {
  if (path.find("://") != path.npos) {
    return Error::Invalid("The path \"{}\" is remote; this version reads local files only", path);
  }
  if (path.find(kTable) == path.npos) {
    return Error::Invalid(
        "The path \"{}\" has no {{table}}: it says where the file of each table is", path);
  }
  for (size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
    std::string_view word = path.substr(at, path.find('}', at) - at + 1);
    if (word != kTable && word != kPeriod) {
      return Error::Invalid("The path \"{}\" has {}; only {{table}} and {{period}} may stand there",
                            path, word);
    }
  }
  std::string plain(path);
  if (io::Extension(plain) == ".gz") plain.resize(plain.size() - 3);
  if (std::string suffix = io::Extension(plain); suffix != ".csv" && suffix != ".tsv") {
    return Error::Invalid(
        "The path \"{}\" ends in \"{}\"; files are read as .csv or .tsv, also with "
        ".gz behind",
        path, suffix);
  }
  return {};
}

std::string PathFor(std::string_view path_template, std::string_view table) {
  return Replaced(path_template, kTable, table);
}

bool OneFilePerPeriod(std::string_view path) { return path.find('*') == path.npos; }

Result<std::vector<FoundFile>> FindFiles(const io::FileSystem& files,
                                         const std::string& project_dir,
                                         const definition::Source& source, std::string_view table,
                                         const std::vector<std::string>& other_tables) {
  TRY(CheckTemplate(source.path));
  return ListFiles(files, project_dir, source, table, other_tables);
}

Result<std::vector<FoundFile>> ListFiles(const io::FileSystem& files,
                                         const std::string& project_dir,
                                         const definition::Source& source, std::string_view table,
                                         const std::vector<std::string>& other_tables) {
  auto found = TRY(Find(files, project_dir, source.path, table));
  for (const std::string& other : other_tables) {
    if (found.empty()) break;
    if (other.size() <= table.size() || other.substr(0, table.size()) != table) continue;
    auto theirs = TRY(Find(files, project_dir, source.path, other));
    std::erase_if(found, [&](const FoundFile& file) {
      return std::any_of(theirs.begin(), theirs.end(),
                         [&](const FoundFile& f) { return f.path == file.path; });
    });
  }
  return found;
}

}  // namespace andon::ingest
