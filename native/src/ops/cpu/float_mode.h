// Numbers below the smallest normal one (2^-126) count as zero while a step runs: tiles and vdpbf16ps know no others, so no class does.
#pragma once

#include <xmmintrin.h>

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

inline constexpr unsigned kDenormalsAreZero = 0x0040, kFlushToZero = 0x8000;  // bits of MXCSR

static void flush_denormals() { _mm_setcsr(_mm_getcsr() | kDenormalsAreZero | kFlushToZero); }
static void keep_denormals() { _mm_setcsr(_mm_getcsr() & ~(kDenormalsAreZero | kFlushToZero)); }

}  // namespace trtllm::ops::TRTLLM_ISA
