#include "tuner/candidates.h"

#include <algorithm>

namespace trtllm::tuner {
namespace {

using program::Tactic;

bool has_tiles(const ops::Kernels& kernels) { return kernels.isa == ops::Isa::amx || kernels.isa == ops::Isa::amx_emulated; }

// Whether a single row may read one column of weights at a time: lanes do, where the products keep up with it.
bool chooses_streams(const ops::Kernels& kernels, const program::LinearPhase& phase) {
  return phase.is_int8 || (!has_tiles(kernels) && phase.weight.group_size == 0 && phase.weight.dtype != DType::int8);
}

// The tile unit takes no advice: of single rows it gets those whose int4 weights become bf16 (tile_linear.h).
bool reads_by_tiles(const ops::Kernels& kernels, const program::LinearPhase& phase) {
  return has_tiles(kernels) && !phase.is_int8 && phase.weight.group_size != 0;
}

// A single row: memory is the limit, so all is in how it is asked.
void add_one_row(const ops::Kernels& kernels, const program::LinearPhase& phase, std::vector<Tactic>& all) {
  if (reads_by_tiles(kernels, phase)) return;
  for (int ahead : {512, 1024, 2048, 4096}) all.push_back({.reading = {.one_row_streams = chooses_streams(kernels, phase) ? 4 : 0, .ahead_bytes = ahead}});
  if (!chooses_streams(kernels, phase)) return;
  for (int ahead : {4096, 8192}) all.push_back({.reading = {.one_row_streams = 1, .ahead_bytes = ahead}});
}

void add_grains(std::initializer_list<int> grains, int own_grain, int num_tiles, std::vector<Tactic>& all) {
  for (int grain : grains) {
    if (grain != own_grain && grain <= num_tiles) all.push_back({.grain = grain});
  }
}

}  // namespace

std::vector<Tactic> candidates(const ops::Kernels& kernels, const program::LinearPhase& phase, int rows, int num_threads) {
  const int num_tiles = phase.weight.n_padded / kTileColumns, own_grain = program::default_grain(kernels, rows, num_tiles, num_threads);
  std::vector<Tactic> all{{}};
  if (rows == 1) {
    add_one_row(kernels, phase, all);
  } else if (rows <= kernels.many_rows) {
    add_grains({4, 8, 16, 32}, own_grain, num_tiles, all);
    if (!has_tiles(kernels)) {
      for (int ahead : {512, 1024, 4096}) all.push_back({.reading = {.ahead_bytes = ahead}});
    }
  } else {
    add_grains({8, 16, 32, 64, 128}, own_grain, num_tiles, all);
  }
  return all;
}

}  // namespace trtllm::tuner
