// Names of the classes, what this machine has, and the refusal of what it lacks.
#include <gtest/gtest.h>

#include "base/error.h"
#include "ops/kernels.h"

namespace trtllm::ops {
namespace {

TEST(Isa, every_name_is_read_back) {
  for (Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512, Isa::amx, Isa::amx_emulated}) EXPECT_EQ(parse_isa(isa_name(isa)), isa);
  EXPECT_EQ(parse_isa("neon"), std::nullopt);
}

TEST(Isa, scalar_runs_everywhere_and_the_best_class_is_the_last_listed) {
  ASSERT_FALSE(available_isas().empty());
  EXPECT_EQ(available_isas().front(), Isa::scalar);
  EXPECT_EQ(available_isas().back(), best_isa());
}

TEST(Isa, a_table_says_which_class_and_arithmetic_it_is) {
  for (Isa isa : available_isas()) {
    EXPECT_EQ(kernels(isa, DType::bfloat16).isa, isa);
    EXPECT_EQ(kernels(isa, DType::bfloat16).arithmetic, DType::bfloat16);
    EXPECT_EQ(kernels(isa, DType::float32).arithmetic, DType::float32);
  }
}

TEST(Isa, a_class_that_the_machine_lacks_is_refused_by_name) {
  for (Isa isa : {Isa::avx2, Isa::avx512, Isa::amx}) {
    if (isa_available(isa)) continue;
    try {
      kernels(isa, DType::bfloat16);
      FAIL() << isa_name(isa) << " was given out";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "ISA_UNAVAILABLE");
      EXPECT_NE(std::string(error.what()).find(isa_name(isa)), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("scalar"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace trtllm::ops
