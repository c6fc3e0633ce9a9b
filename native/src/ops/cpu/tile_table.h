// The whole table of a class with a tile unit.
#pragma once

#include "ops/cpu/row_table.h"
#include "ops/cpu/tile_attention.h"
#include "ops/cpu/tile_linear.h"

namespace trtllm::ops::TRTLLM_ISA {

static void begin_tiles() {
  flush_denormals();
  configure_tiles();
}
static void end_tiles() {
  release_tiles();
  keep_denormals();
}

// Row kernels of the 512-bit class with activations in bf16; linear and attention on tiles.
constexpr Kernels tile_kernels(Isa isa) {
  Kernels table = row_kernels<BFloat16Tiles>(isa);
  table.preferred_tiles = 8;
  table.preferred_tiles_many_rows = kWalkTiles;
  table.pieces_many_rows = 2;
  table.many_rows = kMaxRowTiles * kTileRows;
  table.linear_scratch_bytes = tile_or_lane_scratch_bytes;
  table.attention = tile_attention;
  table.attention_scratch_bytes = tile_attention_scratch_bytes;
  table.attention_rows = kTileRows;
  table.thread_begin = begin_tiles;
  table.thread_end = end_tiles;
  table.linear = tile_linear;
  table.linear_int8 = tile_linear_int8;
  return table;
}

}  // namespace trtllm::ops::TRTLLM_ISA
