import {
  createParamDecorator,
  SetMetadata,
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import type { Scope } from '@tidings/contracts';
import type { IncomingHttpHeaders } from 'node:http';
import { authenticateBearer, type Caller } from './authenticate.js';
import type { Catalog } from './catalog.js';
import { Problem } from './problem.js';

const access = 'tidings:access';
type Access = Scope | 'public';

/** Callers of these routes need a key with this scope. On a method it counts instead of the controller's. */
export const RequireScope = (scope: Scope): CustomDecorator => SetMetadata<string, Access>(access, scope);

/** Anybody may call these routes. Every route says this or `RequireScope`; the process refuses to start otherwise. */
export const Public = (): CustomDecorator => SetMetadata<string, Access>(access, 'public');

/** What a route asks of its callers, or undefined when nobody said. */
export function accessOf(controller: object, method: object): Access | undefined {
  return (Reflect.getMetadata(access, method) ?? Reflect.getMetadata(access, controller)) as Access | undefined;
}

const callers = new WeakMap<object, Caller>();

/** The caller of a request that passed the guard; throws on one that did not. */
export function callerOf(request: object): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('a route that asks who calls must be marked with RequireScope');
  return caller;
}

const ofCaller = <T>(take: (caller: Caller) => T): (() => ParameterDecorator) =>
  createParamDecorator((_: unknown, context: ExecutionContext) =>
    take(callerOf(context.switchToHttp().getRequest<object>())),
  );

/** The workspace of the caller's key: the only place where a request's workspace comes from. */
export const Workspace = ofCaller(({ workspace }) => workspace);

/** The caller: workspace, key and scopes. */
export const CalledBy = ofCaller((caller) => caller);

/** Lets a request through when the key it carries has the scope that the route asks for. */
export class ScopeGuard implements CanActivate {
  constructor(private readonly catalog: Catalog) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const needed = accessOf(context.getClass(), context.getHandler());
    if (needed === 'public') return true;
    const request = context.switchToHttp().getRequest<{ readonly headers: IncomingHttpHeaders }>();
    const caller = authenticateBearer(request.headers.authorization, this.catalog);
    if (caller === null) {
      throw Problem.ofStatus(401, 'Send a key that is in force as "Authorization: Bearer <key>".', {
        headers: { 'www-authenticate': 'Bearer realm="tidings"' },
      });
    }
    if (needed === undefined || !caller.scopes.includes(needed)) {
      throw Problem.ofStatus(403, `The key has not the scope "${needed}".`);
    }
    callers.set(request, caller);
    return true;
  }
}
