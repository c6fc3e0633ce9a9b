#include "program/run_linear.h"

namespace trtllm::program {
namespace {

constexpr int kDealtTiles = 4;  // runs of tile columns end on multiples: whole panels on every class, gate and up together

void set_output(const LinearRun& run, ops::LinearArgs& args) {
  const LinearPhase& phase = run.phase;
  if (phase.output == kLogits) {
    args.output = run.workspace.logits();
    args.output_stride = run.vocab_size;
  } else if (phase.epilogue == ops::Epilogue::swiglu) {
    args.output_activation = run.workspace.row(phase.output, 0);
    args.output_activation_stride = run.workspace.stride(phase.output);
  } else {
    args.output = run.workspace.float_row(phase.output, 0);
    args.output_stride = run.workspace.stride(phase.output);
  }
}

}  // namespace

int default_grain(const ops::Kernels& kernels, int rows, int num_tiles, int num_threads) {
  const int narrow = kernels.preferred_tiles, wide = kernels.preferred_tiles_many_rows;
  const int fair = num_tiles / (kernels.pieces_many_rows * num_threads);
  const int grain = rows > kernels.many_rows ? std::clamp(fair, narrow, std::max(narrow, wide)) : narrow;
  return static_cast<int>(round_up(grain, 2));  // swiglu: gate and up stay together
}

void deal_linear(const LinearPhase& phase, WorkRanges& ranges, int thread) { ranges.deal(thread, phase.weight.n_padded / kTileColumns, kDealtTiles); }

void run_linear(const LinearRun& run, WorkRanges& ranges, int thread) {
  const LinearPhase& phase = run.phase;
  ops::LinearArgs args{.input = run.workspace.row(phase.input, 0),
                       .input_stride = run.workspace.stride(phase.input),
                       .rows = run.rows,
                       .weight = phase.weight,
                       .bias = phase.bias,
                       .epilogue = phase.epilogue,
                       .scratch = run.workspace.scratch(thread),
                       .tactic = run.tactic.reading};
  set_output(run, args);
  const int grain = run.tactic.grain > 0 ? run.tactic.grain : default_grain(run.kernels, run.rows, phase.weight.n_padded / kTileColumns, run.num_threads);
  for (WorkRanges::Piece piece; !(piece = ranges.take(thread, grain)).is_empty();) {
    args.tile_begin = piece.begin;
    args.tile_end = piece.end;
    (phase.is_int8 ? run.kernels.linear_int8 : run.kernels.linear)(args);
  }
}

}  // namespace trtllm::program
