#!/usr/bin/env python3
"""Chat templates: ours against Python's jinja2, set up as transformers sets it up.

    python3 -m venv venv && venv/bin/pip install jinja2
    venv/bin/python tools/check_chat_templates.py DIRECTORY_OF_JINJA_FILES

Prints one line for each template and conversation whose text differs. Needs a built checkout; no test runs it.
"""
import datetime
import json
import pathlib
import subprocess
import sys

from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

CONVERSATIONS = {
    "plain": [{"role": "user", "content": 'Hi <b> "there" \u00e9'}],
    "system": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": " more "},
    ],
}
COMMON = {"add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>", "tools": None, "documents": None}
OURS = """
import { renderChatTemplate } from './packages/text/dist/index.js';
let input = '';
for await (const chunk of process.stdin) input += chunk;
const texts = [];
for (const { template, messages } of JSON.parse(input)) {
  const tokenizer = { chatTemplate: template, bosToken: '<s>', eosToken: '</s>' };
  texts.push(await renderChatTemplate(tokenizer, messages, { addGenerationPrompt: true }).catch((error) => ({ error: error.message })));
}
console.log(JSON.stringify(texts));
"""


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise TemplateError(message)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda form: datetime.datetime.now().strftime(form)
    return env


def theirs(template, messages):
    try:
        return environment().from_string(template).render(messages=messages, **COMMON)
    except Exception as error:  # a template may do anything
        return {"error": str(error)}


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.jinja"))
    cases = [(f"{file.name}, {name}", file.read_text(), messages) for file in files for name, messages in CONVERSATIONS.items()]
    jobs = json.dumps([{"template": template, "messages": messages} for _, template, messages in cases])
    done = subprocess.run(["node", "--input-type=module", "-e", OURS], cwd=root, input=jobs, capture_output=True, text=True, check=True)
    equal = refused = 0
    for (name, template, messages), ours in zip(cases, json.loads(done.stdout)):
        expected = theirs(template, messages)
        if isinstance(ours, dict) and isinstance(expected, dict):
            refused += 1
        elif ours == expected:
            equal += 1
        else:
            print(f"{name}: ours {json.dumps(ours)[:120]}, jinja2 {json.dumps(expected)[:120]}")
    print(f"{equal} of {len(cases)} equal, {refused} refused by both")
    return 0 if equal + refused == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
