/** The role every service works as: it owns nothing and cannot bypass row-level security. */
export const appRole = 'tidings_app';
