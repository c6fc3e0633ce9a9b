// What JSON.parse lets pass and a file format does not: a name twice in one object, endless nesting.

/** The first fault of that kind in a JSON text, in words, or null. Other faults are left to JSON.parse. */
export function findJsonFault(text: string, maxDepth: number): string | null {
  const objects: (Set<string> | null)[] = []; // names seen in each open object; null for an array
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' || char === '[') {
      objects.push(char === '{' ? new Set() : null);
      if (objects.length > maxDepth) return `it is nested deeper than ${maxDepth}`;
    } else if (char === '}' || char === ']') {
      objects.pop();
    } else if (char === '"') {
      const end = endOfString(text, at);
      const names = objects.at(-1);
      if (names && /^\s*:/.test(text.slice(end + 1, end + 16))) {
        const name = decode(text.slice(at, end + 1));
        if (names.has(name)) return `${JSON.stringify(name)} is there twice`;
        names.add(name);
      }
      at = end;
    }
  }
  return null;
}

/** Index of the closing quote of the string that opens at `start`, or the text's end. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** A quoted name as the text it means, so that an escaped spelling is the same name. */
function decode(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted; // JSON.parse of the whole refuses it
  }
}
