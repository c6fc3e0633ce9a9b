// Picks a table. Each is defined in cpu/kernels_<isa>.cpp, the only files here compiled with that ISA's instructions.
#include "ops/kernels.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "ops/cpu/tables.h"

namespace trtllm::ops {
namespace {

[[noreturn]] void refuse(Isa isa) {
  std::string have;
  for (Isa available : available_isas()) have += (have.empty() ? "" : ", ") + std::string(isa_name(available));
  throw Error("ISA_UNAVAILABLE", "--isa " + std::string(isa_name(isa)) + ": expected one of this machine's classes (" + have +
                                     "), whose CPU has: " + cpu_feature_text() + "; choose one of them or leave the flag out");
}

std::vector<const Kernels*> avx2_tables() {
  if (cpu_has("avx_vnni")) return {&kAvx2VnniBFloat16, &kAvx2BFloat16};
  return {&kAvx2BFloat16};
}

// vdpbf16ps is twice an FMA on AMD (Zen 4: measured) and half of one on Intel (Sapphire Rapids: measured).
std::vector<const Kernels*> avx512_tables() {
  std::vector<const Kernels*> tables;
  const bool has_vnni = cpu_has("avx512_vnni"), has_bf16 = has_vnni && cpu_has("avx512_bf16") && cpu_has("avx512_vbmi");
  if (has_bf16 && cpu_is_amd()) tables.push_back(&kAvx512Bf16BFloat16);
  if (has_vnni) tables.push_back(&kAvx512VnniBFloat16);
  tables.push_back(&kAvx512BFloat16);
  if (has_bf16 && !cpu_is_amd()) tables.push_back(&kAvx512Bf16BFloat16);
  return tables;
}

}  // namespace

std::vector<const Kernels*> variants(Isa isa, DType arithmetic) {
  if (!isa_available(isa)) refuse(isa);
  if (isa == Isa::avx2 && arithmetic == DType::bfloat16) return avx2_tables();
  if (isa == Isa::avx512 && arithmetic == DType::bfloat16) return avx512_tables();
  return {&kernels(isa, arithmetic)};
}

const Kernels& kernels(Isa isa, DType arithmetic) {
  if (!isa_available(isa)) refuse(isa);
  const bool bfloat16 = arithmetic == DType::bfloat16;
  switch (isa) {
    case Isa::scalar: return bfloat16 ? kScalarBFloat16 : kScalarFloat32;
    case Isa::avx2: return bfloat16 ? *avx2_tables().front() : kAvx2Float32;
    case Isa::avx512: return bfloat16 ? *avx512_tables().front() : kAvx512Float32;
    case Isa::amx: return bfloat16 ? kAmxBFloat16 : kAvx512Float32;
    case Isa::amx_emulated: return bfloat16 ? kAmxEmulatedBFloat16 : kAvx512Float32;
  }
  refuse(isa);
}

}  // namespace trtllm::ops
