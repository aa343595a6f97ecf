#include "quality/batch_files.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "sql/quote.h"

namespace andon::quality {
namespace {

using sql::QuoteLiteral;

std::string FileName(std::string_view path) {
  size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// Numbers as numbers: "9" comes before "10".
Json OrderOf(const std::string& value) {
  bool is_number = !value.empty() && value.size() < 18 &&
                   value.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? Json(int64_t{std::stoll(value)}) : Json(value);
}

// Year, month and day before all else, whatever their order in the name.
std::vector<size_t> Ordered(const std::vector<std::string>& groups) {
  std::vector<size_t> order;
  for (std::string_view time : {"year", "month", "day"}) {
    for (size_t i = 0; i < groups.size(); i++) {
      if (groups[i] == time) order.push_back(i);
    }
  }
  for (size_t i = 0; i < groups.size(); i++) {
    bool is_time = groups[i] == "year" || groups[i] == "month" || groups[i] == "day";
    if (!groups[i].empty() && !is_time) order.push_back(i);
  }
  return order;
}

FileBatch MakeBatch(const std::string& path, const std::vector<std::string>& groups,
                    const std::vector<std::string>& values) {
  FileBatch file{.path = path};
  file.batch.identifiers.Set("path", FileName(path));
  std::vector<std::string> names;
  for (size_t i : Ordered(groups)) {
    names.push_back(values[i]);
    file.batch.identifiers.Set(groups[i], values[i]);
    file.batch.order.push_back(OrderOf(values[i]));
  }
  file.batch.name = names.empty() ? FileName(path) : Join(names, "-");
  file.batch.order.push_back(Json(path));
  return file;
}

// Two files with the same groups are told apart by their names.
void NameApart(std::vector<FileBatch>* files) {
  std::map<std::string, int> times;
  for (const FileBatch& file : *files) times[file.batch.name]++;
  for (FileBatch& file : *files) {
    if (times[file.batch.name] > 1) file.batch.name = FileName(file.path);
  }
}

bool IsBefore(const FileBatch& a, const FileBatch& b) {
  std::vector<Batch> pair = {b.batch, a.batch};
  pair[0].name = "b";
  pair[1].name = "a";
  Sort(&pair);
  return pair[0].name == "a";
}

}  // namespace

std::vector<std::string> GroupsOf(std::string_view regex) {
  std::vector<std::string> groups;
  bool in_class = false;
  for (size_t i = 0; i < regex.size(); i++) {
    if (regex[i] == '\\') {
      i++;
    } else if (in_class) {
      in_class = regex[i] != ']';
    } else if (regex[i] == '[') {
      in_class = true;
      // A bracket that comes first is a character: []a], [^]a].
      if (i + 1 < regex.size() && regex[i + 1] == '^') i++;
      if (i + 1 < regex.size() && regex[i + 1] == ']') i++;
    } else if (regex[i] == '(') {
      std::string_view rest = regex.substr(i + 1);
      if (!rest.starts_with('?')) {
        groups.emplace_back();
        continue;
      }
      size_t name = rest.starts_with("?P<") ? 3 : rest.starts_with("?<") ? 2 : 0;
      size_t end = rest.find('>');
      if (name > 0 && end != std::string_view::npos)
        groups.emplace_back(rest.substr(name, end - name));
    }
  }
  return groups;
}

namespace {

// `files`: a relation with the column `file`.
Result<std::vector<FileBatch>> ListOf(sql::Session& session, const std::string& files_sql,
                                      std::string_view pattern, std::string_view regex) {
  const std::vector<std::string> groups = GroupsOf(regex);
  const std::string anchored = QuoteLiteral("^(?:" + std::string(regex) + ")");
  std::string values;
  for (size_t i = 1; i <= groups.size(); i++)
    values += fmt::format(", regexp_extract(name, {}, {})", anchored, i);
  auto found =
      session.Query(fmt::format("SELECT file, regexp_matches(name, {}){} FROM (SELECT file, "
                                "parse_filename(file) AS name FROM "
                                "{}) AS files ORDER BY file",
                                anchored, values, files_sql));
  if (!found.ok())
    return Error::Invalid("file({}) is no regular expression: {}", regex, found.error().message);
  if (found->empty()) return Error::NotFound("There is no file \"{}\".", pattern);
  std::vector<FileBatch> files;
  for (int64_t row = 0; row < found->row_count(); row++) {
    if (!found->Bool(row, 1)) continue;
    std::vector<std::string> texts;
    for (size_t i = 0; i < groups.size(); i++) texts.push_back(found->Bytes(row, i + 2));
    files.push_back(MakeBatch(found->Bytes(row, 0), groups, texts));
  }
  if (files.empty())
    return Error::NotFound("None of the {} of \"{}\" has a name that file({}) matches, as {}.",
                           Count(found->row_count(), "file"), pattern, regex,
                           FileName(found->Bytes(0, 0)));
  std::stable_sort(files.begin(), files.end(), IsBefore);
  NameApart(&files);
  return files;
}

}  // namespace

Result<std::vector<FileBatch>> ListFileBatches(sql::Session& session, std::string_view pattern,
                                               std::string_view regex) {
  return ListOf(session, fmt::format("glob({})", QuoteLiteral(pattern)), pattern, regex);
}

Result<std::vector<FileBatch>> FileBatchesOf(sql::Session& session,
                                             const std::vector<std::string>& paths,
                                             std::string_view where, std::string_view regex) {
  std::vector<std::string> texts;
  for (const std::string& path : paths) texts.push_back(QuoteLiteral(path));
  return ListOf(session, fmt::format("(SELECT unnest([{}]) AS file) AS listed", Join(texts, ", ")),
                where, regex);
}

Result<FileBatch> PickFile(const std::vector<FileBatch>& files, std::string_view name) {
  std::vector<Batch> batches;
  for (const FileBatch& file : files) {
    if (!name.empty() && FileName(file.path) == name) return file;
    batches.push_back(file.batch);
  }
  Batch picked = TRY(PickBatch(batches, name));
  return *std::find_if(files.begin(), files.end(),
                       [&](const FileBatch& file) { return file.batch.name == picked.name; });
}

}  // namespace andon::quality
