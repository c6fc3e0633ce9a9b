// The thread that renders chat templates; the only file that imports the template library. Where it is not Python's jinja2
// (tools/check_chat_templates.py compares): true, false and none print as in JSON or not at all, `string` refuses none and objects,
// `trim` refuses undefined, `selectattr` refuses none, keys of a dict must be strings, a tuple cannot be taken apart in a `for`.
import { parentPort } from 'node:worker_threads';
import { Template } from '@huggingface/jinja';

export interface RenderJob {
  id: number;
  template: string;
  variables: Record<string, unknown>;
}

export interface RenderResult {
  id: number;
  text?: string;
  error?: string;
}

const MAX_PARSED = 16;
const parsed = new Map<string, Template>();

function parse(source: string): Template {
  let template = parsed.get(source);
  if (!template) {
    template = new Template(source);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(source, template);
  }
  return template;
}

parentPort?.on('message', ({ id, template, variables }: RenderJob) => {
  let result: RenderResult;
  try {
    result = { id, text: parse(template).render(variables) };
  } catch (error) {
    result = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort!.postMessage(result);
});
