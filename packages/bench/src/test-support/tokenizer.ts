// The bundled model's tokenizer: 512 pieces, BOS before every text.
import { fileURLToPath } from 'node:url';
import { loadTokenizer, type Tokenizer } from '@trtllm/text';

export const STORIES_DIR = fileURLToPath(new URL('../../../../models/stories260K', import.meta.url));

export async function storiesTokenizer(): Promise<Tokenizer> {
  return (await loadTokenizer(STORIES_DIR))!;
}
