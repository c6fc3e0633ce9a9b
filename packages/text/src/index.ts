// Text <-> token ids.
export { Detokenizer } from './detokenizer.js';
export { StopMatcher } from './stop-matcher.js';
export { loadTokenizer, type Tokenizer } from './tokenizer.js';
