// What this machine can run. Three parties must agree: the CPU has the instructions (CPUID), the system saves the
// registers on a switch (XCR0), and for AMX the kernel has granted this process the large tile state (arch_prctl).
#include "ops/isa.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace trtllm::ops {
namespace {

constexpr std::array<std::pair<Isa, std::string_view>, 5> kNames{{
    {Isa::scalar, "scalar"},
    {Isa::avx2, "avx2"},
    {Isa::avx512, "avx512"},
    {Isa::amx, "amx"},
    {Isa::amx_emulated, "amx_emulated"},
}};

// XCR0 bits: 1 SSE, 2 AVX; 5, 6, 7 the three parts of AVX-512; 17 tile configuration, 18 tile data.
constexpr uint64_t kAvxState = 0x6;
constexpr uint64_t kAvx512State = kAvxState | 0xe0;
constexpr uint64_t kAmxState = kAvx512State | 0x60000;

// Kernels that are not in this build.
#ifdef TRTLLM_WITHOUT_AVX512
constexpr bool kHasAvx512 = false;
#else
constexpr bool kHasAvx512 = true;
#endif
#ifdef TRTLLM_WITHOUT_AMX
constexpr bool kHasAmx = false;
#else
constexpr bool kHasAmx = true;
#endif

constexpr long kArchRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM, <asm/prctl.h> of Linux 5.16
constexpr unsigned long kTileData = 18;

struct Registers {
  uint32_t a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
}

std::string vendor() {
  const Registers registers = cpuid(0);
  char name[12];  // in this order of the registers
  std::memcpy(name, &registers.b, 4);
  std::memcpy(name + 4, &registers.d, 4);
  std::memcpy(name + 8, &registers.c, 4);
  return {name, sizeof name};
}

bool bit(uint32_t value, int index) { return (value >> index & 1) != 0; }

uint64_t saved_state() {
  constexpr int kOsxsave = 27;
  if (!bit(cpuid(1).c, kOsxsave)) return 0;
  uint32_t low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

bool saves(uint64_t state) { return (saved_state() & state) == state; }

struct Feature {
  std::string_view name;
  bool present;
};

// Instructions that are both in the CPU and usable under this system.
std::array<Feature, 14> features() {
  const Registers one = cpuid(1), seven = cpuid(7), more = cpuid(7, 1);
  const bool avx = saves(kAvxState), avx512 = saves(kAvx512State), amx = saves(kAmxState);
  return {{
      {"fma", avx && bit(one.c, 12)},
      {"f16c", avx && bit(one.c, 29)},
      {"avx2", avx && bit(seven.b, 5)},
      {"avx_vnni", avx && bit(more.a, 4)},
      {"avx512f", avx512 && bit(seven.b, 16)},
      {"avx512dq", avx512 && bit(seven.b, 17)},
      {"avx512bw", avx512 && bit(seven.b, 30)},
      {"avx512vl", avx512 && bit(seven.b, 31)},
      {"avx512_vnni", avx512 && bit(seven.c, 11)},
      {"avx512_vbmi", avx512 && bit(seven.c, 1)},
      {"avx512_bf16", avx512 && bit(more.a, 5)},
      {"amx_tile", amx && bit(seven.d, 24)},
      {"amx_int8", amx && bit(seven.d, 25)},
      {"amx_bf16", amx && bit(seven.d, 22)},
  }};
}

bool has_all(std::initializer_list<std::string_view> names) {
  const auto present = features();
  for (std::string_view name : names) {
    bool found = false;
    for (const Feature& feature : present) found = found || (feature.name == name && feature.present);
    if (!found) return false;
  }
  return true;
}

// Holds for the whole process and its later threads, so once is enough.
bool tile_permission() {
  static const bool granted = syscall(SYS_arch_prctl, kArchRequestPermission, kTileData) == 0;
  return granted;
}

bool detect(Isa isa) {
  switch (isa) {
    case Isa::scalar: return true;
    case Isa::avx2: return has_all({"avx2", "fma", "f16c"});
    case Isa::amx_emulated:  // its row kernels are avx512's
    case Isa::avx512: return kHasAvx512 && detect(Isa::avx2) && has_all({"avx512f", "avx512dq", "avx512bw", "avx512vl"});
    case Isa::amx: return kHasAmx && detect(Isa::avx512) && has_all({"avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16"}) && tile_permission();
  }
  return false;
}

}  // namespace

std::string_view isa_name(Isa isa) {
  for (const auto& [value, name] : kNames) {
    if (value == isa) return name;
  }
  return "unknown";
}

std::optional<Isa> parse_isa(std::string_view name) {
  for (const auto& [value, text] : kNames) {
    if (text == name) return value;
  }
  return std::nullopt;
}

bool isa_available(Isa isa) {
  static const std::array<bool, kNames.size()> available{detect(Isa::scalar), detect(Isa::avx2), detect(Isa::avx512),
                                                         detect(Isa::amx), detect(Isa::amx_emulated)};
  return available[static_cast<size_t>(isa)];
}

std::vector<Isa> available_isas() {
  std::vector<Isa> available;
  for (Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512, Isa::amx}) {
    if (isa_available(isa)) available.push_back(isa);
  }
  return available;
}

Isa best_isa() { return available_isas().back(); }

bool cpu_has(std::string_view feature) { return has_all({feature}); }

bool cpu_is_amd() { return vendor() == "AuthenticAMD"; }

namespace {

std::string make_signature() {
  const uint32_t version = cpuid(1).a;  // stepping 0-3, model 4-7 and 16-19, family 8-11 and 20-27
  const uint32_t family = (version >> 8 & 15) + (version >> 20 & 255), model = (version >> 4 & 15) | (version >> 12 & 0xf0);
  const auto kib = [](int cache) { return std::to_string(sysconf(cache) >> 10); };
  return vendor() + " " + std::to_string(family) + "-" + std::to_string(model) + "-" + std::to_string(version & 15) + "; L1 " + kib(_SC_LEVEL1_DCACHE_SIZE) + ", L2 " +
         kib(_SC_LEVEL2_CACHE_SIZE) + ", L3 " + kib(_SC_LEVEL3_CACHE_SIZE) + " KiB; " + std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " cores; " + cpu_feature_text();
}

}  // namespace

const std::string& cpu_signature() {
  static const std::string signature = make_signature();  // CPUID is slow in virtual machines
  return signature;
}

std::string cpu_feature_text() {
  std::string text;
  for (const Feature& feature : features()) {
    if (!feature.present) continue;
    if (!text.empty()) text += ' ';
    text += feature.name;
  }
  return text;
}

}  // namespace trtllm::ops
