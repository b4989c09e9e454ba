import { Injectable } from '@nestjs/common';
import type { SourceDefinition } from '@tidings/contracts';
import { compileSource, isProblems, type CompiledSource } from '@tidings/mapping';
import { Catalog } from '@tidings/service';

/** A source in force, ready to map. */
export interface Source {
  readonly workspace: string;
  readonly definition: SourceDefinition;
  readonly compiled: CompiledSource;
  /** When it was published as it now is. */
  readonly publishedAt: Date;
}

/** The sources of all workspaces as they are now published. One that a newer release made, and this one cannot read, is not there. */
@Injectable()
export class Sources {
  private readonly compiled = new WeakMap<SourceDefinition, CompiledSource | null>();
  private readonly current = this.catalog.derived((catalog, workspace) =>
    new Map(catalog.all('source', workspace).flatMap(({ body, publishedAt }) => this.read(workspace, body, publishedAt))),
  );

  constructor(private readonly catalog: Catalog) {}

  /** One source, or undefined. */
  find(workspace: string, id: string): Source | undefined {
    return this.current(workspace).get(id);
  }

  /** Every source of every workspace. */
  all(): readonly Source[] {
    return this.catalog.workspaces().flatMap((workspace) => [...this.current(workspace).values()]);
  }

  /** Every source of this id: ids are unique within a workspace only. */
  named(id: string): readonly Source[] {
    return this.catalog.workspaces().flatMap((workspace) => this.find(workspace, id) ?? []);
  }

  private read(workspace: string, definition: SourceDefinition, publishedAt: string): (readonly [string, Source])[] {
    let compiled = this.compiled.get(definition);
    if (compiled === undefined) {
      const made = compileSource(definition);
      compiled = isProblems(made) ? null : made;
      this.compiled.set(definition, compiled);
    }
    return compiled === null ? [] : [[definition.id, { workspace, definition, compiled, publishedAt: new Date(publishedAt) }] as const];
  }
}
