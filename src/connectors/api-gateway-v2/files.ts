/** The documents of an API. */
export const files = {
  api: 'api.json',
  definition: 'definition.json',
  stages: 'stages.json',
  tags: 'tags.json',
} as const;
