import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { renderChatTemplate, type ChatTemplateOptions } from './chat-template.js';
import { stories } from './testing/tokenizers.js';

const messages = [{ role: 'user', content: 'Hi <b> "é"' }];
const render = (chatTemplate: string, options: Partial<ChatTemplateOptions> = {}) =>
  renderChatTemplate({ chatTemplate, bosToken: '<s>', eosToken: undefined }, messages, { addGenerationPrompt: true, ...options });
const ENDLESS = '{% for i in range(1000000) %}{% for j in range(1000000) %}{% endfor %}{% endfor %}';

describe('chat templates', () => {
  it('see the messages, the special tokens and what the request sets', async () => {
    const template = '{{ bos_token }}[{{ eos_token }}]{% for m in messages %}{{ m.role }}:{{ m["content"] }}{% endfor %}{% if add_generation_prompt %}>{% endif %}{{ mood }}';
    expect(await render(template, { kwargs: { mood: '!' } })).toBe('<s>[]user:Hi <b> "é">!');
    expect(await render(template, { addGenerationPrompt: false })).toBe('<s>[]user:Hi <b> "é"');
  });

  it('give tools and documents that are absent as None, defined', async () => {
    expect(await render('{{ tools is defined }} {{ tools is none }} {{ documents is none }}')).toBe('true true true');
  });

  it('trim blocks as transformers does, write JSON as Python does, know the day', async () => {
    expect(await render('a\n  {% if true %}\nb\n  {% endif %}\nc')).toBe('a\nb\nc');
    expect(await render('{{ tools | tojson }}', { tools: [{ name: 'é<', n: 1, ok: true, no: null }] })).toBe('[{"name": "é<", "n": 1, "ok": true, "no": null}]');
    expect(await render('{{ strftime_now("%Y") }}')).toBe(String(new Date().getFullYear()));
  });

  it('cannot be given other messages by template arguments', async () => {
    expect(await render('{{ messages | length }}{{ add_generation_prompt }}', { kwargs: { messages: [], add_generation_prompt: false } })).toBe('1true');
  });

  it("refuse in the template's own words", async () => {
    const refused = render('{{ raise_exception("roles must alternate") }}');
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID', message: 'the chat template refused: roles must alternate' });
    await expect(render('{% if %}')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('that do not end cost their own request; those behind it are rendered', async () => {
    const endless = render(ENDLESS);
    const behind = Promise.all([render('one'), render('two')]);
    await expect(endless).rejects.toThrow('took more than 1000 ms');
    expect(await behind).toEqual(['one', 'two']);
  });

  it('that grow without end, or write too much, cost their own request', async () => {
    const doubling = '{% set ns = namespace(a="xxxxxxxx") %}{% for i in range(40) %}{% set ns.a = ns.a + ns.a %}{% endfor %}{{ ns.a }}';
    await expect(render(doubling)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(render(`{% for i in range(1000) %}${'x'.repeat(1_100)}{% endfor %}`)).rejects.toThrow('at most 1048576');
    expect(await render('alive')).toBe('alive');
  });

  it('render under whatever flags Node was started with', () => {
    const script = `import { renderChatTemplate } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
      console.log(await renderChatTemplate({ chatTemplate: 'fine' }, [], { addGenerationPrompt: true }));`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })).toBe('fine\n');
  });

  it('are those of the model; a model without one says so', async () => {
    expect(await renderChatTemplate(await stories(), messages, { addGenerationPrompt: true })).toBe(messages[0]!.content);
    await expect(renderChatTemplate({ chatTemplate: undefined, bosToken: undefined, eosToken: undefined }, messages, { addGenerationPrompt: true })).rejects.toThrow('no chat template');
  });
});
