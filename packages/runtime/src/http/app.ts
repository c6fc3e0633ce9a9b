// What the routes share.
import type { Tokenizer } from '@trtllm/text';
import type { RuntimeConfig } from '../runtime-config.js';
import type { Supervisor } from '../worker/supervisor.js';
import type { MetricsRing } from './metrics.js';
import type { OpenRequests } from './open-requests.js';

export interface App {
  readonly supervisor: Supervisor;
  /** Undefined: ids in, ids out. */
  readonly tokenizer: Tokenizer | undefined;
  readonly config: RuntimeConfig;
  readonly models: ServedModels;
  readonly open: OpenRequests;
  readonly metrics: MetricsRing;
  readonly log: (line: string) => void;
  /** True from the first stop signal on. */
  isDraining: boolean;
}

export interface ServedModels {
  /** The name that replies carry. */
  id: string;
  /** Engine directory. */
  root: string;
  /** Every name that requests may give. */
  names: ReadonlySet<string>;
  acceptAny: boolean;
  /** Seconds since 1970. */
  created: number;
}
