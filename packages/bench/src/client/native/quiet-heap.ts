// While another process sends and reads, this one waits, and V8 takes that for a time to tidy up.
import { setFlagsFromString } from 'node:v8';

/**
 * No marking of the whole heap when the program has been quiet for 8 s: its threads take 0.2 s from the cores that send, in mid-run, for
 * memory that nobody waits for. Memory that is needed is still collected.
 */
export function keepHeapQuiet(): void {
  setFlagsFromString('--no-memory-reducer');
}
