// What a reply brought, event by event, as columns: an object or a string an event would cost more than all else about it.

/** Events that brought content. */
export interface ContentEvents {
  /** ms; equal for all events that one read completed. */
  stamps: number[];
  /** All texts, one behind the other. */
  text: string;
  /** Where in `text` each event's ends. */
  ends: number[];
  /** Tokens told by ids or logprobs; 0, or missing at the end: not told. */
  told: number[];
  /** usage.completion_tokens beside the content; -1, or missing at the end: none. */
  running: number[];
}

/** Events of which nothing is known but their texts. */
export interface TextRun {
  /** One behind the other. */
  text: string;
  /** Of each, in units of `text`; none is 0. */
  sizes: ArrayLike<number>;
  /** ms. */
  stamps: readonly number[];
}

export function noEvents(): ContentEvents {
  return { stamps: [], text: '', ends: [], told: [], running: [] };
}

export function addEvent(events: ContentEvents, at: number, text: string, numTold: number, running: number | undefined): void {
  const index = events.stamps.length;
  if (numTold > 0) put(events.told, index, numTold, 0);
  if (running !== undefined) put(events.running, index, running, -1);
  events.stamps.push(at);
  events.text += text;
  events.ends.push(events.text.length);
}

export function addTexts(events: ContentEvents, { text, sizes, stamps }: TextRun): void {
  let end = events.text.length;
  for (let i = 0; i < sizes.length; i++) events.ends.push((end += sizes[i]!));
  for (const at of stamps) events.stamps.push(at);
  events.text += text;
}

export function textsOf({ text, ends }: Pick<ContentEvents, 'text' | 'ends'>): string[] {
  return ends.map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end));
}

/** Events with these texts; those that are left without one are no content. */
export function withTexts({ stamps, told, running }: ContentEvents, texts: readonly string[]): ContentEvents {
  const changed = noEvents();
  texts.forEach((text, i) => {
    if (text !== '') addEvent(changed, stamps[i]!, text, told[i] ?? 0, running[i]);
  });
  return changed;
}

function put(column: number[], index: number, value: number, missing: number): void {
  while (column.length < index) column.push(missing);
  column.push(value);
}
