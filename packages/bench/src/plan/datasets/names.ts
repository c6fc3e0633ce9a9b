// Names of --dataset-name; those of benchmark_serving among them.
export const DATASET_NAMES = ['random', 'random-ids', 'synthetic', 'sharegpt', 'sonnet', 'burstgpt', 'azure', 'mooncake', 'custom', 'trtllm_custom'] as const;
export type DatasetName = (typeof DATASET_NAMES)[number];

/** Known to the reference tool only. */
export const NOT_YET_DATASETS: readonly string[] = ['hf', 'random_image'];
