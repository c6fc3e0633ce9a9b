// trtllm bench serve: the online bench under the name that vLLM gives it.
import Bench from './bench.js';

export default class BenchServe extends Bench {
  static override summary = 'The same as trtllm bench without a subcommand';
}
