// What the stand-in answers: what a well-behaved provider would, but for the rules of
// its script.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "plugin/protocol.h"
#include "provider/schema.h"
#include "server.h"
#include "value/value.h"

namespace andon::standin {

class Behaviour {
 public:
  Behaviour(const Json& script, Server* server);
  // Answers one call, or ends the process where a rule says so.
  Reply Answer(const std::string& path, const std::string& request);

 private:
  struct Fields;  // Of a request.
  Reply Normal(plugin::Procedure procedure, const Fields& request, const Json& rule);
  std::string SchemaMessage() const;
  const Json* RuleFor(std::string_view procedure, const std::string& type);
  value::Type TypeOf(plugin::Procedure procedure, const std::string& type) const;
  const provider::BlockSchema* BlockOf(plugin::Procedure procedure, const std::string& type) const;
  // Computed attributes that nobody set, as far as they can be told in a plan.
  value::Value Planned(const provider::BlockSchema& block, const value::Value& proposed,
                       const value::Value& prior, const Json& facts) const;
  // Unknown parts become values, the same each time.
  value::Value Made(const value::Value& planned, const Json& facts, const std::string& type);

  const Json script_;
  Server* server_;
  plugin::Protocol protocol_;
  provider::ProviderSchema schema_;
  std::map<const Json*, int64_t> uses_;  // Of rules.
  int64_t made_ = 0;                     // Objects so far.
};

}  // namespace andon::standin
