import { InfrastructureError } from '@tidings/bus';
import type { DefinitionKind } from '@tidings/contracts';

/** A message names a version of a definition that this process has not heard of yet; it will, so it is waited for. */
export class DefinitionUnknown extends InfrastructureError {
  override readonly name = 'DefinitionUnknown';

  constructor(kind: DefinitionKind, workspace: string, id: string, version: number) {
    super(`${kind} ${id} version ${version} of workspace ${workspace} is not known here yet`);
  }
}
