// The fields of one object, which state files and the journal have in common.
#pragma once

#include <string>
#include <string_view>

#include "state/json_reader.h"
#include "state/state.h"

namespace andon::state {

// Reads the field `key` into the object; false where the format has no such field, and
// nothing was read. Dependencies equal to the last ones are shared with them.
class ObjectFields {
 public:
  bool Read(JsonReader& in, std::string_view key);
  // The object of the fields since the last Take. Call it once for each object.
  ObjectPtr Take();

 private:
  void ReadSensitivePaths(JsonReader& in);
  void ReadDependencies(JsonReader& in);

  Object object_;
  bool has_attributes_ = false;
  std::string text_;  // Reused.
  Dependencies last_dependencies_;
};

// The JSON form of paths, as `sensitive_attributes` has it.
std::string PathsText(const std::vector<value::Path>& paths);
// False where the text is no list of paths; `why` says what is wrong.
bool PathsFromText(std::string_view text, std::vector<value::Path>& paths, std::string& why);

}  // namespace andon::state
