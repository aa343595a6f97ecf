// How text for people is written, and how schemas are found: what all of the room share.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "provider/schema.h"

namespace andon::infratext {

struct RenderOptions {
  bool color = false;             // ANSI sequences.
  bool show_sensitive = false;    // -show-sensitive: what is hidden else.
  bool concise = false;           // Neither what is only read nor counts of what stays hidden.
  bool shows_causes = true;       // Why something changes: "# because main.tf:12 var.size".
  bool is_part = false;           // Of a larger plan: neither its summary nor that nothing changes.
  int width = 80;                 // Cells of a line of sentences; 0: they are not wrapped.
  std::string product = "Andon";  // Who speaks.
  std::string command = "andon";  // How its commands begin.
};

// The schema of a type of resource or data source, with the provider as state files name its
// configuration; null where nobody knows it: the object is then shown as its JSON says.
// Lifetime: schemas live until the text is made.
using SchemaOf = std::function<const provider::Schema*(std::string_view provider, bool is_data,
                                                       std::string_view type)>;

}  // namespace andon::infratext
