import { registerHooks } from 'node:module';

// The sources name their neighbours by the `.js` they would be built to; run directly, they are `.ts`.
registerHooks({
  resolve(specifier, context, next) {
    const ours = specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts');
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
await import('./run.ts');
