#include "cli/record_validations.h"

#include "validation/record.h"

namespace andon::cli {

Result<void> RecordValidations(store::Database& db,
                               std::vector<validation::Validation>* validations) {
  return db.Write([&](store::Transaction& tx) -> Result<void> {
    for (validation::Validation& v : *validations) {
      if (!v.results.empty()) v.number = TRY(validation::Record(tx, v));
    }
    return {};
  });
}

}  // namespace andon::cli
