#include "base/json_places.h"

#include "base/json.h"
#include "base/text.h"

namespace andon {

// Walks the text once. Objects and lists within kDepth are recorded; what is deeper is skipped by
// counting brackets, so that the depth of a document is never the depth of the stack.
class JsonPlaces::Scanner {
 public:
  Scanner(std::string_view text, std::string filename, std::map<std::string, Place>* places)
      : text_(text), filename_(std::move(filename)), places_(places) {}

  void Run() {
    Place root;
    if (ReadValue("", 0, &root.value)) (*places_)[""] = root;
  }

 private:
  static std::string Under(const std::string& path, std::string_view step) {
    std::string out = path;
    out += '\0';
    out += step;
    return out;
  }

  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) at_++;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    at_++;
    return true;
  }

  // Positions are asked for in the order of the text.
  SourcePos Here() {
    while (counted_ < at_) {
      if (text_[counted_++] == '\n') {
        line_++;
        line_start_ = counted_;
      }
    }
    return {line_,
            1 + static_cast<int32_t>(GraphemeCount(text_.substr(line_start_, at_ - line_start_))),
            static_cast<int32_t>(at_)};
  }

  bool SkipString() {
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    for (at_++; at_ < text_.size(); at_++) {
      if (text_[at_] == '\\') {
        at_++;
      } else if (text_[at_] == '"') {
        at_++;
        return true;
      }
    }
    return false;
  }

  bool SkipNested() {
    int open = 0;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        if (!SkipString()) return false;
        continue;
      }
      at_++;
      if (c == '{' || c == '[') open++;
      if ((c == '}' || c == ']') && --open == 0) return true;
    }
    return false;
  }

  bool ReadValue(const std::string& path, int depth, SourceRange* range) {
    SkipSpace();
    if (at_ >= text_.size()) return false;
    range->filename = filename_;
    range->start = Here();
    bool ok = true;
    char c = text_[at_];
    if ((c == '{' || c == '[') && depth >= kDepth) {
      ok = SkipNested();
    } else if (c == '{') {
      ok = ReadObject(path, depth);
    } else if (c == '[') {
      ok = ReadList(path, depth);
    } else if (c == '"') {
      ok = SkipString();
    } else {
      while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == text_.npos)
        at_++;
    }
    range->end = Here();
    return ok;
  }

  bool ReadObject(const std::string& path, int depth) {
    at_++;
    if (Take('}')) return true;
    do {
      SkipSpace();
      Place place;
      place.key.filename = filename_;
      place.key.start = Here();
      size_t from = at_;
      if (!SkipString()) return false;
      place.key.end = Here();
      Result<Json> name = Json::Parse(text_.substr(from, at_ - from));
      std::string key = name.ok() ? name->AsString() : std::string();
      if (!Take(':')) return false;
      std::string below = Under(path, key);
      if (!ReadValue(below, depth + 1, &place.value)) return false;
      (*places_)[below] = place;
    } while (Take(','));
    return Take('}');
  }

  bool ReadList(const std::string& path, int depth) {
    at_++;
    if (Take(']')) return true;
    size_t index = 0;
    do {
      Place place;
      std::string below = Under(path, std::to_string(index++));
      if (!ReadValue(below, depth + 1, &place.value)) return false;
      place.key = place.value;
      (*places_)[below] = place;
    } while (Take(','));
    return Take(']');
  }

  std::string_view text_;
  std::string filename_;
  std::map<std::string, Place>* places_;
  size_t at_ = 0;
  size_t counted_ = 0;
  size_t line_start_ = 0;
  int32_t line_ = 1;
};

JsonPlaces::JsonPlaces(std::string_view text, std::string filename) {
  Scanner(text, std::move(filename), &places_).Run();
}

const JsonPlaces::Place* JsonPlaces::Find(const Path& path) const {
  std::string key;
  auto found = places_.find(key);
  const Place* place = found == places_.end() ? nullptr : &found->second;
  for (const Step& step : path) {
    key += '\0';
    key += step.key;
    found = places_.find(key);
    if (found == places_.end()) break;
    place = &found->second;
  }
  return place;
}

SourceRange JsonPlaces::Value(const Path& path) const {
  const Place* place = Find(path);
  return place ? place->value : SourceRange();
}

SourceRange JsonPlaces::Key(const Path& path) const {
  const Place* place = Find(path);
  return place ? place->key.exists() ? place->key : place->value : SourceRange();
}

}  // namespace andon
