// Checkpoint -> engine: read, plan, apply, seal (build-engine.ts shows the walk).
export type { AssembledPlan } from './assemble-build-plan.js';
export type { BuildOptions, BuildProgress, EngineDtype } from './build-options.js';
export { buildEngine, planEngine, type BuildRequest, type BuildResult } from './build-engine.js';
export { engineFingerprint } from './engine-fingerprint.js';
export { inspect, type InspectedTensor, type Inspection } from './inspect.js';
export { detectModelKind, isEngineDirectory, type ModelKind } from './model-kind.js';
export { isTimed, timeTactics, type TacticGain, type TacticProgress, type TacticTimings, type TimingRequest } from './time-tactics.js';
