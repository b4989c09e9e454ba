/** Makes a built service leave a profile of its CPU in the folder that `BENCH_PROFILE` names, when it ends. */
export function profileEnv(): Readonly<Record<string, string>> {
  const folder = process.env['BENCH_PROFILE'];
  return folder ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` } : {};
}
