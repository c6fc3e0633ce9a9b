// Text <-> token ids.
export { renderChatTemplate, type ChatTemplateOptions } from './chat-template.js';
export { Detokenizer } from './detokenizer.js';
export { StopMatcher } from './stop-matcher.js';
export { loadTokenizer, type Tokenizer } from './tokenizer.js';
