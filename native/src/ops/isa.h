// The ISA classes and which of them this machine has. `amx_emulated` runs the AMX kernels over a software tile unit
// (bit-exact, slow): it lets machines without AMX test them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trtllm::ops {

enum class Isa { scalar, avx2, avx512, amx, amx_emulated };

std::string_view isa_name(Isa isa);  // "scalar", "avx2", "avx512", "amx", "amx_emulated"
std::optional<Isa> parse_isa(std::string_view name);
// Asks CPUID, XCR0 (the system saves the registers) and, for AMX, the kernel (arch_prctl permission, requested once).
bool isa_available(Isa isa);
std::vector<Isa> available_isas();  // in order of speed, without amx_emulated
Isa best_isa();
// One of the names that cpu_feature_text() lists.
bool cpu_has(std::string_view feature);
bool cpu_is_amd();
// What timings of kernels depend on: vendor, family, model and stepping, caches, cores, features.
const std::string& cpu_signature();
// e.g. "avx512f avx512_bf16 avx512_vnni": what inspect and logs print.
std::string cpu_feature_text();

}  // namespace trtllm::ops
