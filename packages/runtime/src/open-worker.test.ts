import { expect, it } from 'vitest';
import { makeFakeEngine } from './testing/fake-engine.js';
import { byteIds } from './testing/serve-fake.js';
import { generate } from './generate.js';
import { openWorker } from './open-worker.js';

it('an engine can be used without a server, and its worker is gone afterwards', async () => {
  const engine = makeFakeEngine();
  const { client, tokenizer, eos_token_ids, close } = await openWorker(engine.engineDirectory, { nativeDirectory: engine.nativeDirectory });
  const request = { max_tokens: 5, sampling: { temperature: 0 }, eos_token_ids, stop_token_ids: [], stop: [], include_stop: false };
  let text = '';
  for await (const piece of generate(client, tokenizer, { ...request, prompt_ids: byteIds('héo'), skip_special_tokens: true })) text += piece.text;
  expect(text).toBe('héoh');
  await close();
  expect((await client.gone).message).toMatch(/exited with status 0/);
  engine.remove();
});
