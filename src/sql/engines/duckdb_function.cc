// Host functions as DuckDB's scalar functions.
#include "sql/engines/duckdb_internal.h"

namespace andon::sql {
namespace {

using Test = bool (*)(std::string_view, std::string_view);

// The texts of a flat vector.
struct Texts {
  explicit Texts(duckdb_vector vector)
      : strings(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))),
        validity(duckdb_vector_get_validity(vector)) {}

  bool IsNull(idx_t row) const {
    return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
  }
  std::string_view operator[](idx_t row) const {
    return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
  }

  duckdb_string_t* strings;
  uint64_t* validity;
};

void Call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto test = reinterpret_cast<Test>(duckdb_scalar_function_get_extra_info(info));
  Texts values(duckdb_data_chunk_get_vector(input, 0));
  Texts arguments(duckdb_data_chunk_get_vector(input, 1));
  auto* out = static_cast<bool*>(duckdb_vector_get_data(output));
  uint64_t* out_validity = nullptr;
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); row++) {
    if (!values.IsNull(row) && !arguments.IsNull(row)) {
      out[row] = test(values[row], arguments[row]);
      continue;
    }
    if (!out_validity) {
      duckdb_vector_ensure_validity_writable(output);
      out_validity = duckdb_vector_get_validity(output);
    }
    duckdb_validity_set_row_invalid(out_validity, row);
  }
}

}  // namespace

bool RegisterFunction(duckdb_connection connection, const HostFunction& function) {
  duckdb_scalar_function handle = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(handle, function.name);
  duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  duckdb_logical_type boolean = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
  duckdb_scalar_function_add_parameter(handle, text);
  duckdb_scalar_function_add_parameter(handle, text);
  duckdb_scalar_function_set_return_type(handle, boolean);
  duckdb_scalar_function_set_extra_info(handle, reinterpret_cast<void*>(function.test), nullptr);
  duckdb_scalar_function_set_function(handle, Call);
  bool registered = duckdb_register_scalar_function(connection, handle) == DuckDBSuccess;
  duckdb_destroy_logical_type(&text);
  duckdb_destroy_logical_type(&boolean);
  duckdb_destroy_scalar_function(&handle);
  return registered;
}

}  // namespace andon::sql
