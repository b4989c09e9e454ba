import { Injectable } from '@nestjs/common';
import type { Channel, WorkspaceDefinition } from '@tidings/contracts';
import { compileJourney, journeysOf, type Journeys } from '@tidings/journey';
import { Catalog, DefinitionUnknown } from '@tidings/service';

/** A template as far as a decision needs to know it. */
export interface KnownTemplate {
  readonly version: number;
  has(channel: Channel): boolean;
}

/** What one workspace has published that decisions are made by. */
export interface Rules {
  readonly journeys: Journeys;
  readonly consentModel: WorkspaceDefinition['consentModel'];
  template(id: string): KnownTemplate | null;
}

/** The rules of each workspace as this process last heard them, compiled once per change. */
@Injectable()
export class WorkspaceRules {
  /** A workspace that nobody published has no journeys. */
  readonly of: (workspace: string) => Rules;

  constructor(private readonly catalog: Catalog) {
    this.of = catalog.derived(rulesOf);
  }

  workspaces(): readonly string[] {
    return this.catalog.workspaces();
  }
}

function rulesOf(catalog: Catalog, workspace: string): Rules {
  const current = catalog.all('journey', workspace).map(({ body, version }) => compileJourney(body, version));
  return {
    journeys: journeysOf(current, (id, version) => {
      const record = catalog.find('journey', workspace, id, version);
      if (record === undefined) throw new DefinitionUnknown('journey', workspace, id, version);
      return compileJourney(record.body, version);
    }),
    consentModel: catalog.workspace(workspace)?.consentModel ?? 'opt-in',
    template: (id) => {
      const record = catalog.find('template', workspace, id);
      return record === undefined
        ? null
        : { version: record.version, has: (channel) => record.body[channel] !== undefined };
    },
  };
}
