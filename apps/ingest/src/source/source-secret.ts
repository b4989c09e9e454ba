/** What a source's sealed secrets belong to: they open nowhere else. */
export const secretContext = (workspace: string, id: string): string => `source:${workspace}:${id}`;
