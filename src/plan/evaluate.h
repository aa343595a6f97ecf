// From a module to the objects that it declares: references make a graph, and a
// walk over it evaluates variables, locals, blocks and outputs, each once.
//
// An address alone (`owner = team.payments`, `references = dataset.a.column.b`)
// needs nothing of the object that it names but that it is declared, so it is no
// edge: only reading an attribute is (`dataset.a.description`), and the instances
// of a block wait for what its for_each or count reads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "address/address.h"
#include "base/diagnostics.h"
#include "config/decode.h"
#include "config/module.h"
#include "hcl/eval.h"
#include "value/value.h"

namespace andon {
class Executor;
}

namespace andon::plan {

// One object that the configuration declares.
struct Instance {
  address::Address address;
  std::string type;     // Of blocks with two labels.
  value::Value object;  // As its block's schema has it; unknown parts wait for apply.
  config::Positions positions;
  std::vector<std::string> depends_on;  // Addresses, of `depends_on`.
  std::vector<std::string> references;  // Addresses of the objects that it names, each once.
  bool prevent_destroy = false;
  std::vector<std::string> ignore_changes;
  bool is_broken = false;  // The block's head is wrong: the object is empty.
};

struct OutputValue {
  std::string name;
  value::Value value;
  bool sensitive = false;
};

struct EvaluateOptions {
  const hcl::FunctionTable* functions = nullptr;  // Required.
  const io::FileSystem* files = nullptr;          // Required.
  std::map<std::string, value::Value> variables;  // One for each that the module declares.
  Executor* executor = nullptr;                   // Null: one thread.
  int parallel = 1;
  std::string workspace = "default";
  // What the roots of infrastructure stand for, as "aws_db_instance", "data", "module"; what is
  // not here only apply can tell.
  std::map<std::string, value::Value> infrastructure;
};

// Keeps what expressions may still ask for. Lifetime: `module` and the options'
// pointers must outlive it.
class Evaluation {
 public:
  Evaluation(Evaluation&&) noexcept;
  Evaluation& operator=(Evaluation&&) noexcept;
  ~Evaluation();

  const std::vector<Instance>& instances() const;  // In the order of the files.
  std::vector<Instance>& instances();
  const std::vector<OutputValue>& outputs() const;  // By name.
  const Diagnostics& diagnostics() const;

  // For the console: an expression in the scope of the module.
  hcl::Evaluated Evaluate(hcl::Expression expression) const;

 private:
  friend Evaluation Evaluate(config::Module& module, const EvaluateOptions& options);
  struct Impl;
  explicit Evaluation(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

Evaluation Evaluate(config::Module& module, const EvaluateOptions& options);

}  // namespace andon::plan
