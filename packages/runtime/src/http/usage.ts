// Tokens of one request, counted as they come.
import type { GeneratedPiece } from '../generate.js';

export interface UsageBody {
  prompt_tokens: number;
  total_tokens: number;
  completion_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
}

export class Usage {
  private completionTokens = 0;
  private cachedTokens = 0;

  /** Samples of one prompt count its tokens once. */
  constructor(
    private readonly promptTokens: number,
    private readonly numSamples: number,
  ) {}

  add(choiceIndex: number, piece: GeneratedPiece): void {
    this.completionTokens += piece.token_ids.length;
    if (choiceIndex % this.numSamples === 0) this.cachedTokens += piece.cached_tokens ?? 0;
  }

  body(): UsageBody {
    return {
      prompt_tokens: this.promptTokens,
      total_tokens: this.promptTokens + this.completionTokens,
      completion_tokens: this.completionTokens,
      prompt_tokens_details: { cached_tokens: this.cachedTokens },
    };
  }
}
