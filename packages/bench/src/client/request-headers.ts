// HTTP headers of everything that is asked of the server: what every request needs, its key, and those that were given.
import { TrtllmError } from '@trtllm/protocol';

export interface HeaderOptions {
  apiKey?: string | undefined;
  /** Sent beside our own, and in place of those of the same name. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** How bodies go and replies come is the client's: it could not read them otherwise. */
const OWN = ['accept', 'accept-encoding', 'connection', 'content-length', 'expect', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Names in small letters. */
export function requestHeaders({ apiKey, headers = {} }: HeaderOptions): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { 'content-type': 'application/json', ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }), ...Object.fromEntries(given) };
}

/** Of what RFC 9110 allows, the part that all clients send alike: values of visible ASCII, blanks and tabs. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TrtllmError('BAD_FLAG', `--header ${name}=...: expected the name of an HTTP header, found ${JSON.stringify(name)}`);
    if (OWN.includes(name.toLowerCase())) throw new TrtllmError('BAD_FLAG', `--header ${name}=...: that one is the client's own`);
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new TrtllmError('BAD_FLAG', `--header ${name}=...: expected visible ASCII, found another character in the value`);
  }
}
