// The prebuilt package has no types of its own.
declare module '@node-llama-cpp/linux-x64' {
  export function getBinsDir(): { binsDir: string; packageVersion: string };
}
